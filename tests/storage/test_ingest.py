"""A source's papers into the real store: one paper, whoever tells of it and however often; and wholly or not at all."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.ingest import IngestReport, ingest
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch
from storage.database import SqlStore
from storage.papers import SqlPapers

NOW = dt.datetime(2025, 6, 12, 7, 30, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MONDAY = dt.date(2025, 6, 9)
ARXIV, OTHER_ARXIV = "arxiv:2506.00001", "arxiv:2506.00002"
DOI, OTHER_DOI = "doi:10.1000/one", "doi:10.1000/two"
ACL = "acl:2025.acl-long.1"
TITLE = "Homing pigeons as couriers"


def told(
    paper_id: str, title: str = TITLE, *, also: Sequence[str] = (), authors: Sequence[str] = ("Ada Lovelace",),
    year: int | None = 2025, day: dt.date = MONDAY, source: str = "huggingface", votes: int | None = 1,
) -> Paper:  # fmt: skip
    """Return a paper as a source tells of it, listed on one day."""
    return Paper(
        id=PaperId.parse(paper_id),
        title=title,
        authors=tuple(authors),
        published=dt.date(year, 6, 1) if year else None,
        other_ids=tuple(map(PaperId.parse, also)),
        listings=(Listing(source, day, votes=votes),),
    )


async def take(store: SqlStore, *papers: Paper, now: dt.datetime = NOW, source: str = "huggingface") -> IngestReport:
    return await ingest(store, source, Batch("a day", papers, {}), now)


async def all_papers(store: SqlStore) -> list[Paper]:
    async with store.read() as session:
        return [paper for _, paper in await session.papers.changed_since(0, 1_000)]


async def only(store: SqlStore) -> Paper:
    (paper,) = await all_papers(store)
    return paper


async def ids(store: SqlStore) -> list[str]:
    return sorted(str(paper.id) for paper in await all_papers(store))


def outcome(report: IngestReport) -> tuple[int, int, int]:
    return report.new, report.updated, report.unchanged


async def test_a_paper_of_two_days_is_one_paper_with_two_listings(store: SqlStore) -> None:
    await take(store, told(ARXIV, votes=3))
    again = await take(store, told(ARXIV, day=MONDAY + DAY, votes=5), now=NOW + DAY)
    assert outcome(again) == (0, 1, 0)
    paper = await only(store)
    assert [(listing.day, listing.votes) for listing in paper.listings] == [(MONDAY, 3), (MONDAY + DAY, 5)]
    assert (paper.announced, paper.votes) == (MONDAY, 5)
    async with store.read() as session:
        for day in (MONDAY, MONDAY + DAY):
            assert [each.id for each in await session.papers.listed(day, day)] == [paper.id]


async def test_the_first_times_seen_are_kept(store: SqlStore) -> None:
    await take(store, told(ARXIV))
    later = told(ARXIV, votes=9)
    later = replace(later, first_seen=NOW + HOUR, listings=(replace(later.listings[0], first_seen=NOW + HOUR),))
    await take(store, later, told(ARXIV, day=MONDAY + DAY), now=NOW + HOUR)
    paper = await only(store)
    assert paper.first_seen == NOW
    assert [listing.first_seen for listing in paper.listings] == [NOW, NOW + HOUR]


async def test_a_source_that_no_longer_tells_a_fact_does_not_erase_it(store: SqlStore) -> None:
    listing = Listing(
        "huggingface", MONDAY, votes=7, comments=2, submitter="bob", organisation="Acme", stars=3, summary="In short.",
        keywords=("pigeons",), listed_at=NOW, url="https://example.org/discussion",
    )  # fmt: skip
    full = replace(
        told(ARXIV), abstract="Long.", categories=("cs.CL",), version=2, venue="ACL", comment="9 pages",
        code_url="https://example.org/code", project_url="https://example.org", video_url="https://example.org/v",
        models=4, listings=(listing,),
    )  # fmt: skip
    await take(store, full)
    bare = Paper(id=full.id, title=full.title, listings=(Listing("huggingface", MONDAY),))
    assert outcome(await take(store, bare, now=NOW + HOUR)) == (0, 0, 1)
    kept = replace(full, first_seen=NOW, listings=(replace(listing, first_seen=NOW),), told_by="huggingface")
    assert await only(store) == kept


async def test_newer_facts_take_the_place_of_older_ones_and_zero_is_a_fact(store: SqlStore) -> None:
    await take(store, replace(told(ARXIV, votes=7), abstract="Draft.", version=1, models=2))
    newer = replace(told(ARXIV, "Homing pigeons", votes=0), abstract="Final.", version=2, models=0)
    assert outcome(await take(store, newer, now=NOW + HOUR)) == (0, 1, 0)
    paper = await only(store)
    assert (paper.title, paper.abstract, paper.version, paper.models) == ("Homing pigeons", "Final.", 2, 0)
    assert paper.votes == 0


async def test_the_votes_history_grows_only_when_votes_change(store: SqlStore) -> None:
    for passed, votes in enumerate((0, 3, 3, None, 10)):
        await take(store, told(ARXIV, votes=votes), now=NOW + passed * HOUR)
    paper = PaperId.parse(ARXIV)
    async with store.read() as session:
        then = [await session.papers.votes_at([paper], NOW + passed * HOUR) for passed in range(5)]
        rows = (await session.connection.execute(sa.text("SELECT count(*) FROM vote_counts"))).scalar_one()
    assert [votes[paper] for votes in then] == [0, 3, 3, 3, 10]
    assert rows == 3


async def test_each_sources_facts_are_kept_beside_the_others(store: SqlStore) -> None:
    await take(store, told(ARXIV, votes=7))
    await take(store, told(ARXIV, source="openreview", votes=2), source="openreview", now=NOW + HOUR)
    paper = await only(store)
    assert [(listing.source, listing.votes) for listing in paper.listings] == [("huggingface", 7), ("openreview", 2)]


async def test_sources_that_share_an_id_tell_of_one_paper(store: SqlStore) -> None:
    await take(store, told(ARXIV))
    report = await take(store, told(DOI, "Another title", also=[ARXIV], authors=["Bob"], source="crossref"))
    assert outcome(report) == (0, 1, 0)
    paper = await only(store)
    assert (str(paper.id), list(map(str, paper.other_ids))) == (ARXIV, [DOI]), "the first name stays"
    assert [listing.source for listing in paper.listings] == ["crossref", "huggingface"]
    async with store.read() as session:
        assert await session.papers.get(PaperId.parse(DOI)) == paper
    assert outcome(await take(store, told(DOI, "Another title", authors=["Bob"], source="crossref"))) == (0, 0, 1)


async def test_names_learnt_on_the_way_lead_to_the_paper_too(store: SqlStore) -> None:
    await take(store, told(ARXIV, also=[DOI]))
    await take(store, told(ACL, "As published", also=[DOI], source="acl"))
    await take(store, told(ACL, "As published", authors=["Bob"], source="acl"))
    assert await ids(store) == [ARXIV]


async def test_a_title_an_author_and_a_near_year_in_common_are_one_paper(store: SqlStore) -> None:
    await take(store, told(ARXIV, "Homing Pigeons, as Couriers", authors=["Ada Lovelace", "Bob Brown"]))
    await take(store, told(DOI, "homing pigeons as  couriers", authors=["A. Lovelace"], year=2026, source="crossref"))
    await take(store, told(ACL, authors=["Lovelace, Ada"], year=None, source="acl"))
    assert await ids(store) == [ARXIV]
    assert list(map(str, (await only(store)).other_ids)) == [DOI, ACL]


@pytest.mark.parametrize(
    "other",
    [
        told(OTHER_ARXIV),
        told(DOI, also=[OTHER_ARXIV]),
        told(DOI, authors=["Bob Brown"]),
        told(DOI, authors=[]),
        told(DOI, year=2023),
        told(DOI, "Homing pigeons as couriers, revisited"),
    ],
    ids=["another arXiv id", "another arXiv id beside it", "another author", "no author", "years apart", "other title"],
)
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
async def test_another_work_stays_another_paper(store: SqlStore, other: Paper, together: bool) -> None:
    batches = [[told(ARXIV), other]] if together else [[told(ARXIV)], [other]]
    reports = [await take(store, *batch) for batch in batches]
    assert sum(report.new for report in reports) == 2
    assert await ids(store) == sorted([ARXIV, str(other.id)])


async def test_two_works_of_one_title_do_not_both_become_a_third(store: SqlStore) -> None:
    await take(store, told(ARXIV))
    await take(store, told(DOI), told(OTHER_DOI))
    assert await ids(store) == [ARXIV, OTHER_DOI]


async def test_a_paper_that_comes_twice_in_a_batch_is_one_with_the_facts_of_both(store: SqlStore) -> None:
    report = await take(store, told(ARXIV, votes=3), told(ARXIV, day=MONDAY + DAY, votes=5))
    assert outcome(report) == (1, 1, 0)
    assert [listing.votes for listing in (await only(store)).listings] == [3, 5]


@pytest.mark.parametrize("turned", [False, True])
async def test_papers_of_a_batch_that_share_a_name_are_one_with_the_facts_of_both(
    store: SqlStore, turned: bool
) -> None:
    batch = [told(ARXIV), told(DOI, "As published", also=[ARXIV], authors=["Bob"], source="crossref")]
    report = await take(store, *reversed(batch) if turned else batch)
    assert outcome(report) == (1, 1, 0)
    paper = await only(store)
    assert {str(name) for name in (paper.id, *paper.other_ids)} == {ARXIV, DOI}
    assert [listing.source for listing in paper.listings] == ["crossref", "huggingface"]


async def test_papers_of_a_batch_with_a_title_and_an_author_in_common_are_one(store: SqlStore) -> None:
    assert outcome(await take(store, told(ARXIV), told(DOI, source="crossref"))) == (1, 1, 0)
    assert await ids(store) == [ARXIV]


async def test_a_report_counts_what_was_read_damaged_items_included(store: SqlStore) -> None:
    batch = Batch("a day", (told(ARXIV), told(OTHER_ARXIV, day=MONDAY + DAY)), {"no title": 2, "no id": 1})
    report = await ingest(store, "huggingface", batch, NOW)
    assert (report.read, outcome(report), dict(report.skipped)) == (5, (2, 0, 0), {"no title": 2, "no id": 1})
    assert report.newest_day == MONDAY + DAY


async def test_a_pass_is_noted_in_the_sources_diary_even_if_it_brought_nothing(store: SqlStore) -> None:
    await take(store, told(ARXIV))
    await take(store, now=NOW + HOUR)
    async with store.read() as session:
        (run,) = await session.source_runs.all()
    assert (run.source, run.last_success, run.newest_day) == ("huggingface", NOW + HOUR, MONDAY)


async def nothing_is_there(store: SqlStore) -> bool:
    async with store.read() as session:
        counts = (await session.papers.count(), await session.papers.last_change(), await session.source_runs.all())
    return counts == (0, 0, [])


async def test_a_batch_with_a_paper_that_can_not_be_stored_leaves_nothing(store: SqlStore) -> None:
    broken = replace(told(OTHER_ARXIV), models=2**70)  # more than a column holds
    with pytest.raises((OverflowError, sa.exc.DataError)):  # as SQLite says it, and PostgreSQL
        await take(store, told(ARXIV), broken)
    assert await nothing_is_there(store)
    assert outcome(await take(store, told(ARXIV))) == (1, 0, 0), "and the store goes on"


async def test_a_batch_that_fails_after_saving_leaves_nothing(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    save = SqlPapers.save

    async def save_and_stumble(papers: SqlPapers, saved: Sequence[Paper], now: dt.datetime) -> None:
        await save(papers, saved, now)
        raise ConnectionError("gone")

    with monkeypatch.context() as stumbling:
        stumbling.setattr(SqlPapers, "save", save_and_stumble)
        with pytest.raises(ConnectionError):
            await take(store, told(ARXIV))
    assert await nothing_is_there(store)
