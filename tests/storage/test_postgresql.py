"""The store on PostgreSQL: opening it, and what can go wrong with it."""

import asyncio
import datetime as dt
import subprocess
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import psycopg
import pytest
import sqlalchemy as sa

from bot.errors import StoreError
from storage.database import SqlStore, open_store
from storage.postgresql import PostgresqlDatabase
from tests.conftest import make_store
from tests.fakes.postgres import PostgresServer, create_database, database_url, drop_database, running_server
from tests.fakes.stores import only_on_postgresql

OPEN = """
import asyncio, sys
from storage.database import open_store

async def main():
    store = await open_store(sys.argv[1])
    print(store.store_id)
    await store.close()

asyncio.run(main())
"""

END_OURS = "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE application_name = 'paperround'"


@pytest.fixture
def new_database(postgres: str) -> Iterator[str]:
    """The address of a database with nothing in it."""
    name = f"new_database_{uuid.uuid4().hex}"
    yield create_database(postgres, name)
    drop_database(postgres, name)


def carry_out(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


async def fails(ask: Callable[[], Awaitable[object]], words: str) -> None:
    with pytest.raises(StoreError, match=words):
        await ask()


async def test_a_store_keeps_its_id(postgres_url: str) -> None:
    ids = set()
    for scheme in ("postgresql:", "postgresql+psycopg:", "postgres:"):
        store = await open_store(postgres_url.replace("postgresql:", scheme))
        ids.add(store.store_id)
        await store.close()
    assert len(ids) == 1


async def test_several_processes_open_a_new_database_at_once(new_database: str) -> None:
    command = (sys.executable, "-c", OPEN, new_database)
    several = [await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE) for _ in range(3)]
    answers = {(await each.communicate())[0] for each in several}
    assert [each.returncode for each in several] == [0] * 3
    assert len(answers) == 1


async def test_the_database_of_another_program_is_left_alone(new_database: str) -> None:
    carry_out(new_database, "CREATE TABLE orders (id INTEGER)")
    with pytest.raises(StoreError, match=r"database new_database_.* at .* is of another program"):
        await make_store(new_database)
    with psycopg.connect(new_database) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("orders",)]


async def test_a_newer_version_is_named(postgres_url: str) -> None:
    carry_out(postgres_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"The database paperround_.* at .* was written by a newer version"):
        await make_store(postgres_url)


async def test_a_database_that_is_not_there_is_named(postgres: str) -> None:
    with pytest.raises(StoreError, match=r"There is no database nowhere at .*; make it with: createdb"):
        await make_store(database_url(postgres, "nowhere"))


async def test_a_server_that_is_not_there_is_named_and_no_password_told() -> None:
    with pytest.raises(StoreError, match=r"papers at 127\.0\.0\.1:1 can't be reached") as told:
        await make_store("postgresql://me:secret@127.0.0.1:1/papers")
    assert "secret" not in str(told.value)


async def test_without_its_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("storage.postgresql")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'psycopg\[binary\]'"):
        await make_store("postgresql://127.0.0.1:1/papers")


async def test_a_user_without_rights_is_named(new_database: str) -> None:
    carry_out(
        new_database,
        "DROP ROLE IF EXISTS paperround_guest",
        "CREATE ROLE paperround_guest LOGIN",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    )
    guest = sa.make_url(new_database).set(username="paperround_guest").render_as_string()
    with pytest.raises(StoreError, match=r"may not do that .* make it the database's owner"):
        await make_store(guest)
    carry_out(new_database, "DROP ROLE paperround_guest")


async def test_an_unused_store_can_be_closed_twice(postgres_url: str) -> None:
    store = await open_store(postgres_url)
    await store.close()
    await store.close()


@only_on_postgresql
async def test_what_stays_locked_is_named(store: SqlStore, store_url: str) -> None:
    async def count() -> None:
        async with store.write() as session:
            await session.connection.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
            await session.papers.count()

    with psycopg.connect(store_url) as other:
        other.execute("LOCK TABLE papers")
        await fails(count, "locked by another process for 10 s")


@only_on_postgresql
async def test_a_question_that_takes_too_long_is_ended(store: SqlStore) -> None:
    async def ponder() -> None:
        async with store.read() as session:
            await session.connection.execute(sa.text("SET LOCAL statement_timeout = '50ms'"))
            await session.connection.execute(sa.text("SELECT pg_sleep(30)"))

    await fails(ponder, "took longer than 60 s")


@only_on_postgresql
async def test_a_change_that_is_left_open_is_ended(store: SqlStore) -> None:
    async def fall_asleep() -> None:
        async with store.write() as session:
            await session.connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = '20ms'"))
            await asyncio.sleep(0.2)
            await session.papers.count()

    await fails(fall_asleep, "left open for 60 s")


@only_on_postgresql
async def test_a_store_whose_connections_are_all_in_use_says_so(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def turn_up() -> None:
        async with store.write() as session:
            await session.papers.count()

    assert isinstance(store.database, PostgresqlDatabase)
    monkeypatch.setattr(store.database._writing.sync_engine.pool, "_timeout", 0.05)
    async with AsyncExitStack() as changes:
        for _ in range(4):
            await changes.enter_async_context(store.write())
        await fails(turn_up, "All connections .* in use for 30 s")
    await turn_up()


@only_on_postgresql
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("08006", "was lost"),
        ("22P05", "createdb -E UTF8"),
        ("25006", "read-only; name the primary"),
        ("40001", "Somebody else .* Try again"),
        ("40P01", "Two changes .* Try again"),
        ("53100", r"The disk of the database paperround_\w+ at .* is full; make room"),
        ("53200", "out of memory"),
        ("57P02", "was lost"),
        ("58030", r"does not work as it should \(disk three\)"),
        ("XX001", r"is damaged \(disk three\)"),
    ],
)
async def test_what_the_server_says_is_told_with_what_to_do(store: SqlStore, code: str, words: str) -> None:
    raise_it = f"DO $$ BEGIN RAISE EXCEPTION 'disk three' USING ERRCODE = '{code}'; END $$"

    async def meet_it() -> None:
        async with store.write() as session:
            await session.connection.execute(sa.text(raise_it))

    await fails(meet_it, words)


