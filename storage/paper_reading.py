"""Papers out of their tables, with their listings: two statements in one go, however many papers."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from bot.paper import Listing, Paper
from storage.connection import Parameters
from storage.known_papers import KnownPapers
from storage.paper_rows import listing_of, paper_of
from storage.schema import listings, papers
from storage.statements import portions

PaperQuery = sa.Select[tuple[object, ...]]
"""A selection of the whole table of papers."""


def read_papers(connection: sa.Connection, query: PaperQuery) -> dict[int, Paper]:
    """Return the papers that a query of their table finds, by row, in its order."""
    rows = connection.execute(query).all()
    told = _listings(connection, (row.id for row in rows))
    return {row.id: paper_of(row, told.get(row.id, ())) for row in rows}


def read_known(
    connection: sa.Connection, numbers: sa.Select[Any], parameters: Parameters, known: KnownPapers
) -> dict[int, Paper]:
    """Return the papers that `numbers_of` finds, by row; only those that are not known are read, and known then."""
    told: str = connection.execute(numbers, parameters).scalar() or ""
    pairs = (pair.split(":") for pair in told.split())
    asked = {int(row): int(sequence) for row, sequence in pairs}
    found = {row: paper for row, sequence in asked.items() if (paper := known.as_of(row, sequence))}
    for ids in portions(asked.keys() - found.keys()):
        rows = connection.execute(_OF_ROWS, {"ids": ids}).all()
        told_of = _listings(connection, ids)
        for row in rows:
            found[row.id] = paper_of(row, told_of.get(row.id, ()))
            known.keep(row.id, row.sequence, found[row.id])
    return found


def numbers_of(*which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return a query for the papers that meet those conditions: each as "row:sequence", all of them in one row."""
    pair = sa.cast(papers.c.id, sa.String) + ":" + sa.cast(papers.c.sequence, sa.String)
    return sa.select(sa.func.aggregate_strings(pair, " ")).where(*which)


def read_rows(connection: sa.Connection, rows: Iterable[int]) -> dict[int, Paper]:
    """Return the papers of those rows."""
    found: dict[int, Paper] = {}
    for ids in portions(rows):
        found |= read_papers(connection, sa.select(papers).where(papers.c.id.in_(ids)))
    return found


def read_changes(connection: sa.Connection, sequence: int, limit: int) -> list[tuple[int, Paper]]:
    """Return papers with their change numbers above `sequence`, in order, at most `limit`."""
    changed = sa.select(papers).where(papers.c.sequence > sequence).order_by(papers.c.sequence).limit(limit)
    rows = connection.execute(changed).all()
    told = _listings(connection, (row.id for row in rows))
    return [(row.sequence, paper_of(row, told.get(row.id, ()))) for row in rows]


def _listings(connection: sa.Connection, rows: Iterable[int]) -> dict[int, list[Listing]]:
    found = defaultdict(list)
    for ids in portions(rows):
        for row in connection.execute(_LISTINGS, {"ids": ids}):
            found[row.paper].append(listing_of(row))
    return found


_OF_ROWS = sa.select(papers).where(papers.c.id.in_(sa.bindparam("ids", expanding=True)))
_LISTINGS = (  # built once, for every list of papers is read with it
    sa.select(listings)
    .where(listings.c.paper.in_(sa.bindparam("ids", expanding=True)))
    .order_by(listings.c.paper, listings.c.day, listings.c.source)
)
