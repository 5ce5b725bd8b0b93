"""The ACL Anthology: collections and the feed of new papers, from their shapes and over HTTP."""

import datetime as dt
from pathlib import Path

import pytest
from aiohttp import web

from adapters.sources.acl import Acl, parse_collection, parse_feed, read_file
from adapters.sources.fetcher import Fetcher
from bot.errors import SourceError
from tests.fakes.cassettes import SHARED
from tests.fakes.service import serving

DATA = Path(__file__).parents[1] / "data" / "acl"
RECORDED = SHARED / "acl_anthology"
DAY = dt.date(2031, 6, 2)


def collection(collection_id: str, volume: str, paper: str) -> bytes:
    return (
        f"<collection id='{collection_id}'><volume id='{volume}'><paper id='{paper}'><title>T</title>"
        "<author><last>Ox</last></author></paper></volume></collection>"
    ).encode()


def test_all_facts_of_a_paper_are_taken() -> None:
    paper = read_file(DATA / "2031.pond.xml").papers[0]
    assert str(paper.id) == "acl:2031.pond-long.1"
    assert paper.title == r"TideNet: waves of $\mathcal{O}(n)$ in R&D"
    assert paper.authors == ("Ana Silva", "Li")
    assert paper.abstract == "Waves of $k$ letters rise. They are bold."
    assert list(map(str, paper.other_ids)) == ["doi:10.5555/2031.pond-long.1"]
    assert paper.venue == "Proceedings of the First Workshop on Ponds (POND)"
    assert paper.published == dt.date(2031, 7, 1)
    assert paper.code_url == "https://github.com/example/tidenet"
    assert paper.listings == ()  # a collection doesn't announce


def test_code_is_also_found_in_the_abstract_and_a_retraction_is_seen() -> None:
    paper = read_file(DATA / "2031.pond.xml").papers[1]
    assert (paper.code_url, paper.withdrawn) == ("https://github.com/example/waves", True)


def test_front_matter_indexes_and_damage_are_counted() -> None:
    batch = read_file(DATA / "2031.pond.xml")
    assert len(batch.papers) == 2
    assert batch.skipped == {"front matter": 1, "no title": 1, "no authors": 1, "id is not the Anthology's": 1}


@pytest.mark.parametrize(
    ("collection_id", "volume", "paper", "found"),
    [
        ("2022.acl", "long", "1", "2022.acl-long.1"),
        ("P18", "1", "1", "P18-1001"),
        ("P18", "1", "123", "P18-1123"),
        ("W19", "8", "1", "W19-0801"),
        ("W19", "52", "14", "W19-5214"),
        ("C69", "1", "2", "C69-0102"),
        ("D19", "1", "2", "D19-1002"),
        ("D19", "53", "2", "D19-5302"),
    ],
)
def test_an_id_is_spelled_as_in_its_address(collection_id: str, volume: str, paper: str, found: str) -> None:
    [made] = parse_collection(collection(collection_id, volume, paper), "x").papers
    assert made.id.value == found


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("August", dt.date(2022, 8, 1)),
        ("jun", dt.date(2022, 6, 1)),
        ("May-June", dt.date(2022, 5, 1)),
        ("7", dt.date(2022, 1, 1)),
        ("", dt.date(2022, 1, 1)),
        ("Smarch", dt.date(2022, 1, 1)),
    ],
)
def test_a_paper_is_dated_to_the_first_of_its_month(month: str, day: dt.date) -> None:
    meta = f"<meta><year>2022</year><month>{month}</month></meta><paper"
    body = collection("2022.acl", "long", "1").replace(b"<paper", meta.encode())
    assert parse_collection(body, "x").papers[0].published == day


def test_a_year_that_is_none_is_no_date() -> None:
    for year in ("0", "0000", "22", "9999", "next"):
        body = collection("2022.acl", "long", "1").replace(
            b"<paper", f"<meta><year>{year}</year></meta><paper".encode()
        )
        assert parse_collection(body, "x").papers[0].published is None


