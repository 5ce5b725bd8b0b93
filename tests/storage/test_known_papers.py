"""Lists keep the papers that they read, and show them as the last change left them all the same."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.paper import Listing, Paper
from storage.database import SqlStore
from storage.known_papers import KnownPapers

MakePaper = Callable[..., Paper]


async def listed(store: SqlStore, day: dt.date) -> list[Paper]:
    """Return the day's papers by id."""
    async with store.read() as session:
        return sorted(await session.papers.listed(day, day), key=lambda paper: paper.id)


async def save(store: SqlStore, now: dt.datetime, *papers: Paper) -> None:
    async with store.write() as session:
        await session.papers.save(papers, now)


async def test_a_list_shows_what_changed_since_it_was_read(
    store: SqlStore, paper: MakePaper, now: dt.datetime, day: dt.date
) -> None:
    one, two = paper(1, votes=1), paper(2, votes=2)
    await save(store, now, one, two)
    assert await listed(store, day) == [one, two]
    risen = replace(one, title="A new title", listings=(replace(one.listings[0], votes=9),))
    await save(store, now, risen)
    assert await listed(store, day) == [risen, two]
    async with store.read() as session:
        assert await session.papers.get_many([two.id, one.id]) == [two, risen]


async def test_a_listing_that_is_added_or_gone_is_seen(
    store: SqlStore, paper: MakePaper, now: dt.datetime, day: dt.date
) -> None:
    one = paper(1)
    await save(store, now, one)
    assert await listed(store, day) == [one]
    twice = replace(one, listings=(*one.listings, Listing("arxiv", day, votes=None, first_seen=now)))
    await save(store, now, twice)
    assert {listing.source for listing in (await listed(store, day))[0].listings} == {"huggingface", "arxiv"}


class TakenBackError(Exception):
    """Ends a change without its being stored."""


async def change_and_take_back(store: SqlStore, paper: Paper, now: dt.datetime, day: dt.date) -> None:
    """Save a paper, see it in a list, and take the change back."""
    async with store.write() as session:
        await session.papers.save([paper], now)
        assert await session.papers.listed(day, day) == [paper]
        raise TakenBackError


async def test_what_a_change_took_back_is_in_no_list(
    store: SqlStore, paper: MakePaper, now: dt.datetime, day: dt.date
) -> None:
    one = paper(1)
    await save(store, now, one)
    with pytest.raises(TakenBackError):
        await change_and_take_back(store, replace(one, title="Never stored"), now, day)
    later = replace(one, title="Stored")
    await save(store, now, later)  # under the number that was taken back
    assert await listed(store, day) == [later]


async def test_a_paper_is_made_once_however_often_it_is_listed(
    store: SqlStore, paper: MakePaper, now: dt.datetime, day: dt.date
) -> None:
    await save(store, now, *(paper(number) for number in range(1, 40)))
    first, again = await listed(store, day), await listed(store, day)
    assert len(first) == 39
    assert all(one is other for one, other in zip(first, again, strict=True))


def test_papers_that_nobody_asked_for_of_late_are_forgotten(paper: MakePaper) -> None:
    known = KnownPapers(most=2)
    for row in (1, 2):
        known.keep(row, 10 + row, paper(row))
    assert known.as_of(1, 11) == paper(1)
    known.keep(3, 13, paper(3))
    assert [bool(known.as_of(row, 10 + row)) for row in (1, 2, 3)] == [True, False, True]


def test_a_paper_is_known_by_its_last_change_alone(paper: MakePaper) -> None:
    known = KnownPapers()
    known.keep(1, 11, paper(1))
    assert known.as_of(1, 12) is None
