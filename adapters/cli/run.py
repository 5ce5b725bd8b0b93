"""The composition root: puts the store, the index, the sources and the messengers together for the core."""

import gc
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from adapters.cli.clock import SystemClock
from adapters.cli.feeds import FeedsOfTheWeb
from adapters.cli.settings import Settings
from adapters.cli.wakeups import LocalWakeups
from bot.ports import Clock, Messenger, Source, World
from bot.source_health import INBOX
from bot.store import Store
from bot.timings import DeliveryTimings
from storage.database import SqlStore, open_store
from storage.search_index import TantivyIndex

if TYPE_CHECKING:
    from adapters.cli.source_kinds import LooksUp, Opening


@asynccontextmanager
async def open_world(
    settings: Settings,
    clock: Clock,
    messengers: Iterable[Messenger] = (),
    *,
    index_later: bool = False,
    timings: DeliveryTimings | None = None,
) -> AsyncIterator[World]:
    """Open the configured store and its index, brought up to date unless that is left for later. Raises StoreError."""
    store = await open_store(settings.store_url)
    try:
        index = TantivyIndex(index_folder(settings, str(store.store_id)), store)
        if not index_later:
            await index.catch_up()
        gc.freeze()  # what stands now, stays: walking over it took 100 ms in the middle of an answer
        yield World(
            store,
            index,
            clock,
            messengers={messenger.platform: messenger for messenger in messengers},
            wakeups=LocalWakeups(),
            since=clock.now(),
            timings=timings or DeliveryTimings(),
            feed_reader=FeedsOfTheWeb(settings, store),
            asks=frozenset([*settings.asked, *([INBOX] if settings.inbox else [])]),
        )
    finally:
        gc.unfreeze()
        await store.close()


def open_messengers() -> list[Messenger]:
    """Return the messengers that the service posts with."""
    from adapters.terminal.messenger import TerminalMessenger
    from adapters.terminal.render import make_console

    return [TerminalMessenger(make_console())]


def index_folder(settings: Settings, store_id: str) -> Path:
    """Return where the index of a store lives: named after the store, so that it can't be another's."""
    return settings.data_dir / "index" / store_id


def inbox_memory(settings: Settings, world: World) -> Path:
    """Return the file that says what was read from the inbox into this store, and not into another."""
    if not isinstance(world.store, SqlStore):
        raise TypeError(f"{type(world.store).__name__} has no id of its own")
    return settings.data_dir / "inbox" / f"{world.store.store_id}.json"


def shown_url(store_url: str) -> str:
    """Return a store's URL for people's eyes: without its password."""
    return sa.make_url(store_url).render_as_string(hide_password=True)


@asynccontextmanager
async def open_sources(settings: Settings, store: Store, patience: float = 30.0) -> AsyncIterator[dict[str, Source]]:
    """Open the sources that can be asked for days, by name.

    `patience` is how many seconds it may take until a service may be asked. All replicas on the store together are
    polite to the services; so the time is the real one, whatever time it is for a command.
    """
    async with _opening(settings, store, patience) as given:
        from adapters.cli.sources import SOURCES

        yield {name: kind.daily(given) for name, kind in SOURCES.items() if kind.daily and not kind.lacks(settings)}


@asynccontextmanager
async def open_lookups(settings: Settings, store: Store, patience: float = 30.0) -> "AsyncIterator[dict[str, LooksUp]]":
    """Open those that give papers by their ids, by name."""
    async with _opening(settings, store, patience) as given:
        from adapters.cli.sources import SOURCES

        yield {name: kind.by_id(given) for name, kind in SOURCES.items() if kind.by_id and not kind.lacks(settings)}


@asynccontextmanager
async def _opening(settings: Settings, store: Store, patience: float) -> "AsyncIterator[Opening]":
    from adapters.cli.source_kinds import Opening
    from adapters.sources.fetcher import Fetcher, Shared  # aiohttp takes 0.15 s, and most commands fetch nothing

    clock = SystemClock()
    async with Fetcher(settings.contact or None, Shared(store, clock)) as fetcher:
        yield Opening(settings, store, clock, fetcher, patience)
