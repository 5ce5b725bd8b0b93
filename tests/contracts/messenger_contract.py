"""What delivery may count on with every messenger: `class TestMine(MessengerContract)`, with a `harness` fixture.

Whatever a platform can't do or can't suffer, its harness declares, with the reason; what the messenger says
instead is held to the contract all the same.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Literal, Protocol

import pytest

from bot.ports import Messenger, Outcome, Posting
from bot.reply import Abstract, AbstractsPost, Action, DigestPost, PaperLine, Reply, Section

LONG_AGO = dt.timedelta(hours=1)
LINE = PaperLine(
    "arxiv:1810.04805", "BERT: Pre-training of Deep Bidirectional Transformers", "https://arxiv.org/abs/1810.04805",
    ("Jacob Devlin",), 88, 0, 3, dt.date(2018, 10, 11), None, ("cs.CL",), "Google", None, None, "In short.", ("No. 1",),
)  # fmt: skip
POST = DigestPost(
    "Daily papers · Thu 12 Jun 2025", (Section(None, (LINE,)),), 3, "daily", (Action("All", "2025-06-12"),)
)
OTHER = DigestPost("Daily papers · Fri 13 Jun 2025", (Section(None, (LINE,)),), 0, "daily")
ABSTRACTS = AbstractsPost((Abstract(LINE.id, LINE.title, LINE.url, "We introduce a new language model."),))
KEY = "3f1c9a52-5a35-5b8e-9f57-0c2a7a1f5d10"
OTHER_KEY = "b7f0ae4c-2f0e-5c1b-8d39-6a1f1f2f9c11"

Fault = Literal[
    "rate limited",
    "fails before it accepts",
    "fails after it accepted",
    "resets before it accepts",
    "resets after it accepted",
    "never answers",
    "answers with no sense",
    "can't be reached",
    "channel gone",
    "channel archived",
    "bot removed",
    "access revoked",
]

ANSWERS: Mapping[Fault, tuple[Outcome, bool]] = {
    "rate limited": ("refused", False),
    "fails before it accepts": ("unclear", False),
    "fails after it accepted": ("unclear", False),
    "resets before it accepts": ("unclear", False),
    "resets after it accepted": ("unclear", False),
    "never answers": ("unclear", False),
    "answers with no sense": ("unclear", False),
    "can't be reached": ("refused", False),
    "channel gone": ("refused", True),
    "channel archived": ("refused", True),
    "bot removed": ("refused", True),
    "access revoked": ("refused", True),
}
"""For each fault, what a post comes to, and whether for good."""

Ability = Literal["find", "find what others posted", "delete", "update in place", "tell", "threads"]


class Harness(Protocol):
    """A messenger, and what it posts to."""

    messenger: Messenger
    team: str
    channel: str
    member: str
    cannot: Mapping[Ability | Fault, str]
    """What this platform can't do or can't suffer, and why."""

    def another(self) -> Messenger:
        """Return a messenger of another process on the same platform."""
        ...

    def break_with(self, fault: Fault) -> None:
        """Let the platform have that fault from now on, or at the next call."""
        ...

    def forbid_reading(self) -> None:
        """Let nobody read channels back from now on."""
        ...

    def shown(self) -> list[tuple[str, str]]:
        """Return the visible messages of the channel, the earliest first: each one's id and heading."""
        ...

    def told(self) -> list[tuple[str, str]]:
        """Return whom was told what: member and notice."""
        ...


def now() -> dt.datetime:
    """Return the time by the platform's clock."""
    return dt.datetime.now(dt.UTC)


