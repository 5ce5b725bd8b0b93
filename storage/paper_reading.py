"""Papers out of their tables, with their listings: two statements in one go, however many papers."""

from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa

from bot.paper import Listing, Paper
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
        of_those = sa.select(listings).where(listings.c.paper.in_(ids))
        for row in connection.execute(of_those.order_by(listings.c.paper, listings.c.day, listings.c.source)):
            found[row.paper].append(listing_of(row))
    return found
