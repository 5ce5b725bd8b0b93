"""The messenger of Slack, held to what delivery counts on, with and without the history of channels."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.buttons import place_of
from adapters.slack.messenger import SlackMessenger
from adapters.slack.tokens import OneTeam
from bot.ports import Messenger
from bot.reply import Action, Reply
from tests.contracts.messenger_contract import KEY, LONG_AGO, POST, Ability, Fault, MessengerContract, now
from tests.fakes import slack
from tests.fakes.slack import FakeSlack, Json, Workspace
from tests.fakes.slack_views import buttons_of

WAYS: Mapping[Fault, slack.Fault] = {
    "rate limited": "429",
    "fails before it accepts": "500 before",
    "fails after it accepted": "500 after",
    "resets before it accepts": "reset before",
    "resets after it accepted": "reset after",
    "never answers": "hang",
    "answers with no sense": "garbage",
}
HISTORY = {"channels:history", "groups:history"}


class SlackHarness:
    """A workspace, and our messenger to it."""

    team, channel, member = "T1", "C0PAPERS01", "U1"
    cannot: Mapping[Ability | Fault, str] = {}

    def __init__(self, fake: FakeSlack, workspace: Workspace, served: AsyncExitStack) -> None:
        self.fake = fake
        self.workspace = workspace
        self.served = served
        self.messenger: Messenger = self._made()

    def _made(self) -> SlackMessenger:
        client = AsyncWebClient(base_url=self.fake.api_url, retry_handlers=[], timeout=1)
        return SlackMessenger(OneTeam(self.workspace.token, client), self.fake.api_url, request_limit=1)

    def another(self) -> Messenger:
        """Return the messenger of another process."""
        return self._made()

    def break_with(self, fault: Fault) -> None:
        """Let Slack have that fault."""
        place = self.workspace.channels.get(self.channel, slack.Channel("", ""))
        if fault == "can't be reached":
            self.messenger = SlackMessenger(
                OneTeam(self.workspace.token, AsyncWebClient(base_url=self.fake.api_url)), "http://127.0.0.1:9/api/"
            )
        elif fault == "channel gone":
            self.workspace.channels.pop(self.channel, None)
        elif fault == "channel archived":
            place.archived = True
        elif fault == "bot removed":
            place.members.discard(self.workspace.bot_user)
        elif fault == "access revoked":
            self.workspace.revoked = True
        else:
            for method in ("chat.postMessage", "chat.update", "chat.delete", "conversations.history"):
                self.fake.faults[method].append(WAYS[fault])

    def forbid_reading(self) -> None:
        """Take the scopes of history away."""
        self.workspace.scopes -= HISTORY

    def shown(self) -> list[tuple[str, str]]:
        """Return the channel's messages."""
        channel = self.workspace.channels.get(self.channel)
        return [(each["ts"], heading(each)) for each in channel.messages] if channel else []

    def told(self) -> list[tuple[str, str]]:
        """Return what was written to members directly."""
        direct = [channel for channel in self.workspace.channels.values() if channel.id.startswith("D")]
        return [(channel.id[1:], str(message["blocks"])) for channel in direct for message in channel.messages]


def heading(message: Json) -> str:
    """Return a message's first line."""
    return str(message["blocks"][0]["text"]["text"])


