"""arXiv's query API: look-ups by id, and searches."""

import datetime as dt
from pathlib import Path

import pytest

from adapters.sources.arxiv_api import ArxivApi, parse_api, submitted_query
from bot.errors import SourceError
from bot.paper_ids import PaperId, Scheme
from tests.fakes.arxiv import Arxiv

DATA = Path(__file__).parents[1] / "data" / "arxiv"


def arxiv_ids(values: list[str]) -> list[PaperId]:
    return [PaperId(Scheme.ARXIV, value) for value in values]


def test_all_facts_of_an_entry_are_taken() -> None:
    page = parse_api((DATA / "api.xml").read_bytes(), "api.xml")
    old, new = page.batch.papers
    assert (page.entries, page.total, page.batch.skipped) == (2, 2, {})
    assert str(old.id) == "arxiv:astro-ph/0601001"
    assert (old.version, old.published, old.comment) == (2, dt.date(2006, 1, 2), "62 pages")
    assert (old.venue, old.abstract, old.authors) == (
        "ActaAstron.56:1-50,2006",
        "They are far away.",
        ("Andrew Gould",),
    )
    assert new.categories == ("cs.CL", "cs.AI")  # the primary one first
    assert new.authors == ("Chen Wei", "Édgar Roldán")
    assert new.code_url == "https://huggingface.co/example/rd-7b"
    assert new.listings == old.listings == ()


def test_the_error_entry_is_never_a_paper() -> None:
    with pytest.raises(SourceError, match=r"x is an error of arXiv: “incorrect id format for abc”"):
        parse_api((DATA / "api_error.xml").read_bytes(), "x")


def test_a_paper_that_is_titled_error_is_one() -> None:
    body = (DATA / "api.xml").read_text("utf-8").replace("Planets and where they are", "Error")
    assert parse_api(body.encode(), "x").batch.papers[0].title == "Error"


@pytest.mark.parametrize("file", ["announcements.xml", "weekend.xml", "feed_error.xml"])
def test_another_feed_is_no_answer_of_the_api(file: str) -> None:
    with pytest.raises(SourceError, match="x is a feed of something else"):
        parse_api((DATA / file).read_bytes(), "x")


@pytest.mark.parametrize("total", ["", "-1", "many", "1" * 10, "²"])
def test_a_total_that_is_no_number_is_a_failure(total: str) -> None:
    body = (DATA / "api.xml").read_text("utf-8").replace("totalResults>2<", f"totalResults>{total}<")
    with pytest.raises(SourceError, match="something else"):
        parse_api(body.encode(), "x")


async def test_look_ups_come_in_the_order_asked_for_and_without_unknown_ids() -> None:
    arxiv = Arxiv(known=["2401.00003", "2401.00001", "hep-th/9901001"])
    wanted = ["hep-th/9901001", "2401.00001", "2401.00002", "2401.00003", "2401.00001"]
    async with arxiv.served() as fetcher:
        api = ArxivApi(fetcher, arxiv.url)
        [batch] = [batch async for batch in api.by_ids([*arxiv_ids(wanted), PaperId(Scheme.DOI, "10.1/x")])]
    assert [paper.id.value for paper in batch.papers] == ["hep-th/9901001", "2401.00001", "2401.00003"]


async def test_more_ids_than_ten_all_come() -> None:
    """arXiv gives ten unless it is told how many."""
    known = [f"2401.{n:05}" for n in range(250)]
    arxiv = Arxiv(known=known)
    async with arxiv.served() as fetcher:
        batches = [batch async for batch in ArxivApi(fetcher, arxiv.url).by_ids(arxiv_ids(known))]
    assert [paper.id.value for batch in batches for paper in batch.papers] == known
    assert len(arxiv.asked) == 3


async def searched(arxiv: Arxiv, most: int = 10_000) -> list[str]:
    async with arxiv.served() as fetcher:
        batches = [batch async for batch in ArxivApi(fetcher, arxiv.url).search("cat:cs.CL", most)]
    return [paper.id.value for batch in batches for paper in batch.papers]


async def test_a_search_is_read_to_its_end() -> None:
    known = [f"2401.{n:05}" for n in range(450)]
    assert await searched(Arxiv(known=known)) == known
    assert await searched(Arxiv(known=known), most=30) == known[:30]
    assert await searched(Arxiv()) == []


async def test_an_empty_page_in_the_middle_is_asked_for_again() -> None:
    known = [f"2401.{n:05}" for n in range(5)]
    assert await searched(Arxiv(known=known, empty=3)) == known


async def test_a_search_that_stays_empty_though_papers_are_counted_is_a_failure() -> None:
    with pytest.raises(SourceError, match=r"arXiv counts 5 papers, but gives none from 1 on\."):
        await searched(Arxiv(known=[f"2401.{n:05}" for n in range(5)], empty=4))


def test_a_backfill_asks_for_days_of_categories() -> None:
    query = submitted_query(["cs.CL", "math"], dt.date(2025, 1, 2), dt.date(2025, 1, 3))
    assert query == "(cat:cs.CL OR cat:math*) AND submittedDate:[202501020000 TO 202501032359]"
