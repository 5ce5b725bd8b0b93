"""Writes down what was done and can't be undone, however long the store is out of reach."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.errors import StoreError
from bot.store import Session, Store

WAITS = (1, 2, 5, 10, 20, 30, 30, 30, 30)
"""Seconds between the tries to write while the store is out of reach."""

Written = TypeVar("Written")

log = structlog.get_logger()


async def stored(store: Store, write: Callable[[Session], Awaitable[Written]], delivery_id: str) -> Written:
    """Write something of a delivery in a transaction. Raises StoreError, after some minutes.

    What a platform has done stands, so a store that is out of reach is asked again; if it stays away, the lease
    runs out, and the row is read back.
    """
    for wait in WAITS:
        try:
            async with store.write() as session:
                return await write(session)
        except StoreError as failure:
            log.warning("a delivery's outcome can't be stored yet", delivery=delivery_id, reason=str(failure))
            await asyncio.sleep(wait)
    async with store.write() as session:
        return await write(session)
