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
    found: dict[str, int] = {}
    for portion in portions(keys):
        named = sa.select(paper_ids.c.key, paper_ids.c.paper).where(paper_ids.c.key.in_(portion))
        found |= {row.key: row.paper for row in await connection.execute(named)}
    return found


async def row_of(connection: Connection, paper: PaperId) -> int:
    """Return the row of a paper. Raises StoreError where it isn't stored."""
    found = await rows_of(connection, [str(paper)])
    if not found:
        raise StoreError(f"The store has no paper {paper}.")
    return found[str(paper)]
