"""What every test may ask for: an empty store, on SQLite and on PostgreSQL."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.database import SqlStore, open_store
from tests.fakes.postgres import ServerError, create_database, drop_database, running_server
from tests.fakes.stores import SharedDatabase


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite file of an empty store, to be copied: making one anew takes 0.1 s."""
    path = tmp_path_factory.mktemp("empty") / "papers.db"
    asyncio.run(make_store(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server where databases can be made: one of its own, or the one that
    PAPERROUND_TEST_POSTGRES_URL names."""
    if named := os.environ.get("PAPERROUND_TEST_POSTGRES_URL"):
        yield named
        return
    try:
        with running_server(durable=False) as server:
            yield server.url()
    except ServerError as error:
        pytest.skip(f"no PostgreSQL server: {error}")


@pytest.fixture(scope="session")
def empty_database(postgres: str) -> Iterator[str]:
    """The name of a PostgreSQL database with an empty store, to be copied."""
    name = f"paperround_{uuid.uuid4().hex}"
    try:
        asyncio.run(make_store(create_database(postgres, name)))
        yield name
    finally:
        drop_database(postgres, name)


@pytest.fixture
def postgres_url(postgres: str, empty_database: str) -> Iterator[str]:
    """The address of a PostgreSQL database that nobody has after the test, with an empty store."""
    name = f"paperround_{uuid.uuid4().hex}"
    yield create_database(postgres, name, empty_database)
    drop_database(postgres, name)


@pytest.fixture(scope="session")
def shared_database(postgres: str, empty_database: str) -> Iterator[SharedDatabase]:
    """The database that the stores on PostgreSQL have one after the other."""
    name = f"paperround_{uuid.uuid4().hex}"
    database = SharedDatabase(create_database(postgres, name, empty_database))
    yield database
    database.close()
    drop_database(postgres, name)


@pytest.fixture
def sqlite_url(empty_store: Path, tmp_path: Path) -> str:
    """The address of an empty store in an SQLite file of the test's own, `papers.db` in its folder."""
    return f"sqlite:///{shutil.copy(empty_store, tmp_path / 'papers.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store, on either kind of database (see `tests.fakes.stores`)."""
    if request.param == "postgresql":
        database: SharedDatabase = request.getfixturevalue("shared_database")
        database.empty()
        return database.url
    url: str = request.getfixturevalue("sqlite_url")
    return url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[SqlStore]:
    """An empty store; the test is run on either kind of database."""
    opened = await open_store(store_url)
    yield opened
    await opened.close()


async def make_store(url: str) -> None:
    """Make the tables of a store."""
    await (await open_store(url)).close()
