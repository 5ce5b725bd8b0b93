"""Hugging Face Daily Papers asked over HTTP, a real server on loopback in place of the site."""

import datetime as dt
from collections.abc import AsyncIterator

import pytest
from aiohttp import test_utils, web

from adapters.sources.fetcher import Fetcher
from adapters.sources.huggingface import HuggingFace
from bot.errors import SourceError
from bot.ports import Batch, Source

DAY = dt.date(2025, 6, 12)


def item(number: int, votes: int = 0) -> dict[str, object]:
    return {"paper": {"id": f"2506.{number:05}", "title": f"Paper {number}", "upvotes": votes}}


class Site:
    """The site, with the pages that a test puts there."""

    def __init__(self) -> None:
        self.pages: list[object] = []
        self.status = 200
        self.asked: list[dict[str, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        assert request.path == "/api/daily_papers"
        self.asked.append(dict(request.query))
        page = int(request.query["p"])
        return web.json_response(self.pages[page] if page < len(self.pages) else [], status=self.status)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
async def source(site: Site) -> AsyncIterator[Source]:
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    async with test_utils.TestServer(app, host="127.0.0.1") as server, Fetcher() as fetcher:
        yield HuggingFace(fetcher, str(server.make_url("/")))


async def read(source: Source) -> list[Batch]:
    return [batch async for batch in source.daily(DAY)]


async def test_a_day_is_one_batch(source: Source, site: Site) -> None:
    site.pages = [[item(1, votes=3), "damaged"]]
    (batch,) = await read(source)
    assert source.name == "huggingface"
    assert (batch.name, batch.skipped) == ("huggingface 2025-06-12", {"item is text, not an object": 1})
    assert (batch.papers[0].votes, batch.papers[0].announced) == (3, DAY)
    assert site.asked == [{"date": "2025-06-12", "limit": "100", "p": "0"}]


async def test_a_day_without_papers_is_an_empty_batch(source: Source) -> None:
    assert await read(source) == [Batch("huggingface 2025-06-12", (), {})]


async def test_full_pages_are_read_on_and_each_paper_is_given_once(source: Source, site: Site) -> None:
    site.pages = [[item(number) for number in range(100)], [item(number) for number in range(98, 130)]]
    first, second = await read(source)
    assert (len(first.papers), len(second.papers)) == (100, 30)
    assert (second.name, second.skipped) == ("huggingface 2025-06-12, page 2", {"same paper twice": 2})


async def test_damaged_items_fill_a_page_too(source: Source, site: Site) -> None:
    site.pages = [["damaged"] * 99 + [item(1)], [item(2)]]
    assert [len(batch.papers) for batch in await read(source)] == [1, 1]


@pytest.mark.parametrize("last", ["the same page", "an empty page"])
async def test_paging_ends_where_nothing_new_comes(source: Source, site: Site, last: str) -> None:
    page: list[object] = [item(number) for number in range(100)]
    site.pages = [page, page if last == "the same page" else []]
    assert len(await read(source)) == 1
    assert len(site.asked) == 2


async def test_paging_ends_after_ten_pages(source: Source, site: Site) -> None:
    site.pages = [[item(page * 100 + number) for number in range(100)] for page in range(12)]
    assert len(await read(source)) == len(site.asked) == 10


@pytest.mark.parametrize("status", [400, 404])
async def test_a_day_that_the_site_refuses_is_told(source: Source, site: Site, status: int) -> None:
    site.status = status
    with pytest.raises(SourceError, match=rf"^127\.0\.0\.1:\d+ answered {status} "):
        await read(source)


async def test_an_answer_of_another_shape_names_its_day(source: Source, site: Site) -> None:
    site.pages = [{"papers": []}]
    with pytest.raises(SourceError, match=r"^huggingface 2025-06-12 is of another shape: an object"):
        await read(source)
