"""The feeds that teams name."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from bot.store_feeds import TeamFeed
from storage.connection import Connection
from storage.holding import hold
from storage.schema import team_feeds, teams

_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class SqlTeamFeeds:
    """One row for each team that has a feed."""

    def __init__(self, connection: Connection, changing: bool) -> None:
        self._connection = connection
        self._changing = changing

    async def of(self, team_id: int) -> list[TeamFeed]:
        """Return a team's feeds by name; in a change, they stay so until its end."""
        if self._changing:
            await hold(self._connection, sa.select(teams.c.id).where(teams.c.id == team_id))
        theirs = sa.select(team_feeds).where(team_feeds.c.team == team_id).order_by(team_feeds.c.name)
        rows = await self._connection.execute(theirs)
        return [TeamFeed(row.url, row.name, row.added_at, _ever(row.read_at), row.failure) for row in rows]

    async def add(self, team_id: int, feed: TeamFeed) -> None:
        """Let a team have a feed; one of the same name or address is there no more."""
        same = sa.or_(team_feeds.c.name == feed.name, team_feeds.c.url == feed.url)
        await self._connection.execute(sa.delete(team_feeds).where(team_feeds.c.team == team_id, same))
        values = {
            "team": team_id,
            "url": feed.url,
            "name": feed.name,
            "added_at": feed.added_at,
            "read_at": feed.read_at or _LONG_AGO,
            "failure": feed.failure,
        }
        await self._connection.execute(sa.insert(team_feeds).values(values))

    async def remove(self, team_id: int, name: str) -> bool:
        """Take a feed from a team; False where it has none of that name."""
        theirs = sa.delete(team_feeds).where(team_feeds.c.team == team_id, team_feeds.c.name == name)
        return (await self._connection.execute(theirs)).rowcount > 0

    async def due(self, before: dt.datetime, limit: int) -> list[str]:
        """Return addresses of feeds that were not read since then, the longest first."""
        url, read_at = team_feeds.c.url, team_feeds.c.read_at
        waiting = sa.select(url).where(read_at < before).group_by(url).order_by(sa.func.min(read_at), url).limit(limit)
        return list((await self._connection.execute(waiting)).scalars())

    async def was_read(self, urls: Sequence[str], now: dt.datetime, failure: str | None = None) -> None:
        """Note for whoever has them that feeds were read, or how that failed."""
        read = sa.update(team_feeds).where(team_feeds.c.url.in_(urls)).values(read_at=now, failure=failure)
        await self._connection.execute(read)


def _ever(read_at: dt.datetime) -> dt.datetime | None:
    return None if read_at == _LONG_AGO else read_at