class TestSlack(MessengerContract):
    """Slack, where the scope of history was granted."""

    @pytest.fixture
    async def harness(self) -> AsyncIterator[SlackHarness]:
        """A workspace of its own."""
        async with AsyncExitStack() as served:
            fake = await served.enter_async_context(FakeSlack().serving())
            workspace = fake.workspace()
            workspace.scopes |= HISTORY
            yield SlackHarness(fake, workspace, served)

    async def test_the_key_can_be_read_by_nobody_as_anything(self, harness: SlackHarness) -> None:
        await self.post(harness)
        (message,) = harness.workspace.channels["C0PAPERS01"].messages
        assert message["metadata"] == {"event_type": "paperround_digest", "event_payload": {"key": KEY}}

    async def test_one_call_is_one_request(self, harness: SlackHarness) -> None:
        await self.post(harness)
        for fault in ("resets before it accepts", "resets after it accepted", "rate limited"):
            harness.fake.calls.clear()
            harness.fake.faults.clear()
            harness.break_with(fault)
            await self.post(harness)
            assert [call.method for call in harness.fake.calls] == ["chat.postMessage"]

    async def test_a_note_s_buttons_act_in_the_channel_that_it_is_about(self, harness: SlackHarness) -> None:
        note = Reply(notice="It has stopped.", actions=(Action("Resume", f"digest again {KEY}"),))
        await harness.messenger.tell(harness.team, harness.member, note, about=harness.channel)
        (message,) = harness.workspace.channels["DU1"].messages
        (button,) = buttons_of(message).values()
        assert place_of(button) == harness.channel

    async def test_a_long_history_is_read_page_by_page(self, harness: SlackHarness) -> None:
        posting = await self.post(harness)
        for number in range(220):
            await harness.messenger.post("T1", "C0PAPERS01", POST, f"other {number}")
        assert await self.find(harness) == (posting.message_id,)

    async def test_a_history_too_long_to_read_is_unreadable_rather_than_empty(self, harness: SlackHarness) -> None:
        harness.workspace.channels["C0PAPERS01"].messages += [
            {"ts": f"{now().timestamp() + number:.6f}", "_at": 0.0, "text": "chat"} for number in range(1_200)
        ]
        finding = await harness.messenger.find("T1", "C0PAPERS01", KEY, now() - LONG_AGO)
        assert (finding.outcome, "too much" in str(finding.reason)) == ("unreadable", True)

    async def test_a_team_that_left_is_refused_for_good(self, harness: SlackHarness) -> None:
        posting = await harness.messenger.post("T9", "C1", POST, KEY)
        assert (posting.outcome, posting.permanent) == ("refused", True)
        assert "not installed" in str(posting.reason)
        assert (await harness.messenger.find("T9", "C1", KEY, now())).outcome == "unreadable"

    @pytest.mark.parametrize(
        ("error", "outcome", "permanent"),
        [
            ("fatal_error", "unclear", False),
            ("internal_error", "unclear", False),
            ("service_unavailable", "refused", False),
            ("ratelimited", "refused", False),
            ("restricted_action", "refused", True),
            ("invalid_blocks", "refused", True),
        ],
    )
    async def test_slacks_own_errors_mean_what_its_reference_says(
        self, harness: SlackHarness, error: str, outcome: str, permanent: bool
    ) -> None:
        harness.fake.errors["chat.postMessage"].append(error)
        posting = await self.post(harness)
        assert (posting.outcome, posting.permanent) == (outcome, permanent)
        assert posting.reason


class TestSlackWithoutHistory:
    """Slack, as most companies install it: nobody can see whether a message arrived."""

    @pytest.fixture
    async def harness(self) -> AsyncIterator[SlackHarness]:
        """A workspace of its own, whose channels we may not read."""
        async with AsyncExitStack() as served:
            fake = await served.enter_async_context(FakeSlack().serving())
            yield SlackHarness(fake, fake.workspace(), served)

    async def test_what_was_posted_can_not_be_found_and_the_reason_says_what_to_do(self, harness: SlackHarness) -> None:
        await harness.messenger.post("T1", "C0PAPERS01", POST, KEY)
        finding = await harness.messenger.find("T1", "C0PAPERS01", KEY, now() - LONG_AGO)
        assert finding.outcome == "unreadable"
        assert "permission" in str(finding.reason)

    async def test_a_note_comes_as_a_direct_message(self, harness: SlackHarness) -> None:
        told = await harness.messenger.tell("T1", "U2", Reply(notice="Did it arrive?"))
        assert told.outcome == "accepted"
        assert harness.told()[0][0] == "U2"
