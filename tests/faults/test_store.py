"""A store that fails: locked, full, gone, killed, put back from a backup, or shared with an older version."""

import asyncio
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.database import open_store
from tests.fakes.postgres import PostgresServer, create_database, drop_database, running_server
from tests.fakes.stores import only_on_sqlite
from tests.fakes.waiting import wait_until
from tests.faults.conftest import MakeGround, grounds
from tests.faults.ground import Ground
from tests.faults.sizes import postgresql_in_full, short_and_full
from tests.faults.speaking import status

FAULTY = {"seed": 11, "before": 0.25, "after": 0.25, "slow": 0.1}


@contextmanager
def held(ground: Ground) -> Iterator[None]:
    """Hold the lock that every writer needs."""
    if ground.on_sqlite:
        with closing(sqlite3.connect(file_of(ground), isolation_level=None, timeout=30)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
    else:
        with ground.engine.begin() as connection:
            connection.execute(sa.text("LOCK TABLE deliveries, digests IN ACCESS EXCLUSIVE MODE"))
            yield


def file_of(ground: Ground) -> Path:
    """Return the file of a store in SQLite."""
    return Path(sa.make_url(ground.url).database or "")


@short_and_full("seconds", 2, 12)
def test_case_11_a_lock_that_is_held_costs_time_alone(make_ground: MakeGround, seconds: float) -> None:
    ground = make_ground(**FAULTY)
    ground.write_papers()
    ground.set_digests(60)
    ground.start()
    ground.board.wait_for("accepted", 5)
    with held(ground):
        time.sleep(seconds)  # so long it is held
    ground.settle()
    ground.assert_once_each()
    assert "last posted" in status(ground)


@only_on_sqlite
def test_case_11_a_full_disk_is_told_and_then_all_arrives(make_ground: MakeGround) -> None:
    ground = make_ground(**FAULTY)
    ground.write_papers()
    pages = ground.folder / "pages"
    pages.write_text("1")  # as many as it has
    ground.start(pages=str(pages))
    ground.set_digests(300)
    wait_until(lambda: f"The disk that holds {file_of(ground)} is full" in ground.log(), "the log tells of it")
    with ground.engine.connect() as connection:
        size = connection.execute(sa.text("PRAGMA page_count")).scalar_one()
    pages.write_text(str(size + 10_000))
    ground.settle()
    ground.assert_once_each()


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the test's own: it keeps what it has promised when it is killed."""
    with running_server() as started:
        yield started


@pytest.fixture
def own_ground(server: PostgresServer, workers: "subprocess.Popen[str]", tmp_path: Path) -> Iterator[MakeGround]:
    """Make a ground on that server."""
    with grounds(create_database(server.url(), "papers"), workers, tmp_path) as make:
        make_store(server.url("papers"))
        yield make


def make_store(url: str) -> None:
    """Make the tables."""

    async def make() -> None:
        await (await open_store(url)).close()

    asyncio.run(make())


@short_and_full("seconds", 2, 60)
def test_case_11_a_database_that_is_gone_for_a_while(
    own_ground: MakeGround, server: PostgresServer, seconds: float
) -> None:
    ground = own_ground(**FAULTY)
    ground.write_papers()
    ground.set_digests(60)
    ground.start()
    ground.start()
    ground.board.wait_for("accepted", 5)
    ground.engine.dispose()
    server.stop()
    time.sleep(seconds)  # so long it is gone
    server.start()
    ground.settle(120)
    ground.assert_once_each()
    assert "the store can't be used now" in ground.log() or "outcome can't be stored yet" in ground.log()
    assert "last posted" in status(ground)


@short_and_full("kills", 2, 10)
def test_case_12_postgresql_killed_and_restarted_under_load(
    own_ground: MakeGround, server: PostgresServer, kills: int
) -> None:
    ground = own_ground(**FAULTY)
    ground.write_papers()
    for _ in range(3):
        ground.start()
    for kill in range(kills):
        ground.set_digests(40, prefix=f"k{kill}-")
        before = len(ground.board.events("accepted"))
        ground.board.wait_for("accepted", before + 5)
        ground.engine.dispose()
        server.kill()
        server.start()
    ground.settle(120)
    ground.assert_once_each()


def deliver_and_put_back(make_ground: MakeGround, postgres: str | None, **faults: object) -> Ground:
    """Copy the store in the middle of things, let all arrive, and put the copy back."""
    ground = make_ground(**FAULTY)
    ground.reconcile = ground.audit = bool(faults.pop("reading_back", True))
    ground.write_papers()
    ground.set_digests(80)
    ground.start()
    ground.board.wait_for("accepted", 10)
    backup = copied(ground, postgres)
    ground.start()
    ground.settle()
    ground.fleet.kill_all()
    put_back(ground, backup, postgres)
    assert len(ground.rows()) < 80 or not ground.is_posted(), "the copy knows less than the channels"
    return ground


def copied(ground: Ground, postgres: str | None) -> str:
    """Copy the store; on PostgreSQL, while no one is connected."""
    if postgres is None:
        backup = f"{file_of(ground)}.backup"
        with closing(sqlite3.connect(file_of(ground))) as live, closing(sqlite3.connect(backup)) as copy:
            live.backup(copy)
        return backup
    ground.fleet.kill_all()
    ground.engine.dispose()
    name = str(sa.make_url(ground.url).database)
    _copy_when_nobody_is_connected(postgres, f"{name}_b", name)
    return f"{name}_b"


def _copy_when_nobody_is_connected(server: str, copy: str, original: str) -> None:
    """The server notices that a client is gone a moment after that."""

    def is_copied() -> bool:
        try:
            create_database(server, copy, original)
        except Exception as refused:
            if "being accessed by other users" in str(refused):
                return False
            raise
        return True

    wait_until(is_copied, "the database is copied")


def put_back(ground: Ground, backup: str, postgres: str | None) -> None:
    """Put the copy in the store's place."""
    ground.engine.dispose()
    if postgres is None:
        for ending in ("-wal", "-shm"):
            Path(f"{file_of(ground)}{ending}").unlink(missing_ok=True)
        shutil.move(backup, file_of(ground))
        return
    name = str(sa.make_url(ground.url).database)
    drop_database(postgres, name)
    create_database(postgres, name, backup)
    drop_database(postgres, backup)


@pytest.fixture
def postgres_server(store_url: str, request: pytest.FixtureRequest) -> str | None:
    """The address of the server, where the store is on one."""
    if store_url.startswith("sqlite"):
        return None
    address: str = request.getfixturevalue("postgres")
    return address


def test_case_14_a_backup_put_back_doubles_nothing(make_ground: MakeGround, postgres_server: str | None) -> None:
    ground = deliver_and_put_back(make_ground, postgres_server)
    ground.start(fresh=True)
    ground.settle()
    ground.assert_once_each()


@postgresql_in_full
def test_case_14_without_reading_back_a_backup_shows_doubles(
    make_ground: MakeGround, postgres_server: str | None
) -> None:
    ground = deliver_and_put_back(make_ground, postgres_server, reading_back=False)
    ground.start(fresh=True)
    ground.settle()
    assert set(ground.verdict().faults) == {"doubled"}
