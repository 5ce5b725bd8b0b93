"""Every delivery is posted: what each answer of a platform comes to."""

import datetime as dt

import pytest

from bot.delivery import post_open
from bot.timings import BACK_OFF, DeliveryTimings
from storage.database import SqlStore
from tests.fakes.post_office import Office, open_office
from tests.fakes.scripted_messenger import Answer

HOUR = dt.timedelta(hours=1)
LEASE = DeliveryTimings().lease.total_seconds()
SETTLING = DeliveryTimings().settling.total_seconds()


async def test_what_is_due_is_posted_once(office: Office) -> None:
    row = await office.enter()
    (done,) = await post_open(office.process().world)
    assert await post_open(office.process().world) == []
    assert (done.posting.outcome, office.wall.visible(row)) == ("accepted", ["m1"])
    settled = await office.row(row)
    assert (settled.state, settled.message_id, settled.uncertain, settled.audit_at) == ("sent", "m1", False, None)
    assert office.wall.calls == {"post": 1}, "nothing had to be read back"


async def test_the_intent_is_stored_before_a_byte_is_sent(office: Office) -> None:
    row = await office.enter()
    await office.process().run_until_frozen("before post")
    claimed = await office.row(row)
    assert (claimed.state, claimed.uncertain, claimed.fence, claimed.attempts) == ("sending", True, 1, 1)


async def test_nobody_takes_what_another_has_in_hand(office: Office) -> None:
    row = await office.enter()
    slow = office.process()
    await slow.run_until_frozen("before post")
    office.clock.wait(LEASE)
    assert await post_open(office.process().world) == []
    await slow.thaw()
    assert office.wall.visible(row) == ["m1"]


# --- Surely not posted -----------------------------------------------------------------------------------------------


async def test_what_was_refused_is_tried_again_after_a_while_without_reading_back(office: Office) -> None:
    row = await office.enter()
    office.wall.script += ["refuse"]
    world = office.process().world
    await post_open(world)
    refused = await office.row(row)
    assert (refused.state, refused.uncertain, refused.last_error) == ("pending", False, "not now")
    office.clock.wait(4.9)
    assert await post_open(world) == []
    office.clock.wait(0.1)
    await post_open(world)
    assert office.wall.visible(row) == ["m1"]
    assert office.wall.calls["find"] == 0


async def test_it_waits_longer_each_time_and_at_last_an_hour(office: Office) -> None:
    row = await office.enter()
    office.wall.script += ["refuse"] * 8
    world = office.process().world
    waits = []
    for _ in range(8):
        await post_open(world)
        waits.append((await office.row(row)).due_at - office.clock.now())
        office.clock.wait(waits[-1].total_seconds())
    assert waits == [*BACK_OFF, HOUR, HOUR]


async def test_nothing_is_asked_before_the_platform_wants_it(office: Office) -> None:
    row = await office.enter()
    office.wall.script += [dt.timedelta(minutes=7), dt.timedelta()]
    world = office.process().world
    await post_open(world)
    office.clock.wait(7 * 60 - 0.1)
    assert await post_open(world) == []
    office.clock.wait(0.1)
    await post_open(world)
    assert (await office.row(row)).due_at == office.clock.now() + BACK_OFF[1], "a wait of nothing is none"


async def test_what_is_refused_for_good_stops_its_digest_and_no_other(office: Office) -> None:
    gone = await office.enter("#gone")
    office.clock.wait(1)
    there = await office.enter("#there")
    office.wall.script += ["refuse for good"]
    world = office.process().world
    await post_open(world)
    blocked = await office.row(gone)
    assert (blocked.state, blocked.last_error, blocked.uncertain) == ("blocked", "the channel is archived", False)
    assert (await office.digest("#gone")).blocked == "the channel is archived"
    assert (await office.digest("#there")).blocked is None
    assert office.wall.visible(there)
    office.clock.wait(24 * 3600)
    assert await post_open(world) == []


# --- Nobody knows ----------------------------------------------------------------------------------------------------


async def test_an_unclear_one_is_read_back_when_it_must_be_visible(office: Office) -> None:
    row = await office.enter()
    office.wall.script += ["accept, but nobody hears"]
    world = office.process().world
    await post_open(world)
    unclear = await office.row(row)
    assert (unclear.state, unclear.uncertain, unclear.last_error) == ("sending", True, "the connection was reset")
    office.clock.wait(SETTLING)
    assert await post_open(world) == []
    office.clock.wait(0.1)
    await post_open(world)
    found = await office.row(row)
    assert (office.wall.visible(row), found.state, found.message_id) == (["m1"], "sent", "m1")
    assert found.audit_at == office.clock.now() + office.timings.audit_after


async def test_an_unclear_one_that_is_not_there_is_posted_again(office: Office) -> None:
    row = await office.enter()
    office.wall.script += ["lose, and nobody hears"]
    world = office.process().world
    await post_open(world)
    office.clock.wait(SETTLING + 1)
    await post_open(world)
    assert office.wall.visible(row) == ["m1"]
    assert office.wall.calls == {"post": 2, "find": 1}


@pytest.mark.parametrize("answer", ["hang", "break"])
async def test_a_messenger_that_hangs_or_fails_leaves_one_row_unclear(store: SqlStore, answer: Answer) -> None:
    timings = DeliveryTimings(request=dt.timedelta(seconds=0.2))
    async with open_office(store, timings) as office:
        bad = await office.enter("#bad")
        office.clock.wait(1)
        good = await office.enter("#good")
        office.wall.script += [answer]
        await post_open(office.process().world)
        row = await office.row(bad)
        assert (row.state, row.uncertain) == ("sending", True)
        assert row.last_error in (
            "no answer within 0.2 s",
            "posting failed here: RuntimeError: the digest could not be rendered",
        )
        assert (await office.row(good)).state == "sent"


async def test_an_unclear_one_that_cannot_be_read_back_is_left_to_a_person(office: Office) -> None:
    row = await office.enter()
    office.wall.script += ["accept, but nobody hears"]
    office.wall.history = "unreadable"
    world = office.process().world
    for _ in range(5):
        await post_open(world)
        office.clock.wait(24 * 3600)
    parked = await office.row(row)
    assert (parked.state, parked.uncertain, parked.last_error) == ("parked", True, "the history is unreadable")
    assert office.wall.calls["post"] == 1


async def test_an_unclear_one_waits_while_its_history_fails(office: Office) -> None:
    row = await office.enter()
    office.wall.script += ["accept, but nobody hears"]
    world = office.process().world
    await post_open(world)
    for history in ("failed", "broken"):
        office.wall.history = history
        office.clock.wait(SETTLING + 1)
        await post_open(world)
        waiting = await office.row(row)
        assert (waiting.state, waiting.uncertain) == ("pending", True)
        assert await post_open(world) == []
    office.wall.history = "read"
    office.clock.wait(121)
    await post_open(world)
    assert (office.wall.visible(row), (await office.row(row)).state) == (["m1"], "sent")
