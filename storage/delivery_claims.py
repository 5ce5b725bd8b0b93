"""Claims rows of the ledger: each is one process's at a time."""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

import sqlalchemy as sa

from bot.ledger import BETWEEN, Delivery
from storage.connection import Connection
from storage.delivery_rows import DELIVERIES, ILLEGIBLE, delivery_of
from storage.schema import OPEN, channels, deliveries

_before = sa.alias(deliveries)


async def claimed(
    connection: Connection,
    now: dt.datetime,
    limit: int,
    platforms: Collection[str],
    lease: dt.timedelta,
    digest_id: int | None,
    without: Collection[int],
) -> list[Delivery]:
    """Claim rows that are due; see `bot.ledger.Deliveries.claim`.

    What this version can't read is put off by a lease, for a process that can.
    """
    free = sa.or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until < now)
    due = DELIVERIES.where(OPEN, deliveries.c.due_at <= now, free, deliveries.c.platform.in_(platforms), _in_turn(now))
    if digest_id is not None:
        due = due.where(deliveries.c.digest == digest_id)
    if without:
        due = due.where(channels.c.team.not_in(without))
    first = due.order_by(deliveries.c.due_at, deliveries.c.digest, deliveries.c.slot, deliveries.c.part)
    first = first.limit(limit).with_for_update(skip_locked=True, of=deliveries)
    while found := [delivery_of(row) for row in await connection.execute(first)]:
        illegible = [each.id for each in found if each.payload is ILLEGIBLE]
        if illegible:
            put_off = sa.update(deliveries).where(deliveries.c.id.in_(illegible))
            await connection.execute(put_off.values(lease_until=now + lease, last_error=ILLEGIBLE.heading))
        if rows := [each for each in found if each.payload is not ILLEGIBLE]:
            return await _taken(connection, rows, now, lease)
    return []


def _in_turn(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Whether it is a row's turn: the parts of a digest come in order, each once the one before it is sent."""
    before_is_sent = sa.exists().where(
        _before.c.digest == deliveries.c.digest,
        _before.c.slot == deliveries.c.slot,
        _before.c.part == deliveries.c.part - 1,
        _before.c.state == "sent",
        _before.c.settled_at <= now - BETWEEN,
    )
    return sa.or_(deliveries.c.part == 0, before_is_sent)


async def _taken(connection: Connection, rows: list[Delivery], now: dt.datetime, lease: dt.timedelta) -> list[Delivery]:
    """Mark rows as claimed, and return them so, but as uncertain as they were before."""
    first_try = sa.bindparam("first_try", now, deliveries.c.first_try_at.type)
    claim = sa.update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
    await connection.execute(
        claim.values(
            state="sending",
            uncertain=True,
            fence=deliveries.c.fence + 1,
            attempts=deliveries.c.attempts + 1,
            lease_until=now + lease,
            first_try_at=sa.func.coalesce(deliveries.c.first_try_at, first_try),
        )
    )
    return [
        replace(
            row,
            state="sending",
            fence=row.fence + 1,
            attempts=row.attempts + 1,
            lease_until=now + lease,
            first_try_at=row.first_try_at or now,
        )
        for row in rows
    ]
