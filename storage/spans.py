"""The papers of several days as tallies. Of thousands, each is a line in the one row of an answer: `known_papers` says
why rows cost more than what is in them."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bot.tally import Picking, Tally, midnight
from storage.connection import Connection
from storage.known_papers import KnownPapers
from storage.schema import listings, members, papers, store_meta, team_votes

_AND, _NEXT = "|", "\n"
"""Between the facts of a paper, of which the key comes last because it may hold the one; and between papers."""


class SqlSpans:
    """Asks the listings of days, and the papers that have any."""

    def __init__(self, connection: Connection, known: KnownPapers | None = None) -> None:
        self._connection = connection
        self._known = known

    async def tallies(self, first: dt.date, last: dt.date, picking: Picking) -> Sequence[Tally]:
        """Return the tallies of the papers with such a listing on one of the days, in no promised order."""
        if self._known is None:
            return await self._read(first, last, picking)
        span = first, last, picking
        change: int = (await self._connection.execute(_LAST_CHANGE)).scalar_one()
        tallies = self._known.tallies.as_of(span, change)
        if tallies is None:
            tallies = await self._read(*span)
            self._known.tallies.keep(span, change, tallies)
        return tallies

    async def _read(self, first: dt.date, last: dt.date, picking: Picking) -> tuple[Tally, ...]:
        asked = {
            "first": first,
            "last": last,
            "any": picking.sources is None,
            "sources": sorted(picking.sources or {""}),  # of an empty list, SQLAlchemy makes a subquery to scan
            "or_counted": picking.or_counted,
        }
        told: str | None = (await self._connection.execute(_TALLIES, asked)).scalar_one()
        return await asyncio.to_thread(_read, told) if told else ()

    async def count(self, first: dt.date, last: dt.date) -> int:
        """Return how many papers any source listed on one of the days."""
        found: int = (await self._connection.execute(_COUNT, {"first": first, "last": last})).scalar_one()
        return found

    async def team_votes(self, team_id: int, first: dt.date, last: dt.date) -> dict[str, int]:
        """Return the team's votes on papers listed on one of the days, by key; those without are left out."""
        rows = await self._connection.execute(_TEAM_VOTES, {"team": team_id, "first": first, "last": last})
        return {row.key: row.votes for row in rows}


def _read(told: str) -> tuple[Tally, ...]:
    """Return the tallies of an answer; papers that were listed together share their dates."""
    dates: dict[tuple[str, ...], tuple[dt.date, dt.datetime]] = {}
    found = []
    for line in told.split(_NEXT):
        votes, comments, stars, *days, key = line.split(_AND, 6)
        when = dates.get(told_days := tuple(days))
        if when is None:
            when = dates[told_days] = _dates(*days)
        found.append(Tally(key, _count(votes), _count(comments), _count(stars), *when))
    return tuple(found)


def _count(told: str) -> int | None:
    return int(told) if told else None


def _dates(announced: str, listed_at: str, without_time: str) -> tuple[dt.date, dt.datetime]:
    """Return the first day, and the first time of the two: as a source said, or of a day that has no time."""
    times = [dt.datetime.fromisoformat(listed_at)] if listed_at else []
    times = [time if time.tzinfo else time.replace(tzinfo=dt.UTC) for time in times]  # SQLite forgets it
    if without_time:
        times.append(midnight(dt.date.fromisoformat(without_time)))
    return dt.date.fromisoformat(announced), min(times)


def _text(value: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.func.coalesce(sa.cast(value, sa.String), "", type_=sa.String)


def _tallies() -> sa.Select[Any]:
    """Each paper as "votes|comments|stars|first day|first time|first day without a time|key", in the order of `_read`.

    The facts are of all its listings, each by the primary key; which papers, an index of the days says.
    """
    told = sa.alias(listings)
    without_time = sa.case((told.c.listed_at.is_(None), told.c.day))
    facts = (
        sa.func.max(told.c.votes),
        sa.func.max(told.c.comments),
        sa.func.max(told.c.stars),
        sa.func.min(told.c.day),
        sa.func.min(told.c.listed_at),
        sa.func.min(without_time),
    )
    line: sa.ColumnElement[str] = _text(facts[0])
    for fact in facts[1:]:
        line = line + _AND + _text(fact)
    of_the_paper = sa.select(line).where(told.c.paper == papers.c.id).correlate(papers).scalar_subquery()
    picked = sa.or_(
        sa.bindparam("any", type_=sa.Boolean),
        listings.c.source.in_(sa.bindparam("sources", expanding=True)),
        sa.and_(sa.bindparam("or_counted", type_=sa.Boolean), listings.c.votes.is_not(None)),
    )
    which = papers.c.id.in_(sa.select(listings.c.paper).where(_ON_DAYS, picked))
    return sa.select(sa.func.aggregate_strings(of_the_paper + _AND + papers.c.key, _NEXT)).where(which)


def _team_votes() -> sa.Select[Any]:
    """Begins with the team: it has voted for less than arXiv announces."""
    listed = sa.exists().where(listings.c.paper == papers.c.id, _ON_DAYS)
    return (
        sa.select(papers.c.key, sa.func.count().label("votes"))
        .join(team_votes, team_votes.c.paper == papers.c.id)
        .join(members, members.c.id == team_votes.c.member)
        .where(members.c.team == sa.bindparam("team"), listed)
        .group_by(papers.c.key)
    )


_FIRST, _LAST = (sa.bindparam(name, type_=listings.c.day.type) for name in ("first", "last"))
_ON_DAYS = listings.c.day.between(_FIRST, _LAST)
_LAST_CHANGE = sa.select(store_meta.c.last_change)
_COUNT = sa.select(sa.func.count(listings.c.paper.distinct())).where(_ON_DAYS)
_TALLIES = _tallies()
_TEAM_VOTES = _team_votes()
