"""Papers into their tables: a fixed number of bulk statements, however many papers."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from bot.names import block_keys
from bot.paper import Paper
from storage.bulk import insert_rows
from storage.paper_names import read_rows_of
from storage.paper_rows import Values, listing_values, names_of, paper_values, vote_count
from storage.schema import author_names, listings, paper_ids, papers, store_meta, vote_counts
from storage.statements import insert_missing, insert_new, insert_or_update, portions


def save_papers(connection: sa.Connection, saved: Sequence[Paper], now: dt.datetime) -> None:
    """Insert or replace papers, recognised by any shared id; the last of several that are one work stands. Blocks."""
    if not saved:
        return
    first_number = _take_numbers(connection, len(saved))  # before anything else: here writers queue
    stored = read_rows_of(connection, (key for paper in saved for key in names_of(paper)))
    numbered = _numbered(saved, stored, first_number)
    by_row = {row: paper for row, (_, paper) in numbered.items()}
    before = _votes(connection, stored.values())
    values = [paper_values(paper, row, number) for row, (number, paper) in numbered.items()]
    insert_rows(connection, insert_or_update, papers, values)
    _replace_listings(connection, by_row, by_row.keys() & set(stored.values()))
    insert_rows(connection, insert_missing, paper_ids, _name_values(by_row))
    insert_rows(connection, insert_missing, vote_counts, _changed_votes(by_row, before, now))
    insert_rows(connection, insert_missing, author_names, _author_values(saved))


def _take_numbers(connection: sa.Connection, count: int) -> int:
    """Return the first of so many new numbers of the change sequence."""
    raised = sa.update(store_meta).values(last_change=store_meta.c.last_change + count)
    last: int = (connection.execute(raised.returning(store_meta.c.last_change))).scalar_one()
    return last - count + 1


def _numbered(saved: Sequence[Paper], stored: Mapping[str, int], first_number: int) -> dict[int, tuple[int, Paper]]:
    """Return papers with their change numbers by row; the row of a new paper is its first number."""
    owners = dict(stored)
    found = {}
    for number, paper in enumerate(saved, start=first_number):
        keys = names_of(paper)
        row = next((owners[key] for key in keys if key in owners), number)
        for key in keys:
            owners.setdefault(key, row)
        found[row] = (number, paper)
    return dict(sorted(found.items()))  # whoever else holds several papers takes them in this order, too


_Votes = dict[tuple[int, dt.date, str], int | None]


def _votes(connection: sa.Connection, rows: Collection[int]) -> _Votes:
    """Return the stored votes of the papers' listings."""
    found: _Votes = {}
    for ids in portions(rows):
        counted = sa.select(listings.c.paper, listings.c.day, listings.c.source, listings.c.votes)
        for row in connection.execute(counted.where(listings.c.paper.in_(ids))):
            found[row.paper, row.day, row.source] = row.votes
    return found


def _changed_votes(by_row: Mapping[int, Paper], before: _Votes, now: dt.datetime) -> list[Values]:
    return [
        vote_count(listing, row, now)
        for row, paper in by_row.items()
        for listing in paper.listings
        if listing.votes is not None and listing.votes != before.get((row, listing.day, listing.source))
    ]


def _replace_listings(connection: sa.Connection, by_row: Mapping[int, Paper], stored: Collection[int]) -> None:
    for ids in portions(stored):
        connection.execute(sa.delete(listings).where(listings.c.paper.in_(ids)))
    values = [listing_values(listing, row) for row, paper in by_row.items() for listing in paper.listings]
    insert_rows(connection, insert_new, listings, values)


def _name_values(by_row: Mapping[int, Paper]) -> list[Values]:
    return [{"key": key, "paper": row} for row, paper in by_row.items() for key in names_of(paper)]


def _author_values(saved: Sequence[Paper]) -> list[Values]:
    names = {name for paper in saved for name in paper.authors}
    return [{"block_key": key, "name": name} for name in sorted(names) for key in sorted(block_keys(name))]
