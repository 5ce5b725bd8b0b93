"""arXiv's announcements: read from the shape that was recorded, and asked for from a service on loopback."""

import datetime as dt
from pathlib import Path

import pytest

from adapters.sources.arxiv_announcements import ArxivAnnouncements, distinct_categories, parse_announcements
from bot.errors import SourceError
from bot.paper import Paper
from bot.ports import Batch
from tests.fakes.arxiv import Announced, Arxiv

DATA = Path(__file__).parents[1] / "data" / "arxiv"
DAY = dt.date(2025, 8, 20)


def parsed(file: str) -> Batch:
    return parse_announcements((DATA / file).read_bytes(), file)


@pytest.fixture
def papers() -> dict[str, Paper]:
    return {paper.id.value: paper for paper in parsed("announcements.xml").papers}


def test_a_damaged_entry_is_counted_and_fails_no_other(papers: dict[str, Paper]) -> None:
    assert list(papers) == ["2508.13001", "2508.13002", "2508.13003"]
    assert parsed("announcements.xml").skipped == {"id is not arXiv's": 1}


def test_a_new_paper_and_a_cross_list_are_listed_on_the_day_in_new_york(papers: dict[str, Paper]) -> None:
    for paper_id in ("2508.13002", "2508.13003"):
        [listing] = papers[paper_id].listings
        assert (listing.source, listing.day) == ("arxiv", DAY)
        assert listing.votes is None


def test_a_replacement_is_a_newer_version_and_no_news_of_the_day(papers: dict[str, Paper]) -> None:
    assert papers["2508.13001"].listings == ()
    assert papers["2508.13001"].version == 4


def test_all_facts_of_an_entry_are_taken(papers: dict[str, Paper]) -> None:
    paper = papers["2508.13002"]
    assert paper.title == r"Standing waves of a Schr\"odinger equation in $\mathbb{R}^3$"  # as arXiv has it
    assert paper.authors == ("André Durão", "Bo Li", "Waves Collaboration")
    code = "https://github.com/example/waves"
    assert paper.abstract == f"Waves stand still. Our code is at {code}.\n\nA second paragraph says why."
    assert paper.code_url == code
    assert paper.categories == ("math.AP", "cs.CL")  # the primary one first, MSC classes not at all
    assert list(map(str, paper.other_ids)) == ["doi:10.1234/abc.5"]
    assert paper.venue == "J. Waves 1 (2025), 2-3"
    assert paper.published is None  # an announcement doesn't tell when a paper was submitted
    assert papers["2508.13003"].title == "For the 99%: R&D from $5 to $10"


def test_rss_tells_the_same_as_atom(papers: dict[str, Paper]) -> None:
    assert parsed("announcements_rss.xml").papers == (papers["2508.13003"],)


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("2025-08-20T00:00:00-04:00", dt.date(2025, 8, 20)),
        ("2025-08-20T03:59:59+00:00", dt.date(2025, 8, 19)),
        ("2025-08-20T04:00:00Z", dt.date(2025, 8, 20)),
        ("2025-01-20T04:59:59Z", dt.date(2025, 1, 19)),  # winter
        ("Wed, 20 Aug 2025 00:00:00 -0400", dt.date(2025, 8, 20)),
        ("0000-00-00T00:00:00Z", DAY),  # damage: the feed's own day counts
        ("9999-12-31T23:59:59Z", DAY),
        ("yesterday", DAY),
    ],
)
def test_the_day_of_an_announcement_is_new_yorks(told: str, day: dt.date) -> None:
    feed = (DATA / "announcements.xml").read_text("utf-8").replace("2025-08-20T00:00:00-04:00", told)
    days = {paper.listings[0].day for paper in parse_announcements(feed.encode(), "x").papers if paper.listings}
    assert days == {day}


def test_an_empty_weekend_is_no_failure() -> None:
    assert parsed("weekend.xml") == Batch("weekend.xml", (), {})


def test_an_error_that_comes_as_a_feed_is_a_failure_and_told() -> None:
    with pytest.raises(SourceError, match=r"feed_error\.xml is an error of arXiv: “Bad subject class 'ZZ'\.”"):
        parsed("feed_error.xml")


@pytest.mark.parametrize("file", ["api.xml", "api_error.xml"])
def test_another_feed_of_arxiv_is_not_taken_for_announcements(file: str) -> None:
    with pytest.raises(SourceError, match="is a feed of something else"):
        parsed(file)


def test_a_withdrawal_in_place_of_the_abstract_is_seen() -> None:
    feed = (DATA / "announcements.xml").read_text("utf-8")
    feed = feed.replace("The fourth version says the same, and better.", "This paper has been withdrawn by the author.")
    assert [paper.withdrawn for paper in parse_announcements(feed.encode(), "x").papers] == [True, False, False]


