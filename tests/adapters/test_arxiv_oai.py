"""arXiv's OAI-PMH service: records, tokens and errors."""

import datetime as dt
from pathlib import Path

import pytest

from adapters.sources.arxiv_oai import ArxivOai, OaiPage, TokenExpiredError, oai_sets, parse_oai
from bot.errors import SourceError
from bot.paper import Paper
from tests.fakes.arxiv import Arxiv, oai, record

DATA = Path(__file__).parents[1] / "data" / "arxiv"
DAY = dt.date(2025, 8, 20)


def page(file: str, *, announced: bool = False) -> OaiPage:
    return parse_oai((DATA / file).read_bytes(), file, announced=announced)


def by_id(found: OaiPage) -> dict[str, Paper]:
    return {paper.id.value: paper for paper in found.batch.papers}


def test_a_page_tells_its_papers_what_was_skipped_and_how_to_go_on() -> None:
    found = page("oai_raw.xml")
    assert list(by_id(found)) == ["2508.13003", "math/0309136", "2401.00007"]
    assert found.batch.skipped == {"deleted": 1}
    assert (found.token, found.total) == ("6460044|1001", 5)


def test_the_last_page_has_no_token() -> None:
    assert page("oai_last.xml").token is None


def test_versions_comments_and_dates_are_taken() -> None:
    papers = by_id(page("oai_raw.xml"))
    new, old = papers["2508.13003"], papers["math/0309136"]
    assert (new.version, old.version) == (1, 2)
    assert (new.published, old.published) == (dt.date(2025, 8, 18), dt.date(2003, 9, 7))
    assert new.comment == "7 pages. Code: https://gitlab.com/example/rd."
    assert new.code_url == "https://gitlab.com/example/rd"
    assert new.authors == ("Chen Wei", "Édgar Roldán")
    assert new.categories == ("cs.CL", "cs.LG")
    assert list(map(str, old.other_ids)) == ["doi:10.1234/old.1"]
    assert papers["2401.00007"].venue == "Phys. Lett. 1 (2025) 2"


def test_a_withdrawn_paper_is_known_by_its_comment() -> None:
    papers = by_id(page("oai_raw.xml"))
    assert [paper.id.value for paper in papers.values() if paper.withdrawn] == ["math/0309136"]


def test_authors_in_parts_become_names_and_collaborations() -> None:
    [paper] = page("oai_last.xml").batch.papers
    assert paper.authors == (
        "Dust Collaboration",
        "Anna van der Meer",
        "Martin L. King Jr",
        "Bo Li",
        "IceCube Collaboration",
    )


def test_nothing_is_listed_unless_a_missed_day_is_asked_for() -> None:
    assert not any(paper.listings for paper in page("oai_raw.xml").batch.papers)


def test_of_a_missed_day_only_what_was_new_is_listed() -> None:
    """A datestamp is that of the last change, be it a journal's name for a paper of years ago."""
    papers = by_id(page("oai_raw.xml", announced=True)) | by_id(page("oai_last.xml", announced=True))
    listed = {key: paper.listings[0].day for key, paper in papers.items() if paper.listings}
    assert listed == {"2508.13003": DAY, "2508.13010": DAY}


def test_a_new_version_of_a_recent_paper_is_not_new() -> None:
    body = (DATA / "oai_last.xml").read_text("utf-8").replace("</created>", "</created><updated>2025-08-20</updated>")
    [paper] = parse_oai(body.encode(), "x", announced=True).batch.papers
    assert paper.listings == ()


def test_no_records_are_no_failure() -> None:
    body = oai("<error code='noRecordsMatch'>Nothing matches</error>").encode()
    assert parse_oai(body, "x") == OaiPage(parse_oai(body, "x").batch, None, 0)
    assert parse_oai(body, "x").batch.papers == ()


def test_errors_are_told_and_an_expired_token_is_one_of_its_own() -> None:
    with pytest.raises(TokenExpiredError, match="x is an error of arXiv: “Too old”"):
        parse_oai(oai("<error code='badResumptionToken'>Too old</error>").encode(), "x")
    with pytest.raises(SourceError, match="x is an error of arXiv: “badVerb”") as told:
        parse_oai(oai("<error code='badVerb'/>").encode(), "x")
    assert not isinstance(told.value, TokenExpiredError)


@pytest.mark.parametrize("inner", ["", "<ListSets/>"])
def test_an_answer_without_records_is_a_failure(inner: str) -> None:
    with pytest.raises(SourceError, match="without records"):
        parse_oai(oai(inner).encode(), "x")


