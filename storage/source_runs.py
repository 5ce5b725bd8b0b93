"""The diary of the sources."""

import datetime as dt

import sqlalchemy as sa

from bot.store_sources import SourceRun
from storage.connection import Connection
from storage.schema import source_runs
from storage.statements import insert_missing


class SqlSourceRuns:
    """One row for each source."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def succeeded(self, source: str, now: dt.datetime, newest_day: dt.date | None) -> None:
        """Note that a pass over a source went well; an older day than the newest so far changes nothing."""
        await self._note(source, last_success=now)
        if newest_day:
            newer = sa.or_(source_runs.c.newest_day.is_(None), source_runs.c.newest_day < newest_day)
            noted = sa.update(source_runs).where(source_runs.c.source == source, newer)
            await self._connection.execute(noted.values(newest_day=newest_day))

    async def failed(self, source: str, now: dt.datetime, failure: str) -> None:
        """Note that it failed, and how."""
        await self._note(source, last_failure=now, failure=failure)

    async def planned(self, source: str, next_poll: dt.datetime | None, idle: str | None = None) -> None:
        """Note when it is asked next, and why it is not, where that is so."""
        await self._note(source, next_poll=next_poll, idle=idle)

    async def read_to(self, source: str, day: dt.date | None) -> None:
        """Note up to which day its changes were read without a gap; None: from no day on."""
        await self._note(source, read_to=day)

    async def backfilled(self, source: str, since: dt.date, following: dt.date | None) -> None:
        """Note with which day a backfill goes on; None: it is at its end."""
        await self._note(source, backfill_since=since if following else None, backfill_next=following)

    async def all(self) -> list[SourceRun]:
        """Return every source's diary, by name."""
        rows = await self._connection.execute(sa.select(source_runs).order_by(source_runs.c.source))
        return [SourceRun(*row) for row in rows]

    async def of(self, source: str) -> SourceRun | None:
        """Return the diary of a source."""
        row = (await self._connection.execute(sa.select(source_runs).where(source_runs.c.source == source))).first()
        return None if row is None else SourceRun(*row)

    async def _note(self, source: str, **facts: dt.date | dt.datetime | str | None) -> None:
        await self._connection.execute(insert_missing(self._connection, source_runs).values(source=source))
        noted = sa.update(source_runs).where(source_runs.c.source == source)
        await self._connection.execute(noted.values(**facts))
