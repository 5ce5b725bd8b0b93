"""Semantic Scholar: citations, recommendations and single papers, from recorded shapes and over HTTP."""

import datetime as dt
import json
from collections import Counter
from pathlib import Path

import pytest
from aiohttp import web

from adapters.sources.fetcher import Fetcher
from adapters.sources.json_facts import parse_json
from adapters.sources.refusals import AbsentError
from adapters.sources.semantic_scholar import SemanticScholar, parse_papers, read_file
from bot.errors import SourceError
from bot.paper_ids import PaperId
from tests.fakes.cassettes import SHARED, recorded_in
from tests.fakes.service import serving

DATA = Path(__file__).parents[1] / "data" / "semantic_scholar"
RECORDED = SHARED / "semantic_scholar"
FOLLOWED = PaperId.parse("arxiv:1706.03762")


def test_all_facts_of_a_paper_are_taken() -> None:
    paper = read_file(DATA / "citations.json").papers[0]
    assert list(map(str, paper.names)) == ["arxiv:2506.01234"]  # arXiv's own DOI is its id
    assert (paper.title, paper.authors) == ("Tides of ponds", ("Ana Silva", "Bo Li"))
    assert paper.abstract == "Ponds rise. See https://github.com/example/tides."
    assert (paper.published, paper.venue) == (dt.date(2025, 6, 2), None)  # an archive is no venue
    assert paper.code_url == "https://github.com/example/tides"
    assert (paper.listings, paper.project_url) == ((), None)


def test_a_paper_is_known_by_all_of_its_ids() -> None:
    paper = read_file(DATA / "citations.json").papers[1]
    assert list(map(str, paper.names)) == ["acl:2025.pond-long.1", "doi:10.5555/2025.pond-long.1"]
    assert (paper.published, paper.venue, paper.authors) == (dt.date(2025, 1, 1), "Workshop on Ponds", ())


def test_a_paper_that_only_semantic_scholar_knows_is_of_its_page_there() -> None:
    paper = read_file(DATA / "citations.json").papers[2]
    assert str(paper.id).startswith("web:")
    assert paper.url == "https://www.semanticscholar.org/paper/3333333333333333333333333333333333333333"
    assert (paper.other_ids, paper.published) == ((), None)


def test_nulls_are_no_papers_and_counted() -> None:
    assert read_file(DATA / "citations.json").skipped == {"no id": 1}
    own = {"paperId": "1" * 40}
    assert parse_papers([None, own, {**own, "title": "T"}], "x").skipped == {"unknown paper": 1, "no title": 1}
    assert parse_papers({"data": None}, "x").papers == ()
    assert parse_papers({"total": 0, "offset": 0}, "x").papers == ()


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"error": "Paper with id 0 not found"}, "is an error of Semantic Scholar: “Paper with id 0 not found”"),
        ({"message": "Forbidden"}, "is an error of Semantic Scholar: “Forbidden”"),
        ({"code": "429"}, "is no answer of Semantic Scholar about papers"),
        ({"data": [{"authorId": "1", "name": "Ana Silva"}]}, "is no answer of Semantic Scholar about papers"),
        ({"data": "none"}, "is no answer of Semantic Scholar about papers"),
        ([1, 2], "is no answer of Semantic Scholar about papers"),
        ("Forbidden", "is no answer of Semantic Scholar about papers"),
    ],
)
def test_what_is_no_answer_about_papers_is_a_failure(payload: object, why: str) -> None:
    with pytest.raises(SourceError, match=f"^x {why}"):
        parse_papers(payload, "x")


