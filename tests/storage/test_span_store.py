"""Tallies: what the orders of several days ask of papers, as the store tells it without loading them."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import replace

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.tally import Picking, Tally
from bot.team import Caller
from storage.database import SqlStore, open_store
from storage.known_papers import KnownTallies

MakePaper = Callable[..., Paper]

ANY = Picking()
PICKINGS = (ANY, Picking(frozenset({"a"})), Picking(frozenset({"a", "b"})), Picking(frozenset({"a"}), or_counted=True))
KEYS = ("arxiv:2506.00001", "doi:10.1/a|b|c", "doi:10.1/;'=%", "acl:P19-1001")
DAYS = st.dates(dt.date(2025, 6, 1), dt.date(2025, 6, 9))

_noon = dt.datetime(2025, 6, 5, 12, tzinfo=dt.UTC)
_times = st.timedeltas(-dt.timedelta(days=6), dt.timedelta(days=6)).map(lambda off: _noon + off)
_counts = st.none() | st.integers(0, 10**6)
_listings = st.builds(
    Listing, source=st.sampled_from(("a", "b", "c")), day=DAYS, votes=_counts, comments=_counts, stars=_counts,
    listed_at=st.none() | _times,
)  # fmt: skip
_several = st.lists(_listings, max_size=4, unique_by=lambda one: (one.source, one.day))
_papers = st.lists(_several, min_size=len(KEYS), max_size=len(KEYS)).map(
    lambda told: [
        Paper(PaperId.parse(key), "A paper", listings=tuple(listings)) for key, listings in zip(KEYS, told, strict=True)
    ]
)


async def save(store: SqlStore, papers: Collection[Paper]) -> None:
    async with store.write() as session:
        await session.papers.save(list(papers), dt.datetime(2025, 6, 12, tzinfo=dt.UTC))


async def tallies(store: SqlStore, first: dt.date, last: dt.date, picking: Picking = ANY) -> list[Tally]:
    """Return the tallies by key."""
    async with store.read() as session:
        return sorted(await session.spans.tallies(first, last, picking), key=lambda tally: tally.key)


def expected(papers: Collection[Paper], first: dt.date, last: dt.date, picking: Picking) -> list[Tally]:
    """Return the same from the papers."""
    found = [
        Tally.of(paper)
        for paper in papers
        if any(first <= each.day <= last and picking.takes(each) for each in paper.listings)
    ]
    return sorted(found, key=lambda tally: tally.key)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(papers=_papers, ends=st.tuples(DAYS, DAYS))
async def test_tallies_are_those_of_the_stored_papers(
    store: SqlStore, papers: list[Paper], ends: tuple[dt.date, dt.date]
) -> None:
    await save(store, papers)
    first, last = sorted(ends)
    for picking in PICKINGS:
        assert await tallies(store, first, last, picking) == expected(papers, first, last, picking)
    async with store.read() as session:
        assert await session.spans.count(first, last) == len(expected(papers, first, last, ANY))


async def test_a_teams_votes_on_papers_of_some_days(
    store: SqlStore, paper: MakePaper, alice: Caller, bob: Caller, now: dt.datetime, day: dt.date
) -> None:
    liked, older, unloved = paper(1), paper(2, day=day - dt.timedelta(days=1)), paper(3)
    await save(store, [liked, older, unloved])
    async with store.write() as session:
        mallory = await session.teams.welcome("slack", "Initech", "#papers", "Mallory")
        for who, liking in ((alice, liked), (bob, liked), (alice, older), (mallory, liked), (mallory, unloved)):
            await session.opinions.vote(who, liking.id, now)
    async with store.read() as session:
        assert await session.spans.team_votes(alice.team.id, day, day) == {str(liked.id): 2}
        earlier = day - dt.timedelta(days=1)
        assert await session.spans.team_votes(alice.team.id, earlier, day) == {str(liked.id): 2, str(older.id): 1}


async def test_tallies_that_are_known_are_not_read_again_until_a_paper_is_changed(
    store: SqlStore, paper: MakePaper, day: dt.date
) -> None:
    await save(store, [paper(1, votes=1)])
    (first,), (again,) = await tallies(store, day, day), await tallies(store, day, day)
    assert first is again
    await save(store, [paper(1, votes=2), paper(2)])
    assert [tally.votes for tally in await tallies(store, day, day)] == [2, 0]


class TakenBackError(Exception):
    """Ends a change without its being stored."""


async def test_a_change_sees_its_own_tallies_which_nobody_else_does(
    store: SqlStore, paper: MakePaper, now: dt.datetime, day: dt.date
) -> None:
    await save(store, [paper(1, votes=1)])

    async def change_and_take_back() -> None:
        async with store.write() as session:
            await session.papers.save([paper(1, votes=5)], now)
            assert [tally.votes for tally in await session.spans.tallies(day, day, ANY)] == [5]
            raise TakenBackError

    with pytest.raises(TakenBackError):
        await change_and_take_back()
    await save(store, [replace(paper(1, votes=3))])  # under the number that was taken back
    assert [tally.votes for tally in await tallies(store, day, day)] == [3]


async def test_dates_are_read_on_a_server_that_writes_them_in_another_way(
    postgres_url: str, paper: MakePaper, day: dt.date, now: dt.datetime
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET DateStyle = "German"'.encode())
    store = await open_store(postgres_url)
    try:
        stored = replace(paper(1), listings=(Listing("a", day, listed_at=now),))
        await save(store, [stored])
        assert await tallies(store, day, day) == [Tally.of(stored)]
    finally:
        await store.close()


def test_tallies_that_nobody_asked_for_of_late_are_forgotten(paper: MakePaper, day: dt.date) -> None:
    known = KnownTallies(most=7)
    spans = [(day, day + dt.timedelta(days=days), ANY) for days in range(3)]
    three = tuple(Tally.of(paper(number)) for number in range(3))
    known.keep(spans[0], 1, three[:2])
    known.keep(spans[1], 1, three[:2])
    assert known.as_of(spans[0], 1) == three[:2]
    known.keep(spans[2], 1, three[:2])
    assert [bool(known.as_of(span, 1)) for span in spans] == [True, False, True]
    assert known.as_of(spans[0], 2) is None
    known.keep(spans[1], 1, three * 3)
    assert [known.as_of(span, 1) for span in spans] == [None, None, None], "what is too large is not kept either"
