"""All or nothing, one writer after another, and nothing left behind."""

import asyncio
import datetime as dt
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import StoreError
from bot.names import block_keys
from bot.paper import Paper
from bot.team import Caller
from storage.database import SqlStore, open_store
from tests.fakes.store_file import path_of

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


def assert_unlocked(store: SqlStore) -> None:
    with closing(sqlite3.connect(path_of(store), timeout=0, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")


async def test_a_failure_takes_back_all_that_was_done(
    store: SqlStore, paper: MakePaper, alice: Caller, now: dt.datetime
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
    assert_unlocked(store)


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


async def test_writers_of_several_processes_lose_nothing(store: SqlStore, alice: Caller) -> None:
    async with store.write() as session:
        await session.teams.set_zone(alice.channel.id, "0")
    command = (sys.executable, "-c", COUNT_UP, f"sqlite:///{path_of(store)}", str(alice.channel.id), "60")
    others = [await asyncio.create_subprocess_exec(*command, cwd=Path.cwd()) for _ in range(2)]
    for _ in range(60):
        await count_up(store, alice.channel.id)
    assert [await other.wait() for other in others] == [0, 0]
    assert await zone(store, alice.channel.id) == "180"


@pytest.mark.parametrize("steps", [*range(1, 30), 40, 60, 80])
async def test_a_cancelled_writer_leaves_nothing_behind(
    store: SqlStore, alice: Caller, paper: MakePaper, now: dt.datetime, steps: int
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
    assert_unlocked(store)
    async with store.read() as session:
        stored = await session.papers.count(), (await session.teams.channel(alice.channel.id)).zone
    assert stored in {(0, "1"), (19, "2")}
    assert stored == (19, "2") or not done.is_set()


async def test_a_reader_that_is_cancelled_gives_its_connection_back(store: SqlStore, alice: Caller) -> None:
    for _ in range(20):
        reader = asyncio.create_task(zone(store, alice.channel.id))
        await asyncio.sleep(0.0003)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
    assert await zone(store, alice.channel.id) is None


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


async def test_a_full_disk_is_named_and_changes_nothing(store: SqlStore, paper: MakePaper, now: dt.datetime) -> None:
    async with store.write() as session:
        pages = (await session.connection.execute(sa.text("PRAGMA page_count"))).scalar_one()
        await session.connection.execute(sa.text(f"PRAGMA max_page_count = {pages + 2}"))
    with pytest.raises(StoreError, match=r"disk that holds .*papers\.db is full"):
        async with store.write() as session:
            await session.papers.save([paper(number) for number in range(1, 2_000)], now)
    async with store.read() as session:
        assert await session.papers.count() == 0
    assert_unlocked(store)


async def test_what_is_committed_survives_a_killed_process(store: SqlStore, alice: Caller) -> None:
    die = COUNT_UP.replace("    await store.close()", "        if _ == 2: import os; os._exit(9)")
    async with store.write() as session:
        await session.teams.set_zone(alice.channel.id, "0")
    command = [sys.executable, "-c", die, f"sqlite:///{path_of(store)}", str(alice.channel.id), "99"]
    ended = await asyncio.to_thread(subprocess.run, command, check=False)
    assert ended.returncode == 9
    assert await zone(store, alice.channel.id) == "3"
