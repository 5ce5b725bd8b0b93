"""Models, datasets and Spaces on a paper's card: there if they come in time, and asked for once an hour."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web

from adapters.cli import linked
from adapters.cli.clock import SetClock
from adapters.cli.linked import LinkedOnHuggingFace
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.sources import huggingface
from bot.commands.dispatch import answer
from bot.ingest import ingest
from bot.ports import World
from bot.team import Who
from storage.database import SqlStore
from tests.fakes.huggingface import item
from tests.fakes.service import serving

ALICE = Who("test", "lab", "#papers", "alice", may_configure=True)
DAY = dt.date(2025, 6, 12)


@dataclass(slots=True)
class Pages:
    """The pages of papers: how many of each thing they count, and what was asked. Some answers never come."""

    counts: dict[str, int] = field(default_factory=lambda: {"numTotalModels": 3, "numTotalSpaces": 1})
    status: int = 200
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request."""
        self.asked.append(request.path)
        if self.silent:
            await asyncio.sleep(60)
        return web.json_response(self.counts, status=self.status)


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
async def world(tmp_path: Path, pages: Pages) -> AsyncIterator[World]:
    """A store with one paper, which has no models as far as is known."""
    clock = SetClock(dt.datetime(2025, 6, 12, 14, tzinfo=dt.UTC))
    async with serving(pages.answer) as url:
        settings = Settings(data_dir=tmp_path, database_url="", hf_url=url)
        async with open_world(settings, clock) as bare:
            batch = huggingface.parse_daily([item("2506.00001", "Homing pigeons", votes=3)], "day", DAY)
            await ingest(bare.store, "huggingface", batch, clock.now())
            await bare.index.catch_up()
            yield replace(bare, linked=LinkedOnHuggingFace(settings, bare.store, clock))


async def test_what_a_poll_stores_meanwhile_is_not_undone(store: SqlStore) -> None:
    now = dt.datetime(2025, 6, 12, 14, tzinfo=dt.UTC)
    batch = huggingface.parse_daily([item("2506.00001", "Homing pigeons", votes=3)], "day", DAY)
    await ingest(store, "huggingface", batch, now)
    counts = LinkedOnHuggingFace(Settings(database_url=""), store, SetClock(now))
    async with store.write() as session:
        await session.papers.save([replace(batch.papers[0], venue="PIGEON 2025")], now)
        telling = asyncio.create_task(counts._tell_paper(batch.papers[0], 3))
        await asyncio.wait([telling], timeout=0.3)
    await telling
    async with store.read() as session:
        [paper] = await session.papers.get_many([batch.papers[0].id])
    assert (paper.venue, paper.models) == ("PIGEON 2025", 3)


async def links(world: World) -> dict[str, str]:
    """Return the links of the paper's card."""
    reply = await answer(world, ALICE, "show 2506.00001")
    assert reply.card is not None
    return dict(reply.card.links)


def pass_time(world: World, minutes: int) -> None:
    assert isinstance(world.clock, SetClock)
    world.clock.time += dt.timedelta(minutes=minutes)


async def test_a_card_shows_what_is_linked_and_has_model_finds_the_paper(world: World, pages: Pages) -> None:
    shown = await links(world)
    assert shown["3 models"] == "https://huggingface.co/models?other=arxiv:2506.00001"
    assert shown["1 Space"] == "https://huggingface.co/papers/2506.00001"
    assert not [label for label in shown if "dataset" in label]
    assert pages.asked == ["/api/papers/2506.00001"]
    await world.index.catch_up()
    found = await answer(world, ALICE, "search has:model")
    assert [line.title for line in found.papers or ()] == ["Homing pigeons"]
    assert (await answer(world, ALICE, "2025-06-12")).papers


async def test_a_paper_is_asked_about_once_an_hour(world: World, pages: Pages) -> None:
    await links(world)
    pages.counts["numTotalModels"] = 4
    pass_time(world, 59)
    assert "3 models" in await links(world)
    assert len(pages.asked) == 1
    pass_time(world, 1)
    assert "4 models" in await links(world)
    assert len(pages.asked) == 2


async def test_many_who_look_at_once_ask_once(world: World, pages: Pages) -> None:
    await asyncio.gather(*(links(world) for _ in range(5)))
    assert len(pages.asked) == 1


async def test_a_card_does_not_wait_for_a_silent_service(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linked, "WITHIN", 0.2)
    pages.silent = True
    async with asyncio.timeout(5):
        assert "Abstract" in await links(world)
    pages.silent = False
    assert "3 models" not in await links(world), "not asked again within the hour"
    pass_time(world, 60)
    assert "3 models" in await links(world)
    pages.silent = True
    pass_time(world, 60)
    assert "3 models" in await links(world), "as was known"


@pytest.mark.parametrize("status", [404, 500])
async def test_a_paper_without_a_page_there_has_a_card_all_the_same(world: World, pages: Pages, status: int) -> None:
    pages.status = status
    assert set(await links(world)) == {"Abstract", "PDF", "Discussion"}


async def test_without_a_service_nothing_is_asked(world: World, pages: Pages) -> None:
    assert set(await links(replace(world, linked=None))) == {"Abstract", "PDF", "Discussion"}
    assert pages.asked == []