def test_new_papers_are_listed_on_the_day_they_were_put_there() -> None:
    new, older, undated = read_file(DATA / "feed.xml").papers
    assert (new.id.value, new.title) == ("2031.pond-long.1", "TideNet: waves & ponds")
    assert new.authors == ("Ana Silva", "Bo Li", "Ann van der Ox")
    assert new.venue == "Proceedings of the First Workshop on Ponds in Lisbon"
    assert [(each.source, each.day, each.url) for each in new.listings] == [
        ("acl", DAY, "https://aclanthology.org/2031.pond-long.1/")
    ]
    assert (older.id.value, older.announced) == ("P18-1001", dt.date(2031, 6, 1))
    assert (undated.listings, undated.authors, undated.venue) == ((), (), None)
    assert read_file(DATA / "feed.xml").skipped == {"front matter": 1, "id is not the Anthology's": 1}


@pytest.mark.parametrize("told", ["someday in 2031", "Mon, 99 Jun 2031 00:00:00 +0000", ""])
def test_a_new_paper_without_a_date_is_listed_on_no_day(told: str) -> None:
    feed = (DATA / "feed.xml").read_text("utf-8").replace("Mon, 02 Jun 2031 00:00:00 +0000", told)
    assert parse_feed(feed.encode(), "x").papers[0].listings == ()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<collection id='../x'/>", "x is no collection of the ACL Anthology"),
        (b"<collection/>", "x is no collection of the ACL Anthology"),
        (b"<feed/>", "x is a <feed>, not <collection>"),
        (b"<collection id='2022.acl'><volume>", "x is cut off"),
        (b"<!DOCTYPE html><title>Not here</title>", "x is a web page"),
    ],
)
def test_what_is_no_collection_is_a_failure(body: bytes, why: str) -> None:
    with pytest.raises(SourceError, match=f"^{why}"):
        parse_collection(body, "x")


@pytest.mark.parametrize(
    "body",
    [b"<rss/>", b"<rss><channel/></rss>", b"<rss><channel><title>cs.CL updates on arXiv.org</title></channel></rss>"],
)
def test_another_feed_is_not_taken_for_the_anthology_s(body: bytes) -> None:
    with pytest.raises(SourceError, match=r"^x is not the ACL Anthology's feed of papers\.$"):
        parse_feed(body, "x")


async def test_new_papers_and_collections_are_asked_for() -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        if request.path == "/papers/index.xml":
            return web.Response(body=(DATA / "feed.xml").read_bytes(), content_type="application/rss+xml")
        return web.Response(body=(DATA / "2031.pond.xml").read_bytes(), content_type="text/plain")  # as GitHub does

    async with serving(answer) as url, Fetcher() as fetcher:
        source = Acl(fetcher, url, url + "xml")
        [batch] = [batch async for batch in source.daily(DAY)]
        assert (batch.name, [paper.id.value for paper in batch.papers]) == ("acl 2031-06-02", ["2031.pond-long.1"])
        assert len((await source.newest()).papers) == 3
        assert len((await source.collection("2031.pond")).papers) == 2
        with pytest.raises(
            SourceError, match=r"^“\.\./secrets” is no collection of the ACL Anthology, as 2022\.acl is"
        ):
            await source.collection("../secrets")
    assert asked == ["/papers/index.xml", "/papers/index.xml", "/xml/2031.pond.xml"]


def test_the_recorded_collections_are_read_whole() -> None:
    if not RECORDED.is_dir():
        pytest.skip("the recorded collections (../shared/data/acl_anthology) are not beside this checkout")
    batches = {path.name.rpartition("__")[2]: read_file(path) for path in RECORDED.glob("*.xml")}
    assert {name: (len(batch.papers), dict(batch.skipped)) for name, batch in batches.items()} == {
        "2022.acl.xml": (774, {"front matter": 5}),
        "2022.naloma.xml": (5, {"front matter": 1}),
        "J89.xml": (41, {"front matter": 4, "no authors": 17}),  # "Books Received", "Author Index"
        "L06.xml": (4, {"front matter": 1}),
    }
    papers = [paper for batch in batches.values() for paper in batch.papers]
    assert sum(bool(paper.abstract) for paper in papers) == 778
    assert sum(bool(paper.other_ids) for paper in papers) == 773
    assert all("<" not in paper.title and paper.published for paper in papers)
    assert {"J89-1001", "L06-1060", "2022.acl-tutorials.8"} <= {paper.id.value for paper in papers}
