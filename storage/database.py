"""The store on a database: transactions, each a session with a room for each noun."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from bot.errors import StoreError
from storage.connection import Connection
from storage.session import SqlSession
from storage.sqlite import open_sqlite


class Database(Protocol):
    """Where the tables are: gives connections that are within a transaction."""

    def reading(self) -> AbstractAsyncContextManager[Connection]:
        """Open a consistent view; nothing can be written in it. Raises StoreError."""
        ...

    def writing(self) -> AbstractAsyncContextManager[Connection]:
        """Open a transaction: committed at the end of the block, rolled back if it raises. Raises StoreError."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class SqlStore:
    """Implements `bot.store.Store` on a database; close it after use."""

    def __init__(self, database: Database, store_id: uuid.UUID) -> None:
        self.store_id = store_id
        self.database = database

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlSession]:
        """Open a consistent view; nothing can be written in it. Raises StoreError."""
        async with self.database.reading() as connection:
            yield SqlSession(connection, self.store_id)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlSession]:
        """Open a transaction: committed at the end of the block, rolled back if it raises. Raises StoreError."""
        async with self.database.writing() as connection:
            yield SqlSession(connection, self.store_id)

    async def close(self) -> None:
        """Close all connections."""
        await self.database.close()


async def open_store(url: str) -> SqlStore:
    """Open the store of a URL like `sqlite:///papers.db`, creating or upgrading it. Raises StoreError."""
    database, store_id = await open_sqlite(_path(url))
    return SqlStore(database, store_id)


def _path(url: str) -> Path:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise StoreError(f"{url!r} is no address of a database; write it like sqlite:///papers.db") from None
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise StoreError(f"{parsed.render_as_string()!r} can't hold the store; write it like sqlite:///papers.db")
    return Path(parsed.database).expanduser()
