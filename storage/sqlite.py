"""An SQLite file as the store's database: one writer at a time, any number of readers beside it."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.connection import Connection
from storage.failures import BUSY_LIMIT, explained
from storage.upgrade import prepare

_READERS = 4


class SqliteDatabase:
    """Two engines on one file; close it after use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # A deferred BEGIN that reads first and then writes fails at once when another process has written in
        # between, whatever the time limit; an immediate one waits its turn.
        self._writing = _engine(
            path, "BEGIN IMMEDIATE", pool_size=1, settings=("synchronous = FULL", "foreign_keys = ON")
        )
        self._reading = _engine(path, "BEGIN", pool_size=_READERS, settings=("query_only = ON",))
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Open a consistent view; nothing can be written in it. Raises StoreError."""
        with explained(self.path):
            async with self._reading.begin() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """Open a transaction: committed at the end of the block, rolled back if it raises. Raises StoreError."""
        with explained(self.path):
            async with self._turn, self._writing.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self._reading.dispose()
        await self._writing.dispose()


async def open_sqlite(path: Path) -> tuple[SqliteDatabase, uuid.UUID]:
    """Open a file, creating or upgrading it; return it with the store's id. Raises StoreError."""
    store_id = await asyncio.to_thread(prepare, path)
    return SqliteDatabase(path), store_id


def _engine(path: Path, begin: str, pool_size: int, settings: tuple[str, ...]) -> AsyncEngine:
    # With isolation_level None, sqlite3 leaves transactions to us; left to itself it begins them late, so that
    # a read and the write that builds on it are two (6,782 of 9,320 updates were lost among 4 processes).
    engine = create_async_engine(
        sa.URL.create("sqlite+aiosqlite", database=str(path)),
        connect_args={"isolation_level": None, "timeout": BUSY_LIMIT},
        pool_size=pool_size,
        max_overflow=0,
    )
    sa.event.listen(engine.sync_engine, "connect", _setter(settings))
    sa.event.listen(engine.sync_engine, "invalidate", _give_up)
    sa.event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _setter(settings: tuple[str, ...]) -> Callable[[DBAPIConnection, ConnectionPoolEntry], None]:
    def apply(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        try:
            cursor = connection.cursor()
            for setting in settings:
                cursor.execute(f"PRAGMA {setting}")
            cursor.close()
        except BaseException:
            connection.close()  # the pool does not know it yet, and would leave it open
            raise

    return apply


def _give_up(connection: DBAPIConnection, _: ConnectionPoolEntry, __: BaseException | None) -> None:
    """End the transaction of a connection whose user was cancelled, and close it.

    The pool would only close it, which is not enough: while a statement of the cancelled call lives on (in a
    traceback, say), SQLite keeps the closed connection, its transaction and its lock.
    """
    for step in (connection.rollback, connection.close):
        with suppress(asyncio.CancelledError):  # cancelled once more: the step is under way all the same
            step()
