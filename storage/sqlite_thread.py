"""A connection to an SQLite file, in the thread that alone uses it."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from storage.connection import Outcome, Parameters

_STEPS = 1_000_000  # of SQLite's machine, some 20 ms, between two looks at whether anybody still waits


class SqliteThread:
    """Implements `storage.connection.Connection`; its transaction begins with the first statement.

    Each call waits for one piece of work in the thread (0.07 ms beside the work), and works queue there: whatever
    a cancelled user left under way is over when `end` takes its turn.
    """

    def __init__(self, path: Path, begin: str, settings: tuple[str, ...], patience: float) -> None:
        # With isolation_level None, sqlite3 leaves transactions to us; left to itself it begins them late, so that
        # a read and the write that builds on it are two (6,782 of 9,320 updates were lost among 4 processes).
        self._engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(path)),
            connect_args={
                "isolation_level": None,
                "timeout": patience,
                "factory": _ArrivedConnection,
                "check_same_thread": True,
            },
            json_deserializer=_from_json,
        )
        self._settings = settings
        sa.event.listen(self._engine, "connect", self._set_up)
        sa.event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._raw: sqlite3.Connection | None = None
        self._connection: sa.Connection | None = None  # while there is a transaction
        self._given_up = False  # by a cancelled user, till the transaction has ended

    @property
    def dialect(self) -> sa.Dialect:
        """Whose SQL it speaks."""
        return self._engine.dialect

    async def begin(self) -> None:
        """Begin the transaction, which otherwise waits for the first statement."""
        await self.run_sync(lambda _: None)

    async def execute(self, statement: sa.Executable, parameters: Parameters = None) -> sa.CursorResult[Any]:
        """Carry out a statement, once for each of several sets of parameters; all its rows have arrived."""
        return await self.run_sync(lambda connection: connection.execute(statement, parameters))

    async def run_sync(self, work: Callable[[sa.Connection], Outcome], /) -> Outcome:
        """Return what work does with the connection in the thread. Who is cancelled soon ends a long statement."""
        try:
            return await self._in_thread(lambda: work(self._begun()))
        except asyncio.CancelledError:
            self._given_up = True
            raise

    async def commit(self) -> None:
        """Make the transaction lasting, if one was begun."""
        await self._in_thread(self._commit)

    def end(self) -> asyncio.Future[None]:
        """End the transaction, rolled back unless it was committed, as soon as the thread is free."""
        return self._in_thread(self._end)

    async def close(self) -> None:
        """Close the connection."""
        if self._raw is not None:
            await self._in_thread(self._engine.dispose)
            self._raw = None
        self._thread.shutdown(wait=False)

    def _in_thread(self, work: Callable[[], Outcome]) -> asyncio.Future[Outcome]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _begun(self) -> sa.Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        if not self._connection.in_transaction():
            self._connection.begin()
        return self._connection

    def _commit(self) -> None:
        if self._connection is not None:
            self._connection.commit()

    def _end(self) -> None:
        self._given_up = False
        if self._connection is None or self._raw is None:
            return
        ended, self._connection = self._connection, None
        try:
            self._raw.rollback()  # SQLAlchemy would not, after a COMMIT that failed
        finally:
            ended.close()

    def _set_up(self, connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        try:
            for setting in self._settings:
                connection.execute(f"PRAGMA {setting}")
            # `interrupt` would miss a statement that the thread is just about to begin.
            connection.set_progress_handler(lambda: self._given_up, _STEPS)
        except BaseException:
            connection.close()  # the pool does not know it yet, and would leave it open
            raise
        self._raw = connection


_decode = json.JSONDecoder().raw_decode


def _from_json(written: str) -> Any:
    """Return what was written; half as long as `json.loads`, which looks for white space around it first."""
    return _decode(written)[0]


class _ArrivedCursor(sqlite3.Cursor):
    """Fetches its rows at once, so that who reads them in another thread does not touch the database."""

    _rows: Iterator[Any] = iter(())

    def execute(self, *statement: Any) -> "_ArrivedCursor":
        super().execute(*statement)
        self._rows = iter(super().fetchall())
        return self

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        return list(islice(self._rows, size))

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def close(self) -> None:
        """Do nothing: sqlite3 let go of the statement with its last row."""


class _ArrivedConnection(sqlite3.Connection):
    def cursor(self) -> _ArrivedCursor:  # type: ignore[override]  # whoever calls it wants this kind
        return super().cursor(_ArrivedCursor)
