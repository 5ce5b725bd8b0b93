"""Papers that turn out to be one work, and papers that were taken for one and are not."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from bot.merging import Merge
from bot.paper import Paper
from bot.paper_ids import PaperId
from storage.connection import Connection
from storage.paper_json import paper_from, paper_json
from storage.paper_names import row_of, rows_by_paper
from storage.paper_rows import names_of
from storage.paper_saving import save_papers
from storage.schema import (
    digest_items,
    kept_apart,
    listings,
    merges,
    paper_events,
    paper_ids,
    papers,
    saves,
    team_votes,
    vote_counts,
)
from storage.statements import insert_missing, insert_or_update, portions

_PARTS = (listings, vote_counts, team_votes, saves, paper_events, digest_items)
"""What belongs to a paper, each with the paper in its key: of what two papers both have, one stands."""


class SqlMerges:
    """Merges in their tables."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def note(self, noted: Sequence[Merge]) -> None:
        """Remember merges, of which `before` is stored; the newest of a name stands."""
        if not noted:
            return
        rows = await rows_by_paper(self._connection, (each.before.id for each in noted))
        values = {
            str(each.name): {
                "key": str(each.name),
                "paper": rows[each.before.id],
                "source": each.source,
                "at": each.at,
                "before": paper_json(each.before),
                "told": paper_json(each.told),
            }
            for each in noted
        }
        await self._connection.execute(insert_or_update(self._connection, merges), list(values.values()))

    async def get(self, name: PaperId) -> Merge | None:
        """Return the merge that made this name another paper's."""
        row = (await self._connection.execute(sa.select(merges).where(merges.c.key == str(name)))).one_or_none()
        return Merge(name, row.source, row.at, paper_from(row.before), paper_from(row.told)) if row else None

    async def join(self, pairs: Sequence[tuple[PaperId, PaperId]]) -> None:
        """Let each second stored paper (main ids) become a part of the first, with all that belongs to it."""
        for kept, gone in pairs:  # a handful a year: a source names two papers that no source had named as one before
            rows = await rows_by_paper(self._connection, (kept, gone))
            for table in _PARTS:
                await self._connection.execute(_moved(self._connection, table, rows[kept], rows[gone]))
            names = sa.select(papers.c.other_ids).where(papers.c.id == rows[gone])
            theirs = [str(gone), *(await self._connection.execute(names)).scalar_one()]
            moves = ((paper_ids, paper_ids.c.key.in_(theirs)), (merges, merges.c.paper == rows[gone]))
            for table, where in moves:
                await self._connection.execute(sa.update(table).where(where).values(paper=rows[kept]))
            await self._connection.execute(sa.delete(papers).where(papers.c.id == rows[gone]))

    async def part(self, kept: Paper, gone: Paper, now: dt.datetime) -> None:
        """Undo a merge: store both as given, each under its own names, and keep them apart from now on."""
        row = await row_of(self._connection, kept.id)
        theirs = paper_ids.c.paper == row
        for keys in portions(names_of(gone)):
            await self._connection.execute(sa.delete(paper_ids).where(theirs, paper_ids.c.key.in_(keys)))
            await self._connection.execute(sa.delete(merges).where(merges.c.key.in_(keys)))
        pairs = _pairs(kept.names, gone.names)
        await self._connection.execute(insert_missing(self._connection, kept_apart), pairs)
        await self._connection.run_sync(lambda connection: save_papers(connection, [kept, gone], now))

    async def kept_apart(self, names: Collection[PaperId]) -> set[frozenset[PaperId]]:
        """Return the pairs of names that are kept apart of which these are one."""
        found: set[frozenset[PaperId]] = set()
        for keys in portions(map(str, names)):
            rows = await self._connection.execute(sa.select(kept_apart).where(kept_apart.c.key.in_(keys)))
            found |= {frozenset((PaperId.parse(row.key), PaperId.parse(row.other))) for row in rows}
        return found


def _moved(connection: Connection, table: sa.Table, kept: int, gone: int) -> sa.Insert:
    """Return an insert that gives the one paper what belongs to the other; the other's go with it."""
    rest = [column for column in table.columns if column.name != "paper"]
    theirs = sa.select(sa.literal(kept, sa.Integer), *rest).where(table.c.paper == gone)
    return insert_missing(connection, table).from_select(["paper", *(column.name for column in rest)], theirs)


def _pairs(names: Iterable[PaperId], others: Iterable[PaperId]) -> list[dict[str, str]]:
    """Return every pair both ways, so that either name finds it."""
    found = [(str(one), str(other)) for one in names for other in others]
    return [{"key": key, "other": other} for pair in found for key, other in (pair, pair[::-1])]
