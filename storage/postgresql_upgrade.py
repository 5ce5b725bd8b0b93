"""Brings a PostgreSQL database to this version's tables, creating them in a new one."""

import uuid
from typing import Final

import sqlalchemy as sa

from bot.errors import StoreError
from storage.postgresql_client import with_limits
from storage.postgresql_failures import explained, place_of
from storage.upgrade import HEAD, migrate

_MIGRATING: Final = 0x5041_5045_5252_4E44
"""The advisory lock of whoever migrates: several processes may start at once on a new database."""


def prepare(url: sa.URL) -> uuid.UUID:
    """Make the database one of this version; return the store's id. Raises StoreError. Blocks."""
    place = place_of(url)
    engine = sa.create_engine(with_limits(url), poolclass=sa.NullPool)
    try:
        with explained(place), engine.begin() as connection:
            if _version(connection, place) != HEAD:
                connection.execute(sa.text("SET LOCAL lock_timeout = '10min'"))
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
                if _version(connection, place) != HEAD:  # nobody else did it meanwhile
                    migrate(connection, f"The database {place}")
            (store_id,) = connection.execute(sa.text("SELECT store_id FROM store_meta")).one()
            return uuid.UUID(store_id)
    finally:
        engine.dispose()


def _version(connection: sa.Connection, place: str) -> str | None:
    """Return the migration at which the database is, None for an empty one."""
    listed = sa.text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    tables = set(connection.execute(listed).scalars())
    if not tables:
        return None
    if "alembic_version" not in tables or "store_meta" not in tables:
        raise StoreError(f"The database {place} is of another program; name another one.")
    version: str = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
    return version
