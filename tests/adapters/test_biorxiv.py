"""bioRxiv and medRxiv: the day's preprints, from the shape of their answers and over HTTP."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from adapters.sources.biorxiv import Biorxiv, Server, parse_posts, read_file
from adapters.sources.fetcher import Fetcher
from adapters.sources.refusals import AbsentError
from bot.errors import SourceError
from bot.paper_ids import PaperId
from bot.ports import Batch
from tests.fakes.service import serving

DATA = Path(__file__).parents[1] / "data" / "biorxiv"
DAY = dt.date(2026, 2, 10)
NOTHING = {"messages": [{"status": "no posts found"}], "collection": []}


def test_all_facts_of_a_preprint_are_taken() -> None:
    paper = read_file(DATA / "day.json").papers[0]
    assert str(paper.id) == "doi:10.64898/2026.02.04.700001"
    assert paper.title == "Ponds of Ulva & tides"
    assert paper.authors == ("A. M. Silva", "B. Li", "M. L. King Jr.", "The Pond Consortium")
    assert paper.abstract == "Ponds rise. Our code is at https://github.com/example/ponds."
    assert paper.code_url == "https://github.com/example/ponds"
    assert (paper.version, paper.published, paper.other_ids, paper.venue) == (1, DAY, (), None)
    [listing] = paper.listings
    assert (listing.source, listing.day, listing.keywords) == ("biorxiv", DAY, ("ecology",))
    assert listing.url == "https://www.biorxiv.org/content/10.64898/2026.02.04.700001"


def test_of_several_versions_the_newest_is_kept_and_a_revision_is_no_news_of_its_day() -> None:
    paper = read_file(DATA / "day.json").papers[1]
    assert (paper.version, paper.title, paper.abstract) == (3, "Tides, revised again", "A newer text.")
    assert paper.listings == ()
    assert paper.published == dt.date(2025, 11, 30)  # not the revision's day
    assert list(map(str, paper.other_ids)) == ["doi:10.5555/tides.9"]


def test_a_first_version_keeps_its_listing_when_a_second_comes_with_it() -> None:
    row = {"doi": "10.1101/2026.02.01.1", "title": "T", "date": "2026-02-10"}
    answer = {"messages": [{"status": "ok"}], "collection": [{**row, "version": "1"}, {**row, "version": "2"}]}
    [paper] = parse_posts(answer, "x", "biorxiv").papers
    assert (paper.version, paper.announced) == (2, DAY)


def test_what_is_taken_back_is_known_as_that_and_damage_is_counted() -> None:
    batch = read_file(DATA / "day.json")
    assert [paper.withdrawn for paper in batch.papers] == [False, False, True]
    assert batch.skipped == {"same paper twice": 1, "no title": 1, "no day": 1}


def test_the_other_server_s_rows_are_not_taken_for_its_own() -> None:
    batch = read_file(DATA / "day.json", "medrxiv")
    assert (batch.papers, batch.skipped) == ((), {"not of medrxiv": 6})


@pytest.mark.parametrize("status", ["no posts found", "No articles found for this interval"])
def test_a_day_without_posts_is_empty(status: str) -> None:
    assert parse_posts({"messages": [{"status": status}], "collection": []}, "x", "biorxiv") == Batch("x", (), {})
    assert parse_posts({"messages": [{"status": status}]}, "x", "biorxiv") == Batch("x", (), {})


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"messages": [{"status": "(2002) Connection refused"}], "collection": []}, r"error: “\(2002\) Connection"),
        ({"messages": [], "collection": []}, "is no answer of bioRxiv or medRxiv"),
        ({"messages": [{"status": "ok"}]}, "is no answer of bioRxiv or medRxiv"),
        ({"messages": "ok", "collection": []}, "is no answer of bioRxiv or medRxiv"),
        ([], "is no answer of bioRxiv or medRxiv"),
        (None, "is no answer of bioRxiv or medRxiv"),
    ],
)
def test_an_error_with_status_200_is_a_failure(payload: object, why: str) -> None:
    with pytest.raises(SourceError, match=rf"^x .*{why}"):
        parse_posts(payload, "x", "biorxiv")


class Site:
    """Both servers' interface, with pages of 30, whatever is asked for."""

    def __init__(self, rows: int, total: object = None) -> None:
        self.rows = [
            {"doi": f"10.1101/2026.02.01.{n:06}", "title": f"P {n}", "date": "2026-02-10", "version": "1"}
            for n in range(rows)
        ]
        self.total = str(rows) if total is None else total
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        *_, cursor, kind = request.path.split("/")
        assert kind == "json"
        page = self.rows[int(cursor) : int(cursor) + 30] if cursor.isdecimal() else self.rows[:1]
        if not page:
            return web.json_response(NOTHING | {"messages": [{"status": "no posts found", "total": self.total}]})
        message = {"status": "ok", "cursor": cursor, "count": len(page), "total": self.total}
        return web.json_response({"messages": [message], "collection": page})

    @asynccontextmanager
    async def source(self, server: Server = "biorxiv") -> AsyncIterator[Biorxiv]:
        async with serving(self.answer) as url, Fetcher() as fetcher:
            yield Biorxiv(fetcher, server, url)