class MessengerContract:
    """What every adapter's messenger keeps."""

    async def post(self, harness: Harness, post: DigestPost = POST, key: str = KEY) -> Posting:
        """Post to the harness's channel."""
        return await harness.messenger.post(harness.team, harness.channel, post, key)

    async def find(self, harness: Harness, key: str = KEY, messenger: Messenger | None = None) -> tuple[str, ...]:
        """Find the key's messages; the channel must be readable."""
        finding = await (messenger or harness.messenger).find(harness.team, harness.channel, key, now() - LONG_AGO)
        assert finding.outcome == "read", finding
        return finding.message_ids

    async def test_a_post_is_shown_and_has_an_id(self, harness: Harness) -> None:
        posting = await self.post(harness)
        assert (posting.outcome, posting.reason) == ("accepted", None)
        assert posting.message_id
        assert harness.shown() == [(posting.message_id, POST.heading)]

    async def test_a_post_is_found_by_its_key(self, harness: Harness) -> None:
        posting = await self.post(harness)
        await self.post(harness, OTHER, OTHER_KEY)
        assert await self.find(harness) == (posting.message_id,)

    async def test_a_key_that_was_never_posted_is_not_found(self, harness: Harness) -> None:
        finding = await harness.messenger.find(harness.team, harness.channel, OTHER_KEY, now() - LONG_AGO)
        if "find what others posted" in harness.cannot:
            assert (finding.outcome, finding.message_ids) == ("unreadable", ())
            assert finding.reason
        else:
            assert (finding.outcome, finding.message_ids) == ("read", ())

    async def test_another_process_finds_it_too(self, harness: Harness) -> None:
        posting = await self.post(harness)
        if "find what others posted" in harness.cannot:
            finding = await harness.another().find(harness.team, harness.channel, KEY, now() - LONG_AGO)
            assert finding.outcome == "unreadable", "then the delivery is parked, and a person is asked"
        else:
            assert await self.find(harness, messenger=harness.another()) == (posting.message_id,)

    async def test_of_two_posts_with_one_key_the_earliest_comes_first(self, harness: Harness) -> None:
        first, second = await self.post(harness), await harness.another().post(harness.team, harness.channel, POST, KEY)
        if "find what others posted" in harness.cannot:
            assert await self.find(harness) == (first.message_id,)
        else:
            assert await self.find(harness) == (first.message_id, second.message_id)

    async def test_a_deleted_message_is_gone_and_deleting_it_again_does_no_harm(self, harness: Harness) -> None:
        posting = await self.post(harness)
        assert posting.message_id
        deleted = [await harness.messenger.delete(harness.team, harness.channel, posting.message_id) for _ in "12"]
        if "delete" in harness.cannot:
            assert {(each.outcome, each.permanent) for each in deleted} == {("refused", True)}
            assert all(each.reason for each in deleted)
        else:
            assert {each.outcome for each in deleted} == {"accepted"}
            assert harness.shown() == []
            assert await self.find(harness) == ()

    async def test_an_update_keeps_id_and_key(self, harness: Harness) -> None:
        posting = await self.post(harness)
        assert posting.message_id
        updated = await harness.messenger.update(harness.team, harness.channel, posting.message_id, OTHER, KEY)
        assert (updated.outcome, updated.message_id) == ("accepted", posting.message_id)
        assert await self.find(harness) == (posting.message_id,)
        if "update in place" not in harness.cannot:
            assert harness.shown() == [(posting.message_id, OTHER.heading)]

    async def test_a_member_is_told_something(self, harness: Harness) -> None:
        note = Reply(notice="The channel is archived.")
        told = await harness.messenger.tell(harness.team, harness.member, note, about=harness.channel)
        assert told.outcome == "accepted"
        assert [member for member, notice in harness.told() if "The channel is archived." in notice] == [harness.member]

    async def test_abstracts_stand_in_their_digests_thread_and_are_found_there(self, harness: Harness) -> None:
        place, messenger = (harness.team, harness.channel), harness.messenger
        digest = await self.post(harness)
        reply = await messenger.post(*place, ABSTRACTS, OTHER_KEY, digest.message_id)
        if "threads" in harness.cannot:
            assert (messenger.thread_room, reply.outcome, reply.permanent) == (0, "refused", True)
            return
        assert messenger.thread_room >= 1_000
        assert (reply.outcome, reply.message_id in (None, digest.message_id)) == ("accepted", False)
        since = now() - LONG_AGO
        another = harness.another()
        found = await another.find(*place, OTHER_KEY, since, digest.message_id)
        assert (found.outcome, found.message_ids) == ("read", (reply.message_id,))
        assert (await another.find(*place, KEY, since)).message_ids == (digest.message_id,)
        assert reply.message_id
        assert (await messenger.delete(*place, reply.message_id, digest.message_id)).outcome == "accepted"
        assert (await another.find(*place, OTHER_KEY, since, digest.message_id)).message_ids == ()

    async def test_in_the_thread_of_a_message_that_is_gone_nothing_is_posted(self, harness: Harness) -> None:
        if "threads" in harness.cannot:
            assert harness.cannot["threads"], "what can't be done is declared with its reason"
            return
        digest = await self.post(harness)
        assert digest.message_id
        await harness.messenger.delete(harness.team, harness.channel, digest.message_id)
        reply = await harness.messenger.post(harness.team, harness.channel, ABSTRACTS, OTHER_KEY, digest.message_id)
        assert (reply.outcome, reply.permanent) == ("refused", True)
        assert reply.reason
        assert harness.shown() == [], "nor in the channel itself"

    async def test_a_history_that_may_not_be_read_says_so(self, harness: Harness) -> None:
        harness.forbid_reading()
        finding = await harness.another().find(harness.team, harness.channel, KEY, now() - LONG_AGO)
        assert (finding.outcome, finding.message_ids) == ("unreadable", ())
        assert finding.reason

    @pytest.mark.parametrize("fault", ANSWERS)
    async def test_each_fault_of_a_post_has_its_outcome(self, harness: Harness, fault: Fault) -> None:
        if fault in harness.cannot:
            assert harness.cannot[fault], "what can't happen is declared with its reason"
            return
        harness.break_with(fault)
        posting = await self.post(harness)
        assert (posting.outcome, posting.permanent) == ANSWERS[fault], posting
        assert posting.reason, "whoever set the digest up must be told why"
        assert posting.message_id is None
        assert (posting.retry_after is not None) == (fault == "rate limited")
        if fault.endswith("accepted"):
            assert len(harness.shown()) == 1, "it was not posted a second time"
        elif fault != "never answers":
            assert harness.shown() == []

    @pytest.mark.parametrize("fault", ANSWERS)
    async def test_nothing_raises_whatever_the_platform_does(self, harness: Harness, fault: Fault) -> None:
        if fault in harness.cannot:
            assert harness.cannot[fault], "what can't happen is declared with its reason"
            return
        team, channel, since = harness.team, harness.channel, now() - LONG_AGO
        posting = await self.post(harness)
        harness.break_with(fault)
        finding = await harness.messenger.find(team, channel, KEY, since)
        assert finding.outcome in ("read", "failed", "unreadable")
        message = posting.message_id or "nothing"
        for fails in (
            harness.messenger.delete(team, channel, message),
            harness.messenger.update(team, channel, message, OTHER, KEY),
            harness.messenger.tell(team, harness.member, Reply(notice="Hello.")),
        ):
            harness.break_with(fault)
            await fails
