"""What keeps a store in order: its index caught up or built anew, its tables brought up to date, and backups."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog

from adapters.cli.run import open_world, shown_url
from adapters.cli.settings import Settings
from bot import text
from bot.errors import StoreError
from bot.ports import Clock, SearchIndex
from storage.backup import back_up
from storage.database import open_store
from storage.upgrade import HEAD

EVERY = 1.0
"""Seconds between two looks at the store: what is committed can be found within 2 s."""

log = structlog.get_logger()


@asynccontextmanager
async def keeping_up(index: SearchIndex, every: float = EVERY) -> AsyncIterator[None]:
    """Within the block, take in what any process writes to the store; a failure is logged, and tried again."""
    task = asyncio.create_task(_keep_up(index, every))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep_up(index: SearchIndex, every: float) -> None:
    while True:
        await asyncio.sleep(every)
        try:
            await index.catch_up()
        except StoreError as failure:
            log.warning("the search index could not catch up", reason=str(failure))


async def reindex(settings: Settings, clock: Clock) -> str:
    """Build the configured store's index anew, searches going on meanwhile; return what was done, in words."""
    async with open_world(settings, clock) as world:
        count = await world.index.rebuild()
    return f"the search index is built anew: {text.plural(count, 'paper')}"


async def migrate(settings: Settings) -> str:
    """Bring the store's tables to this version, as every start does; return what they are, in words."""
    store = await open_store(settings.store_url)
    try:
        name, version = await store.version()
    finally:
        await store.close()
    return f"{shown_url(settings.store_url)}: {name} {version}, tables of version {HEAD}, the newest"


async def backup(settings: Settings, copy: Path) -> str:
    """Copy the store to a file while the service goes on; return what was written, and how it is put back."""
    size = await asyncio.to_thread(back_up, settings.store_url, copy)
    return (
        f"{copy}: {text.plural(max(1, round(size / 2**20)), 'MB', 'MB')}. To put it back: end the service, copy it to"
        f" {shown_url(settings.store_url).removeprefix('sqlite:///')}, delete the files beside it that end in -wal and"
        " -shm, then type: paperround restored"
    )
