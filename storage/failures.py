"""SQLite's failures in words, for whoever can mend them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from bot.errors import DiskFullError, StoreError

BUSY_LIMIT = 10.0
"""Seconds for which a writer waits for a writer in another process."""

READ_ONLY = "{path} is read-only; make the file and its folder writable for the user that runs this."

_CAUSES = {
    sqlite3.SQLITE_NOTADB: "{path} is not an SQLite database; name another file, or move that one out of the way.",
    sqlite3.SQLITE_CANTOPEN: "{path} can't be opened; check that it is a file, and that you may write to its folder.",
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: "{path} can't be read and written; check whose file it is.",
    sqlite3.SQLITE_FULL: "The disk that holds {path} is full; make room and try again. The last change was not stored.",
    sqlite3.SQLITE_BUSY: "{path} has been locked by another process for 10 s; end that one, or try again later.",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged; put back a backup, or repair it with: sqlite3 FILE .recover",
    sqlite3.SQLITE_IOERR: "The disk that holds {path} does not work as it should ({error}); see the system's log.",
}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a file that can't be used into a StoreError; other failures pass as they are."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        if isinstance(error.driver_exception, sqlite3.Error) and (told := _told(error.driver_exception, path)):
            raise told from error
        raise
    except sqlite3.Error as error:
        if told := _told(error, path):
            raise told from error
        raise


def _told(error: sqlite3.Error, path: Path) -> StoreError | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)  # some errors of the module have none
    cause = None if code is None else _CAUSES.get(code & 0xFF)  # the low byte, without the extended part
    if cause is None or code is None:
        return None
    kind = DiskFullError if code & 0xFF == sqlite3.SQLITE_FULL else StoreError
    return kind(cause.format(path=path, error=error))
