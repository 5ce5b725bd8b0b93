"""What a platform has no room for, kept for it under a name."""

import datetime as dt

import sqlalchemy as sa

from storage.connection import Connection
from storage.schema import remembered
from storage.statements import insert_or_update


class SqlRemembered:
    """One row for each text."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, platform: str, team: str, name: str) -> str | None:
        """Return a team's text of that name."""
        return (await self._connection.execute(sa.select(remembered.c.text).where(_is(platform, team, name)))).scalar()

    async def put(self, platform: str, team: str, name: str, text: str, now: dt.datetime) -> None:
        """Keep a text, in place of one that is there; it counts as kept now."""
        put = insert_or_update(self._connection, remembered)
        await self._connection.execute(put.values(platform=platform, team=team, name=name, text=text, at=now))

    async def forget(self, platform: str, team: str) -> int:
        """Delete all of a team's; return how many."""
        theirs = sa.delete(remembered).where(remembered.c.platform == platform, remembered.c.team == team)
        return (await self._connection.execute(theirs)).rowcount

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Delete what was last kept before then, at most `limit`; return how many."""
        key = sa.tuple_(remembered.c.platform, remembered.c.team, remembered.c.name)
        old = sa.select(remembered.c.platform, remembered.c.team, remembered.c.name)
        old = old.where(remembered.c.at < before).order_by(remembered.c.at).limit(limit)
        return (await self._connection.execute(sa.delete(remembered).where(key.in_(old)))).rowcount


def _is(platform: str, team: str, name: str) -> sa.ColumnElement[bool]:
    return sa.and_(remembered.c.platform == platform, remembered.c.team == team, remembered.c.name == name)
