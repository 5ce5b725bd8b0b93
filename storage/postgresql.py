"""A PostgreSQL database as the store's: any number of processes and machines work on it at once."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.connection import Connection
from storage.postgresql_client import PatientConnection, TextDumper, with_limits
from storage.postgresql_failures import explained, place_of
from storage.postgresql_upgrade import prepare

_CONNECTIONS = 4  # of each kind: with PostgreSQL's 100, room for 12 processes

_SETTINGS: Final = (
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO'",  # `storage.spans` reads dates as text, and psycopg itself no time in another style
    "SET lock_timeout = '10s'",
    "SET statement_timeout = '60s'",
    # A process that was stopped in the middle of a change would keep its locks, and everybody waiting.
    "SET idle_in_transaction_session_timeout = '60s'",
    # A delivery's intent must be on the disk before a byte is sent; a stricter setting of the server's stays.
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
)
_VIEW: Final = ("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",)
_CHANGE: Final = ("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE",)


class PostgresqlDatabase:
    """Two engines, for views and for changes: readers never take the writers' connections. Close it after use."""

    def __init__(self, url: sa.URL) -> None:
        self.url = url
        self._place = place_of(url)
        self._writing = _engine(url, _CHANGE)
        self._reading = _engine(url, _VIEW)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Open a consistent view; nothing can be written in it. Raises StoreError."""
        with explained(self._place):
            async with self._reading.begin() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """Open a transaction: committed at the end of the block, rolled back if it raises. Raises StoreError."""
        with explained(self._place):
            async with self._writing.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self._reading.dispose()
        await self._writing.dispose()


async def open_postgresql(url: sa.URL) -> tuple[PostgresqlDatabase, uuid.UUID]:
    """Open a database, creating or upgrading its tables; return it with the store's id. Raises StoreError."""
    store_id = await asyncio.to_thread(prepare, url)
    return PostgresqlDatabase(url), store_id


def _engine(url: sa.URL, settings: tuple[str, ...]) -> AsyncEngine:
    engine = create_async_engine(
        with_limits(url),
        connect_args={"async_creator_fn": PatientConnection.connect},
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,  # a server that was restarted is met again without a failure
        use_native_hstore=False,  # spares the first connection a question
    )
    sa.event.listen(engine.sync_engine, "connect", _setter("; ".join((*_SETTINGS, *settings))))
    sa.event.listen(engine.sync_engine, "handle_error", _replace_unusable)
    return engine


def _replace_unusable(failure: sa.ExceptionContext) -> None:
    """Let the pool make a new connection in the place of one that its last user, cancelled, left in mid-statement.

    psycopg then says "connection in transaction status ACTIVE", of which SQLAlchemy 2.1 knows no cure.
    """
    unusable = isinstance(failure.original_exception, psycopg.ProgrammingError)
    if unusable and "in transaction status" in str(failure.original_exception):
        failure.is_disconnect = True


def _setter(settings: str) -> Callable[[DBAPIConnection, ConnectionPoolEntry], None]:
    def apply(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        try:
            connection.adapters.register_dumper(str, TextDumper)
            cursor = connection.cursor()
            cursor.execute(settings)
            cursor.close()
            connection.commit()
        except BaseException:
            connection.close()  # the pool does not know it yet, and would leave it open
            raise

    return apply
