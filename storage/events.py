"""What happened to papers after they were first seen: new versions, publications, withdrawals, code."""

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from bot.merging import PaperEvent
from bot.paper_ids import PaperId
from storage.connection import Connection
from storage.paper_names import rows_by_paper
from storage.schema import paper_events, paper_ids
from storage.statements import insert_missing, portions


class SqlEvents:
    """Events in their table, each once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, events: Sequence[PaperEvent]) -> None:
        """Note events of stored papers; one that is there already stays as it is."""
        if not events:
            return
        rows = await rows_by_paper(self._connection, (event.paper for event in events))
        values = [
            {"paper": rows[event.paper], "kind": event.kind, "detail": event.detail, "at": event.at} for event in events
        ]
        await self._connection.execute(insert_missing(self._connection, paper_events), values)

    async def of(self, papers: Collection[PaperId], since: dt.datetime) -> list[PaperEvent]:
        """Return what happened to those papers (any of their names) since then, the newest first."""
        by_key = {str(paper): paper for paper in papers}
        found: list[PaperEvent] = []
        for keys in portions(by_key):
            named = (
                sa.select(paper_ids.c.key, paper_events)
                .join(paper_events, paper_events.c.paper == paper_ids.c.paper)
                .where(paper_ids.c.key.in_(keys), paper_events.c.at >= since)
            )
            rows = await self._connection.execute(named)
            found += [PaperEvent(by_key[row.key], row.kind, row.detail, row.at) for row in rows]
        return sorted(found, key=lambda event: (event.at, event.kind), reverse=True)
