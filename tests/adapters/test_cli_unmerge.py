"""`paperround unmerge`: two works that were taken for one are two papers again, in the store and in searches."""

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from adapters.cli.clock import SystemClock
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from bot.ingest import ingest
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch
from tests.fakes.command_line import RECORDED, CommandLine

DAY = dt.date(2025, 6, 9)
PREPRINT = Paper(
    PaperId.parse("arxiv:2506.00001"),
    "Homing pigeons as couriers",
    ("Ada Lovelace",),
    published=dt.date(2025, 6, 1),
    listings=(Listing("arxiv", DAY),),
)
BOOK = Paper(
    PaperId.parse("doi:10.1000/182"),
    "Homing pigeons as couriers",
    ("Ada Lovelace",),
    published=dt.date(2025, 6, 1),
    venue="Journal of Birds",
    listings=(Listing("crossref", DAY),),
)


@pytest.fixture
def paperround(tmp_path: Path) -> CommandLine:
    """A store that took two works for one."""
    shell = CommandLine(tmp_path)

    async def load() -> None:
        async with open_world(Settings(data_dir=shell.data, database_url=""), SystemClock()) as world:
            for source, paper in (("arxiv", PREPRINT), ("crossref", BOOK)):
                await ingest(world.store, source, Batch("a day", (paper,), {}), world.clock.now())
            await world.index.catch_up()

    asyncio.run(load())
    return shell


def found(paperround: CommandLine) -> list[str]:
    reply = paperround("console", "-c", "search pigeons", "--json").replies[0]
    return sorted(paper["id"] for paper in reply["papers"])


def test_two_works_that_were_taken_for_one_are_two_again(paperround: CommandLine) -> None:
    assert found(paperround) == ["arxiv:2506.00001"]
    told = paperround("unmerge", "doi:10.1000/182")
    assert (told.status, told.out) == (
        0,
        "Two papers from now on, whatever a source says:\n"
        "  2506.00001  Homing pigeons as couriers\n"
        "  doi:10.1000/182  Homing pigeons as couriers\n",
    )
    assert found(paperround) == ["arxiv:2506.00001", "doi:10.1000/182"]
    assert paperround("unmerge", "doi:10.1000/182").failure == (
        "doi:10.1000/182 (“Homing pigeons as couriers”) is a paper of its own already"
    )


def test_what_is_no_id_is_told(paperround: CommandLine) -> None:
    refused = paperround("unmerge", "pigeons")
    assert (refused.status, refused.failure.startswith("pigeons is no paper's id; write it like")) == (2, True)


def test_ids_are_told_as_people_know_them(paperround: CommandLine) -> None:
    assert paperround("unmerge", "https://arxiv.org/abs/2506.99999v2").failure == "no paper is known as 2506.99999"
    assert paperround("unmerge", "2506.00001").failure == (
        "2506.00001 (“Homing pigeons as couriers”) was not merged into another paper; try doi:10.1000/182, which was"
    )


def test_where_nothing_was_merged_no_other_name_is_proposed(paperround: CommandLine) -> None:
    answer = RECORDED.parent / "crossref" / "work.json"
    assert paperround("ingest", "crossref", "--from-file", answer).status == 0
    told = paperround("unmerge", "doi:10.5555/tides.2024.7").failure
    assert told.endswith(
        " is one paper as its sources tell it: nothing was merged under doi:10.5555/tides.2024.7,"
        " doi:10.1101/2023.11.02.565001 or 2311.00123"
    )


def test_papers_that_become_one_are_found_once(paperround: CommandLine) -> None:
    paperround("unmerge", "10.1000/182")

    async def name_both() -> None:
        async with open_world(Settings(data_dir=paperround.data, database_url=""), SystemClock()) as world:
            other = Paper(PaperId.parse("acl:2025.acl-long.1"), "Pigeons, printed", listings=(Listing("acl", DAY),))
            await ingest(world.store, "acl", Batch("a day", (other,), {}), world.clock.now())
            await world.index.catch_up()
            both = Paper(other.id, other.title, other_ids=(PREPRINT.id,))
            await ingest(world.store, "acl", Batch("a day", (both,), {}), world.clock.now())
            await world.index.catch_up()

    asyncio.run(name_both())
    assert found(paperround) == ["arxiv:2506.00001", "doi:10.1000/182"]
