"""The stores of tests: which kinds of database a test is run on, and an empty one on PostgreSQL for each test."""

import psycopg
import pytest
from psycopg import sql

from storage.schema import metadata

only_on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""Marks a test of what only SQLite has."""

only_on_postgresql = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
"""Marks a test of what only PostgreSQL has."""


class SharedDatabase:
    """A PostgreSQL database that is emptied for each test: making one anew takes 0.2 s, and emptying it 2 ms."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = psycopg.connect(url, autocommit=True)
        tables = [sql.Identifier(table.name) for table in metadata.sorted_tables if table.name != "store_meta"]
        self._steps = (
            # whoever a test left behind, and its locks
            sql.SQL("SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity")
            + sql.SQL(" WHERE datname = current_database() AND pid <> pg_backend_pid()"),
            sql.SQL("SET session_replication_role = replica"),  # no foreign key is looked after: all rows go
            sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(table) for table in tables),
            sql.SQL("UPDATE store_meta SET store_id = gen_random_uuid(), last_change = 0, restored_at = NULL"),
            sql.SQL("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'"),
        )

    def empty(self) -> None:
        """Make it as new, with an id of its own."""
        for step in self._steps:
            self._connection.execute(step)

    def close(self) -> None:
        """Let it be dropped."""
        self._connection.close()
