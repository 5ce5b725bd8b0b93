"""What Slack sends again acts once, also when it comes twice at once, or a hundred things come together."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from adapters.slack.tokens import PLATFORM
from bot.arrivals import Arrivals
from bot.errors import StoreError
from bot.store import Session, Store
from tests.adapters.slack.conftest import Office


@dataclass
class Counting:
    """A store that counts its changes, and can be out of reach."""

    store: Store
    changes: int = 0
    gone: bool = False

    def read(self) -> object:
        return self.store.read()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        self.changes += 1
        if self.gone:
            raise StoreError("the disk is gone")
        async with self.store.write() as session:
            yield session


async def test_what_comes_many_times_at_once_is_first_once_in_few_changes(office: Office) -> None:
    store = Counting(office.world.store)
    arrivals = Arrivals(replace(office.world, store=store), PLATFORM)  # type: ignore[arg-type]
    events = [f"event {number % 20}" for number in range(100)]
    firsts = await asyncio.gather(*map(arrivals.first, events))
    told = Counter(event for event, first in zip(events, firsts, strict=True) if first)
    assert (set(told.values()), len(told)) == ({1}, 20)
    assert store.changes <= 2, "each is a commit, which waits for the disk"
    assert await asyncio.gather(*map(arrivals.first, ["event 3", "new"])) == [False, True]


async def test_where_nothing_can_be_stored_each_is_told_and_the_next_may_do_better(office: Office) -> None:
    store = Counting(office.world.store, gone=True)
    arrivals = Arrivals(replace(office.world, store=store), PLATFORM)  # type: ignore[arg-type]
    failed = await asyncio.gather(*map(arrivals.first, "abc"), return_exceptions=True)
    assert [type(each) for each in failed] == [StoreError] * 3
    store.gone = False
    assert await arrivals.first("a") is True


async def test_who_gives_up_waiting_holds_up_nobody(office: Office) -> None:
    arrivals = Arrivals(office.world, PLATFORM)
    gone, stays = asyncio.create_task(arrivals.first("gone")), asyncio.create_task(arrivals.first("stays"))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays is True
    with pytest.raises(asyncio.CancelledError):
        await gone
