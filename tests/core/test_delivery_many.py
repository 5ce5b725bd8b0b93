"""Many deliveries at once: none holds up another, and a stop or a lost store loses none."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable

import pytest

from bot import delivery as delivering
from bot import storing
from bot.delivery import AT_ONCE, post_now, post_open
from bot.errors import StoreError
from bot.timings import DeliveryTimings
from storage.database import SqlStore
from tests.fakes.post_office import Office, Process, open_office

HOUR = dt.timedelta(hours=1)
LEASE = DeliveryTimings().lease.total_seconds()
SETTLING = DeliveryTimings().settling.total_seconds()


async def until(true: Callable[[], object]) -> None:
    """Let the others go on until something is so; give up after ten seconds."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - nobody tells when it is
            await asyncio.sleep(0.01)


# --- A platform that wants to be left alone ------------------------------------------------------------------------


async def test_a_pause_that_a_platform_asks_for_holds_for_all_of_the_team(office: Office) -> None:
    rows = [await office.enter(f"#{number}") for number in range(3 * AT_ONCE)]
    office.wall.script.extend([dt.timedelta(seconds=30)] * AT_ONCE)
    process = office.process()
    await post_open(process.world)
    assert office.wall.calls["post"] <= AT_ONCE, "what was in hand already may have been sent; nothing after it"
    office.wall.script.clear()
    office.clock.wait(29)
    await post_open(process.world)
    assert office.wall.calls["post"] <= AT_ONCE
    office.clock.wait(2)
    await post_open(process.world)
    assert [len(office.wall.visible(row)) for row in rows] == [1] * len(rows)


async def test_a_pause_of_one_team_holds_no_other(office: Office) -> None:
    first, other = await office.enter("#papers"), await office.enter("#papers", platform="discord")
    office.wall.script.append(dt.timedelta(seconds=30))
    await post_open(office.process(("slack", "discord")).world)
    assert sorted(len(office.wall.visible(row)) for row in (first, other)) == [0, 1]


# --- Many at once ----------------------------------------------------------------------------------------------------


async def test_two_processes_post_each_row_once(office: Office) -> None:
    rows = [await office.enter(f"#{number}") for number in range(120)]

    async def let_the_other_go_on(step: str) -> None:
        await asyncio.sleep(0)

    processes = [office.process(), office.process()]
    for process in processes:
        process.messengers[0].hook = let_the_other_go_on
    done = await asyncio.gather(*(post_open(process.world) for process in processes))
    assert all(done), "both had something to do"
    assert [len(office.wall.visible(row)) for row in rows] == [1] * len(rows)
    assert office.wall.calls == {"post": len(rows)}


async def test_slow_answers_hold_up_nobody_else(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "LOOK_AGAIN", 0.01)
    rows = [await office.enter(f"#{number}") for number in range(AT_ONCE + 10)]
    answered = asyncio.Event()

    async def slow(step: str) -> None:
        if step == "before post" and office.wall.calls["post"] <= 20:
            await answered.wait()
        await asyncio.sleep(0.01)

    process = office.process()
    process.messengers[0].hook = slow
    posting = asyncio.create_task(post_open(process.world))
    await until(lambda: len(office.wall.messages) == len(rows) - 20)
    assert office.wall.most_at_once == AT_ONCE
    late = await office.enter("#late")
    await until(lambda: office.wall.visible(late))
    answered.set()
    await posting
    assert all(len(office.wall.visible(row)) == 1 for row in rows)


async def test_a_platform_that_hangs_holds_up_no_other(office: Office) -> None:
    for number in range(AT_ONCE + 10):
        await office.enter(f"#{number}")
    office.clock.wait(1)
    mail = await office.enter("bob@example.org", platform="mail")
    process = office.process(["slack", "mail"])

    async def hang(step: str) -> None:
        await asyncio.Event().wait()

    process.messengers[0].hook = hang
    posting = asyncio.create_task(post_open(process.world))
    await until(lambda: office.wall.visible(mail))
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)


async def test_parts_come_one_after_the_other(office: Office) -> None:
    parts = [await office.enter(part=part) for part in range(3)]
    office.wall.script += ["accept", "refuse"]
    world = office.process().world
    await post_open(world)
    assert [message.key for message in office.wall.messages] == parts[:1], "the third waits for the second"
    office.clock.wait(1)
    await post_open(world)
    assert [message.key for message in office.wall.messages] == parts[:1], "it was refused"
    for _ in range(2):
        office.clock.wait(5)
        await post_open(world)
    assert [message.key for message in office.wall.messages] == parts


async def test_a_digest_asked_for_by_hand_waits_for_no_others(office: Office) -> None:
    await office.enter("#others")
    mine = await office.enter(slot="now:1")
    world = office.process().world
    done = await post_now(world, await office.digest(), "now:1")
    assert done is not None
    assert (done.delivery.id, done.posting.outcome) == (mine, "accepted")
    assert office.wall.calls["post"] == 1
    assert await post_now(world, await office.digest(), "now:1") is None


