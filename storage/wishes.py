"""What rules name that sources are asked for, and when each wish was granted."""

import datetime as dt
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from bot.query import Kind
from storage.connection import Connection
from storage.schema import COMES, NAMES, digests, follows, granted_wishes
from storage.statements import insert_or_update


def _rules(kind: Kind) -> sa.CompoundSelect[Any]:
    names = NAMES[kind]
    followed = sa.select(follows.c.rule).where(names, follows.c.stance == "follow", follows.c.paused.is_(False))
    return followed.union(sa.select(digests.c.rule).where(names, COMES))


_RULES: Mapping[Kind, sa.CompoundSelect[Any]] = MappingProxyType({kind: _rules(kind) for kind in NAMES})


class SqlWishes:
    """A row for each wish that a source has granted."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def rules_naming(self, kind: Kind) -> list[str]:
        """Return the rules, as typed, of follows and digests that are at work and name something of that kind."""
        return list((await self._connection.execute(_RULES[kind])).scalars())

    async def granted(self, source: str) -> dict[str, dt.datetime]:
        """Return when each wish was last granted by the source."""
        theirs = sa.select(granted_wishes.c.wish, granted_wishes.c.at).where(granted_wishes.c.source == source)
        return {row.wish: row.at for row in await self._connection.execute(theirs)}

    async def was_granted(self, source: str, wish: str) -> bool:
        """Return whether the source has ever granted that wish."""
        theirs = sa.exists().where(granted_wishes.c.source == source, granted_wishes.c.wish == wish)
        return bool((await self._connection.execute(sa.select(theirs))).scalar_one())

    async def grant(self, source: str, wishes: Collection[str], now: dt.datetime) -> None:
        """Note that they were granted now."""
        if not wishes:
            return
        rows = [{"source": source, "wish": wish, "at": now} for wish in dict.fromkeys(wishes)]
        await self._connection.execute(insert_or_update(self._connection, granted_wishes), rows)

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Forget those that were not granted since then, at most `limit`; return how many."""
        key = sa.tuple_(granted_wishes.c.source, granted_wishes.c.wish)
        old = sa.select(granted_wishes.c.source, granted_wishes.c.wish).where(granted_wishes.c.at < before)
        old = old.order_by(granted_wishes.c.at).limit(limit)
        return (await self._connection.execute(sa.delete(granted_wishes).where(key.in_(old)))).rowcount
