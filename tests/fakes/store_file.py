"""Where a test's store has its file, for tests that look into it from the outside."""

from pathlib import Path

from storage.database import SqlStore
from storage.sqlite import SqliteDatabase


def path_of(store: SqlStore) -> Path:
    """Return the file of a store that is in SQLite."""
    assert isinstance(store.database, SqliteDatabase)
    return store.database.path
