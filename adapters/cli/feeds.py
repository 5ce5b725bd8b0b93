"""Feeds that teams name: read when one is added, and then each hour, by one replica at a time."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from adapters.cli.clock import SystemClock
from adapters.cli.settings import Settings
from adapters.cli.turns import take_turn
from bot.commands.sources import SOURCE
from bot.errors import SourceError, StoreError
from bot.ingest import ingest
from bot.ports import Batch, World
from bot.store import Store

if TYPE_CHECKING:  # aiohttp takes 0.15 s to import, and most commands read no feed
    from adapters.sources.fetcher import Fetcher

EVERY = dt.timedelta(hours=1)
"""How often a feed is read."""

_LASTS = dt.timedelta(minutes=10)
_AT_ONCE = 20
"""Feeds that are read in one turn; each is asked a second after another of its host."""

log = structlog.get_logger()


class FeedsOfTheWeb:
    """Implements `bot.ports.FeedReader`: public hosts alone are asked."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    async def read(self, url: str) -> Batch:
        """Return what is in the feed at that address. Raises SourceError."""
        from adapters.sources.feeds import Feed

        async with self._fetching() as fetcher:
            return await Feed(fetcher, SystemClock(), url).whole()

    async def news(self, world: World, url: str) -> None:
        """Take in what is new in the feed, if it has changed since the last time. Raises SourceError and StoreError."""
        from adapters.sources.feeds import Feed

        async with self._fetching() as fetcher:
            async for batch in Feed(fetcher, SystemClock(), url).news():
                await ingest(world.store, SOURCE, batch, world.clock.now())

    @asynccontextmanager
    async def _fetching(self) -> "AsyncIterator[Fetcher]":
        from adapters.sources.fetcher import Fetcher, Shared

        async with Fetcher(self._settings.contact or None, Shared(self._store, SystemClock())) as fetcher:
            yield fetcher


async def read_feeds(world: World) -> int:
    """Read the feeds that were not read for an hour, unless another replica does; return how many were tried."""
    if not isinstance(world.feed_reader, FeedsOfTheWeb):
        return 0
    turn = await take_turn(world, "read feeds", _LASTS)
    if turn is None:
        return 0
    now = world.clock.now()
    async with world.store.read() as session:
        waiting = await session.feeds.due(now - EVERY, _AT_ONCE)
    async with asyncio.timeout(_LASTS.total_seconds() * 0.9):
        for url in waiting:
            await _read(world, world.feed_reader, url)
    await turn.keep(world, world.clock.now())
    return len(waiting)


async def _read(world: World, feeds: FeedsOfTheWeb, url: str) -> None:
    failure = None
    try:
        await feeds.news(world, url)
    except (SourceError, StoreError) as wrong:  # what can't be stored must not keep others' feeds waiting
        failure = str(wrong)
        log.warning("a feed could not be read", url=url, reason=failure)
    async with world.store.write() as session:
        await session.feeds.was_read([url], world.clock.now(), failure)
