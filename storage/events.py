"""What happened to papers after they were first seen: new versions, publications, withdrawals, code."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, get_args

import sqlalchemy as sa

from bot.merging import EventKind, PaperEvent
from bot.paper_ids import PaperId
from storage.connection import Connection
from storage.paper_names import rows_by_paper
from storage.schema import paper_events, paper_ids
from storage.statements import insert_missing, portions

_CITED: EventKind = "cited"
_EACH = tuple(kind for kind in get_args(EventKind) if kind != _CITED)
"""Of these, each is told. A newer version beside this one may note others."""


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
        """Return what happened to those papers (any of their names) since then, the newest first.

        Of the papers that cite one, the newest stands for all of them.
        """
        by_key = {str(paper): paper for paper in papers}
        found: list[PaperEvent] = []
        for keys in portions(by_key):
            rows = await self._connection.execute(_told(keys, since))
            found += [PaperEvent(by_key[row.key], row.kind, row.detail, row.at, row.more) for row in rows]
        return sorted(found, key=lambda event: (event.at, event.kind), reverse=True)


def _told(keys: Collection[str], since: dt.datetime) -> sa.CompoundSelect[Any]:
    """Return the question; some papers are cited thousands of times, so the database counts."""
    kind, at = paper_events.c.kind, paper_events.c.at
    theirs = paper_ids.join(paper_events, paper_events.c.paper == paper_ids.c.paper)
    asked = sa.and_(paper_ids.c.key.in_(keys), at >= since)
    each = sa.select(paper_ids.c.key, kind, paper_events.c.detail, at, sa.literal(0).label("more"))
    newest = paper_events.alias()
    citing = sa.select(newest.c.detail).where(newest.c.paper == paper_events.c.paper, newest.c.kind == _CITED)
    citing = citing.order_by(newest.c.at.desc(), newest.c.detail).limit(1)
    cited = sa.select(paper_ids.c.key, kind, citing.scalar_subquery(), sa.func.max(at), sa.func.count() - 1)
    return (
        each.select_from(theirs)
        .where(asked, kind.in_(_EACH))
        .union_all(
            cited.select_from(theirs).where(asked, kind == _CITED).group_by(paper_ids.c.key, paper_events.c.paper, kind)
        )
    )
