"""arXiv's query API: look-ups by id, and the papers of days that are over."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest
from yarl import URL

from adapters.sources import arxiv_api
from adapters.sources.arxiv_api import ArxivApi, parse_api, submitted_query
from adapters.sources.fetcher import Fetcher
from bot.arxiv_categories import CATEGORIES, archive_of
from bot.errors import SourceError
from bot.paper_ids import PaperId, Scheme
from tests.fakes.arxiv import Arxiv
from tests.fakes.arxiv_days import ArxivDays, Work

DATA = Path(__file__).parents[1] / "data" / "arxiv"
DAY = dt.date(2025, 8, 20)
_DAY = dt.timedelta(days=1)


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


async def announced(arxiv: Arxiv, first: dt.date = DAY, last: dt.date = DAY, category: str = "cs.CL") -> list[str]:
    async with arxiv.served() as fetcher:
        batches = [batch async for batch in ArxivApi(fetcher, arxiv.url).announced([category], first, last)]
    return [paper.id.value for batch in batches for paper in batch.papers]


async def test_a_day_is_read_to_its_end() -> None:
    known = [f"2401.{n:05}" for n in range(450)]
    assert await announced(arxiv := Arxiv(known=known)) == known
    assert len(arxiv.asked) == 3
    assert await announced(Arxiv()) == []


async def test_an_empty_page_in_the_middle_is_asked_for_again() -> None:
    known = [f"2401.{n:05}" for n in range(5)]
    assert await announced(Arxiv(known=known, empty=3)) == known


async def test_a_search_that_stays_empty_though_papers_are_counted_is_a_failure() -> None:
    with pytest.raises(SourceError, match=r"arXiv counts 5 papers, but gives none from 1 on\."):
        await announced(Arxiv(known=[f"2401.{n:05}" for n in range(5)], empty=4))


async def test_what_arxiv_finds_beside_what_it_was_asked_for_is_left_out() -> None:
    assert await announced(arxiv := Arxiv(known=["2401.00001"]), category="cs.CV") == []
    assert len(arxiv.asked) == 1


async def test_a_weekend_asks_nobody() -> None:
    assert await announced(arxiv := Arxiv(), dt.date(2025, 8, 23), dt.date(2025, 8, 24)) == []
    assert arxiv.asked == []


async def test_what_does_not_tell_when_it_was_submitted_is_skipped_and_counted() -> None:
    body = (DATA / "api.xml").read_text("utf-8").replace("<published>2006", "<published>once in 2006")
    page = parse_api(body.encode(), "x", announced=True)
    assert (len(page.batch.papers), page.batch.skipped) == (1, {"no time of submission": 1})


@dataclass(frozen=True, slots=True)
class On:
    """It is that day."""

    day: dt.date

    def now(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(12), dt.UTC)


async def listed(arxiv: ArxivDays, wanted: list[str], first: str, last: str) -> dict[str, list[str]]:
    """Return the papers announced on some days, each with the days on which it is listed."""
    async with arxiv.served(), Fetcher("alice@example.org") as fetcher:
        found = ArxivApi(fetcher, arxiv.url).announced(
            wanted, dt.date.fromisoformat(first), dt.date.fromisoformat(last)
        )
        papers = [paper for batch in [each async for each in found] for paper in batch.papers]
    assert len({paper.id for paper in papers}) == len(papers)
    return {paper.id.value: [str(each.day) for each in paper.listings if each.source == "arxiv"] for paper in papers}


@pytest.mark.parametrize(("friday", "monday"), [("2025-06-13", "2025-06-16"), ("2025-03-07", "2025-03-10")])
async def test_a_day_has_its_own_papers_whatever_happened_to_them_later(friday: str, monday: str) -> None:
    """By the minute, and over the hour that summer time takes; a new version changes nothing of it."""
    first, second = dt.date.fromisoformat(friday), dt.date.fromisoformat(monday)
    earliest, late, latest = dt.time(14), dt.time(13, 59), dt.time(13, 59, 59)
    arxiv = ArxivDays(On(second + 30 * _DAY))
    arxiv.works = [
        Work("2506.00001", first, at=latest),
        Work("2506.00002", second, at=earliest),
        Work("2506.00003", second, versions=[second + 9 * _DAY]),
        Work("2506.00004", second, at=late),
        Work("2506.00005", second, at=latest),
        Work("2506.00006", second + _DAY, at=earliest),
    ]
    assert await listed(arxiv, ["cs.CL"], monday, monday) == {f"2506.0000{one}": [monday] for one in (2, 3, 4, 5)}
    assert await listed(arxiv, ["cs.CL"], friday, monday) == {
        "2506.00001": [friday], **{f"2506.0000{one}": [monday] for one in (2, 3, 4, 5)}
    }  # fmt: skip


async def test_an_archive_is_all_of_its_categories_and_cross_lists_are_found() -> None:
    day = dt.date(2025, 6, 12)
    arxiv = ArxivDays(On(day + _DAY))
    of = {"2506.00001": ("math.AG",), "2506.00002": ("math-ph", "math.MP"), "2506.00003": ("cs.IT", "math.IT")}
    of |= {"2506.00004": ("math-ph",), "2506.00005": ("gr-qc", "hep-th"), "2506.00006": ("gr-qc",)}
    arxiv.works = [Work(name, day, categories) for name, categories in of.items()]
    assert sorted(await listed(arxiv, ["hep-th", "math"], str(day), str(day))) == [
        "2506.00001", "2506.00002", "2506.00003", "2506.00005",
    ]  # fmt: skip


async def test_days_with_more_papers_than_one_search_gives_are_asked_for_in_halves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(arxiv_api, "_MOST", 12)
    days = [dt.date(2025, 6, 9) + number * _DAY for number in range(5)]
    arxiv = ArxivDays(On(days[-1] + 7 * _DAY), most=12)
    arxiv.works = [Work(f"2506.{day.day}{n:03}", day) for day in days for n in range(5)]
    found = await listed(arxiv, ["cs.CL"], "2025-06-07", "2025-06-15")
    assert found == {work.id: [str(work.day)] for work in arxiv.works}
    assert list(found) == [work.id for work in arxiv.works], "from the first day on"
    arxiv.works += [Work(f"2506.{n:05}", days[2]) for n in range(8)]
    with pytest.raises(SourceError, match=r"arXiv has 13 papers of 2025-06-11, and gives 12 at most\."):
        await listed(arxiv, ["cs.CL"], "2025-06-07", "2025-06-15")


def test_a_search_names_categories_and_minutes() -> None:
    minutes = dt.datetime(2025, 1, 2, 19, tzinfo=dt.UTC), dt.datetime(2025, 1, 3, 19, tzinfo=dt.UTC)
    query = submitted_query(["cs.CL", "stat"], *minutes)
    stat = "cat:stat OR cat:stat.AP OR cat:stat.CO OR cat:stat.ME OR cat:stat.ML OR cat:stat.OT OR cat:stat.TH"
    assert query == f"(cat:cs.CL OR {stat}) AND submittedDate:[202501021900 TO 202501031900]"


def test_a_search_for_all_of_arxiv_is_an_address_that_services_take() -> None:
    """Apache refuses what is longer than 8,190 bytes."""
    archives = sorted({archive_of(one) for one in CATEGORIES})
    now = dt.datetime(2025, 1, 2, 19, tzinfo=dt.UTC)
    assert len(str(URL("https://export.arxiv.org/api/query").with_query(q=submitted_query(archives, now, now)))) < 5_000
