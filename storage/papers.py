"""The paper store."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.same_work import title_start
from bot.store_papers import VoteCount
from storage.connection import Connection, Parameters
from storage.holding import hold
from storage.known_papers import KnownPapers
from storage.paper_names import rows_of
from storage.paper_reading import PaperQuery, numbers_of, read_changes, read_known, read_papers, read_rows
from storage.paper_rows import names_of
from storage.paper_saving import save_papers
from storage.schema import author_names, listings, paper_ids, papers, store_meta, title_starts, vote_counts
from storage.statements import portions

_AFTER_ALL = "\U0010ffff"
"""No name holds it, and it comes after every other character."""


class SqlPapers:
    """Papers in tables. Each question costs a fixed number of statements, however many papers it finds."""

    def __init__(self, connection: Connection, changing: bool, known: KnownPapers | None = None) -> None:
        self._connection = connection
        self._changing = changing
        self._known = known

    async def get(self, paper_id: PaperId) -> Paper | None:
        """Return the paper that the id, or one of its other ids, leads to."""
        named = sa.select(paper_ids.c.paper).where(paper_ids.c.key == str(paper_id))
        found = await self._papers(sa.select(papers).where(papers.c.id == named.scalar_subquery()))
        return next(iter(found.values()), None)

    async def get_many(self, paper_ids: Sequence[PaperId]) -> list[Paper]:
        """Return the papers of those (main) ids in that order; unknown ones are left out."""
        found: dict[PaperId, Paper] = {}
        for keys in portions(map(str, paper_ids)):
            rows = await self._listed(_OF_KEYS, {"keys": keys})
            found |= {paper.id: paper for paper in rows.values()}
        return [found[paper_id] for paper_id in paper_ids if paper_id in found]

    async def listed(self, first: dt.date, last: dt.date) -> list[Paper]:
        """Return every paper with a listing on one of the days, both included, in no promised order."""
        found = await self._listed(_LISTED, {"first": first, "last": last})
        return list(found.values())

    async def days_around(self, day: dt.date) -> tuple[dt.date | None, dt.date | None]:
        """Return the nearest days before and after that have listings."""
        row = (await self._connection.execute(_DAYS_AROUND, {"day": day})).one()
        return row[0], row[1]

    async def known(self, papers: Sequence[Paper]) -> dict[PaperId, list[Paper]]:
        """Return, by incoming id, the stored papers that share an id with each; unknown ones are left out.

        In a change, others' papers wait from here on: what is merged with the stored ones would undo theirs.
        """
        if self._changing:
            await hold(self._connection, sa.select(store_meta.c.id))
        owners = await rows_of(self._connection, (key for paper in papers for key in names_of(paper)))
        stored = await self._connection.run_sync(lambda connection: read_rows(connection, owners.values()))
        found = {}
        for paper in papers:
            theirs = dict.fromkeys(owners[key] for key in names_of(paper) if key in owners)
            if theirs:
                found[paper.id] = [stored[row] for row in theirs]
        return found

    async def with_titles(self, starts: Collection[str]) -> dict[str, list[Paper]]:
        """Return stored papers by what their titles begin with (`bot.same_work.title_start`)."""
        found = defaultdict(list)
        for some in portions(starts):
            rows = await self._papers(sa.select(papers).where(title_starts.in_(some)).order_by(papers.c.id))
            for paper in rows.values():
                found[title_start(paper.title)].append(paper)
        return dict(found)

    async def save(self, papers: Sequence[Paper], now: dt.datetime) -> None:
        """Insert or replace papers in bulk, and give each the next number of the change sequence.

        A stored paper is recognised by any shared id. Votes that differ from the stored ones go into the
        votes' history with `now`.
        """
        await self._connection.run_sync(lambda connection: save_papers(connection, papers, now))

    async def changed_since(self, sequence: int, limit: int) -> list[tuple[int, Paper]]:
        """Return papers with their change numbers above `sequence`, in order, at most `limit`."""
        return await self._connection.run_sync(lambda connection: read_changes(connection, sequence, limit))

    async def last_change(self) -> int:
        """Return the newest number of the change sequence; 0 in an empty store."""
        last: int = (await self._connection.execute(sa.select(store_meta.c.last_change))).scalar_one()
        return last

    async def votes_at(self, paper_ids: Collection[PaperId], instant: dt.datetime) -> dict[PaperId, int]:
        """Return the votes each paper had at that time; papers not seen by then are left out.

        A paper that was seen, but without votes, had none.
        """
        found: dict[PaperId, int] = {}
        for keys in portions(map(str, paper_ids)):
            told = (await self._connection.execute(_VOTES_AT, {"keys": keys, "instant": instant})).scalar_one() or ""
            votes_of = (pair.rpartition("=") for pair in told.split())
            found |= {PaperId.parse(key): int(votes) for key, _, votes in votes_of}
        return found

    async def vote_history(self, papers: Collection[PaperId]) -> dict[PaperId, list[VoteCount]]:
        """Return the votes' history of papers (main ids), of all their listings; those without votes are left out."""
        by_key = {str(paper): paper for paper in papers}
        counts = sa.select(paper_ids.c.key, vote_counts).join(vote_counts, vote_counts.c.paper == paper_ids.c.paper)
        found = defaultdict(list)
        for keys in portions(by_key):
            for row in await self._connection.execute(counts.where(paper_ids.c.key.in_(keys))):
                found[by_key[row.key]].append(VoteCount(row.day, row.source, row.at, row.votes))
        return dict(found)

    async def author_names(self, block_keys: Collection[str]) -> list[str]:
        """Return the distinct author names that have one of these keys (`bot.names.block_keys`).

        A key that ends in "|", as of a family name alone, stands for all keys that begin with it.
        """
        key = author_names.c.block_key
        families = [name for name in block_keys if name.endswith("|")]
        of_families = [sa.and_(key >= name, key < f"{name[:-1]}}}") for name in families]  # "}" comes after "|"
        found: set[str] = set()
        for keys in portions(block_keys):
            named = sa.select(author_names.c.name).where(sa.or_(key.in_(keys), *of_families))
            found.update((await self._connection.execute(named)).scalars())
        return sorted(found)

    async def author_names_from(self, beginning: str, limit: int) -> list[str]:
        """Return distinct author names with a key that begins so, in order of the keys, of at most `limit` keys."""
        key = author_names.c.block_key
        begins = sa.and_(key >= beginning, key < beginning + _AFTER_ALL)
        named = sa.select(author_names.c.name).where(begins).order_by(key, author_names.c.name).limit(limit)
        return list(dict.fromkeys((await self._connection.execute(named)).scalars()))

    async def organisations(self) -> list[str]:
        """Return every organisation that a listing names."""
        named = sa.select(listings.c.organisation).where(listings.c.organisation.is_not(None))
        return list((await self._connection.execute(named.distinct().order_by(listings.c.organisation))).scalars())

    async def count(self) -> int:
        """Return how many papers there are."""
        return (await self._connection.execute(sa.select(sa.func.count()).select_from(papers))).scalar_one()

    async def _papers(self, query: PaperQuery) -> dict[int, Paper]:
        return await self._connection.run_sync(lambda connection: read_papers(connection, query))

    async def _listed(self, numbers: sa.Select[Any], parameters: Parameters) -> dict[int, Paper]:
        known = self._known if self._known is not None else KnownPapers()
        return await self._connection.run_sync(lambda connection: read_known(connection, numbers, parameters, known))


