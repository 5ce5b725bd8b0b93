"""A long-lived process finds what others write, and an index can be built anew at any time."""

import asyncio
import datetime as dt
import json
import shutil
from pathlib import Path

from adapters.cli.clock import SystemClock
from adapters.cli.run import open_world
from adapters.cli.sample import SOURCE, sample_days
from adapters.cli.settings import Settings
from adapters.cli.upkeep import backup, keeping_up
from bot.ingest import ingest
from bot.ports import World
from bot.query_parser import parse_rules
from storage.upgrade import HEAD
from tests.fakes.command_line import CommandLine

WORD = parse_rules("reasoning")


async def found(world: World) -> int:
    return (await world.index.search(WORD, limit=0)).total


async def test_what_another_process_stores_is_found_within_two_seconds(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="")
    async with open_world(settings, SystemClock()) as service, open_world(settings, SystemClock()) as other:
        async with keeping_up(service.index):
            assert await found(service) == 0
            for _, batch in sample_days():
                await ingest(other.store, SOURCE, batch, dt.datetime.now(dt.UTC))
            async with asyncio.timeout(2):
                while await found(service) < 35:  # noqa: ASYNC110 - another process could set no event
                    await asyncio.sleep(0.05)
        assert await service.index.behind() == 0


def test_reindex_builds_a_lost_index_anew(tmp_path: Path) -> None:
    shell = CommandLine(tmp_path)
    item = {"paper": {"id": "2506.00001", "title": "Reasoning", "summary": "About it.", "authors": [], "upvotes": 3}}
    file = tmp_path / "2025-06-05.json"
    file.write_text(json.dumps([item]), encoding="utf-8")
    shell("ingest", "huggingface", "--from-file", str(file))
    shutil.rmtree(shell.data / "index")
    done = shell("reindex")
    assert (done.status, done.out.strip()) == (0, "the search index is built anew: 1 paper")
    assert shell("console", "-c", "search reasoning", "--json").replies[0]["total"] == 1


async def test_a_backup_is_whole_though_others_write_meanwhile(tmp_path: Path) -> None:
    settings, copy = Settings(data_dir=tmp_path / "live", database_url=""), tmp_path / "copies" / "monday.db"
    copy.parent.mkdir()
    days = list(sample_days())
    async with open_world(settings, SystemClock()) as world:
        await ingest(world.store, SOURCE, days[0][1], dt.datetime.now(dt.UTC))
        async with world.store.write() as session:
            await session.source_runs.failed(SOURCE, dt.datetime.now(dt.UTC), "not committed yet")
            assert "put it back" in await backup(settings, copy)
        await ingest(world.store, SOURCE, days[1][1], dt.datetime.now(dt.UTC))
    back = tmp_path / "restored"
    back.mkdir()
    shutil.copy(copy, back / "paperround.db")
    assert [file.name for file in copy.parent.iterdir()] == ["monday.db"]
    async with open_world(Settings(data_dir=back, database_url=""), SystemClock()) as world:
        assert (await world.index.search(WORD, limit=0)).total > 0
        async with world.store.read() as session:
            held = await session.papers.known(days[0][1].papers + days[1][1].papers)
            assert {paper.id for (paper,) in held.values()} == {paper.id for paper in days[0][1].papers}
            assert not [run.failure for run in await session.source_runs.all() if run.failure]


def test_a_backup_takes_no_files_place_and_says_what_is_missing(tmp_path: Path) -> None:
    shell = CommandLine(tmp_path)
    assert (
        shell("backup", tmp_path / "copy.db").failure
        == f"There is no store at {shell.database} yet: nothing to back up."
    )
    assert shell("migrate").status == 0
    assert shell("backup", tmp_path / "copy.db").status == 0
    assert "never takes another's place" in shell("backup", tmp_path / "copy.db").failure
    nowhere = tmp_path / "copeis" / "copy.db"
    assert shell("backup", nowhere).failure == (
        f"There is no folder {nowhere.parent}; make it, or name a file in one that is there."
    )
    assert not nowhere.parent.exists()
    remote = CommandLine(tmp_path, {"PAPERROUND_DATABASE_URL": "postgresql://me:secret@127.0.0.1:1/papers"})
    assert "pg_dump" in remote("backup", tmp_path / "other.db").failure


def test_migrate_tells_the_tables_version(tmp_path: Path) -> None:
    told = CommandLine(tmp_path)("migrate")
    assert told.status == 0
    assert f"tables of version {HEAD}, the newest" in told.out