@pytest.mark.parametrize(
    ("broken", "whole", "reason"),
    [
        ("<id>2508.00001</id>", "<id>2508.1</id>", "id is not arXiv's"),
        ("<id>2508.00001</id>", "", "no id"),
        ("<title>Paper 2508.00001</title>", "<title> </title>", "no title"),
        ("arXivRaw", "dublin", "metadata in a format that is not read: dublin"),
    ],
)
def test_a_damaged_record_is_skipped_with_its_reason(broken: str, whole: str, reason: str) -> None:
    inner = record("2508.00001").replace(broken, whole) + record("2508.00002")
    batch = parse_oai(oai(f"<ListRecords>{inner}</ListRecords>").encode(), "x").batch
    assert [paper.id.value for paper in batch.papers] == ["2508.00002"]
    assert batch.skipped == {reason: 1}


@pytest.mark.parametrize("date", ["Mon, 00 Jan 0000 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "soon", ""])
def test_a_date_that_is_none_costs_the_date_alone(date: str) -> None:
    body = oai(f"<ListRecords>{record('2508.00001', submitted=date)}</ListRecords>").encode()
    [paper] = parse_oai(body, "x", announced=True).batch.papers
    assert (paper.published, paper.listings) == (None, ())


async def changed(arxiv: Arxiv, wanted: list[str]) -> list[str]:
    async with arxiv.served() as fetcher:
        batches = [batch async for batch in ArxivOai(fetcher, wanted, arxiv.url).changed(DAY, DAY)]
    return [paper.id.value for batch in batches for paper in batch.papers]


async def test_all_pages_of_all_sets_are_read_and_each_paper_once() -> None:
    arxiv = Arxiv(
        pages={
            "cs": [
                [record("2508.00001")],
                [record("2508.00002"), record("2508.00009", "cs.RO")],
                [record("2508.00003")],
            ],
            "physics:hep-th": [[record("2508.00003", "hep-th cs.CL"), record("2508.00004", "hep-th")]],
        }
    )
    assert await changed(arxiv, ["cs.CL", "hep-th"]) == ["2508.00001", "2508.00002", "2508.00003", "2508.00004"]
    assert len(arxiv.asked) == 4
    assert arxiv.asked[0] == "/oai?verb=ListRecords&from=2025-08-20&until=2025-08-20&metadataPrefix=arXivRaw&set=cs"
    assert arxiv.asked[1] == "/oai?verb=ListRecords&resumptionToken=cs%7C1"


async def test_an_expired_token_begins_the_window_again_and_gives_nothing_twice() -> None:
    arxiv = Arxiv(pages={"cs": [[record("2508.00001")], [record("2508.00002")]]}, expired={"cs|1"})
    assert await changed(arxiv, ["cs"]) == ["2508.00001", "2508.00002"]


async def test_a_token_that_expires_every_time_is_a_failure() -> None:
    pages = {"cs": [[record("2508.00001")], [record("2508.00002")]]}

    class Always(set[str]):
        def remove(self, element: str) -> None:
            pass

    with pytest.raises(TokenExpiredError):
        await changed(Arxiv(pages=pages, expired=Always({"cs|1"})), ["cs"])


async def test_a_list_that_goes_round_in_circles_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    arxiv = Arxiv(pages={"cs": [[record("2508.00001")], [record("2508.00002")]]})
    answer = arxiv._records

    def circling(one_set: str, token: str) -> str:
        return answer(one_set, token).replace(
            "<resumptionToken></resumptionToken>", "<resumptionToken>cs|1</resumptionToken>"
        )

    monkeypatch.setattr(Arxiv, "_records", lambda self, one_set, token: circling(one_set, token))
    with pytest.raises(SourceError, match="never end"):
        await changed(arxiv, ["cs"])


async def test_an_empty_day_is_no_failure() -> None:
    assert await changed(Arxiv(), ["cs.CL"]) == []


async def test_nothing_wanted_asks_nobody_and_all_asks_for_no_set() -> None:
    arxiv = Arxiv(pages={"": [[record("2508.00001", "q-bio.NC")]]})
    assert await changed(arxiv, ["cs.ZZ"]) == []
    assert arxiv.asked == []
    async with arxiv.served() as fetcher:
        [batch] = [batch async for batch in ArxivOai(fetcher, base_url=arxiv.url).changed(DAY, DAY)]
    assert [paper.id.value for paper in batch.papers] == ["2508.00001"]
    assert "set=" not in arxiv.asked[0]


async def test_a_missed_day_comes_with_its_listings() -> None:
    arxiv = Arxiv(
        pages={"cs": [[record("2508.00001"), record("2401.00001", submitted="Mon, 1 Jan 2024 09:00:00 GMT")]]}
    )
    async with arxiv.served() as fetcher:
        [batch] = [batch async for batch in ArxivOai(fetcher, ["cs.CL"], arxiv.url).changed(DAY, DAY)]
    assert [[listing.day for listing in paper.listings] for paper in batch.papers] == [[DAY], []]


def test_sets_are_those_of_the_archives() -> None:
    assert oai_sets(["cs.CL", "cs.LG", "hep-th", "cond-mat.stat-mech"]) == ["physics:cond-mat", "cs", "physics:hep-th"]
    assert oai_sets([]) == []
