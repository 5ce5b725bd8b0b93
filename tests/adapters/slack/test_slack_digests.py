"""Digests on their way to Slack: through the core's protocol, the real slack_sdk, and a Slack that has its faults."""

import datetime as dt
from dataclasses import replace

import pytest

from adapters.cli.clock import SystemClock
from adapters.slack.messenger import SlackMessenger
from adapters.slack.tokens import OneTeam
from bot.audit import run_audits
from bot.commands.dispatch import answer
from bot.delivery import post_open, run_due
from bot.ports import World
from bot.team import Who
from bot.telling import tell_makers
from tests.adapters.slack.conftest import Office
from tests.adapters.slack.test_slack_clicks import button
from tests.fakes.slack import Called, FakeSlack, Fault, Json, Workspace

HISTORY = {"channels:history", "groups:history"}
PAPERS = "C0PAPERS01"


async def posts_until_quiet(office: Office, hours: int = 2) -> None:
    """Let time pass in steps in which the service would have looked again."""
    for _ in range(hours * 12):
        office.clock.time += dt.timedelta(minutes=5)
        await post_open(office.world)
        await run_audits(office.world)


def posted(office: Office, channel: str = PAPERS) -> list[Json]:
    """Return what is in a channel."""
    return office.workspace.channels[channel].messages


def requests(fake: FakeSlack, channel: str = PAPERS) -> list[Called]:
    """Return the requests to post there."""
    return [call for call in fake.calls if call.method == "chat.postMessage" and call.args["channel"] == channel]


async def settled(office: Office) -> list[tuple[str, str | None]]:
    """Return state and error of the ledger's newest row of each digest in #papers."""
    who = Who("slack", "T1", PAPERS, "U1", may_configure=True)
    async with office.world.store.read() as session:
        caller = await session.teams.caller(who.platform, who.team, who.channel, who.member)
        assert caller
        digests = await session.digests.of_channel(caller.channel.id)
        newest = {row.digest_id: row for row in await session.deliveries.standing([each.id for each in digests])}
    return [(newest[each.id].state, newest[each.id].last_error) for each in digests if each.id in newest]


@pytest.fixture
async def with_digest(office: Office) -> Office:
    """A workspace whose #papers has a digest at nine."""
    assert "is set" in (await office.asks("digest on 09:00 Europe/Berlin"))["text"]
    return office


@pytest.mark.parametrize("fault", ["reset after", "500 after", "reset before", "500 before"])
async def test_a_connection_that_drops_gives_one_message_where_history_may_be_read(
    with_digest: Office, fault: Fault
) -> None:
    office = with_digest
    office.workspace.scopes |= HISTORY
    office.fake.faults["chat.postMessage"].append(fault)
    await office.wait_until(6, 7)
    await posts_until_quiet(office)
    assert len(posted(office)) == 1
    assert await settled(office) == [("sent", None)]
    assert len(requests(office.fake)) == (1 if fault.endswith("after") else 2)


@pytest.mark.parametrize(
    ("fault", "pressed", "messages", "said"),
    [
        ("reset after", "It's there", 1, "is not posted again"),
        ("reset before", "Post it again", 1, "is posted again within a minute"),
    ],
)
async def test_without_history_its_maker_is_asked_and_each_answer_does_what_it_says(
    with_digest: Office, fault: Fault, pressed: str, messages: int, said: str
) -> None:
    office = with_digest
    office.fake.faults["chat.postMessage"].append(fault)
    await office.wait_until(6, 7)
    await posts_until_quiet(office)
    assert [state for state, _ in await settled(office)] == ["parked"]
    assert len(requests(office.fake)) == 1, "never posted again blindly"
    await tell_makers(office.world)
    await tell_makers(office.world)
    (question,) = posted(office, "DU1")
    assert "arrive?" in str(question["blocks"][0])
    alice = office.person(channel="DU1")
    await alice.presses(button(question, pressed), question)
    assert said in (await office.answers(alice))[0]["text"]
    await posts_until_quiet(office)
    assert len(posted(office)) == messages
    assert [state for state, _ in await settled(office)] == ["sent"]


async def test_both_answers_are_there_and_the_second_press_changes_nothing(with_digest: Office) -> None:
    office = with_digest
    office.fake.faults["chat.postMessage"].append("reset after")
    await office.wait_until(6, 7)
    await posts_until_quiet(office)
    await tell_makers(office.world)
    (question,) = posted(office, "DU1")
    alice = office.person(channel="DU1")
    await alice.presses(button(question, "It's there"), question)
    await office.answers(alice)
    await alice.presses(button(question, "Post it again"), question)
    assert "settled already" in (await office.answers(alice))[0]["text"]
    await posts_until_quiet(office)
    assert len(posted(office)) == 1


