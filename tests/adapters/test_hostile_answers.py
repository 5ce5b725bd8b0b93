"""Whatever a service or a feed sends: no exception but a SourceError that says why, and no paper that is none."""

import copy
import datetime as dt
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web

from adapters.sources import acl, biorxiv, crossref, dblp, feeds, openalex, openreview, semantic_scholar
from adapters.sources.fetcher import Fetcher
from bot.errors import SourceError
from bot.ingest import ingest
from bot.paper_ids import PaperId
from bot.ports import Batch
from storage.database import SqlStore
from tests.fakes.cassettes import SHARED
from tests.fakes.service import serving

DATA = Path(__file__).parents[1] / "data"
NASTY = SHARED / "nasty"
TODAY = dt.date(2025, 6, 12)
DOI, DAY = PaperId.parse("doi:10.5555/1"), TODAY

READERS: dict[str, Callable[[Path], Batch]] = {
    "acl": acl.read_file,
    "biorxiv": biorxiv.read_file,
    "crossref": crossref.read_file,
    "dblp": dblp.read_file,
    "feeds": partial(feeds.read_file, today=TODAY),
    "openalex": openalex.read_file,
    "openreview": openreview.read_file,
    "semantic_scholar": semantic_scholar.read_file,
}
FIXTURES = [(source, path) for source in READERS for path in sorted((DATA / source).iterdir())]
IN_JSON = [(source, path) for source, path in FIXTURES if path.suffix == ".json"]
PARSERS: dict[str, Callable[[object], Batch]] = {
    "biorxiv": lambda payload: biorxiv.parse_posts(payload, "x", "biorxiv"),
    "crossref": lambda payload: crossref.parse_works(payload, "x"),
    "dblp": lambda payload: dblp.parse_hits(payload, "x"),
    "openalex": lambda payload: openalex.parse_works(payload, "x"),
    "openreview": lambda payload: openreview.parse_notes(payload, "x"),
    "semantic_scholar": lambda payload: semantic_scholar.parse_papers(payload, "x"),
}

DTD = "brings a document type or entities of its own"
NO_FEED = "is a <"
NO_UTF_8 = "is not in UTF-8"
NO_XML = "is not XML"
FALSE_UTF_8 = "says that it is in UTF-8, but is not"
ILL_FORMED = "is not well-formed XML"

# What each hostile file is as a feed: how many papers it gives, or why it is refused.
AS_FEEDS: dict[str, dict[str, int | str]] = {
    "synthetic": {
        "ORIGIN": NO_XML,
        "bad_date": 1,
        "bare_ampersand": ILL_FORMED,
        "billion_laughs": DTD,
        "cdata_script": 1,
        "control_char": ILL_FORMED,
        "deep_nesting": "nests its elements more than 50 deep",
        "double_escaped": 1,
        "dup_versions": 4,
        "empty": "is empty",
        "error_entry": "is an error of arXiv",
        "far_future": 1,
        "html_503": "is a web page (“503 Service Unavailable”), not XML",
        "huge_title": 1,
        "json_instead": NO_XML,
        "latin1_declared_utf8": FALSE_UTF_8,
        "many_authors": 1,
        "many_entries": NO_XML,
        "nested_markup_title": 1,
        "no_author": 1,
        "no_id": 0,
        "no_title": 0,
        "ok": 1,
        "quadratic": DTD,
        "rate_exceeded": f"{NO_XML}: “Rate exceeded.”",
        "rss_empty_weekend": 0,
        "rss_feed_error": "is an error of arXiv",
        "rss_missing_ns": ILL_FORMED,
        "truncated": "is cut off",
        "utf16_bom": 1,
        "utf8_bom": 1,
        "whitespace": "is empty",
        "xhtml_title": 1,
        "xxe_": DTD,
        "year_0": 1,
        "zero_entries_total_positive": 0,
    },
    "xml_attacks": {"ORIGIN": NO_XML, "simple": NO_FEED, "xalan": NO_FEED, "": DTD},
    "encodings": {
        "ORIGIN": NO_XML,
        "internal__reader__encoding__testdata__invalid-prolog": "of another kind",
        "internal__reader__encoding__testdata__iso-8859-1": 0,  # without entries
        "internal__reader__encoding__testdata__koi8r": 2,
        "internal__reader__encoding__testdata__utf8": "of another kind",
        "internal__reader__encoding__testdata__windows-1252": 0,
        "internal__reader__parser__testdata__encoding_ISO-8859-1": 40,
        "internal__reader__parser__testdata__encoding_WINDOWS-1251": 50,
        "internal__reader__parser__testdata__large_": 25,
        "internal__reader__parser__testdata__no_encoding_ISO-8859-1": NO_UTF_8,
        "internal__reader__parser__testdata__rdf_UTF8": 60,
        "internal__reader__parser__testdata__small_atom": 20,
        "internal__reader__parser__testdata__urdu_UTF8": 26,
        "internal__reader__xml__testdata__iso88591.xml": NO_FEED,
        "internal__reader__xml__testdata__iso88591_utf8_mismatch": FALSE_UTF_8,
        "internal__reader__xml__testdata__koi8r": 2,
    },
    "mentions": {"": NO_XML},
    "naughty_strings": {"": NO_XML},
}


