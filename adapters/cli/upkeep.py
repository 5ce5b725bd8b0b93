"""What a long-lived process does for its search index: keeping up with what others write, and building it anew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from bot import text
from bot.errors import StoreError
from bot.ports import Clock, SearchIndex

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