@pytest.mark.parametrize("ill", ["archived", "kicked", "revoked"])
async def test_a_channel_that_takes_nothing_costs_one_attempt_and_one_note_and_comes_back(
    with_digest: Office, ill: str
) -> None:
    office = with_digest
    other = office.workspace.add_channel("C0OTHER001", "other")
    other.members |= {"U1", "U2"}
    await office.asks("digest on 09:00 Europe/Berlin", user="U2", channel=other.id)
    break_it(office.workspace, ill, broken=True)
    await office.wait_until(6, 7)
    await posts_until_quiet(office)
    assert len(requests(office.fake)) == 1
    assert (await settled(office))[0][0] == "blocked"
    assert len(other.messages) == (0 if ill == "revoked" else 1), "the other channel is unaffected"
    break_it(office.workspace, ill, broken=False)
    for _ in range(3):
        await tell_makers(office.world)
    (note,) = posted(office, "DU1")
    assert "has stopped" in str(note["blocks"][0])
    resumed = await office.asks("digest resume")
    assert "again" in resumed["text"]
    await posts_until_quiet(office)
    assert len(posted(office)) == 1


def break_it(workspace: Workspace, ill: str, broken: bool) -> None:
    """Let #papers, or the whole workspace, take no message any more; or mend it."""
    channel = workspace.channels[PAPERS]
    if ill == "archived":
        channel.archived = broken
    elif ill == "kicked":
        (channel.members.discard if broken else channel.members.add)(workspace.bot_user)
    else:
        workspace.revoked = broken


async def test_a_token_that_slack_does_not_know_now_stops_no_digest(with_digest: Office) -> None:
    office = with_digest
    for trouble in ("500 before", "reset before"):
        office.slack.tokens._found = None  # type: ignore[attr-defined]  # as after a start
        office.fake.faults["auth.test"].append(trouble)
        posting = await office.world.messengers["slack"].tell("T1", "U1", await answer(office.world, WHO, "help"))
        assert (posting.outcome, posting.permanent) == ("refused", False)
    await office.wait_until(6, 7)
    await posts_until_quiet(office)
    assert len(posted(office)) == 1


WHO = Who("slack", "T1", PAPERS, "U1", may_configure=True)


async def test_after_a_429_a_workspace_is_left_alone_as_long_as_slack_said(office: Office) -> None:
    seconds = [100.0]
    messenger = SlackMessenger(
        OneTeam(office.workspace.token, office.slack.client), office.fake.api_url, 1, lambda: seconds[0]
    )
    note = await answer(office.world, WHO, "help")
    office.fake.faults["chat.postMessage"].append("429")
    waits = []
    for _ in range(3):
        posting = await messenger.tell("T1", "U1", note)
        assert (posting.outcome, posting.permanent) == ("refused", False)
        assert posting.retry_after
        waits.append(posting.retry_after.total_seconds())
        seconds[0] += 0.4
    assert waits == pytest.approx([1, 0.6, 0.2])
    assert len([call for call in office.fake.calls if call.method == "chat.postMessage"]) == 1
    assert (await messenger.delete("T1", PAPERS, "1.0")).outcome == "accepted", "another method goes on"
    seconds[0] += 0.4
    assert (await messenger.tell("T1", "U1", note)).outcome == "accepted"


class Passing(SystemClock):
    """A clock that passes, and began at another time."""

    def __init__(self, began: dt.datetime) -> None:
        self._ahead = began - dt.datetime.now(dt.UTC)

    def now(self) -> dt.datetime:
        """Return that time, and what has passed since."""
        return dt.datetime.now(dt.UTC) + self._ahead


async def test_twenty_channels_with_two_digests_each_get_them_at_slacks_pace(office: Office) -> None:
    channels = [office.workspace.add_channel(f"C0BUSY{number:04}", f"busy-{number}") for number in range(20)]
    for channel in channels:
        for name, rule in (("all", ""), ("more", " -- min:0")):
            who = Who("slack", "T1", channel.id, "U1", may_configure=True)
            reply = await answer(office.world, who, f"digest on 09:00 Europe/Berlin name:{name} top 1{rule}")
            assert reply.ok, reply
    office.fake.pace = 1.0
    world = passing(office.world, dt.datetime(2025, 6, 6, 7, tzinfo=dt.UTC))
    await run_due(world)
    for _ in range(8):
        await world.wakeups.wait(dt.timedelta(seconds=0.5))
        await post_open(world)
    counts = {len(channel.messages) for channel in channels}
    assert counts == {2}
    for channel in channels:
        asked = [call.at for call in requests(office.fake, channel.id)]
        early = [call.at for call in office.fake.early if call.args["channel"] == channel.id]
        assert len(early) <= 1, "after Slack's 429, its pause was kept"
        assert len(asked) == 2 + len(early)


def passing(world: World, began: dt.datetime) -> World:
    """Return the world with a clock that passes."""
    return replace(world, clock=Passing(began))
