"""Crossref: works as it registers them, from the recorded shape and over HTTP."""

import datetime as dt
import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from aiohttp import web

from adapters.sources.crossref import Crossref, parse_works, read_file
from adapters.sources.fetcher import Fetcher
from adapters.sources.json_facts import parse_json
from adapters.sources.refusals import AbsentError
from bot.errors import SourceError
from bot.paper_ids import PaperId
from tests.fakes.cassettes import SHARED, recorded_in
from tests.fakes.service import serving

DATA = Path(__file__).parents[1] / "data" / "crossref"
RECORDED = SHARED / "crossref"
TIDES = PaperId.parse("doi:10.5555/tides.2024.7")


def test_all_facts_of_a_work_are_taken() -> None:
    [paper] = read_file(DATA / "work.json").papers
    assert paper.id == TIDES
    assert paper.title == "Tides of Ulva in R&D ponds: A field study"
    assert paper.authors == ("Ana Silva", "Bo Li Jr.", "The Pond Consortium")
    assert paper.abstract == "Background: Ponds rise at p < 0.05.\n\nThey fall by α."
    assert paper.published == dt.date(2024, 3, 9)  # when it came online, before the month of its issue
    assert paper.venue == "Journal of Examples & Ponds"
    assert list(map(str, paper.other_ids)) == ["doi:10.1101/2023.11.02.565001", "arxiv:2311.00123"]
    assert paper.listings == ()  # Crossref announces nothing


def test_what_is_no_paper_is_counted_by_its_reason() -> None:
    batch = read_file(DATA / "list.json")
    assert [paper.id.value for paper in batch.papers] == ["10.5555/one", "10.5555/preprint"]
    assert batch.skipped == {
        "no title": 1,
        "not a paper: component": 1,
        "not a paper: journal": 1,
        "DOI is not one": 1,
        "same paper twice": 1,
    }


def test_a_preprint_has_no_venue_and_the_year_0_is_no_date() -> None:
    one, preprint = read_file(DATA / "list.json").papers
    assert (one.published, one.venue) == (None, None)
    assert (preprint.published, preprint.venue) == (None, None)


@pytest.mark.parametrize(
    ("parts", "day"),
    [
        ([[2018, 4, 30]], dt.date(2018, 4, 30)),
        ([[2018, 4]], dt.date(2018, 4, 1)),
        ([[2018]], dt.date(2018, 1, 1)),
        ([[2018, None]], dt.date(2018, 1, 1)),
        ([[2018, 2, 31]], None),
        ([[0, 1, 1]], None),
        ([["2018"]], None),
        ([[]], None),
        ([], None),
        (None, None),
        ("2018", None),
    ],
)
def test_parts_of_a_date_may_be_missing_or_wrong(parts: object, day: dt.date | None) -> None:
    work = {"DOI": "10.5555/x", "title": ["X"], "issued": {"date-parts": parts}}
    assert parse_works({"message": work}, "x").papers[0].published == day


def test_a_dump_holds_a_work_a_line_and_may_be_packed(tmp_path: Path) -> None:
    lines = b"\n".join(json.dumps({"DOI": f"10.5555/{n}", "title": [f"Paper {n}"]}).encode() for n in range(3))
    (tmp_path / "works.json").write_bytes(lines)
    (tmp_path / "works.json.gz").write_bytes(gzip.compress(lines))
    assert read_file(tmp_path / "works.json").papers == read_file(tmp_path / "works.json.gz").papers
    assert len(read_file(tmp_path / "works.json").papers) == 3


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (gzip.compress(b"{}" * 100, mtime=0)[:20], r"^works is cut off\.$"),
        (b"\x1f\x8b nonsense", r"^works is damaged: it can't be unpacked\.$"),
        (gzip.compress(b"{" + b" " * 40 * 2**20, mtime=0), r"^works is larger than 32 MB when it is unpacked\.$"),
        (b'{"DOI": "10.5555/1"}\n{"DOI"', r"^A line of works is cut off\.$"),
        (b"Resource not found.", r"^works is not JSON"),
        (b'{"message-type": "member-list", "message": {"items": []}}', r"^works is no answer of Crossref about works"),
        (b'{"message-type": "work-agency", "message": {"DOI": "10.5555/1"}}', r"^works is no answer of Crossref"),
        (b'{"message-type": "work-list", "message": {"items": {}}}', r"^works is no answer of Crossref about works"),
        (b'{"message": {"items": [{"DOI": "10.5555/1"}, 5]}}', r"^works is no answer of Crossref about works"),
        (b"[]", r"^works is no answer of Crossref about works"),
    ],
    ids=["cut", "no gzip", "a bomb", "a line cut", "text", "members", "agency", "no list", "a number", "a bare list"],
)
def test_what_is_no_answer_about_works_is_a_failure(tmp_path: Path, body: bytes, why: str) -> None:
    (tmp_path / "works").write_bytes(body)
    with pytest.raises(SourceError, match=why):
        read_file(tmp_path / "works")


