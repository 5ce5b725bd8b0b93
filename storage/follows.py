"""Everyone's follow lists."""

import datetime as dt

import sqlalchemy as sa

from bot.follow import Follow, Stance
from bot.query import Rule
from storage.connection import Connection
from storage.holding import hold
from storage.rules import rule_of, rule_text
from storage.schema import follows, people


class SqlFollows:
    """Follows in their table, numbered for each person."""

    def __init__(self, connection: Connection, changing: bool) -> None:
        self._connection = connection
        self._changing = changing

    async def of(self, person_id: int) -> list[Follow]:
        """Return the person's follows and mutes, in order of number; in a change, they stay so until its end."""
        if self._changing:
            await hold(self._connection, sa.select(people.c.id).where(people.c.id == person_id))
        theirs = sa.select(follows).where(follows.c.person == person_id).order_by(follows.c.number)
        return [
            Follow(row.id, row.person, row.number, rule_of(row.rule), row.stance, row.created_at, row.paused)
            for row in await self._connection.execute(theirs)
        ]

    async def add(self, person_id: int, rule: Rule, stance: Stance, now: dt.datetime) -> Follow:
        """Store a rule under the person's next number; a number is never used again."""
        written = rule_text(rule)
        counted = sa.update(people).where(people.c.id == person_id).values(last_follow=people.c.last_follow + 1)
        number = (await self._connection.execute(counted.returning(people.c.last_follow))).scalar_one()
        added = sa.insert(follows).values(
            person=person_id, number=number, stance=stance, rule=written, paused=False, created_at=now
        )
        row = (await self._connection.execute(added.returning(follows.c.id))).scalar_one()
        return Follow(row, person_id, number, rule, stance, now)

    async def remove(self, follow: Follow) -> None:
        """Delete it."""
        await self._connection.execute(sa.delete(follows).where(follows.c.id == follow.id))

    async def set_paused(self, follow: Follow, paused: bool) -> None:
        """Pause or resume it."""
        await self._connection.execute(sa.update(follows).where(follows.c.id == follow.id).values(paused=paused))
