"""All or nothing, one writer after another, and nothing left behind."""

import asyncio
import datetime as dt
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from bot.errors import StoreError
from bot.names import block_keys
from bot.paper import Paper
from bot.team import Caller
from storage.database import SqlStore, open_store
from storage.schema import channels, saves
from tests.fakes.store_file import path_of
from tests.fakes.stores import only_on_sqlite

MakePaper = Callable[..., Paper]

COUNT_UP = """
import asyncio, sys
from storage.database import open_store

async def main():
    store = await open_store(sys.argv[1])
    for _ in range(int(sys.argv[3])):
        async with store.write() as session:
            channel = await session.teams.channel(int(sys.argv[2]))
            await asyncio.sleep(0)
            await session.teams.set_zone(channel.id, str(int(channel.zone) + 1))
    await store.close()

asyncio.run(main())
"""


async def count_up(store: SqlStore, channel_id: int) -> None:
    """Read a number, think, and write the next one."""
    async with store.write() as session:
        channel = await session.teams.channel(channel_id)
        await asyncio.sleep(0)
        await session.teams.set_zone(channel_id, str(int(channel.zone or 0) + 1))


async def zone(store: SqlStore, channel_id: int) -> str | None:
    async with store.read() as session:
        return (await session.teams.channel(channel_id)).zone


def assert_unlocked(url: str) -> None:
    """Look from the outside whether anything is still locked."""
    if url.startswith("postgresql"):  # ends what a closed connection began only when it notices
        with psycopg.connect(url, options="-c lock_timeout=2s") as other:
            other.execute("SELECT 1 FROM store_meta, channels, teams FOR UPDATE")
    else:
        path = sa.make_url(url).database
        with closing(sqlite3.connect(str(path), timeout=0, isolation_level=None)) as file:
            file.execute("BEGIN IMMEDIATE")


async def test_a_failure_takes_back_all_that_was_done(
    store: SqlStore, store_url: str, paper: MakePaper, alice: Caller, now: dt.datetime
) -> None:
    async def fail() -> None:
        async with store.write() as session:
            await session.papers.save([paper(1)], now)
            await session.opinions.vote(alice, paper(1).id, now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.read() as session:
        assert (await session.papers.count(), await session.papers.last_change()) == (0, 0)
        assert await session.papers.author_names(block_keys("Ada Lovelace")) == []
    assert_unlocked(store_url)


async def test_a_view_stays_as_it_was_when_it_was_opened(store: SqlStore, paper: MakePaper, now: dt.datetime) -> None:
    async with store.read() as view:
        assert await view.papers.count() == 0
        async with store.write() as session:
            await session.papers.save([paper(1)], now)
        assert await view.papers.count() == 0
    async with store.read() as session:
        assert await session.papers.count() == 1


async def test_nothing_can_be_written_in_a_view(store: SqlStore, paper: MakePaper, now: dt.datetime) -> None:
    with pytest.raises(StoreError, match="read-only"):
        async with store.read() as session:
            await session.papers.save([paper(1)], now)


async def test_writers_of_one_process_take_turns(store: SqlStore, alice: Caller) -> None:
    async with asyncio.TaskGroup() as tasks:
        for _ in range(40):
            tasks.create_task(count_up(store, alice.channel.id))
    assert await zone(store, alice.channel.id) == "40"


async def test_more_readers_than_connections_wait_for_each_other(store: SqlStore, alice: Caller) -> None:
    zones = await asyncio.gather(*(zone(store, alice.channel.id) for _ in range(40)))
    assert zones == [None] * 40


async def test_writers_of_several_processes_lose_nothing(store: SqlStore, store_url: str, alice: Caller) -> None:
    async with store.write() as session:
        await session.teams.set_zone(alice.channel.id, "0")
    command = (sys.executable, "-c", COUNT_UP, store_url, str(alice.channel.id), "60")
    others = [await asyncio.create_subprocess_exec(*command, cwd=Path.cwd()) for _ in range(2)]
    for _ in range(60):
        await count_up(store, alice.channel.id)
    assert [await other.wait() for other in others] == [0, 0]
    assert await zone(store, alice.channel.id) == "180"


@pytest.mark.parametrize("steps", [*range(1, 30), 40, 60, 80])
async def test_a_cancelled_writer_leaves_nothing_behind(
    store: SqlStore, store_url: str, alice: Caller, paper: MakePaper, now: dt.datetime, steps: int
) -> None:
    done = asyncio.Event()

    async def write() -> None:
        async with store.write() as session:
            await session.papers.save([paper(number) for number in range(1, 20)], now)
            await session.teams.set_zone(alice.channel.id, "1")
        done.set()

    writer = asyncio.create_task(write())
    for _ in range(steps):
        await asyncio.sleep(0.0002)
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    await count_up(store, alice.channel.id)
    assert_unlocked(store_url)
    async with store.read() as session:
        stored = await session.papers.count(), (await session.teams.channel(alice.channel.id)).zone
    assert stored in {(0, "1"), (19, "2")}
    assert stored == (19, "2") or not done.is_set()


ENDLESS = sa.text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")


@only_on_sqlite
@pytest.mark.parametrize("writes", [True, False])
async def test_a_statement_that_nobody_waits_for_any_longer_ends(store: SqlStore, alice: Caller, writes: bool) -> None:
    running = threading.Event()

    def work(connection: sa.Connection) -> None:
        running.set()
        connection.execute(ENDLESS)

    async def never_end() -> None:
        async with store.write() if writes else store.read() as session:
            if writes:
                await session.teams.set_zone(alice.channel.id, "9")
            await session.connection.run_sync(work)

    users = [asyncio.create_task(never_end()) for _ in range(4)]
    assert await asyncio.to_thread(running.wait, 10)
    for user in users:
        user.cancel()
    assert all(isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*users, return_exceptions=True))
    async with asyncio.timeout(10):
        assert await zone(store, alice.channel.id) is None
        await count_up(store, alice.channel.id)
    assert await zone(store, alice.channel.id) == "1"


