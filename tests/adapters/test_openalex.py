"""OpenAlex: works by their DOI or an author, from the documented shape and over HTTP."""

import datetime as dt
import json
from pathlib import Path

import pytest
from aiohttp import web

from adapters.sources.fetcher import Fetcher
from adapters.sources.openalex import OpenAlex, parse_works, read_file
from adapters.sources.refusals import AbsentError
from bot.errors import SourceError
from bot.paper_ids import PaperId
from tests.fakes.service import serving

DATA = Path(__file__).parents[1] / "data" / "openalex"
SINCE = dt.date(2025, 6, 1)


def test_all_facts_of_a_work_are_taken() -> None:
    paper = read_file(DATA / "works.json").papers[0]
    assert list(map(str, paper.names)) == ["doi:10.5555/tides.7", "arxiv:2506.01234"]
    assert (paper.title, paper.authors) == ("Tides & ponds", ("Ana M. Silva", "Bo Li"))
    assert paper.abstract == "Ponds rise; the Ponds fall."  # put together from the places of its words
    assert (paper.published, paper.venue, paper.listings) == (dt.date(2025, 6, 2), "Journal of Ponds", ())


def test_a_preprint_is_arxivs_and_appeared_nowhere() -> None:
    paper = read_file(DATA / "works.json").papers[1]
    assert (list(map(str, paper.names)), paper.title) == (["arxiv:2506.05678"], "A preprint")
    assert (paper.venue, paper.published, paper.abstract) == (None, dt.date(2025, 1, 1), "")


def test_a_work_that_only_openalex_knows_is_of_its_page_there() -> None:
    paper = read_file(DATA / "works.json").papers[2]
    assert str(paper.id).startswith("web:")
    assert (paper.url, paper.abstract, paper.authors) == ("https://openalex.org/W4400000003", "", ())


def test_what_is_no_paper_is_counted_by_its_reason() -> None:
    batch = read_file(DATA / "works.json")
    assert len(batch.papers) == 3
    assert batch.skipped == {"no title": 1, "not a paper: paratext": 1, "not a paper: dataset": 1}


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"error": "Invalid query parameters error.", "message": "nope"}, "is an error of OpenAlex: “nope”"),
        ({"results": [{"id": "https://openalex.org/A1"}]}, "is no answer of OpenAlex about works"),  # an author
        ({"results": {}}, "is no answer of OpenAlex about works"),
        ({"id": "https://openalex.org/S1"}, "is no answer of OpenAlex about works"),
        ([], "is no answer of OpenAlex about works"),
        (None, "is no answer of OpenAlex about works"),
    ],
)
def test_what_is_no_answer_about_works_is_a_failure(payload: object, why: str) -> None:
    with pytest.raises(SourceError, match=f"^x {why}"):
        parse_works(payload, "x")


class Site:
    """The service: one work by its DOI, and a search in two pages."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.works = json.loads((DATA / "works.json").read_bytes())["results"]

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        if request.query.get("api_key") != "secret":
            return web.json_response({"error": "API key required"}, status=403)
        if request.path == "/works":
            page, following = (self.works[:2], "b") if request.query["cursor"] == "*" else (self.works[2:3], "c")
            page = [] if request.query["cursor"] == "c" else page
            return web.json_response({"meta": {"count": 3, "next_cursor": following}, "results": page})
        return web.json_response(self.works[0]) if "10.5555/tides.7" in request.path else web.Response(status=404)


async def test_a_work_is_found_by_its_doi() -> None:
    site = Site()
    async with serving(site.answer) as url, Fetcher() as fetcher:
        source = OpenAlex(fetcher, "secret", url)
        batch = await source.by_id(PaperId.parse("doi:10.5555/tides.7"))
        assert [paper.title for paper in batch.papers] == ["Tides & ponds"]
        with pytest.raises(AbsentError, match=r"^OpenAlex does not know arxiv:2506\.01234\.$"):
            await source.by_id(PaperId.parse("arxiv:2506.01234"))
        with pytest.raises(SourceError, match=r"^OpenAlex knows no ids like openreview:abc\.$"):
            await source.by_id(PaperId.parse("openreview:abc"))
    assert [request.path for request in site.asked] == [
        "/works/doi:10.5555/tides.7",
        "/works/doi:10.48550/arxiv.2506.01234",
    ]


async def test_an_author_s_papers_since_a_day_are_read_to_the_end() -> None:
    site = Site()
    async with serving(site.answer) as url, Fetcher() as fetcher:
        source = OpenAlex(fetcher, "secret", url)
        batches = [batch async for batch in source.by_author("Ana Silva,type:dataset", SINCE)]
        with pytest.raises(SourceError, match="is no name that OpenAlex could be asked for"):
            [batch async for batch in source.by_author(" , ", SINCE)]
    assert [len(batch.papers) for batch in batches] == [2, 1]
    assert [request.query["cursor"] for request in site.asked] == ["*", "b", "c"]
    # What means something in a filter is taken out of the name.
    asked = "raw_author_name.search:Ana Silva type dataset,from_publication_date:2025-06-01"
    assert site.asked[0].query["filter"] == asked


async def test_a_key_that_is_refused_is_told_and_not_shown() -> None:
    async with serving(Site().answer) as url, Fetcher() as fetcher:
        with pytest.raises(SourceError, match=r"answered 403 \(Forbidden\)") as failure:
            await OpenAlex(fetcher, "wrong-key", url).by_id(PaperId.parse("doi:10.5555/tides.7"))
    assert "wrong-key" not in str(failure.value)
