"""DBLP: what an author or a venue published, from the shape of its answers and over HTTP."""

import datetime as dt
from pathlib import Path

import pytest
from aiohttp import web

from adapters.sources.dblp import Dblp, parse_hits, parse_records, read_file
from adapters.sources.fetcher import Fetcher
from bot.errors import SourceError
from bot.ports import Batch
from tests.fakes.cassettes import SHARED
from tests.fakes.service import serving

DATA = Path(__file__).parents[1] / "data" / "dblp"
RECORDED = SHARED / "dblp"


INSTEAD = (
    "What is read instead: the answers of DBLP's search (https://dblp.org/search/publ/api?q=WORDS&format=json), and"
    " single records (https://dblp.org/rec/KEY.xml)."
)


def hits(hit: object, total: str = "1") -> dict[str, object]:
    counted: dict[str, object] = {"@total": total, "@first": "0"}
    return {"result": {"status": {"@code": "200"}, "hits": counted if hit is None else {**counted, "hit": hit}}}


def info(number: int) -> dict[str, object]:
    return {"info": {"title": f"Paper {number}.", "doi": f"10.5555/{number}", "year": "2025"}}


def test_all_facts_of_a_paper_are_taken() -> None:
    paper = read_file(DATA / "hits.json").papers[0]
    assert list(map(str, paper.names)) == ["doi:10.5555/2031.pond.1", "openreview:Pond_1"]
    assert paper.title == "Tides & ponds"
    assert paper.authors == ("Ana Silva", "Michael H. Böhlen")  # which of the namesakes, only DBLP counts
    assert (paper.published, paper.venue, paper.abstract) == (dt.date(2031, 1, 1), "POND", "")
    assert paper.project_url is None


def test_a_preprint_is_arxivs_and_appeared_nowhere() -> None:
    paper = read_file(DATA / "hits.json").papers[1]
    assert list(map(str, paper.names)) == ["arxiv:2506.01234"]
    assert (paper.title, paper.authors, paper.venue) == ("What next...", ("Ana Silva",), None)


def test_a_paper_without_any_id_is_of_its_page_at_dblp() -> None:
    paper = read_file(DATA / "hits.json").papers[2]
    assert str(paper.id).startswith("web:")
    assert paper.url == "https://dblp.org/rec/journals/tides/S98"
    assert (paper.authors, paper.published) == ((), dt.date(1998, 1, 1))


def test_what_is_no_paper_is_counted_by_its_reason() -> None:
    batch = read_file(DATA / "hits.json")
    assert len(batch.papers) == 3
    assert batch.skipped == {"not a paper: Editorship": 1, "no title": 1, "no id": 2}


@pytest.mark.parametrize(("hit", "count"), [(None, 0), ([], 0), (info(1), 1), ([info(1), info(2)], 2)])
def test_one_hit_is_no_list(hit: object, count: int) -> None:
    assert len(parse_hits(hits(hit), "x").papers) == count


def test_records_in_xml_tell_the_same() -> None:
    batch = read_file(DATA / "records.xml")
    tides, preprint = batch.papers
    assert list(map(str, tides.names)) == ["acl:2031.pond-long.1", "doi:10.5555/2031.pond.1"]
    assert (tides.title, tides.authors) == ("Tides and ponds", ("Ana Silva", "Michael H. Böhlen"))
    assert (tides.venue, tides.published) == ("POND", dt.date(2031, 1, 1))
    assert (str(preprint.id), preprint.venue) == ("arxiv:2506.01234", None)
    assert batch.skipped == {"not a paper: proceedings": 1, "not a paper: www": 1}


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"result": {"status": {"@code": "500", "text": "Oops"}, "hits": {"@total": "0"}}}, "error of DBLP: 500 Oops"),
        ({"result": {"hits": {}}}, "is no answer of DBLP's search"),
        ({"result": {"hits": {"@total": "many"}}}, "is no answer of DBLP's search"),
        ({"result": []}, "is no answer of DBLP's search"),
        ([], "is no answer of DBLP's search"),
        (None, "is no answer of DBLP's search"),
    ],
)
def test_what_is_no_answer_is_a_failure(payload: object, why: str) -> None:
    with pytest.raises(SourceError, match=f"^x .*{why}"):
        parse_hits(payload, "x")