def nasty_files() -> list[Path]:
    return sorted(path for path in NASTY.rglob("*") if path.is_file()) if NASTY.is_dir() else []


@pytest.mark.parametrize("path", nasty_files(), ids=lambda path: path.name)
def test_a_hostile_file_is_no_answer_of_any_service(path: Path) -> None:
    for source, read in READERS.items():
        if source != "feeds":
            with pytest.raises(SourceError, match=rf"^(?:A line of )?{path.name} "):
                read(path)


@pytest.mark.parametrize("path", nasty_files(), ids=lambda path: path.name)
def test_a_hostile_feed_gives_its_papers_or_is_refused_for_what_it_is(path: Path) -> None:
    told = AS_FEEDS[path.parent.name]
    expected = told[max((name for name in told if path.name.startswith(name)), key=len)]
    if isinstance(expected, str):
        with pytest.raises(SourceError) as failure:
            READERS["feeds"](path)
        assert expected in str(failure.value)
        return
    batch = READERS["feeds"](path)
    assert len(batch.papers) == expected
    assert_papers(batch)
    for paper in batch.papers:
        assert "<script" not in paper.title + paper.abstract + "".join(paper.authors)
        assert len(paper.title) <= 2_000


@pytest.mark.parametrize("file", ["bad_date", "far_future", "year_0"])
def test_a_date_that_can_t_be_is_none(file: str) -> None:
    if not NASTY.is_dir():
        pytest.skip("the hostile files (../shared/data/nasty) are not beside this checkout")
    [paper] = READERS["feeds"](NASTY / "synthetic" / f"{file}.xml").papers
    assert (paper.published, paper.listings) == (None, ())


def assert_papers(batch: Batch) -> None:
    """Hold papers against what every paper must be."""
    assert all(isinstance(count, int) and count > 0 for count in batch.skipped.values())
    assert len({paper.id for paper in batch.papers}) == len(batch.papers)
    for paper in batch.papers:
        assert paper.title.strip()
        assert all(isinstance(name, str) and name.strip() for name in paper.authors)
        assert isinstance(paper.abstract, str)
        assert paper.url
        assert paper.published is None or paper.published.year >= 1600
        assert paper.venue is None or paper.venue.strip()
        keywords = [word for listing in paper.listings for word in listing.keywords]
        told = "\n".join((paper.title, paper.abstract, *paper.authors, paper.venue or "", *keywords))
        told.encode()  # half a letter (a lone surrogate) can't be
        assert not {"\x00", "\u202e"} & set(told)  # databases refuse the one, people misread the other


