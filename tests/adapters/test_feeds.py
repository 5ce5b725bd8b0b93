"""Feeds that a team's admin names: read whoever wrote them, and asked for on public hosts alone."""

import datetime as dt
from pathlib import Path
from typing import Self

import pytest
from aiohttp import web

from adapters.sources.feeds import Feed, parse_feed, read_file
from adapters.sources.fetcher import PATIENCE, Fetcher, Shared
from bot.errors import SourceError
from bot.paper import Paper
from bot.paper_ids import web_id
from bot.ports import Batch
from storage.database import SqlStore
from tests.fakes.passing_time import PassingTime
from tests.fakes.service import serving

DATA = Path(__file__).parents[1] / "data" / "feeds"
TODAY = dt.date(2025, 6, 12)


@pytest.fixture
def blog() -> dict[str, Paper]:
    batch = parse_feed((DATA / "blog.xml").read_bytes(), "blog", TODAY, "https://lab.example/feed.xml")
    return {paper.title: paper for paper in batch.papers}


def entry(**parts: str) -> Paper:
    inner = "".join(
        f"<{name}>{value}</{name}>" for name, value in {"title": "T", "link": "https://x.org/1", **parts}.items()
    )
    feed = (
        f"<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><item>{inner}</item></channel></rss>"
    )
    [paper] = parse_feed(feed.encode(), "x", TODAY).papers
    return paper


def test_a_journal_s_entry_is_the_paper_of_its_doi() -> None:
    [paper] = read_file(DATA / "journal.rdf", TODAY).papers
    assert list(map(str, paper.names)) == [
        "doi:10.5555/s1-025-00001-1",
        str(web_id("https://journal.example/articles/s1-025-00001-1")),
    ]
    assert (paper.title, paper.authors) == ("Tides of Ulva & ponds", ("Ana Silva", "Bo Li"))
    assert paper.abstract.endswith("Ponds rise.")
    assert paper.published == dt.date(2025, 6, 2)
    [listing] = paper.listings
    assert (listing.source, listing.day, listing.url) == (
        "feed",
        dt.date(2025, 6, 2),
        "https://journal.example/articles/s1-025-00001-1",
    )


def test_a_post_is_the_paper_of_its_page_whatever_it_is_about(blog: dict[str, Paper]) -> None:
    post = blog["A new pond"]
    assert post.names == (web_id("https://lab.example/posts/pond"),)  # a bare number is no id of arXiv's
    assert post.url == "https://lab.example/posts/pond?utm_source=rss"
    assert post.authors == ("Jane Doe",)
    assert post.listings[0].listed_at == dt.datetime(2025, 6, 2, 10, 30, tzinfo=dt.UTC)


def test_no_html_comes_through(blog: dict[str, Paper]) -> None:
    assert blog["A new pond"].abstract == "We read arXiv:2506.09999. Code: https://github.com/example/pond"
    assert blog["A new pond"].code_url == "https://github.com/example/pond"
    [first, _] = read_file(DATA / "atom.xml", TODAY).papers
    assert (first.title, first.abstract) == ("Pond 3", "Ponds rise.")


def test_an_address_that_names_a_paper_is_that_paper_s(blog: dict[str, Paper]) -> None:
    assert str(blog["On arXiv"].id) == "arxiv:2506.01234"
    assert str(blog["At a publisher's"].id) == "doi:10.5555/pub.7"
    assert str(blog["Of the year 1"].id) == "doi:10.5555/plos.8"
    assert blog["On arXiv"].url == "https://arxiv.org/abs/2506.01234"


def test_relative_addresses_are_those_of_the_feed(blog: dict[str, Paper]) -> None:
    assert blog["Relative"].url == "https://lab.example/posts/relative"
    assert read_file(DATA / "atom.xml", TODAY).papers[0].url == "https://lab.example/posts/3"


def test_dates_in_the_future_or_before_there_were_feeds_are_none(blog: dict[str, Paper]) -> None:
    undated = ["On arXiv", "At a publisher's", "Of the year 1"]
    assert [title for title, paper in blog.items() if not paper.listings] == undated
    assert [title for title, paper in blog.items() if not paper.published] == undated


def test_a_day_is_that_of_utc_and_of_the_first_appearance() -> None:
    first, second = read_file(DATA / "atom.xml", TODAY).papers
    assert first.announced == dt.date(2025, 6, 4)
    assert second.announced == dt.date(2025, 6, 1)


def test_no_feed_can_name_its_entry_by_another_paper_s_key() -> None:
    paper = read_file(DATA / "atom.xml", TODAY).papers[1]
    assert paper.names == (web_id("https://lab.example/posts/4"),)
    assert paper.abstract == ""  # it only said the title again


def test_entries_without_a_title_or_a_link_are_counted() -> None:
    batch = parse_feed((DATA / "blog.xml").read_bytes(), "blog", TODAY, "https://lab.example/feed.xml")
    assert batch.skipped == {"no title": 1, "no link": 3, "same paper twice": 1}


@pytest.mark.parametrize(
    ("told", "authors"),
    [
        ("Ana Silva, Bo Li and Ann Ox", ("Ana Silva", "Bo Li", "Ann Ox")),
        ("Ana Silva, Bo Li, and Ann Ox", ("Ana Silva", "Bo Li", "Ann Ox")),
        ("Silva, A.; Li, Bo", ("A. Silva", "Bo Li")),
        ("Doe, Jane", ("Doe, Jane",)),
        ("jane@lab.example (Jane Doe)", ("Jane Doe",)),
        ("&lt;b&gt;Ana Silva&lt;/b&gt;", ("Ana Silva",)),
        ("", ()),
    ],
)
def test_a_line_of_names_is_parted(told: str, authors: tuple[str, ...]) -> None:
    assert entry(**{"dc:creator": told}).authors == authors


