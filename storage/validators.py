"""By which services tell whether an answer has changed since it was last taken in."""

import datetime as dt

import sqlalchemy as sa

from bot.validators import Validators
from storage.connection import Connection
from storage.schema import source_validators
from storage.statements import insert_or_update


class SqlKnownAnswers:
    """Implements `bot.validators.KnownAnswers`: one row for each question."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, key: str) -> Validators:
        """Return the validators of a question; empty ones where there are none."""
        asked = sa.select(source_validators.c.etag, source_validators.c.last_modified)
        row = (await self._connection.execute(asked.where(source_validators.c.key == key))).one_or_none()
        return Validators(*row) if row else Validators()

    async def put(self, key: str, validators: Validators, now: dt.datetime) -> None:
        """Remember that an answer was taken in; where it has no validators, forget those before it."""
        if not validators:
            await self._connection.execute(sa.delete(source_validators).where(source_validators.c.key == key))
            return
        row = {"key": key, "etag": validators.etag, "last_modified": validators.last_modified, "at": now}
        await self._connection.execute(insert_or_update(self._connection, source_validators).values(row))

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Forget answers that were taken in before then, at most `limit`; return how many."""
        old = sa.select(source_validators.c.key).where(source_validators.c.at < before).limit(limit)
        gone = sa.delete(source_validators).where(source_validators.c.key.in_(old))
        return (await self._connection.execute(gone)).rowcount