@pytest.mark.parametrize(("source", "path"), FIXTURES, ids=lambda each: getattr(each, "name", each))
def test_an_answer_that_is_cut_off_is_a_failure_wherever_it_is_cut(source: str, path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes().rstrip()
    for part in range(1, 20):
        (tmp_path / "cut").write_bytes(whole[: len(whole) * part // 20])
        with pytest.raises(SourceError, match=r"^(?:A line of )?cut (?:is cut off|is not)"):
            READERS[source](tmp_path / "cut")


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><head><title>Down for maintenance</title></head></html>",
        b"<html><body>Hello</body></html>",
        b"Rate exceeded.",
        b"Resource not found.",
        b"",
        b"   \n",
        b"\x00\x01\x02",
        b"\xff\xfe<\x00",
        b"null",
        b"0",
        b'"ok"',
        b"[[]]",
        b"{}",
        b'{"error": "nope"}',
        b"[" * 100_000,
        b'{"messages": [{"status": "ok"}], "collection": "\xe9"}',
    ],
)
@pytest.mark.parametrize("source", READERS)
def test_what_is_something_else_is_a_failure(source: str, body: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(body)
    with pytest.raises(SourceError, match=r"^x "):
        READERS[source](tmp_path / "x")


HOSTILE: list[object] = [
    None, True, 0, -1, 1e308, float("nan"), 10**30, "", " ", "\x00\u202e", "x" * 30_000, "0000-00-00", [], [[]], [None],
    {}, {"value": {}}, "<script>alert(1)</script>", "javascript:alert(1)", "http://[x", "10.5555/\ud800",
]  # fmt: skip


def places(value: object, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Give the way to each value within one."""
    yield here
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, inner in items:
        yield from places(inner, (*here, key))


def damaged(payload: object, place: tuple[str | int, ...], by: object) -> object:
    """Return the payload with another value in one place."""
    if not place:
        return by
    whole = copy.deepcopy(payload)
    inner: object = whole
    for key in place[:-1]:
        inner = inner[key]  # type: ignore[index]
    inner[place[-1]] = by  # type: ignore[index]
    return whole


@pytest.mark.parametrize(("source", "path"), IN_JSON, ids=lambda each: getattr(each, "name", each))
def test_any_value_may_be_any_other(source: str, path: Path) -> None:
    payload, refusals = json.loads(path.read_bytes()), set[str]()
    for place in places(payload):
        for by in HOSTILE:
            try:
                assert_papers(PARSERS[source](damaged(payload, place, by)))
            except SourceError as error:
                refusals.add(str(error))
    assert refusals
    assert all(refusal.startswith("x ") for refusal in refusals)


MANY = [f"Author A{n}" for n in range(5_000)]


@pytest.mark.parametrize(
    ("source", "payload"),
    [
        ("crossref", {"message": {"DOI": "10.5555/1", "title": ["T"], "author": [{"family": name} for name in MANY]}}),
        (
            "biorxiv",
            {
                "messages": [{"status": "ok"}],
                "collection": [{"doi": "10.1101/1", "title": "T", "date": "2025-06-12", "authors": "; ".join(MANY)}],
            },
        ),
        (
            "dblp",
            {
                "result": {
                    "hits": {
                        "@total": "1",
                        "hit": {
                            "info": {
                                "doi": "10.5555/1",
                                "title": "T",
                                "authors": {"author": [{"text": name} for name in MANY]},
                            }
                        },
                    }
                }
            },
        ),
        ("semantic_scholar", {"paperId": "1" * 40, "title": "T", "authors": [{"name": name} for name in MANY]}),
        (
            "openalex",
            {
                "id": "https://openalex.org/W1",
                "title": "T",
                "authorships": [{"author": {"display_name": name}} for name in MANY],
            },
        ),
        ("openreview", {"notes": [{"id": "n", "content": {"title": "T", "authors": MANY}}]}),
    ],
)
def test_five_thousand_authors_are_all_there(source: str, payload: object) -> None:
    [paper] = PARSERS[source](payload).papers
    assert paper.authors == tuple(MANY)


async def test_what_each_source_gives_can_be_stored_and_is_one_paper_where_it_is_one_work(store: SqlStore) -> None:
    now = dt.datetime(2025, 6, 12, 8, tzinfo=dt.UTC)
    for source, path in FIXTURES:
        batch = READERS[source](path)
        report = await ingest(store, source.replace("_", ""), batch, now)
        assert report.read == len(batch.papers) + sum(batch.skipped.values())
    async with store.read() as session:
        stored = await session.papers.get(PaperId.parse("arxiv:2506.01234"))  # five sources know it
    assert stored
    assert "doi:10.5555/tides.7" in map(str, stored.names)  # which OpenAlex says is the same


async def first(batches: AsyncIterator[Batch]) -> Batch:
    return await anext(batches)


LOGIN = openreview.Login("ada@example.org", "swordfish")


def logged_in(request: web.Request) -> web.Response | None:
    """Return the token that OpenReview gives first."""
    return web.json_response({"token": "t"}) if request.path == "/login" else None


ASKED: dict[str, Callable[[Fetcher, str], Awaitable[Batch]]] = {
    "acl": lambda fetcher, url: acl.Acl(fetcher, url).newest(),
    "biorxiv": lambda fetcher, url: first(biorxiv.Biorxiv(fetcher, "biorxiv", url).daily(DAY)),
    "crossref": lambda fetcher, url: crossref.Crossref(fetcher, base_url=url).by_id(DOI),
    "dblp": lambda fetcher, url: first(dblp.Dblp(fetcher, url).by_author("Ana Silva")),
    "openalex": lambda fetcher, url: openalex.OpenAlex(fetcher, "key", url).by_id(DOI),
    "openreview": lambda fetcher, url: first(openreview.OpenReview(fetcher, LOGIN, url).by_venue("POND")),
    "semantic_scholar": lambda fetcher, url: semantic_scholar.SemanticScholar(fetcher, "key", url).by_id(DOI),
}


@pytest.mark.parametrize("source", ASKED)
async def test_a_web_page_with_status_200_is_a_failure(source: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        page = web.Response(text="<!doctype html><title>Hello</title>", content_type="text/html")
        return logged_in(request) or page

    async with serving(answer) as url, Fetcher() as fetcher:
        with pytest.raises(SourceError, match=r"answered with text/html, not (?:JSON|XML)\.$"):
            await ASKED[source](fetcher, url)


@pytest.mark.parametrize("source", ASKED)
async def test_a_web_page_that_calls_itself_data_is_a_failure(source: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        kind = "application/xml" if source == "acl" else "application/json"
        return logged_in(request) or web.Response(text="<!doctype html><title>Hello</title>", content_type=kind)

    async with serving(answer) as url, Fetcher() as fetcher:
        with pytest.raises(SourceError, match=r"is a web page|is not JSON"):
            await ASKED[source](fetcher, url)
