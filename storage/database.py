"""The store on a database: transactions, each a session with a room for each noun."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from bot.errors import StoreError
from storage.connection import Connection
from storage.known_papers import KnownPapers
from storage.session import SqlSession
from storage.sqlite import open_sqlite

_BACKENDS = ("sqlite", "postgresql", "postgres")
_ADDRESSES = "write it like sqlite:///papers.db or postgresql://user:password@host/papers"


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
        self._known = KnownPapers()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlSession]:
        """Open a consistent view; nothing can be written in it. Raises StoreError."""
        async with self.database.reading() as connection:
            yield SqlSession(connection, self.store_id, changing=False, known=self._known)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlSession]:
        """Open a transaction: committed at the end of the block, rolled back if it raises. Raises StoreError."""
        async with self.database.writing() as connection:
            yield SqlSession(connection, self.store_id, changing=True)  # without what is known: it may be taken back

    async def version(self) -> tuple[str, str]:
        """Return what the database is, and in which version: ("SQLite", "3.51.3"). Raises StoreError."""
        async with self.database.reading() as connection:
            if connection.dialect.name == "sqlite":
                name, asked = "SQLite", sa.select(sa.func.sqlite_version())
            else:
                name, asked = "PostgreSQL", sa.select(sa.func.current_setting("server_version"))
            return name, str((await connection.execute(asked)).scalar_one())

    async def close(self) -> None:
        """Close all connections."""
        await self.database.close()


async def open_store(url: str) -> SqlStore:
    """Open the store of a URL like `sqlite:///papers.db` or `postgresql://user@host/papers`, creating or upgrading it.

    Raises StoreError.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return SqlStore(*await open_sqlite(_path(parsed)))
    open_postgresql = _driver()
    return SqlStore(*await open_postgresql(parsed))


def sqlite_path(url: str) -> Path | None:
    """Return the file of a store's URL, None where it is none of SQLite's. Raises StoreError."""
    parsed = _parsed(url)
    return _path(parsed) if parsed.get_backend_name() == "sqlite" else None


def _path(url: sa.URL) -> Path:
    return Path(url.database or "").expanduser()


def _parsed(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # the latter for a port that is no number
        shown = url if "@" not in url else f"{url.partition(':')[0]}:…"  # it may hold a password
        raise StoreError(f"{shown!r} is no address of a database; {_ADDRESSES}") from None
    usable = parsed.database not in (None, "", ":memory:")
    if parsed.get_backend_name() not in _BACKENDS or not usable:
        raise StoreError(f"{parsed.render_as_string()!r} can't hold the store; {_ADDRESSES}")
    return parsed


def _driver() -> Callable[[sa.URL], Awaitable[tuple[Database, uuid.UUID]]]:
    """Return what opens a PostgreSQL database; its library is installed on request."""
    try:
        import psycopg  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise StoreError(
            "PostgreSQL needs one more library; install it beside Paper Round: pip install 'psycopg[binary]'"
        ) from error
    from storage.postgresql import open_postgresql

    return open_postgresql