@pytest.mark.parametrize(
    ("guid", "found"),
    [
        ("doi:10.5555/ABC.1", "doi:10.5555/abc.1"),
        ("https://doi.org/10.5555/abc.1", "doi:10.5555/abc.1"),
        ("10.5555/abc.1", "doi:10.5555/abc.1"),
        ("oai:arXiv.org:2506.01234v2", "arxiv:2506.01234"),
        ("arXiv:2506.01234", "arxiv:2506.01234"),
        ("https://doi.org/10.48550/arXiv.2506.01234", "arxiv:2506.01234"),
        ("https://aclanthology.org/2025.pond-long.1/", "acl:2025.pond-long.1"),
        ("2506.01234", str(web_id("https://x.org/1"))),
        ("P18-1001", str(web_id("https://x.org/1"))),
        ("openreview:abc", str(web_id("https://x.org/1"))),
        ("tag:x.org,2025:1", str(web_id("https://x.org/1"))),
    ],
)
def test_an_entry_s_id_is_taken_where_it_says_what_it_is(guid: str, found: str) -> None:
    assert str(entry(guid=guid).id) == found


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<!DOCTYPE html><html><title>Back soon</title></html>", "x is a web page (“Back soon”), not XML"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "x is a web page, not XML"),
        (b"<opml/>", "x is a <opml>, not <RDF> or <feed> or <rss>"),
        (b"<feed/>", "x is a <feed> of another kind"),
        (b"<rss/>", "x is an RSS feed without a channel"),
        (b"<rss><channel><item>", "x is cut off"),
        (b"https://example.org/feed", "x is not XML"),
        (b"", "x is empty"),
    ],
)
def test_what_is_no_feed_is_a_failure(body: bytes, why: str) -> None:
    with pytest.raises(SourceError) as failure:
        parse_feed(body, "x", TODAY)
    assert str(failure.value).startswith(why)


def test_a_feed_without_end_is_cut_and_what_is_left_out_is_counted() -> None:
    items = "".join(f"<item><title>T{n}</title><link>https://x.org/{n}</link></item>" for n in range(2_003))
    batch = parse_feed(f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), "x", TODAY)
    assert (len(batch.papers), batch.skipped) == (2_000, {"too many entries": 3})


class Anywhere(Fetcher):
    """A fetcher that takes this machine for a public host, for that is where the tests' feeds are."""

    def guarded(self, *, patience: float = PATIENCE) -> Self:
        return self


async def test_a_feed_is_read_once_for_each_change(store: SqlStore) -> None:
    body, etag, asked = (DATA / "atom.xml").read_bytes(), '"1"', 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        return web.Response(body=body, content_type="application/atom+xml", headers={"ETag": etag})

    time = PassingTime(dt.datetime(2025, 6, 12, 8, 0, tzinfo=dt.UTC))
    async with serving(answer) as url, Anywhere(shared=Shared(store, time), sleep=time.sleep) as fetcher:
        feed = Feed(fetcher, time, f"{url}feed.atom")
        [batch] = [batch async for batch in feed.news()]
        assert (feed.name, batch.name, len(batch.papers)) == ("feed:127.0.0.1", "feed:127.0.0.1", 2)
        assert [batch async for batch in feed.news()] == []
        etag = '"2"'
        assert [batch async for batch in feed.news()] == [batch]
    assert asked == 3


async def test_a_feed_is_shown_whole_whether_it_is_news_or_not() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=(DATA / "atom.xml").read_bytes(), content_type="text/xml")

    async with serving(answer) as url, Anywhere() as fetcher:
        feed = Feed(fetcher, PassingTime(), url)
        assert [len((await feed.whole()).papers) for _ in range(2)] == [2, 2]


async def test_a_feed_that_nobody_could_store_is_sent_again(store: SqlStore) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match"):
            return web.Response(status=304)
        body = (DATA / "atom.xml").read_bytes()
        return web.Response(body=body, content_type="application/atom+xml", headers={"ETag": '"1"'})

    time = PassingTime()
    async with serving(answer) as url, Anywhere(shared=Shared(store, time), sleep=time.sleep) as fetcher:
        feed = Feed(fetcher, time, url)
        interrupted = feed.news()
        assert isinstance(await anext(interrupted), Batch)
        await interrupted.aclose()
        assert len([batch async for batch in feed.news()]) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1/feed", "http://localhost/feed", "file:///etc/passwd", "no address"])
async def test_only_public_hosts_are_asked(url: str) -> None:
    async with Fetcher() as fetcher:
        with pytest.raises(SourceError, match=r"is not on the public internet|is no web address"):
            [batch async for batch in Feed(fetcher, PassingTime(), url).news()]


async def test_a_web_page_with_status_200_is_no_feed() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Hello</title>", content_type="text/html")

    async with serving(answer) as url, Anywhere() as fetcher:
        with pytest.raises(SourceError, match=r"answered with text/html, not XML\.$"):
            [batch async for batch in Feed(fetcher, PassingTime(), url).news()]