def _votes_at() -> sa.Select[Any]:
    """The most votes that any listing of each paper had at that time, by the name that was asked for.

    Each as "name=votes", all of them in one row (`storage.known_papers` says why); no name holds a space.
    """
    counts, instant = sa.alias(vote_counts), sa.bindparam("instant", type_=vote_counts.c.at.type)
    latest = (
        sa.select(sa.func.max(vote_counts.c.at))
        .where(vote_counts.c.paper == counts.c.paper, vote_counts.c.at <= instant)
        .where(vote_counts.c.day == counts.c.day, vote_counts.c.source == counts.c.source)
        .scalar_subquery()
    )
    votes = sa.select(sa.func.max(counts.c.votes)).where(counts.c.paper == papers.c.id, counts.c.at == latest)
    counted = votes.correlate(papers).scalar_subquery()
    seen = sa.or_(papers.c.first_seen <= instant, counted.is_not(None))
    pair = paper_ids.c.key + "=" + sa.cast(sa.func.coalesce(counted, 0), sa.String)
    named = sa.select(sa.func.aggregate_strings(pair, " ")).select_from(paper_ids)
    asked = paper_ids.c.key.in_(sa.bindparam("keys", expanding=True))
    return named.join(papers, papers.c.id == paper_ids.c.paper).where(asked, seen)


def _days_around() -> sa.Select[Any]:
    day = sa.bindparam("day", type_=listings.c.day.type)
    before = sa.select(sa.func.max(listings.c.day)).where(listings.c.day < day)
    after = sa.select(sa.func.min(listings.c.day)).where(listings.c.day > day)
    return sa.select(before.scalar_subquery(), after.scalar_subquery())


# What every list of papers asks, built once: SQLAlchemy takes 0.1 to 0.5 ms for each, and SQLite less for its answer.
_OF_KEYS = numbers_of(papers.c.key.in_(sa.bindparam("keys", expanding=True)))
_FIRST, _LAST = (sa.bindparam(name, type_=listings.c.day.type) for name in ("first", "last"))
_ON_DAYS = sa.select(listings.c.paper).where(listings.c.day.between(_FIRST, _LAST))
_LISTED = numbers_of(papers.c.id.in_(_ON_DAYS))
_DAYS_AROUND = _days_around()
_VOTES_AT = _votes_at()
