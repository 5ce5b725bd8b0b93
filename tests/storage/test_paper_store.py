"""Papers go in and come out as they were, by any of their names."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ingest import ingest
from bot.names import block_keys
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch
from bot.same_work import title_start
from storage.database import SqlStore

MakePaper = Callable[..., Paper]

ARXIV = PaperId.parse("arxiv:2506.01234")
DOI = PaperId.parse("doi:10.1234/abc")
WEB = PaperId.parse("web:0123456789abcdef")

FULL = Paper(
    id=ARXIV,
    title="Étude of “attention”",
    authors=("Ada Lovelace", "山田 太郎", "Ada Lovelace"),
    abstract="One.\n\nTwo.",
    published=dt.date(2025, 6, 2),
    categories=("cs.CL", "cs.LG"),
    other_ids=(DOI, WEB),
    version=3,
    venue="ACL 2025",
    comment="9 pages",
    code_url="https://example.org/code",
    project_url="https://example.org",
    video_url="https://example.org/video",
    models=0,
    listings=(
        Listing(
            source="huggingface",
            day=dt.date(2025, 6, 11),
            votes=0,
            comments=0,
            submitter="akhaliq",
            organisation="Google DeepMind",
            stars=0,
            summary="In short.",
            keywords=("attention", "étude"),
            listed_at=dt.datetime(2025, 6, 11, 1, 2, 3, 456789, tzinfo=dt.UTC),
            first_seen=dt.datetime(2025, 6, 11, 4, tzinfo=dt.UTC),
            url="https://example.org/discuss",
        ),
        Listing(source="arxiv", day=dt.date(2025, 6, 12)),
    ),
    first_seen=dt.datetime(2025, 6, 11, 4, tzinfo=dt.UTC),
)


async def save(store: SqlStore, *papers: Paper, now: dt.datetime) -> None:
    async with store.write() as session:
        await session.papers.save(papers, now)


async def get(store: SqlStore, paper_id: PaperId) -> Paper | None:
    async with store.read() as session:
        return await session.papers.get(paper_id)


async def test_a_paper_comes_back_with_all_that_is_known_of_it(store: SqlStore, now: dt.datetime) -> None:
    await save(store, FULL, now=now)
    assert await get(store, ARXIV) == FULL


async def test_what_is_not_known_of_a_paper_comes_back_as_unknown(store: SqlStore, now: dt.datetime) -> None:
    bare = Paper(id=ARXIV, title="Bare")
    await save(store, bare, now=now)
    assert await get(store, ARXIV) == bare


async def test_each_name_of_a_paper_leads_to_it(store: SqlStore, now: dt.datetime) -> None:
    await save(store, FULL, now=now)
    assert [await get(store, name) for name in (DOI, WEB)] == [FULL, FULL]
    assert await get(store, PaperId.parse("arxiv:2506.09999")) is None


async def test_a_paper_saved_under_another_of_its_names_stays_one_paper(store: SqlStore, now: dt.datetime) -> None:
    await save(store, Paper(id=DOI, title="First"), now=now)
    await save(store, Paper(id=ARXIV, title="Second", other_ids=(DOI,)), now=now)
    async with store.read() as session:
        assert await session.papers.count() == 1
        assert await session.papers.get(DOI) == Paper(id=ARXIV, title="Second", other_ids=(DOI,))


async def test_papers_of_one_batch_that_share_a_name_are_one_paper(store: SqlStore, now: dt.datetime) -> None:
    await save(store, Paper(id=DOI, title="First"), Paper(id=ARXIV, title="Second", other_ids=(DOI,)), now=now)
    async with store.read() as session:
        assert [paper.title for _, paper in await session.papers.changed_since(0, 10)] == ["Second"]


async def test_replacing_a_paper_replaces_its_listings(store: SqlStore, now: dt.datetime) -> None:
    await save(store, FULL, now=now)
    changed = replace(FULL, title="Another", listings=FULL.listings[1:])
    await save(store, changed, now=now)
    assert await get(store, ARXIV) == changed


async def test_papers_come_in_the_order_asked_for(store: SqlStore, paper: MakePaper, now: dt.datetime) -> None:
    papers = [paper(number) for number in (1, 2, 3)]
    await save(store, *papers, now=now)
    unknown = PaperId.parse("arxiv:2506.09999")
    async with store.read() as session:
        found = await session.papers.get_many([papers[2].id, unknown, papers[0].id])
    assert found == [papers[2], papers[0]]


async def test_the_days_list_holds_papers_with_all_their_listings(
    store: SqlStore, paper: MakePaper, now: dt.datetime
) -> None:
    other = paper(2, day=dt.date(2025, 6, 13))
    await save(store, FULL, other, now=now)
    async with store.read() as session:
        assert await session.papers.listed(dt.date(2025, 6, 12), dt.date(2025, 6, 12)) == [FULL]
        assert len(await session.papers.listed(dt.date(2025, 6, 11), dt.date(2025, 6, 13))) == 2
        assert await session.papers.listed(dt.date(2025, 6, 14), dt.date(2025, 6, 20)) == []


async def test_the_nearest_days_with_listings(store: SqlStore, now: dt.datetime) -> None:
    await save(store, FULL, now=now)
    async with store.read() as session:
        assert await session.papers.days_around(dt.date(2025, 6, 12)) == (dt.date(2025, 6, 11), None)
        assert await session.papers.days_around(dt.date(2025, 1, 1)) == (None, dt.date(2025, 6, 11))


async def test_known_papers_are_found_by_any_shared_name(store: SqlStore, paper: MakePaper, now: dt.datetime) -> None:
    await save(store, FULL, now=now)
    by_doi = Paper(id=DOI, title="x")
    by_other = Paper(id=PaperId.parse("acl:2025.acl-long.1"), title="y", other_ids=(WEB,))
    async with store.read() as session:
        assert await session.papers.known([by_doi, by_other, paper(9)]) == {by_doi.id: [FULL], by_other.id: [FULL]}


async def test_papers_are_found_by_title_however_it_is_spelt(store: SqlStore, now: dt.datetime) -> None:
    await save(store, FULL, now=now)
    start = title_start("etude OF Attention")
    async with store.read() as session:
        assert await session.papers.with_titles({start, "nosuchtitle"}) == {start: [FULL]}


async def test_authors_are_found_by_the_key_of_a_spelling(store: SqlStore, now: dt.datetime) -> None:
    await save(store, FULL, now=now)
    async with store.read() as session:
        assert await session.papers.author_names(block_keys("A. Lovelace")) == ["Ada Lovelace"]
        assert await session.papers.author_names(block_keys("Grace Hopper")) == []


async def test_organisations_that_listings_name(store: SqlStore, now: dt.datetime) -> None:
    await save(store, FULL, now=now)
    async with store.read() as session:
        assert await session.papers.organisations() == ["Google DeepMind"]


async def test_every_save_moves_a_paper_to_the_end_of_the_changes(
    store: SqlStore, paper: MakePaper, now: dt.datetime
) -> None:
    first, second = paper(1), paper(2)
    await save(store, first, second, now=now)
    async with store.read() as session:
        before = await session.papers.last_change()
    await save(store, first, now=now)
    async with store.read() as session:
        assert await session.papers.changed_since(before, 10) == [(before + 1, first)]
        assert [found for _, found in await session.papers.changed_since(0, 1)] == [second]
        assert await session.papers.last_change() == before + 1


async def test_an_empty_store_has_had_no_change(store: SqlStore, now: dt.datetime) -> None:
    await save(store, now=now)
    async with store.read() as session:
        assert (await session.papers.last_change(), await session.papers.count()) == (0, 0)


async def test_a_rising_paper_had_fewer_votes_before(store: SqlStore, paper: MakePaper, now: dt.datetime) -> None:
    hour = dt.timedelta(hours=1)
    for passed, votes in enumerate((0, 3, 3, 10)):
        await save(store, paper(1, votes=votes), now=now + passed * hour)
    ids = [paper(1).id]
    async with store.read() as session:
        before = [await session.papers.votes_at(ids, now + passed * hour) for passed in (-1, 0, 1, 2, 3)]
        kept = (await session.connection.execute(sa.text("SELECT count(*) FROM vote_counts"))).scalar_one()
    assert before == [{}, {ids[0]: 0}, {ids[0]: 3}, {ids[0]: 3}, {ids[0]: 10}]
    assert kept == 3, "a count that did not change is no news"


async def test_a_paper_seen_without_votes_had_none(store: SqlStore, paper: MakePaper, now: dt.datetime) -> None:
    await save(store, paper(1, votes=None), now=now)
    async with store.read() as session:
        assert await session.papers.votes_at([paper(1).id], now) == {paper(1).id: 0}
        assert await session.papers.votes_at([paper(1).id], now - dt.timedelta(seconds=1)) == {}


async def test_the_most_votes_of_all_listings_count(store: SqlStore, paper: MakePaper, now: dt.datetime) -> None:
    two = replace(paper(1), listings=(*paper(1, votes=7).listings, *paper(1, votes=4, source="openreview").listings))
    await save(store, two, now=now)
    async with store.read() as session:
        assert await session.papers.votes_at([two.id], now) == {two.id: 7}


async def test_a_day_read_twice_changes_nothing(store: SqlStore, paper: MakePaper, now: dt.datetime) -> None:
    day = Batch("a day", tuple(paper(number) for number in range(1, 31)), {})
    first = await ingest(store, "huggingface", day, now)
    again = await ingest(store, "huggingface", day, now + dt.timedelta(days=1))
    assert (first.new, again.new, again.updated, again.unchanged) == (30, 0, 0, 30)


async def test_more_papers_than_one_statement_takes(store: SqlStore, paper: MakePaper, now: dt.datetime) -> None:
    papers = [paper(number) for number in range(1, 12_001)]
    await save(store, *papers, now=now)
    async with store.read() as session:
        assert await session.papers.get_many([each.id for each in papers]) == papers
        assert len(await session.papers.known(papers)) == 12_000


async def test_saving_a_day_takes_a_handful_of_statements(store: SqlStore, paper: MakePaper, now: dt.datetime) -> None:
    statements: list[str] = []

    def note(*of: Any) -> None:
        statements.append(of[2])

    async with store.write() as session:
        sa.event.listen(sa.Engine, "before_cursor_execute", note)
        await session.papers.save([paper(number) for number in range(1, 51)], now)
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert len(statements) < 12


async def test_a_time_without_a_zone_is_refused(store: SqlStore, paper: MakePaper, now: dt.datetime) -> None:
    with pytest.raises((ValueError, sa.exc.StatementError), match="offset from UTC"):
        await save(store, paper(1), now=now.replace(tzinfo=None))


_zones = st.integers(-12, 14).map(lambda hours: dt.timezone(dt.timedelta(hours=hours)))
_sane = st.datetimes(timezones=_zones).filter(lambda moment: 1 < moment.year < 9999)  # else UTC is out of range
_moments = st.none() | _sane
_words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)  # see `bot.text.clean`
_counts = st.none() | st.integers(0, 10**6)
_listings = st.builds(
    Listing, source=st.sampled_from(("a", "b")), day=st.dates(), votes=_counts, comments=_counts, stars=_counts,
    submitter=st.none() | _words, organisation=st.none() | _words, summary=st.none() | _words,
    keywords=st.lists(_words, max_size=3).map(tuple), listed_at=_moments, first_seen=_moments,
)  # fmt: skip
_papers = st.builds(
    Paper, id=st.just(ARXIV), title=_words, authors=st.lists(_words, max_size=3).map(tuple), abstract=_words,
    published=st.none() | st.dates(), models=_counts, version=_counts, first_seen=_moments,
    listings=st.lists(_listings, max_size=3, unique_by=lambda one: (one.source, one.day)).map(
        lambda several: tuple(sorted(several, key=lambda one: (one.day, one.source)))
    ),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(version=_papers)
async def test_whatever_is_saved_last_is_what_is_read(store: SqlStore, version: Paper) -> None:
    await save(store, version, now=dt.datetime(2025, 6, 12, tzinfo=dt.UTC))
    assert await get(store, ARXIV) == version


async def test_authors_are_found_by_the_beginning_of_a_key(store: SqlStore, now: dt.datetime) -> None:
    await save(store, FULL, now=now)
    async with store.read() as session:
        for beginning in ("l", "love", "lovelace|a", "ada|l"):
            assert "Ada Lovelace" in await session.papers.author_names_from(beginning, 10), beginning
        assert await session.papers.author_names_from("lovelace|b", 10) == []
        assert await session.papers.author_names_from("%", 10) == []
        assert len(await session.papers.author_names_from("", 1)) == 1
