"""Which stored paper a name leads to."""

from collections.abc import Iterable

import sqlalchemy as sa

from bot.errors import StoreError
from bot.paper_ids import PaperId
from storage.connection import Connection
from storage.schema import paper_ids
from storage.statements import portions


async def rows_of(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Return the row of the paper to which each key leads; unknown ones are left out."""
    return await connection.run_sync(lambda blocking: read_rows_of(blocking, keys))


def read_rows_of(connection: sa.Connection, keys: Iterable[str]) -> dict[str, int]:
    """Return the same as `rows_of`. Blocks."""
    found: dict[str, int] = {}
    for portion in portions(keys):
        named = sa.select(paper_ids.c.key, paper_ids.c.paper).where(paper_ids.c.key.in_(portion))
        found.update((row[0], row[1]) for row in connection.execute(named))
    return found


async def rows_by_paper(connection: Connection, papers: Iterable[PaperId]) -> dict[PaperId, int]:
    """Return the row of each paper. Raises StoreError where one isn't stored."""
    by_key = {str(paper): paper for paper in papers}
    found = await rows_of(connection, by_key)
    if missing := by_key.keys() - found.keys():
        raise StoreError(f"The store has no paper {min(missing)}.")
    return {by_key[key]: row for key, row in found.items()}


async def row_of(connection: Connection, paper: PaperId) -> int:
    """Return the row of a paper. Raises StoreError where it isn't stored."""
    return (await rows_by_paper(connection, [paper]))[paper]
