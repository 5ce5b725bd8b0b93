"""The diary of the sources."""

import datetime as dt

import sqlalchemy as sa

from bot.store import SourceRun
from storage.connection import Connection
from storage.schema import source_runs
from storage.statements import insert_missing


class SqlSourceRuns:
    """One row for each source."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def succeeded(self, source: str, now: dt.datetime, newest_day: dt.date | None) -> None:
        """Note that a pass over a source went well; an older day than the newest so far changes nothing."""
        await self._meet(source)
        noted = sa.update(source_runs).where(source_runs.c.source == source)
        await self._connection.execute(noted.values(last_success=now))
        if newest_day:
            newer = sa.or_(source_runs.c.newest_day.is_(None), source_runs.c.newest_day < newest_day)
            await self._connection.execute(noted.where(newer).values(newest_day=newest_day))

    async def failed(self, source: str, now: dt.datetime, failure: str) -> None:
        """Note that it failed, and how."""
        await self._meet(source)
        noted = sa.update(source_runs).where(source_runs.c.source == source)
        await self._connection.execute(noted.values(last_failure=now, failure=failure))

    async def all(self) -> list[SourceRun]:
        """Return every source's diary, by name."""
        rows = await self._connection.execute(sa.select(source_runs).order_by(source_runs.c.source))
        return [SourceRun(*row) for row in rows]

    async def _meet(self, source: str) -> None:
        await self._connection.execute(insert_missing(self._connection, source_runs).values(source=source))
