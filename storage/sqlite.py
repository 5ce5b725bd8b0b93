"""An SQLite file as the store's database: one writer at a time, any number of readers beside it."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from storage.connection import Connection
from storage.failures import BUSY_LIMIT, explained
from storage.sqlite_thread import SqliteThread
from storage.upgrade import prepare

_READERS = 4

_WRITER = (
    "synchronous = FULL",
    "foreign_keys = ON",
    "cache_size = -32768",  # KiB; with the usual 2,000, 500 papers among a million went in in 28 ms instead of 10
    "wal_autocheckpoint = 16384",  # pages, 64 MiB; with 1,000, each commit of 500 papers took 76 ms instead of 26
)


class SqliteDatabase:
    """One connection that writes and some that read, each in a thread of its own; close it after use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # A deferred BEGIN that reads first and then writes fails at once when another process has written in
        # between, whatever the time limit; an immediate one waits its turn.
        self._writer = SqliteThread(path, "BEGIN IMMEDIATE", _WRITER, BUSY_LIMIT)
        self._readers = [SqliteThread(path, "BEGIN", ("query_only = ON",), BUSY_LIMIT) for _ in range(_READERS)]
        self._free_writer = _free(self._writer)
        self._free_readers = _free(*self._readers)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Open a consistent view; nothing can be written in it. Raises StoreError."""
        with explained(self.path):
            connection = await self._free_readers.get()
            try:
                yield connection
            finally:
                _give_back(connection, self._free_readers)  # not waited for: that would cost as much as a statement

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """Open a transaction: committed at the end of the block, rolled back if it raises. Raises StoreError."""
        with explained(self.path):
            connection = await self._free_writer.get()
            try:
                await connection.begin()
                yield connection
                await connection.commit()
            finally:
                await asyncio.shield(_give_back(connection, self._free_writer))

    async def close(self) -> None:
        """Close all connections."""
        for connection in (self._writer, *self._readers):
            await connection.close()


_Free = asyncio.LifoQueue[SqliteThread]  # the last one used first: the others need never be opened


def _free(*connections: SqliteThread) -> _Free:
    free = _Free()
    for connection in connections:
        free.put_nowait(connection)
    return free


def _give_back(connection: SqliteThread, free: _Free) -> asyncio.Future[None]:
    """End the connection's transaction and only then let the next user have it, whoever is cancelled meanwhile."""
    ended = connection.end()
    ended.add_done_callback(lambda _: free.put_nowait(connection))
    return ended


async def open_sqlite(path: Path) -> tuple[SqliteDatabase, uuid.UUID]:
    """Open a file, creating or upgrading it; return it with the store's id. Raises StoreError."""
    store_id = await asyncio.to_thread(prepare, path)
    return SqliteDatabase(path), store_id
