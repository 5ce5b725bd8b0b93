"""OpenReview: a venue's papers, from the documented shape and over HTTP."""

import datetime as dt
from pathlib import Path

import pytest
from aiohttp import web

from adapters.sources.fetcher import Fetcher
from adapters.sources.openreview import Login, OpenReview, parse_notes, read_file
from adapters.sources.refusals import AbsentError
from bot.errors import SourceError
from bot.paper_ids import PaperId
from tests.fakes.service import serving

DATA = Path(__file__).parents[1] / "data" / "openreview"


def test_all_facts_of_an_accepted_paper_are_taken() -> None:
    paper = read_file(DATA / "notes.json").papers[0]
    assert str(paper.id) == "openreview:PonD_01-x"
    assert (paper.title, paper.authors) == ("Tides of ponds", ("Ana Silva", "Bo Li"))
    assert paper.abstract == "Ponds rise.\n\nThey fall; see https://github.com/example/tides."
    assert (paper.published, paper.venue) == (dt.date(2025, 6, 15), "POND 2025 poster")
    assert (paper.code_url, paper.withdrawn) == ("https://github.com/example/tides", False)


def test_fields_may_be_plain_and_what_is_only_handed_in_appeared_nowhere() -> None:
    _, old, anonymous, _ = read_file(DATA / "notes.json").papers
    assert (old.title, old.authors, old.venue) == ("As it was before 2023", ("Ann Ox",), None)
    assert old.published == dt.date(2019, 1, 1)
    assert (anonymous.authors, anonymous.abstract, anonymous.venue) == ((), "", None)


def test_what_is_taken_back_is_known_as_that() -> None:
    gone = read_file(DATA / "notes.json").papers[3]
    assert (gone.withdrawn, gone.venue, gone.authors, gone.published) == (True, None, ("Jane Doe",), None)


def test_reviews_and_damage_are_counted() -> None:
    batch = read_file(DATA / "notes.json")
    assert len(batch.papers) == 4
    assert batch.skipped == {"not a paper: a reply": 1, "no title": 1, "id is not OpenReview's": 1}


@pytest.mark.parametrize("told", [{"forum": "other"}, {"forum": "n", "replyto": "other"}])
def test_a_reply_is_no_paper(told: dict[str, str]) -> None:
    note = {"id": "n", "content": {"title": "T"}}
    assert len(parse_notes({"notes": [note]}, "x").papers) == 1
    assert parse_notes({"notes": [{**note, **told}]}, "x").skipped == {"not a paper: a reply": 1}


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"name": "ForbiddenError", "message": "Forbidden", "status": 403}, "is an error of OpenReview: “Forbidden”"),
        ({"notes": [{"id": "x"}]}, "is no answer of OpenReview about papers"),
        ({"notes": {}}, "is no answer of OpenReview about papers"),
        ({"groups": []}, "is no answer of OpenReview about papers"),
        ([], "is no answer of OpenReview about papers"),
        (None, "is no answer of OpenReview about papers"),
    ],
)
def test_what_is_no_answer_about_papers_is_a_failure(payload: object, why: str) -> None:
    with pytest.raises(SourceError, match=f"^x {why}"):
        parse_notes(payload, "x")


class Site:
    """The service, with so many notes at a venue; who has no token is refused."""

    def __init__(self, notes: int) -> None:
        self.notes = [{"id": f"n{n}", "content": {"title": {"value": f"Paper {n}"}}} for n in range(notes)]
        self.asked: list[dict[str, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == "/login":
            sent = await request.json()
            return web.json_response({"token": "secret" if sent == {"id": "ada", "password": "x"} else "old"})
        assert request.path == "/notes"
        self.asked.append(dict(request.query))
        if request.headers.get("Authorization") != "Bearer secret":
            return web.json_response({"name": "ForbiddenError", "message": "Forbidden"}, status=403)
        if "id" in request.query:
            return web.json_response({"notes": self.notes[:1], "count": 1})
        first, size = int(request.query["offset"]), int(request.query["limit"])
        return web.json_response({"notes": self.notes[first : first + size], "count": len(self.notes)})


async def test_a_venue_is_read_page_by_page() -> None:
    site = Site(1_100)
    async with serving(site.answer) as url, Fetcher() as fetcher:
        source = OpenReview(fetcher, Login("ada", "x"), url)
        batches = [batch async for batch in source.by_venue("POND.cc/2025/Conference")]
        assert [paper.title for paper in (await source.by_id(PaperId.parse("openreview:n0"))).papers] == ["Paper 0"]
        site.notes = []
        with pytest.raises(AbsentError, match=r"^OpenReview does not know n0\.$"):
            await source.by_id(PaperId.parse("openreview:n0"))
        with pytest.raises(SourceError, match=r"^OpenReview knows no ids like arxiv:2506\.01234\.$"):
            await source.by_id(PaperId.parse("arxiv:2506.01234"))
    assert [len(batch.papers) for batch in batches] == [500, 500, 100]
    assert [asked["offset"] for asked in site.asked[:3]] == ["0", "500", "1000"]
    assert {asked["content.venueid"] for asked in site.asked[:3]} == {"POND.cc/2025/Conference"}


async def test_a_token_that_is_refused_is_told_and_not_shown() -> None:
    async with serving(Site(1).answer) as url, Fetcher() as fetcher:
        with pytest.raises(SourceError, match=r"answered 403 \(Forbidden\)") as failure:
            await OpenReview(fetcher, Login("ada", "wrong"), url).by_id(PaperId.parse("openreview:n0"))
    assert "old" not in str(failure.value)
