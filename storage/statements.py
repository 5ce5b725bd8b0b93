"""What several tables need: upserts in the database's own words, and long lists of values in portions."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from storage.connection import Connection

Value = TypeVar("Value")

_PORTION = 5_000  # SQLite takes 32,766 variables in a statement


def portions(values: Iterable[Value]) -> Iterator[list[Value]]:
    """Yield the values, without doubles, in lists that fit into one statement."""
    distinct = iter(dict.fromkeys(values))
    while portion := list(islice(distinct, _PORTION)):
        yield portion


def insert_missing(connection: Connection, table: sa.Table) -> sa.Insert:
    """Return an insert that leaves rows alone which are there."""
    return _insert(connection, table).on_conflict_do_nothing()


def insert_or_update(connection: Connection, table: sa.Table) -> sa.Insert:
    """Return an insert that updates rows which are there, by primary key."""
    insert = _insert(connection, table)
    changed = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed)


def _insert(connection: Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