# --- Stopping --------------------------------------------------------------------------------------------------------


async def stop_while(office: Office, step: str, since: dt.datetime | None = None) -> None:
    """Ask a process to stop while it is at a step that takes longer than it may have."""
    process, stopping, there = office.process(since=since), asyncio.Event(), asyncio.Event()

    async def hang(passed: str) -> None:
        if passed == step:
            there.set()
            await asyncio.Event().wait()

    process.messengers[0].hook = hang
    posting = asyncio.create_task(post_open(process.world, stopping))
    await there.wait()
    stopping.set()
    await posting


@pytest.fixture
async def hurried(store: SqlStore) -> AsyncIterator[Office]:
    """An office that gives what is in hand a second when it stops."""
    async with open_office(store, DeliveryTimings(stop=dt.timedelta(seconds=1))) as opened:
        yield opened


async def test_what_is_in_hand_may_end_when_it_is_time_to_stop(office: Office) -> None:
    rows = [await office.enter(f"#{number}") for number in range(AT_ONCE + 10)]
    process, stopping = office.process(), asyncio.Event()

    async def stop(step: str) -> None:
        stopping.set()
        await asyncio.sleep(0.01)

    process.messengers[0].hook = stop
    done = await post_open(process.world, stopping)
    assert len(done) == AT_ONCE
    assert {each.posting.outcome for each in done} == {"accepted"}
    states = [(await office.row(row)).state for row in rows]
    assert (states.count("sent"), states.count("pending")) == (AT_ONCE, 10)
    assert await post_open(process.world, stopping) == []


async def test_what_was_surely_not_sent_is_given_back_when_it_is_time_to_stop(hurried: Office) -> None:
    row = await hurried.enter()
    hurried.clock.wait(3600)
    await stop_while(hurried, "before find", since=hurried.clock.now())
    given_back = await hurried.row(row)
    assert (given_back.state, given_back.uncertain, given_back.attempts) == ("pending", False, 0)
    assert given_back.lease_until is None


async def test_what_may_have_been_sent_is_left_to_its_lease_when_it_is_time_to_stop(hurried: Office) -> None:
    row = await hurried.enter()
    await stop_while(hurried, "after post")
    left = await hurried.row(row)
    assert (left.state, left.uncertain, left.lease_until) == (
        "sending",
        True,
        hurried.clock.now() + hurried.timings.lease,
    )


# --- A store out of reach --------------------------------------------------------------------------------------------


def losing_the_store(office: Office, monkeypatch: pytest.MonkeyPatch, tries: int) -> Process:
    """Start somebody who delivers, and whose store refuses so many tries once the message is there."""
    monkeypatch.setattr(storing, "WAITS", (0,) * 5)
    process = office.process()

    async def lose_the_store(step: str) -> None:
        if step == "after post":
            process.door.shut = tries

    process.messengers[0].hook = lose_the_store
    return process


async def test_an_outcome_is_stored_as_soon_as_the_store_is_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await office.enter()
    process = losing_the_store(office, monkeypatch, tries=3)
    await post_open(process.world)
    assert (office.wall.visible(row), (await office.row(row)).state) == (["m1"], "sent")


async def test_a_store_that_stays_away_leaves_the_row_to_its_lease(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await office.enter()
    process = losing_the_store(office, monkeypatch, tries=7)
    with pytest.raises(StoreError):
        await post_open(process.world)
    assert (await office.row(row)).state == "sending"
    office.clock.wait(LEASE + 1)
    process.door.shut = 0
    await post_open(process.world)
    assert office.wall.visible(row) == ["m1"]


async def test_what_is_in_hand_is_settled_when_nothing_more_can_be_claimed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "LOOK_AGAIN", 0.01)
    slow, quick = await office.enter("#slow"), await office.enter("#quick")
    process = office.process()

    async def lose_the_store_for_one_claim(step: str) -> None:
        if (step, office.wall.calls["post"]) == ("before post", 1):
            while (await office.row(quick)).state != "sent":  # noqa: ASYNC110 - nobody tells when it is
                await asyncio.sleep(0.01)
            process.door.shut = 1
            await until(lambda: process.door.shut == 0)

    process.messengers[0].hook = lose_the_store_for_one_claim
    with pytest.raises(StoreError):
        await post_open(process.world)
    assert (await office.row(slow)).state == "sent"


async def test_a_row_that_cannot_be_settled_takes_no_other_along(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "WAITS", (0,) * 5)
    slow, quick = await office.enter("#slow"), await office.enter("#quick")
    process, lost = office.process(), asyncio.Event()

    async def lose_the_store(step: str) -> None:
        if (step, office.wall.calls["post"]) == ("before post", 1):
            await lost.wait()
            await until(lambda: process.door.shut == 0)
        elif step == "after post" and not lost.is_set():
            process.door.shut = 7
            lost.set()

    process.messengers[0].hook = lose_the_store
    with pytest.raises(StoreError):
        await post_open(process.world)
    assert [(await office.row(row)).state for row in (slow, quick)] == ["sent", "sending"]