class Site:
    """The service: two pages of citations, and the same papers recommended."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.page = json.loads((DATA / "citations.json").read_bytes())

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        if request.headers.get("x-api-key") != "secret":
            return web.json_response({"message": "Forbidden"}, status=403)
        if request.path.endswith("/citations"):
            last = {"offset": 5, "data": [{"citingPaper": {"paperId": "9" * 40, "title": "Last", "year": 2026}}]}
            return web.json_response(self.page if request.query["offset"] == "0" else last)
        if request.path.startswith("/recommendations/v1/papers/forpaper/"):
            papers = [each["citingPaper"] for each in self.page["data"][:2]]
            return web.json_response({"recommendedPapers": papers})
        if request.path == "/graph/v1/paper/ARXIV:1706.03762":
            return web.json_response(self.page["data"][0]["citingPaper"])
        return web.json_response({"error": "Paper not found"}, status=404)


async def test_who_cites_a_paper_since_a_day_is_read_to_the_end() -> None:
    site = Site()
    async with serving(site.answer) as url, Fetcher() as fetcher:
        source = SemanticScholar(fetcher, "secret", url)
        batches = [batch async for batch in source.citing(FOLLOWED, dt.date(2025, 3, 1))]
    # Of "Waves" only the year is known; "Only here" has no date; "An old one" is older.
    assert [[paper.title for paper in batch.papers] for batch in batches] == [["Tides of ponds", "Waves"], ["Last"]]
    assert [request.path for request in site.asked] == ["/graph/v1/paper/ARXIV:1706.03762/citations"] * 2
    assert [request.query["offset"] for request in site.asked] == ["0", "5"]
    assert site.asked[0].query["publicationDateOrYear"] == "2025-03-01:"


async def test_recommendations_and_single_papers_are_asked_for_by_any_id() -> None:
    site = Site()
    async with serving(site.answer) as url, Fetcher() as fetcher:
        source = SemanticScholar(fetcher, "secret", url)
        doi = PaperId.parse("doi:10.5555/a(1)/b?c")
        assert len((await source.recommended(doi, 5)).papers) == 2
        assert [str(paper.id) for paper in (await source.by_id(FOLLOWED)).papers] == ["arxiv:2506.01234"]
        with pytest.raises(AbsentError, match=r"^Semantic Scholar does not know acl:P18-1001\.$"):
            await source.by_id(PaperId.parse("acl:P18-1001"))
        with pytest.raises(SourceError, match=r"^Semantic Scholar knows no ids like openreview:abc\.$"):
            await source.by_id(PaperId.parse("openreview:abc"))
    assert site.asked[0].path == "/recommendations/v1/papers/forpaper/DOI:10.5555/a(1)/b?c"
    assert (site.asked[0].query["limit"], site.asked[0].query["from"]) == ("5", "recent")


async def test_a_key_that_is_refused_is_told_and_not_shown() -> None:
    async with serving(Site().answer) as url, Fetcher() as fetcher:
        with pytest.raises(SourceError, match=r"answered 403 \(Forbidden\)") as failure:
            await SemanticScholar(fetcher, "wrong-key", url).by_id(FOLLOWED)
    assert "wrong-key" not in str(failure.value)


def test_the_recorded_cassettes_are_read_whole() -> None:
    if not RECORDED.is_dir():
        pytest.skip("the recorded answers (../shared/data/semantic_scholar) are not beside this checkout")
    read, papers, skipped, failures = 0, 0, Counter[str](), Counter[str]()
    answers = [each for path in sorted(RECORDED.glob("*.yaml")) for each in recorded_in(path)]
    for each in answers:
        try:
            batch = parse_papers(parse_json(each.body, "it"), "it")
        except SourceError as error:
            failures[f"{each.status} {error}"] += 1
        else:
            read += 1
            papers += len(batch.papers)
            skipped.update(batch.skipped)
    assert (len(answers), read, papers) == (97, 81, 10_320)
    # Many of the recorded questions ask for other fields than the title; two ask for a paper that there is not.
    assert skipped == {"no title": 9_369, "no id": 31, "unknown paper": 2}
    assert failures == {
        "200 it is no answer of Semantic Scholar about papers.": 11,  # authors, data sets, snippets
        "400 it is an error of Semantic Scholar: “No positive paper examples given”.": 1,
        "400 it is an error of Semantic Scholar: “Unrecognized or unsupported fields: [unknown]”.": 1,
        "403 it is an error of Semantic Scholar: “Forbidden”.": 1,
        "404 it is an error of Semantic Scholar: “Author with id 0 not found”.": 1,
        "404 it is an error of Semantic Scholar: “Paper with id 0 not found”.": 1,
    }


FILES: dict[str, int | str] = {
    "Citation.json": 1,
    "Paper.json": 1,
    "PaperWithNullValues.json": 0,
    "Reference.json": 1,
    "Author.json": "is no answer of Semantic Scholar about papers.",
    "Dataset.json": "is no answer of Semantic Scholar about papers.",
    "DatasetDiff.json": "is no answer of Semantic Scholar about papers.",
    "Release.json": "is no answer of Semantic Scholar about papers.",
    "debug_output.txt": "is not JSON (line 1, column 1).",
    "ORIGIN.md": "is not JSON (line 1, column 1).",
}


def test_the_recorded_files_give_what_they_hold() -> None:
    if not RECORDED.is_dir():
        pytest.skip("the recorded answers (../shared/data/semantic_scholar) are not beside this checkout")
    found: dict[str, int | str] = {}
    for path in RECORDED.iterdir():
        if path.suffix == ".yaml":
            continue
        name = path.name.removeprefix("tests__data__")
        try:
            found[name] = len(read_file(path).papers)
        except SourceError as error:
            found[name] = str(error).removeprefix(f"{path.name} ")
    assert found == FILES