async def test_authors_and_venues_are_asked_for_page_by_page() -> None:
    asked: list[tuple[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        assert request.path == "/search/publ/api"
        assert request.query["format"] == "json"
        asked.append((request.query["q"], request.query["f"]))
        first, size = int(request.query["f"]), int(request.query["h"])
        return web.json_response(hits([info(n) for n in range(700)[first : first + size]] or None, "700"))

    async with serving(answer) as url, Fetcher() as fetcher:
        source = Dblp(fetcher, url)
        batches = [batch async for batch in source.by_author("Geoffrey E. Hinton: 'x|y'")]
        assert [len(batch.papers) for batch in batches] == [500, 200]
        assert [len(batch.papers) async for batch in source.by_venue("ACL")] == [500, 200]
        with pytest.raises(SourceError, match=r"^“::” is no name that DBLP could be asked for\.$"):
            [batch async for batch in source.by_author("::")]
    assert asked == [
        ("author:Geoffrey_E._Hinton_'x_y':", "0"),
        ("author:Geoffrey_E._Hinton_'x_y':", "500"),
        ("venue:ACL:", "0"),
        ("venue:ACL:", "500"),
    ]


async def test_somebody_without_papers_is_an_empty_batch() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(hits(None, "0"))

    async with serving(answer) as url, Fetcher() as fetcher:
        batches = [batch async for batch in Dblp(fetcher, url).by_author("Nobody")]
    assert batches == [Batch("dblp author Nobody", (), {})]


def test_the_recorded_files_name_a_document_type_or_its_entities_and_are_refused() -> None:
    """No document type is ever read, whoever names one: DBLP's own search gives the same papers without."""
    if not RECORDED.is_dir():
        pytest.skip("the recorded files (../shared/data/dblp) are not beside this checkout")
    refused = {}
    for path in sorted(RECORDED.iterdir()):
        with pytest.raises(SourceError) as failure:
            read_file(path)
        refused[path.name.rpartition("__")[2]] = str(failure.value).removeprefix(path.name)
    assert refused == {
        "ORIGIN.md": " is not JSON (line 1, column 1).",
        "dblp.dtd": " is not well-formed XML (line 32, column 1).",
        "dblp_container_map.tsv": " is not JSON (line 1, column 1).",
        "example_dblp.xml": f" brings a document type or entities of its own, which are not read. {INSTEAD}",
        "example_dblp_article.xml": " is not well-formed XML (line 3, column 21).",  # &ouml;, declared nowhere
        "example_dblp_containers.json": " is not JSON (line 2, column 1).",  # journals, one a line
    }


def test_whoever_brings_the_whole_of_dblp_is_told_what_is_read_instead() -> None:
    with pytest.raises(SourceError) as refused:
        parse_records(b'<?xml version="1.0"?><!DOCTYPE dblp SYSTEM "dblp.dtd"><dblp/>', "dblp.xml")
    assert (
        str(refused.value) == f"dblp.xml brings a document type or entities of its own, which are not read. {INSTEAD}"
    )


def test_the_recorded_records_give_their_papers_once_the_document_type_is_gone() -> None:
    if not RECORDED.is_dir():
        pytest.skip("the recorded files (../shared/data/dblp) are not beside this checkout")
    for file, count, skipped in (
        ("example_dblp.xml", 3, {"not a paper: proceedings": 1, "not a paper: www": 1}),
        ("example_dblp_article.xml", 1, {}),
    ):
        body = (RECORDED / f"python__tests__files__{file}").read_bytes()
        plain = body.replace(b'<!DOCTYPE dblp SYSTEM "dblp.dtd">', b"").replace(b"&ouml;", b"&#246;")
        batch = parse_records(plain.replace(b"&eacute;", b"&#233;"), file)
        assert (len(batch.papers), dict(batch.skipped)) == (count, skipped)
        assert any("Michael H. Böhlen" in paper.authors for paper in batch.papers)
        assert not any(name[-1].isdigit() for paper in batch.papers for name in paper.authors)
