"""What several tables need: upserts in the database's own words, and long lists of values in portions."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Value = TypeVar("Value")

_PORTION = 5_000  # SQLite takes 32,766 variables in a statement


class Speaker(Protocol):
    """Whatever knows whose SQL is spoken, as a connection does."""

    @property
    def dialect(self) -> sa.Dialect:
        """Its `name` is "sqlite" or "postgresql"."""
        ...


def portions(values: Iterable[Value]) -> Iterator[list[Value]]:
    """Yield the values, without doubles, in lists that fit into one statement."""
    distinct = iter(dict.fromkeys(values))
    while portion := list(islice(distinct, _PORTION)):
        yield portion


def insert_new(_: Speaker, table: sa.Table) -> sa.Insert:
    """Return an insert that fails on rows which are there."""
    return sa.insert(table)


def insert_missing(connection: Speaker, table: sa.Table) -> sa.Insert:
    """Return an insert that leaves rows alone which are there; its result's `rowcount` tells how many were not."""
    # Of inserts, SQLAlchemy keeps the count on request only; on SQLite it is there all the same.
    return _insert(connection, table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def insert_or_update(connection: Speaker, table: sa.Table) -> sa.Insert:
    """Return an insert that updates rows which are there, by primary key."""
    insert = _insert(connection, table)
    changed = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed)


def _insert(connection: Speaker, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