@only_on_postgresql
async def test_other_failures_are_told_as_they_are(store: SqlStore) -> None:
    with pytest.raises(sa.exc.ProgrammingError):
        async with store.read() as session:
            await session.connection.execute(sa.text("SELECT nonsense"))


@only_on_postgresql
async def test_all_limits_of_time_are_set(store: SqlStore) -> None:
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "transaction_isolation",
             "transaction_read_only", "synchronous_commit")  # fmt: skip

    async def settings(session_of: Callable[[], object]) -> list[str]:
        async with session_of() as session:  # type: ignore[attr-defined]
            return [(await session.connection.execute(sa.text(f"SHOW {name}"))).scalar_one() for name in names]

    limits = ["10s", "1min", "1min"]
    assert await settings(store.read) == [*limits, "repeatable read", "on", "on"]
    assert await settings(store.write) == [*limits, "read committed", "off", "on"]


@only_on_postgresql
async def test_a_server_that_forgets_commits_is_told_not_to(store: SqlStore, store_url: str) -> None:
    name = sa.make_url(store_url).database
    carry_out(store_url, f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    careful = await open_store(store_url)
    async with careful.write() as session:
        assert (await session.connection.execute(sa.text("SHOW synchronous_commit"))).scalar_one() == "on"
    await careful.close()
    carry_out(store_url, f'ALTER DATABASE "{name}" RESET synchronous_commit')


@only_on_postgresql
async def test_connections_that_were_lost_are_made_anew(store: SqlStore, store_url: str) -> None:
    async with store.read() as session:
        await session.papers.count()
    carry_out(store_url, END_OURS)
    async with store.read() as session:
        assert await session.papers.count() == 0


async def test_a_connection_that_was_left_in_mid_statement_is_replaced(postgres_url: str) -> None:
    store = await open_store(postgres_url)
    assert isinstance(store.database, PostgresqlDatabase)
    async with store.database._writing.connect() as kept:
        driver = (await kept.get_raw_connection()).driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    driver.pgconn.send_query(b"SELECT pg_sleep(5)")
    async with store.write() as session:
        await session.teams.welcome("slack", "Acme", "#papers", "Alice")
    await store.close()
    await driver.close()


@only_on_postgresql
async def test_a_connection_that_is_lost_in_the_middle_is_named_and_changes_nothing(
    store: SqlStore, store_url: str
) -> None:
    async def turn_up() -> None:
        async with store.write() as session:
            await session.teams.welcome("slack", "Acme", "#papers", "Alice")
            carry_out(store_url, END_OURS)

    await fails(turn_up, r"connection to the database .* was lost")
    async with store.read() as session:
        assert await session.teams.caller("slack", "Acme", "#papers", "Alice") is None


@only_on_postgresql
async def test_what_no_text_can_hold_is_left_out(store: SqlStore) -> None:
    async with store.write() as session:
        await session.source_runs.failed("huggingface", dt.datetime(2025, 6, 12, tzinfo=dt.UTC), "it said \0!")
    async with store.read() as session:
        (run,) = await session.source_runs.all()
    assert run.failure == "it said !"


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """A server that may be stopped and paused."""
    with running_server(settings={"max_connections": "5", "superuser_reserved_connections": "0"}) as server:
        yield server


async def test_a_server_that_stops_and_comes_back_is_met_again(own_server: PostgresServer) -> None:
    store = await open_store(own_server.url())

    async def count() -> int:
        async with store.read() as session:
            return await session.papers.count()

    try:
        assert await count() == 0
        own_server.kill()
        await fails(count, "can't be reached|was lost")
        own_server.start()
        assert await count() == 0
        own_server.stop()
        await fails(count, "can't be reached|was lost")
        own_server.start()
        assert await count() == 0
    finally:
        await store.close()


async def test_a_server_that_goes_silent_keeps_nobody_waiting(
    own_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.postgresql_client.PATIENCE", 0.5)
    store = await open_store(own_server.url() + "&connect_timeout=2")

    async def count() -> None:
        async with store.read() as session:
            own_server.pause()
            await session.papers.count()

    try:
        await fails(count, "was lost")
    finally:
        own_server.resume()
    async with store.read() as session:
        assert await session.papers.count() == 0
    await store.close()


async def test_a_wrong_password_is_named(own_server: PostgresServer) -> None:
    (own_server.folder / "data" / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
    carry_out(own_server.url(), "SELECT pg_reload_conf()", "CREATE ROLE alice LOGIN PASSWORD 'right'")
    url = sa.make_url(own_server.url()).set(username="alice", password="wrong")
    await fails(lambda: make_store(url.render_as_string(hide_password=False)), "lets nobody in; check the user")


async def test_a_server_without_a_free_connection_is_named(own_server: PostgresServer) -> None:
    await make_store(own_server.url())
    others = [psycopg.connect(own_server.url()) for _ in range(5)]
    try:
        await fails(lambda: make_store(own_server.url()), "has no connection left")
    finally:
        for other in others:
            other.close()