async def test_pages_are_read_on_by_what_came() -> None:
    site = Site(70)
    async with site.source("medrxiv") as source:
        batches = [batch async for batch in source.daily(DAY)]
    assert source.name == "medrxiv"
    assert [len(batch.papers) for batch in batches] == [30, 30, 10]
    assert len({paper.id for batch in batches for paper in batch.papers}) == 70
    assert site.asked == [f"/details/medrxiv/2026-02-10/2026-02-10/{cursor}/json" for cursor in (0, 30, 60)]


async def test_a_full_last_page_is_the_last() -> None:
    site = Site(30)
    async with site.source() as source:
        assert [len(batch.papers) async for batch in source.between(DAY, dt.date(2026, 2, 11))] == [30]
    assert site.asked == ["/details/biorxiv/2026-02-10/2026-02-11/0/json"]


async def test_an_empty_day_is_an_empty_batch() -> None:
    async with Site(0, "").source() as source:
        assert [batch async for batch in source.daily(DAY)] == [Batch("biorxiv 2026-02-10", (), {})]


async def test_a_page_that_is_missing_is_a_failure_and_not_the_end() -> None:
    async with Site(30, total=45).source() as source:
        with pytest.raises(SourceError, match=r"^biorxiv counts 45 rows of 2026-02-10, but gives none from 31 on\.$"):
            [batch async for batch in source.daily(DAY)]


async def test_a_preprint_is_found_by_its_doi() -> None:
    site = Site(1)
    async with site.source() as source:
        batch = await source.by_id(PaperId.parse("doi:10.1101/2026.02.01.000000"))
        assert [paper.title for paper in batch.papers] == ["P 0"]
        site.rows = []
        with pytest.raises(AbsentError, match=r"^biorxiv does not know 10\.1101/2026\.02\.01\.000000\.$"):
            await source.by_id(PaperId.parse("doi:10.1101/2026.02.01.000000"))
        with pytest.raises(SourceError, match=r"^biorxiv knows DOIs alone"):
            await source.by_id(PaperId.parse("acl:P18-1001"))
    assert site.asked == ["/details/biorxiv/10.1101/2026.02.01.000000/na/json"] * 2


def test_a_long_time_is_asked_for_by_weeks() -> None:
    source = Biorxiv(Fetcher())
    assert source.parts(DAY, DAY) == [(DAY, DAY)]
    assert source.parts(DAY, dt.date(2026, 2, 20)) == [
        (DAY, dt.date(2026, 2, 16)),
        (dt.date(2026, 2, 17), dt.date(2026, 2, 20)),
    ]
    assert source.parts(DAY, dt.date(2026, 2, 9)) == []


async def test_a_server_that_counts_without_end_is_left() -> None:
    site = Site(6_001)
    async with site.source() as source:
        with pytest.raises(
            SourceError, match=r"^biorxiv has more than 6,000 rows of 2026-02-10; ask for fewer days\.$"
        ):
            [batch async for batch in source.daily(DAY)]
    assert len(site.asked) == 200