def test_an_announcement_of_an_unknown_kind_is_no_news() -> None:
    feed = (DATA / "announcements.xml").read_text("utf-8").replace(">cross<", ">absonly<")
    skipped = parse_announcements(feed.encode(), "x").skipped
    assert skipped["announced as something else than new, cross-listed or replaced"] == 1


def test_an_rss_feed_without_a_channel_is_a_failure() -> None:
    with pytest.raises(SourceError, match="x is an RSS feed without a channel"):
        parse_announcements(b"<rss version='2.0'/>", "x")


def test_an_announcement_that_no_date_belongs_to_is_skipped() -> None:
    feed = (DATA / "announcements.xml").read_text("utf-8").replace("2025-08-20T0", "someday")
    batch = parse_announcements(feed.encode(), "x")
    assert [paper.id.value for paper in batch.papers] == ["2508.13001"]  # a replacement is not of a day
    assert batch.skipped == {"no day": 2, "id is not arXiv's": 1}


def test_a_doi_that_is_none_costs_the_doi_alone() -> None:
    feed = (DATA / "announcements.xml").read_text("utf-8").replace("10.1234/ABC.5", "in press")
    assert not any(paper.other_ids for paper in parse_announcements(feed.encode(), "x").papers)


async def asked(arxiv: Arxiv, wanted: list[str], day: dt.date = DAY) -> list[Batch]:
    async with arxiv.served() as fetcher:
        return [batch async for batch in ArxivAnnouncements(fetcher, wanted, arxiv.url).daily(day)]


async def test_all_categories_come_with_one_request() -> None:
    arxiv = Arxiv([Announced("2508.00001", "cs.CL"), Announced("2508.00002", "math.AP", "replace")])
    [batch] = await asked(arxiv, ["math.AP", "cs.CL", "cs.ZZ", "cs.CL"])
    assert [paper.id.value for paper in batch.papers] == ["2508.00002", "2508.00001"]
    assert arxiv.asked == ["/atom/cs.CL+math.AP"]  # an unknown category would fail the others


async def test_a_full_answer_is_asked_for_again_in_halves_and_no_new_paper_is_lost() -> None:
    """arXiv gives replacements first and cuts at 2,000: what is new would be missing."""
    replaced = [Announced(f"2401.{n:05}", "cs.LG", "replace") for n in range(1_150)]
    new = [Announced(f"2508.{n:05}", "cs.CL") for n in range(1_150)]
    arxiv = Arxiv([*replaced, *new])
    batches = await asked(arxiv, ["cs.AI", "cs.CL", "cs.CV", "cs.LG"])
    found = [paper.id for batch in batches for paper in batch.papers]
    assert len(found) == len(set(found)) == 2_300
    assert arxiv.asked == ["/atom/cs.AI+cs.CL+cs.CV+cs.LG", "/atom/cs.AI+cs.CL", "/atom/cs.CV+cs.LG"]


async def test_a_whole_archive_that_is_full_is_taken_apart_into_its_categories() -> None:
    replaced = [Announced(f"2401.{n:05}", "cs.LG", "replace") for n in range(1_150)]
    new = [Announced(f"2508.{n:05}", "cs.CL") for n in range(1_150)]
    arxiv = Arxiv([*replaced, *new])
    batches = await asked(arxiv, ["cs"])
    assert len({paper.id for batch in batches for paper in batch.papers}) == 2_300
    assert [each.count("+") for each in arxiv.asked] == [0, 19, 19], "forty categories in two requests"


async def test_a_paper_in_both_halves_comes_once() -> None:
    one = [Announced(f"2508.{n:05}", "cs.LG") for n in range(1_900)]
    twice = Announced("2508.09999", "cs.CL")
    arxiv = Arxiv([*one, twice, Announced("2508.09999", "cs.LG", "cross")])
    batches = await asked(arxiv, ["cs.CL", "cs.LG"])
    assert [paper.id.value for batch in batches for paper in batch.papers].count("2508.09999") == 1


async def test_one_category_alone_is_not_split() -> None:
    arxiv = Arxiv([Announced(f"2508.{n:05}", "cs.CL") for n in range(1_950)])
    assert [len(batch.papers) for batch in await asked(arxiv, ["cs.CL"])] == [1_950]


async def test_nothing_is_asked_where_nobody_wants_a_category() -> None:
    arxiv = Arxiv()
    assert await asked(arxiv, []) == []
    assert arxiv.asked == []


async def test_a_day_that_is_over_is_not_taken_for_the_day_that_is_announced() -> None:
    arxiv = Arxiv([Announced("2508.00001", "cs.CL")])
    [batch] = await asked(arxiv, ["cs.CL"], dt.date(2025, 8, 19))
    assert batch.papers == ()


def test_an_archive_stands_for_its_categories() -> None:
    assert distinct_categories(["cs.CL", "CS", "math.ap", "hep-th", "nonsense"]) == ["cs", "hep-th", "math.AP"]
