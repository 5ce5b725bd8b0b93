"""A copy of the database as it stands at one moment, taken while the service goes on writing."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import StoreError
from storage.database import sqlite_path
from storage.failures import BUSY_LIMIT, explained


def back_up(url: str, copy: Path) -> int:
    """Copy the SQLite file of a store's URL to a new file, whole or not at all; return its size in bytes. Blocks.

    Teams' secrets in it stay sealed. Raises StoreError: where the file can't be read or the copy can't be written,
    where it would take the place of another file or has no folder, and for PostgreSQL, whose own tools do this better.
    """
    path = sqlite_path(url)
    if path is None:
        raise StoreError("A store on PostgreSQL is backed up with its own tools: pg_dump --format=custom --file=PATH")
    if not path.is_file():
        raise StoreError(f"There is no store at {path} yet: nothing to back up.")
    if copy.exists():
        raise StoreError(f"{copy} is there already; name a new file, for a backup never takes another's place.")
    if not copy.parent.is_dir():  # a misspelt one, or a disk that is not there, must not be made up for
        raise StoreError(f"There is no folder {copy.parent}; make it, or name a file in one that is there.")
    unfinished = copy.with_name(f"{copy.name}.part")
    try:
        with explained(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as store:
            _copy(store, unfinished)
        return unfinished.rename(copy).stat().st_size
    except OSError as error:
        raise StoreError(f"The backup {copy} can't be written: {error.strerror}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _copy(store: sqlite3.Connection, unfinished: Path) -> None:
    unfinished.unlink(missing_ok=True)
    with explained(unfinished), closing(sqlite3.connect(unfinished, timeout=BUSY_LIMIT)) as copy:
        store.backup(copy)  # at one go: in steps it would begin anew whenever another process writes
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, that can be carried away
    with unfinished.open("rb+") as written:
        os.fsync(written.fileno())
