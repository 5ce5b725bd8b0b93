"""Who does what only one process may do at a time."""

import datetime as dt

import sqlalchemy as sa

from storage.connection import Connection
from storage.schema import leases
from storage.statements import insert_missing

_LONGEST = dt.timedelta(hours=6)


def held(name: sa.ColumnElement[str], now: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition that somebody has the lease of that name."""
    lasts = sa.and_(leases.c.until > now, leases.c.until <= now + _LONGEST)
    return sa.exists().where(leases.c.name == name, lasts)


class SqlLeases:
    """One row for each thing that is done by one at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def take(self, name: str, holder: str, now: dt.datetime, until: dt.datetime) -> bool:
        """Take a lease, or keep one's own for longer; False where it is another's till later than now.

        None lasts longer than six hours: one that seems to is from before the clock was put back, and free.
        """
        until = min(until, now + _LONGEST)
        first = insert_missing(self._connection, leases).values(name=name, holder=holder, until=until)
        if (await self._connection.execute(first)).rowcount == 1:
            return True
        ended = sa.or_(leases.c.until <= now, leases.c.until > now + _LONGEST)
        free = sa.or_(leases.c.holder == holder, ended)
        taken = sa.update(leases).where(leases.c.name == name, free).values(holder=holder, until=until)
        return (await self._connection.execute(taken)).rowcount == 1

    async def give_back(self, name: str, holder: str) -> None:
        """End one's own lease."""
        await self._connection.execute(sa.delete(leases).where(leases.c.name == name, leases.c.holder == holder))

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Delete leases that ended before then, at most `limit`; return how many."""
        ended = sa.select(leases.c.name).where(leases.c.until < before).limit(limit)
        return (await self._connection.execute(sa.delete(leases).where(leases.c.name.in_(ended)))).rowcount
