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
from adapters.cli.upkeep import keeping_up
from bot.ingest import ingest
from bot.ports import World
from bot.query_parser import parse_rules
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