@only_on_sqlite
async def test_a_commit_that_fails_changes_nothing_and_leaves_no_lock(
    store: SqlStore, store_url: str, alice: Caller, now: dt.datetime
) -> None:
    async def commit_an_orphan() -> None:
        async with store.write() as session:
            await session.connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
            await session.teams.set_zone(alice.channel.id, "9")
            orphan = {"member": alice.member.id, "paper": 1_000_000, "at": now}
            await session.connection.execute(sa.insert(saves), orphan)

    with pytest.raises(sa.exc.IntegrityError):
        await commit_an_orphan()
    assert_unlocked(store_url)
    await count_up(store, alice.channel.id)
    assert await zone(store, alice.channel.id) == "1"


@only_on_sqlite
async def test_what_was_read_can_still_be_looked_at_when_its_view_is_closed(store: SqlStore, alice: Caller) -> None:
    async with store.read() as session:
        found = await session.connection.execute(sa.select(channels.c.key))
        empty = await session.connection.execute(sa.select(channels.c.key).where(channels.c.id < 0))
    assert (found.scalar_one(), empty.all()) == ("#papers", [])


async def test_a_reader_that_is_cancelled_gives_its_connection_back(store: SqlStore, alice: Caller) -> None:
    for _ in range(20):
        reader = asyncio.create_task(zone(store, alice.channel.id))
        await asyncio.sleep(0.0003)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
    assert await zone(store, alice.channel.id) is None


@only_on_sqlite
async def test_a_file_that_stays_locked_is_named(
    store: SqlStore, alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.BUSY_LIMIT", 0.05)
    impatient = await open_store(f"sqlite:///{path_of(store)}")
    try:
        with closing(sqlite3.connect(path_of(store), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match=r"papers\.db has been locked by another process"):
                await count_up(impatient, alice.channel.id)
        await count_up(impatient, alice.channel.id)
    finally:
        await impatient.close()


@only_on_sqlite
async def test_a_full_disk_is_named_and_changes_nothing(
    store: SqlStore, store_url: str, paper: MakePaper, now: dt.datetime
) -> None:
    async with store.write() as session:
        pages = (await session.connection.execute(sa.text("PRAGMA page_count"))).scalar_one()
        await session.connection.execute(sa.text(f"PRAGMA max_page_count = {pages + 2}"))
    with pytest.raises(StoreError, match=r"disk that holds .*papers\.db is full"):
        async with store.write() as session:
            await session.papers.save([paper(number) for number in range(1, 2_000)], now)
    async with store.read() as session:
        assert await session.papers.count() == 0
    assert_unlocked(store_url)


async def test_what_is_committed_survives_a_killed_process(store: SqlStore, store_url: str, alice: Caller) -> None:
    die = COUNT_UP.replace("    await store.close()", "        if _ == 2: import os; os._exit(9)")
    async with store.write() as session:
        await session.teams.set_zone(alice.channel.id, "0")
    command = [sys.executable, "-c", die, store_url, str(alice.channel.id), "99"]
    ended = await asyncio.to_thread(subprocess.run, command, check=False)
    assert ended.returncode == 9
    assert await zone(store, alice.channel.id) == "3"
