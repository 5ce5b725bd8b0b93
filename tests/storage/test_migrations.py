"""The migrations make the very tables that the schema describes, on either kind of database."""

import asyncio
import re
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.schema import metadata
from storage.upgrade import HEAD, MIGRATIONS
from tests.conftest import make_store
from tests.fakes.postgres import create_database, drop_database

Shape = dict[str, list[str]]

COLUMNS = """
SELECT c.relname, a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || COALESCE(l.collname, '')
       || ' ' || a.attnotnull::text || ' ' || COALESCE(pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_collation l ON l.oid = a.attcollation LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
          WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""


@pytest.fixture
def fresh_database(postgres: str) -> Iterator[str]:
    """A PostgreSQL database with nothing in it."""
    name = f"paperround_{uuid.uuid4().hex}"
    yield create_database(postgres, name)
    drop_database(postgres, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The addresses of a migrated database, and of an empty one."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('empty_store')}", f"sqlite:///{tmp_path / 'fresh.db'}"
    return request.getfixturevalue("postgres_url"), request.getfixturevalue("fresh_database")


def engine_of(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)


def shape(url: str) -> Shape:
    """Return what a database is made of, but alembic's own table, in parts; their order is no matter."""
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            rows = connection.execute(COLUMNS).fetchall()
        found: Shape = {}
        for table, part in sorted(rows):
            found.setdefault(table, []).append(part)
    else:
        with closing(sqlite3.connect(str(sa.make_url(url).database))) as file:
            made = file.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
            found = {name: sorted(parts(definition)) for name, definition in made}
    del found["alembic_version"]
    return found


def parts(definition: str) -> list[str]:
    """Return the parts of a definition: what commas outside of inner brackets divide.

    A column that was added later stands on the line of the one before it.
    """
    head, _, body = " ".join(definition.split()).partition("(")
    return [head.strip(), *(part.strip() for part in re.split(r",(?![^(]*\))", body.removesuffix(")")))]


def test_the_head_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_migrated_and_fresh_tables_are_equal(urls: tuple[str, str]) -> None:
    migrated, fresh = urls
    engine = engine_of(fresh)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
    assert shape(migrated) == shape(fresh)


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_alembic_sees_nothing_to_do(urls: tuple[str, str]) -> None:
    def comparable(_: object, name: str | None, *__: object) -> bool:
        return name != "ix_digests_due"  # of an expression, which alembic can't compare; `shape` can

    with engine_of(urls[0]).connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": comparable})
        assert compare_metadata(context, metadata) == []


def test_every_text_on_postgresql_is_compared_as_sqlite_compares_it(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        others = connection.execute(
            "SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attcollation <> 0"
            " AND attcollation <> '\"C\"'::regcollation AND relname <> 'alembic_version'"
        ).fetchall()
    assert others == []


def test_a_database_of_this_version_opens_without_alembic(urls: tuple[str, str]) -> None:
    script = (
        "import asyncio, sys\n"
        "from storage.database import open_store\n"
        "async def main(): await (await open_store(sys.argv[1])).close()\n"
        "asyncio.run(main())\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script, urls[0]], check=True)


def test_a_database_of_the_first_version_is_upgraded(urls: tuple[str, str]) -> None:
    from alembic import command
    from alembic.config import Config

    migrated, fresh = urls
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine_of(fresh).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    asyncio.run(make_store(fresh))
    assert shape(fresh) == shape(migrated)
