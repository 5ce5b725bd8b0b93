"""The migrations make the very tables that the schema describes."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.schema import metadata
from storage.upgrade import HEAD, MIGRATIONS


def shape(path: Path) -> dict[str, list[str]]:
    """Return the SQL of everything in a database but alembic's own table, in parts; their order is no matter.

    A column that was added later stands on the line of the one before it.
    """
    with closing(sqlite3.connect(path)) as connection:
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: sorted(parts(sql)) for name, sql in made if name != "alembic_version"}


def parts(sql: str) -> list[str]:
    """Return the parts of a definition: what commas outside of inner brackets divide."""
    head, _, body = " ".join(sql.split()).partition("(")
    return [head.strip(), *(part.strip() for part in re.split(r",(?![^(]*\))", body.removesuffix(")")))]


def test_the_head_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_migrated_and_fresh_tables_are_equal(empty_store: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.db"
    engine = sa.create_engine(f"sqlite:///{fresh}")
    metadata.create_all(engine)
    engine.dispose()
    assert shape(empty_store) == shape(fresh)


def test_alembic_sees_nothing_to_do(empty_store: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{empty_store}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_database_of_this_version_opens_without_alembic(empty_store: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from storage.database import open_store\n"
        "async def main(): await (await open_store(sys.argv[1])).close()\n"
        "asyncio.run(main())\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script, f"sqlite:///{empty_store}"], check=True)
