"""Teams' secrets as they lie in the store: encrypted."""

import datetime as dt

import sqlalchemy as sa

from bot.store_secrets import Secret
from storage.connection import Connection
from storage.schema import secrets
from storage.statements import insert_or_update


class SqlSecrets:
    """One row for each secret."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, platform: str, team: str, name: str) -> Secret | None:
        """Return a team's secret of that name."""
        named = _ALL.where(secrets.c.platform == platform, secrets.c.team == team, secrets.c.name == name)
        row = (await self._connection.execute(named)).one_or_none()
        return None if row is None else Secret(*row)

    async def put(self, secret: Secret, now: dt.datetime) -> None:
        """Store it, in place of one that is there."""
        put = insert_or_update(self._connection, secrets)
        key = {"platform": secret.platform, "team": secret.team, "name": secret.name}
        await self._connection.execute(put.values(sealed=secret.sealed, at=now, **key))

    async def forget(self, platform: str, team: str) -> int:
        """Delete all of a team's; return how many."""
        theirs = sa.delete(secrets).where(secrets.c.platform == platform, secrets.c.team == team)
        return (await self._connection.execute(theirs)).rowcount

    async def all(self) -> list[Secret]:
        """Return all of them."""
        return [Secret(*row) for row in await self._connection.execute(_ALL)]


_ALL = sa.select(secrets.c.platform, secrets.c.team, secrets.c.name, secrets.c.sealed)
