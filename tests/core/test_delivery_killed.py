"""Whoever is killed or stopped, whatever the clock does: one copy of each delivery stays visible."""

import datetime as dt

import pytest

from bot.delivery import post_open
from bot.timings import DeliveryTimings
from tests.fakes.post_office import Office

HOUR = dt.timedelta(hours=1)
LEASE = DeliveryTimings().lease.total_seconds()
SETTLING = DeliveryTimings().settling.total_seconds()


# --- Killed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["before post", "after post"])
async def test_a_killed_senders_row_is_read_back_when_its_lease_is_over(office: Office, step: str) -> None:
    row = await office.enter()
    victim = office.process()
    await victim.run_until_frozen(step)
    victim.kill()
    office.clock.wait(LEASE + 0.1)
    await post_open(office.process().world)
    assert office.wall.visible(row) == ["m1"]
    assert (await office.row(row)).state == "sent"


async def test_a_row_whose_senders_all_die_comes_back_ever_later_and_at_last_is_parked(office: Office) -> None:
    row = await office.enter()
    waits: list[float] = []
    while (await office.row(row)).state != "parked":
        assert len(waits) < 25
        victim = office.process()
        await victim.run_until_frozen("before post")
        victim.kill()
        until = (await office.row(row)).lease_until
        if until:
            waits.append((until - office.clock.now()).total_seconds())
            office.clock.wait(waits[-1] + 1)
    assert len(waits) == office.timings.most_tries
    assert waits[0] == LEASE
    assert all(LEASE <= wait < 2 * LEASE for wait in waits[1:3])
    assert all(3600 <= wait < 7200 for wait in waits[5:])
    assert (await office.row(row)).last_error == "it was tried 20 times, and nobody knows whether it arrived"
    assert office.wall.messages == []


async def test_rows_that_died_together_do_not_come_back_together(office: Office) -> None:
    rows = [await office.enter(f"#{number}") for number in range(8)]
    for _ in range(2):
        victim = office.process()
        await victim.run_until_frozen("before post")
        victim.kill()
        office.clock.wait(LEASE + 1)
    ends = {(await office.row(row)).lease_until for row in rows}
    assert len(ends) == len(rows)


async def test_a_refused_row_is_never_parked_for_its_tries(office: Office) -> None:
    row = await office.enter()
    office.wall.script += ["refuse"] * 25
    world = office.process().world
    for _ in range(26):
        await post_open(world)
        office.clock.wait(3600)
    assert office.wall.visible(row) == ["m1"]


# --- A store that may be a backup ------------------------------------------------------------------------------------


async def test_what_was_due_before_the_start_is_read_back_first(office: Office) -> None:
    row = await office.enter()
    other = await office.enter("#other")
    office.wall.take("#papers", row)  # after the backup was made
    office.clock.wait(3600)
    await post_open(office.process(since=office.clock.now()).world)
    assert (office.wall.visible(row), office.wall.visible(other)) == (["m1"], ["m2"])
    assert (await office.row(row)).message_id == "m1"


async def test_it_is_simply_posted_where_nothing_can_be_read_back(office: Office) -> None:
    row = await office.enter()
    office.wall.history = "unreadable"
    office.clock.wait(3600)
    await post_open(office.process(since=office.clock.now()).world)
    assert office.wall.visible(row) == ["m1"]


async def test_a_history_that_failed_once_makes_nothing_uncertain(office: Office) -> None:
    row = await office.enter()
    office.clock.wait(3600)
    world = office.process(since=office.clock.now()).world
    office.wall.history = "failed"
    await post_open(world)
    waiting = await office.row(row)
    assert (waiting.state, waiting.uncertain, office.wall.messages) == ("pending", False, [])
    assert await post_open(world) == [], "it is not asked again at once"
    office.clock.wait(61)
    await post_open(world)
    assert office.wall.messages == [], "it is still to be read back first"
    office.wall.history = "unreadable"
    office.clock.wait(61)
    await post_open(world)
    assert office.wall.visible(row) == ["m1"], "nobody is asked whether it arrived: it was never sent"


# --- Stopped past the lease ------------------------------------------------------------------------------------------


async def test_who_was_stopped_past_the_lease_does_not_post(office: Office) -> None:
    row = await office.enter()
    office.clock.wait(3600)
    late = office.process(since=office.clock.now())
    await late.run_until_frozen("after find")
    office.clock.wait(LEASE + 1)
    await post_open(office.process().world)
    await late.thaw()
    assert office.wall.calls["post"] == 1
    assert (await office.row(row)).state == "sent"


@pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["forwards", "back"])
async def test_a_lease_is_over_by_either_clock(office: Office, by: dt.timedelta) -> None:
    await office.enter()
    office.clock.wait(3600)
    late = office.process(since=office.clock.now())
    await late.run_until_frozen("after find")
    if by < dt.timedelta():
        office.clock.passed += dt.timedelta(seconds=LEASE)  # the time of day stood still
    else:
        office.clock.put(by)  # while the machine slept, no second was counted
    late.messengers[0].hook = late.hook
    office.wall.script += ["refuse"] * 9
    await late.thaw()
    assert office.wall.calls["find"] == 2, "it was given back, claimed anew and read back anew before it was posted"


async def test_so_little_time_that_it_could_not_be_read_back_in_time_is_too_little(office: Office) -> None:
    await office.enter()
    office.clock.wait(3600)
    late = office.process(since=office.clock.now())
    await late.run_until_frozen("after find")
    office.clock.wait(LEASE - SETTLING - 14)
    await late.thaw()
    assert office.wall.calls["find"] == 2, "who claims it when the lease is over must find what is posted now"


async def test_who_was_overtaken_while_posting_deletes_the_second_copy(office: Office) -> None:
    row = await office.enter()
    late = office.process()
    await late.run_until_frozen("before post")
    office.clock.wait(LEASE + 1)
    await post_open(office.process().world)
    office.clock.wait(1)
    await late.thaw()
    assert office.wall.calls["post"] == 2
    assert office.wall.visible(row) == ["m1"], "the earliest stays"
    assert (await office.row(row)).audit_at == office.clock.now() + office.timings.settling


async def test_a_second_copy_that_cannot_be_seen_yet_is_deleted_by_the_audit(office: Office) -> None:
    row = await office.enter()
    late, other = office.process(), office.process()
    await late.run_until_frozen("before post")
    office.clock.wait(LEASE + 1)
    await post_open(other.world)
    office.clock.wait(1)
    office.wall.lag = dt.timedelta(seconds=30)
    await late.thaw()
    assert len(office.wall.visible(row)) == 2
    office.clock.wait(SETTLING)
    assert await other.audit() == 1
    assert office.wall.visible(row) == ["m1"]
    assert await other.audit() == 0


# --- The clock -------------------------------------------------------------------------------------------------------


async def test_a_clock_put_back_delays_a_dead_senders_row_by_a_lease_at_most(office: Office) -> None:
    row = await office.enter()
    victim = office.process()
    await victim.run_until_frozen("after post")
    victim.kill()
    office.clock.put(dt.timedelta(days=-1))
    async with office.store.write() as session:  # it is due by the new time as well
        await session.deliveries.shorten_leases(office.clock.now(), office.timings.longest_lease, office.timings.lease)
    assert (await office.row(row)).lease_until == office.clock.now() + office.timings.lease
    office.clock.put(dt.timedelta(days=1))
    office.clock.wait(LEASE + 1)
    await post_open(office.process().world)
    assert office.wall.visible(row) == ["m1"]


async def test_a_clock_put_back_takes_nothing_from_who_is_at_it(office: Office) -> None:
    early = office.clock.now() - 3 * HOUR
    row = await office.enter(due_at=early)
    slow = office.process(since=early)
    await slow.run_until_frozen("before post")
    office.clock.put(-2 * HOUR - 3 * office.timings.lease)
    for _ in range(3):
        await post_open(office.process(since=early).world)
        office.clock.wait(LEASE / 4)
    await slow.thaw()
    assert office.wall.calls["post"] == 1
    assert (await office.row(row)).state == "sent"
    office.clock.wait(1)


async def test_the_next_sender_after_a_clock_was_put_back_waits_a_lease_not_hours(office: Office) -> None:
    early = office.clock.now() - 5 * HOUR
    row = await office.enter(due_at=early)
    victim = office.process(since=early)
    await victim.run_until_frozen("after post")
    victim.kill()
    office.clock.put(-4 * HOUR)
    other = office.process(since=early).world
    assert await post_open(other) == []
    office.clock.wait(LEASE + 1)
    assert len(await post_open(other)) == 1
    assert (office.wall.visible(row), (await office.row(row)).state) == (["m1"], "sent")


async def test_a_message_is_found_although_our_clock_was_an_hour_ahead_of_the_platforms(office: Office) -> None:
    office.clock.put(HOUR - dt.timedelta(minutes=1))
    row = await office.enter()
    office.wall.script += ["accept, but nobody hears"]
    world = office.process().world
    await post_open(world)
    office.clock.wait(SETTLING + 1)
    await post_open(world)
    assert office.wall.visible(row) == ["m1"]