async def test_a_doi_is_looked_up_politely() -> None:
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        return web.Response(body=(DATA / "work.json").read_bytes(), content_type="application/json")

    async with serving(answer) as url, Fetcher() as fetcher:
        batch = await Crossref(fetcher, "ops@example.org", url).by_id(TIDES)
        assert [paper.id for paper in batch.papers] == [TIDES]
        await Crossref(fetcher, base_url=url).by_id(PaperId.parse("doi:10.5555/a/../b?c#d"))
    assert (asked[0].path, dict(asked[0].query)) == ("/works/10.5555/tides.2024.7", {"mailto": "ops@example.org"})
    assert (asked[1].path, dict(asked[1].query)) == ("/works/10.5555/a/../b?c#d", {})  # the DOI whole, and no more


async def test_an_unknown_doi_is_told_as_such() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="Resource not found.", status=404)

    async with serving(answer) as url, Fetcher() as fetcher:
        with pytest.raises(AbsentError, match=r"^Crossref does not know 10\.5555/tides\.2024\.7\.$"):
            await Crossref(fetcher, base_url=url).by_id(TIDES)
        with pytest.raises(SourceError, match=r"^Crossref knows DOIs alone, and arxiv:2506\.00001 is none\.$"):
            await Crossref(fetcher, base_url=url).by_id(PaperId.parse("arxiv:2506.00001"))


NO_WORKS = "is no answer of Crossref about works"


def test_the_recorded_cassettes_are_read_whole() -> None:
    if not RECORDED.is_dir():
        pytest.skip("the recorded answers (../shared/data/crossref) are not beside this checkout")
    read, papers, skipped, failures = 0, 0, Counter[str](), Counter[str]()
    answers = [each for path in sorted(RECORDED.glob("*.yaml")) for each in recorded_in(path)]
    for each in answers:
        if each.status != 200 or "json" not in each.content_type:
            failures[f"{each.status} {each.content_type.partition(';')[0]}".strip()] += 1  # refused unread
            continue
        try:
            batch = parse_works(parse_json(each.body, "it"), "it")
        except SourceError as error:
            failures[str(error)] += 1
        else:
            read += 1
            papers += len(batch.papers)
            skipped.update(batch.skipped)
    assert (len(answers), read, papers) == (145, 57, 605)
    assert skipped == {"not a paper: component": 32, "not a paper: journal-issue": 4, "not a paper: journal": 2}
    assert failures == {
        "it is no answer of Crossref about works.": 27,  # members, journals, funders, prefixes, types, licences
        "400 application/json": 17,
        "404 application/json": 16,  # "Resource not found.", which is no JSON
        "404 text/plain": 8,
        "302 text/html": 7,
        "200 application/x-bibtex": 5,
        "301 text/html": 2,
        "400 text/html": 2,
        "200 text/x-bibliography": 2,
        "404 text/html": 1,
        "200": 1,
    }


FILES: dict[str, int | str] = {
    "crossref-works.2018-01-21.badsample.json": 13,  # of 14 lines, two are of one work
    "crossref-works.single.json": 1,
    "crossref_api_works.json": 3,
    "huge_crossref_doi.json.gz": 1,
    "2018.3804742.json": 1,
    "9781316535783.011.json": 1,
    "PhysRevB.33.3547.2.json": 1,
    "s1463-4988(99)00060-3.json": 1,
    "sample_crossref_record.json": 1,
    "sample_crossref_record_with_unknown_type.json": 1,
    "tasc.2017.2776938.json": 1,
    "crossref_preprint_10.1002-essoar.10508651.1.xml": "is not JSON",  # the same works in Crossref's older XML
    "crossref_preprint_10.1002-essoar.10511074.2.xml": "is not JSON",
    "crossref_preprint_10.31223-X55K7G.xml": "is not JSON",
    "crossref_preprint_10.31223-X5FW25.xml": "is not JSON",
    "crossref_preprint_10.31223-X5WD2C.xml": "is not JSON",
    "ORIGIN.md": "is not JSON",
}


def test_the_recorded_files_give_what_they_hold() -> None:
    if not RECORDED.is_dir():
        pytest.skip("the recorded answers (../shared/data/crossref) are not beside this checkout")
    found: dict[str, int | str] = {}
    for path in RECORDED.iterdir():
        if path.suffix == ".yaml":
            continue
        try:
            batch = read_file(path)
        except SourceError as error:
            found[path.name.rpartition("__")[2]] = "is not JSON" if "is not JSON" in str(error) else str(error)
        else:
            found[path.name.rpartition("__")[2]] = len(batch.papers)
            assert sum(batch.skipped.values()) == ("badsample" in path.name)
    assert found == FILES
