"""What only one process may do at a time is done by one."""

import asyncio
import datetime as dt

import pytest

from storage.database import SqlStore

MINUTE = dt.timedelta(minutes=1)


async def take(store: SqlStore, holder: str, now: dt.datetime, lasting: dt.timedelta = MINUTE) -> bool:
    """Take the lease of a poll."""
    async with store.write() as session:
        return await session.leases.take("poll", holder, now, now + lasting)


async def test_one_has_it_and_may_keep_it(store: SqlStore, now: dt.datetime) -> None:
    assert await take(store, "a", now)
    assert not await take(store, "b", now)
    assert await take(store, "a", now + MINUTE / 2)
    assert not await take(store, "b", now + MINUTE), "it was kept for longer"
    async with store.write() as session:
        assert await session.leases.take("another poll", "b", now, now + MINUTE)


async def test_it_is_free_when_its_time_is_over(store: SqlStore, now: dt.datetime) -> None:
    assert await take(store, "a", now)
    assert not await take(store, "b", now + MINUTE - dt.timedelta(microseconds=1))
    assert await take(store, "b", now + MINUTE)
    assert not await take(store, "a", now + MINUTE)


async def test_it_is_free_when_it_was_given_back(store: SqlStore, now: dt.datetime) -> None:
    assert await take(store, "a", now)
    async with store.write() as session:
        await session.leases.give_back("poll", "b")
    assert not await take(store, "b", now), "one gives back one's own alone"
    async with store.write() as session:
        await session.leases.give_back("poll", "a")
    assert await take(store, "b", now)


async def test_of_many_at_once_one_gets_it(store: SqlStore, now: dt.datetime) -> None:
    taken = await asyncio.gather(*(take(store, f"{number}", now) for number in range(8)))
    assert sum(taken) == 1
    taken = await asyncio.gather(*(take(store, f"next {number}", now + 2 * MINUTE) for number in range(8)))
    assert sum(taken) == 1


@pytest.mark.parametrize("put_back", [dt.timedelta(hours=7), dt.timedelta(days=1)])
async def test_a_clock_put_back_keeps_nobody_from_it_for_hours(
    store: SqlStore, now: dt.datetime, put_back: dt.timedelta
) -> None:
    assert await take(store, "dead", now)
    assert await take(store, "b", now - put_back)


async def test_none_lasts_longer_than_six_hours(store: SqlStore, now: dt.datetime) -> None:
    assert await take(store, "a", now, dt.timedelta(days=2))
    assert not await take(store, "b", now + dt.timedelta(hours=6) - MINUTE)
    assert await take(store, "b", now + dt.timedelta(hours=6))
