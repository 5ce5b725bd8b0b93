"""What platforms sent us: each event counts once."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from storage.connection import Connection
from storage.schema import arrivals
from storage.statements import insert_missing


class SqlArrivals:
    """One row for each event."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def first(self, platform: str, event: str, now: dt.datetime) -> bool:
        """Note that an event arrived; False where it had before."""
        noted = insert_missing(self._connection, arrivals).values(platform=platform, event=event, at=now)
        return (await self._connection.execute(noted)).rowcount == 1

    async def first_of(self, platform: str, events: Sequence[str], now: dt.datetime) -> set[str]:
        """Note that several arrived, in one statement; return those that had not before."""
        rows = [{"platform": platform, "event": event, "at": now} for event in dict.fromkeys(events)]
        # The rows come as parameters: of a statement that holds them, SQLAlchemy makes SQL anew each time.
        noted = insert_missing(self._connection, arrivals).returning(arrivals.c.event)
        return set((await self._connection.execute(noted, rows)).scalars())

    async def forget(self, platform: str, event: str) -> None:
        """Let an event count as new once more, for what was to be done for it failed."""
        its_row = sa.and_(arrivals.c.platform == platform, arrivals.c.event == event)
        await self._connection.execute(sa.delete(arrivals).where(its_row))

    async def prune(self, before: dt.datetime) -> int:
        """Forget what arrived before then; return how much that was."""
        return (await self._connection.execute(sa.delete(arrivals).where(arrivals.c.at < before))).rowcount
