"""What all replicas know of when services were asked, and of the answers that were taken in."""

import asyncio
import datetime as dt

from bot.gates import Busy, Gate, Wait
from bot.validators import Validators
from storage.database import SqlStore

SECOND, MINUTE, DAY = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(days=1)
ONE = Gate("one at a time", 3 * SECOND)
THREE = Gate("three at once", dt.timedelta(), 3)


async def enter(store: SqlStore, gate: Gate, holder: str, now: dt.datetime) -> Wait | None:
    async with store.write() as session:
        return await session.gates.enter(gate, holder, now, now + MINUTE)


async def leave(
    store: SqlStore, gate: Gate, holder: str, started: dt.datetime | None, now: dt.datetime, busy: Busy | None = None
) -> None:
    async with store.write() as session:
        await session.gates.leave(gate, holder, started, now, busy)


async def test_of_many_at_once_as_many_start_as_may(store: SqlStore, now: dt.datetime) -> None:
    for gate in (ONE, THREE):
        waits = await asyncio.gather(*(enter(store, gate, f"{number}", now) for number in range(8)))
        assert waits.count(None) == gate.at_once


async def test_of_many_at_once_one_is_the_first_and_the_others_wait(store: SqlStore, now: dt.datetime) -> None:
    apart = Gate("apart", 3 * SECOND, 8)
    for start in (now, now + MINUTE):
        waits = await asyncio.gather(*(enter(store, apart, f"{number}", start) for number in range(8)))
        assert waits.count(None) == 1
        assert waits.count(Wait(start + 3 * SECOND)) == 7


async def test_a_place_is_free_again_when_it_was_left_and_one_leaves_one_s_own_alone(
    store: SqlStore, now: dt.datetime
) -> None:
    assert await enter(store, ONE, "a", now) is None
    later = now + 10 * SECOND
    assert await enter(store, ONE, "b", later) == Wait(None)
    await leave(store, ONE, "b", None, later)
    assert await enter(store, ONE, "b", later) == Wait(None)
    await leave(store, ONE, "a", now, later)
    assert await enter(store, ONE, "b", later) == Wait(later + 3 * SECOND)
    assert await enter(store, ONE, "b", later + 3 * SECOND) is None


async def test_a_place_of_a_dead_process_is_free_when_its_time_is_over(store: SqlStore, now: dt.datetime) -> None:
    assert await enter(store, ONE, "dead", now) is None
    assert await enter(store, ONE, "b", now + MINUTE - SECOND) == Wait(None)
    assert await enter(store, ONE, "b", now + MINUTE) is None
    await leave(store, ONE, "dead", now, now + MINUTE + SECOND)
    assert await enter(store, ONE, "c", now + MINUTE + 9 * SECOND) == Wait(None), "it came back, and freed no other's"


async def test_who_never_started_leaves_no_trace(store: SqlStore, now: dt.datetime) -> None:
    assert await enter(store, ONE, "a", now) is None
    await leave(store, ONE, "a", None, now + SECOND)
    assert await enter(store, ONE, "b", now + 3 * SECOND) is None


async def test_a_pause_holds_for_its_gate_alone(store: SqlStore, now: dt.datetime) -> None:
    assert await enter(store, ONE, "a", now) is None
    await leave(store, ONE, "a", now, now, Busy("It is busy.", MINUTE))
    assert await enter(store, ONE, "a", now + MINUTE - SECOND) == Wait(now + MINUTE, "It is busy.")
    assert await enter(store, THREE, "a", now) is None
    assert await enter(store, ONE, "a", now + MINUTE) is None


async def test_a_clock_put_back_costs_three_seconds(store: SqlStore, now: dt.datetime) -> None:
    assert await enter(store, ONE, "a", now) is None
    await leave(store, ONE, "a", now, now)
    earlier = now - dt.timedelta(hours=5)
    assert await enter(store, ONE, "b", earlier) == Wait(earlier + 3 * SECOND)
    assert await enter(store, ONE, "b", earlier + 3 * SECOND) is None


async def test_gates_that_nobody_uses_are_forgotten_unless_they_are_shut(store: SqlStore, now: dt.datetime) -> None:
    for gate, busy in ((ONE, None), (THREE, Busy("It is busy.", DAY))):
        assert await enter(store, gate, "a", now) is None
        await leave(store, gate, "a", now, now, busy)
    async with store.write() as session:
        assert await session.gates.prune(now, 10) == 0
        assert await session.gates.prune(now + SECOND, 10) == 1
        assert await session.gates.prune(now + DAY + SECOND, 10) == 1


async def test_an_answer_is_known_again_until_it_is_forgotten(store: SqlStore, now: dt.datetime) -> None:
    first, second = Validators('"1"', "Thu, 12 Jun 2025 04:00:00 GMT"), Validators(etag='W/"2"')
    async with store.write() as session:
        known = session.known_answers
        assert not await known.get("a")
        await known.put("a", first, now)
        await known.put("b", second, now)
        assert await known.get("a") == first
        await known.put("a", second, now + MINUTE)
        assert await known.get("a") == second
        assert await known.prune(now + MINUTE, 10) == 1
        assert not await known.get("b")
        await known.put("a", Validators(), now)
        assert not await known.get("a"), "the newest answer had none"
