"""Brings a database to this version's tables: the migrations, and how an SQLite file comes to them."""

import os
import sqlite3
import time
import uuid
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from bot.errors import StoreError
from storage.failures import BUSY_LIMIT, READ_ONLY, explained

HEAD = "0005"
"""The newest migration. A test holds it equal to alembic's, whose import (0.28 s) most starts are spared."""

MIGRATIONS = Path(__file__).parent / "migrations"


def prepare(path: Path) -> uuid.UUID:
    """Make the file a database of this version; return the store's id. Raises StoreError. Blocks."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The folder {path.parent} can't be made: {error.strerror}.") from error
    if path.is_file() and not os.access(path, os.W_OK):  # SQLite would say so at the first write only
        raise StoreError(READ_ONLY.format(path=path))
    with explained(path), closing(sqlite3.connect(path, timeout=BUSY_LIMIT, isolation_level=None)) as connection:
        _use_write_ahead_log(connection)
        if _version(connection, path) != HEAD:
            _upgrade(path)
        (store_id,) = connection.execute("SELECT store_id FROM store_meta").fetchone()
        return uuid.UUID(store_id)


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Set WAL, which stays set. SQLite does not wait for a lock here, so we do."""
    give_up_at = time.monotonic() + BUSY_LIMIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
        else:
            return


def _version(connection: sqlite3.Connection, path: Path) -> str | None:
    """Return the migration at which the database is, None for an empty one."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if "alembic_version" not in tables or "store_meta" not in tables:
        raise StoreError(f"{path} is a database of another program; name another file.")
    (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(version)


def _upgrade(path: Path) -> None:
    """Run the missing migrations in one transaction. Whoever else opens the file waits, then finds it done."""
    engine = sa.create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(path, timeout=BUSY_LIMIT, isolation_level=None)
    )
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            migrate(connection, str(path))
    finally:
        engine.dispose()


def migrate(connection: sa.Connection, place: str) -> None:
    """Run the missing migrations within the connection's transaction. Raises StoreError for a newer database."""
    from alembic import command  # here, because most starts do without (see HEAD)
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            f"{place} was written by a newer version of Paper Round; install that one, or name another database."
        ) from error
