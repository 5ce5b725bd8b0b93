"""The ledger of deliveries, which is the truth about every digest's messages."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from bot.errors import StoreError
from bot.ledger import Delivery, Settlement
from bot.reply import DigestPost
from bot.team import Channel
from storage.connection import Connection
from storage.payload import payload_json, post_of
from storage.schema import AUDITED, OPEN, UNTOLD, channels, deliveries, digests, store_meta, teams
from storage.statements import insert_missing

_SETTLED = ("sent", "blocked", "parked")


class SqlDeliveries:
    """Rows of the ledger."""

    def __init__(self, connection: Connection, store_id: uuid.UUID) -> None:
        self._connection = connection
        self._store_id = store_id

    async def add(self, digest_id: int, slot: str, part: int, payload: DigestPost, due_at: dt.datetime) -> bool:
        """Insert a pending row under its key; False, and nothing done, where the key is there."""
        place = sa.select(digests.c.channel, teams.c.platform).where(digests.c.id == digest_id)
        place = place.join(channels, channels.c.id == digests.c.channel).join(teams, teams.c.id == channels.c.team)
        found = (await self._connection.execute(place)).one_or_none()
        if found is None:
            raise StoreError(f"The store has no digest {digest_id}.")
        restored = (await self._connection.execute(sa.select(store_meta.c.restored_at))).scalar_one()
        insert = insert_missing(self._connection, deliveries).values(
            id=self._id(digest_id, slot, part),
            digest=digest_id,
            slot=slot,
            part=part,
            channel=found.channel,
            platform=found.platform,
            state="pending",
            uncertain=restored is not None and due_at < restored,
            fence=0,
            due_at=due_at,
            attempts=0,
            payload=payload_json(payload),
        )
        return (await self._connection.execute(insert)).rowcount == 1

    async def claim(
        self, now: dt.datetime, limit: int, platforms: Collection[str], lease: dt.timedelta
    ) -> list[Delivery]:
        """Mark due rows of those platforms as `sending` and uncertain, till now + lease; the longest due first.

        They come as they are now, but `uncertain` tells whether an earlier try may have been accepted.
        """
        free = sa.or_(
            deliveries.c.state == "pending", deliveries.c.lease_until.is_(None), deliveries.c.lease_until < now
        )
        due = _DELIVERIES.where(OPEN, deliveries.c.due_at <= now, free, deliveries.c.platform.in_(platforms), _IN_TURN)
        first = due.order_by(deliveries.c.due_at, deliveries.c.digest, deliveries.c.slot, deliveries.c.part)
        rows = (
            await self._connection.execute(first.limit(limit).with_for_update(skip_locked=True, of=deliveries))
        ).all()
        if not rows:
            return []
        claimed = sa.update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
        await self._connection.execute(
            claimed.values(
                state="sending",
                uncertain=True,
                fence=deliveries.c.fence + 1,
                attempts=deliveries.c.attempts + 1,
                lease_until=now + lease,
                first_try_at=sa.func.coalesce(deliveries.c.first_try_at, _time(now)),
            )
        )
        return [_claimed(_delivery_of(row), now, lease) for row in rows]

    async def settle(self, delivery: Delivery, settlement: Settlement, now: dt.datetime) -> bool:
        """Write the outcome if the fence is still this claim's; False where it is not.

        `sending` and `parked` are uncertain, `sent` no more; after any other, the row is as uncertain as it was
        before the claim.
        """
        state = settlement.state
        unsure = state in ("sending", "parked") or (state != "sent" and delivery.uncertain)
        settled = await self._connection.execute(
            _of_claim(delivery).values(
                state=state,
                uncertain=unsure,
                due_at=settlement.due_at or delivery.due_at,
                lease_until=settlement.lease_until,
                message_id=settlement.message_id or delivery.message_id,
                last_error=settlement.error,
                audit_at=settlement.audit_at,
                settled_at=now if state in _SETTLED else None,
            )
        )
        return settled.rowcount == 1

    async def release(self, delivery: Delivery) -> bool:
        """Give an unused claim back, as if it had not been: nothing was sent. False where the fence is another's."""
        released = await self._connection.execute(
            _of_claim(delivery).values(
                state="pending", uncertain=delivery.uncertain, attempts=deliveries.c.attempts - 1, lease_until=None
            )
        )
        return released.rowcount == 1

    async def due_audits(
        self, now: dt.datetime, limit: int, platforms: Collection[str], again_at: dt.datetime
    ) -> list[Delivery]:
        """Return rows of those platforms to be read back by now, each put off to `again_at` for whoever comes next."""
        due = _DELIVERIES.where(AUDITED, deliveries.c.audit_at <= now, deliveries.c.platform.in_(platforms))
        mine = due.order_by(deliveries.c.audit_at).limit(limit).with_for_update(skip_locked=True, of=deliveries)
        rows = (await self._connection.execute(mine)).all()
        put_off = sa.update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
        if rows:
            await self._connection.execute(put_off.values(audit_at=again_at))
        return [_delivery_of(row) for row in rows]

    async def audit(self, delivery_id: str, at: dt.datetime) -> None:
        """Ask for a row to be read back then, or sooner if that was asked for; whatever its fence."""
        later = sa.or_(deliveries.c.audit_at.is_(None), deliveries.c.audit_at > at)
        asked = sa.update(deliveries).where(deliveries.c.id == delivery_id, later)
        await self._connection.execute(asked.values(audit_at=at))

    async def audited(self, delivery: Delivery, message_id: str | None) -> None:
        """Note that exactly one message of the row is visible, and which; it needs no audit any more."""
        noted = sa.update(deliveries).where(deliveries.c.id == delivery.id)
        await self._connection.execute(noted.values(audit_at=None, message_id=message_id or delivery.message_id))

    async def resolve(self, delivery_id: str, arrived: bool, now: dt.datetime) -> bool:
        """Settle a parked row by what a person saw: sent, or pending and certain again. False where it isn't parked."""
        parked = sa.update(deliveries).where(deliveries.c.id == delivery_id, deliveries.c.state == "parked")
        seen = parked.values(
            state="sent" if arrived else "pending",
            uncertain=False,
            due_at=deliveries.c.due_at if arrived else _time(now),
            settled_at=_time(now) if arrived else None,
            fence=deliveries.c.fence + 1,
            told_at=None,
        )
        return (await self._connection.execute(seen)).rowcount == 1

    async def unblock(self, digest_id: int, now: dt.datetime) -> int:
        """Make the digest's blocked rows pending, due now; return how many."""
        blocked = sa.update(deliveries).where(deliveries.c.digest == digest_id, deliveries.c.state == "blocked")
        again = blocked.values(state="pending", due_at=now, settled_at=None, told_at=None)
        return (await self._connection.execute(again)).rowcount

    async def supersede(self, digest_id: int, since: dt.datetime) -> list[str]:
        """Delete the digest's pending and blocked rows due since then that were surely not posted; return their slots.

        A catch-up digest takes their papers along (`Digests.withdraw`).
        """
        unposted = sa.delete(deliveries).where(
            deliveries.c.digest == digest_id,
            deliveries.c.state.in_(("pending", "blocked")),
            deliveries.c.uncertain.is_(False),
            deliveries.c.due_at >= since,
        )
        return list((await self._connection.execute(unposted.returning(deliveries.c.slot))).scalars())

    async def restored(self, now: dt.datetime, window: dt.timedelta) -> int:
        """After a backup was put back: trust no row of the window. Return how many rows are read back."""
        await self._connection.execute(sa.update(store_meta).values(restored_at=now))
        open_ = await self._connection.execute(sa.update(deliveries).where(OPEN).values(uncertain=True))
        recent = sa.update(deliveries).where(deliveries.c.state == "sent", deliveries.c.settled_at >= now - window)
        return open_.rowcount + (await self._connection.execute(recent.values(audit_at=now))).rowcount

    async def untold(self, now: dt.datetime, limit: int, platforms: Collection[str]) -> list[Delivery]:
        """Return blocked and parked rows of those platforms whose makers were not told, each marked as told now."""
        untold = _DELIVERIES.where(UNTOLD, deliveries.c.platform.in_(platforms)).order_by(deliveries.c.settled_at)
        mine = untold.limit(limit).with_for_update(skip_locked=True, of=deliveries)
        rows = (await self._connection.execute(mine)).all()
        told = sa.update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
        if rows:
            await self._connection.execute(told.values(told_at=now))
        return [_delivery_of(row) for row in rows]

    async def not_told(self, delivery_id: str) -> None:
        """Take that mark back: telling failed, and is to be tried again."""
        await self._connection.execute(sa.update(deliveries).where(deliveries.c.id == delivery_id).values(told_at=None))

    async def get(self, delivery_id: str) -> Delivery | None:
        """Return a row."""
        row = (await self._connection.execute(_DELIVERIES.where(deliveries.c.id == delivery_id))).one_or_none()
        return None if row is None else _delivery_of(row)

    async def last(self, digest_id: int) -> Delivery | None:
        """Return the newest row of a digest."""
        theirs = _DELIVERIES.where(deliveries.c.digest == digest_id)
        newest = theirs.order_by(deliveries.c.due_at.desc(), deliveries.c.slot.desc(), deliveries.c.part.desc())
        row = (await self._connection.execute(newest.limit(1))).one_or_none()
        return None if row is None else _delivery_of(row)

    async def unsettled(self) -> int:
        """Return how many rows are pending or sending."""
        counted = sa.select(sa.func.count()).select_from(deliveries).where(OPEN)
        return (await self._connection.execute(counted)).scalar_one()

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Delete rows that were sent before then and need no audit, at most `limit`; return how many."""
        old = sa.select(deliveries.c.id).where(
            deliveries.c.state == "sent", deliveries.c.settled_at < before, deliveries.c.audit_at.is_(None)
        )
        gone = sa.delete(deliveries).where(deliveries.c.id.in_(old.limit(limit)))
        return (await self._connection.execute(gone)).rowcount

    def _id(self, digest_id: int, slot: str, part: int) -> str:
        """The id of a row: the same for ever in this store, and in no other one."""
        return str(uuid.uuid5(self._store_id, f"{digest_id} {slot} {part}"))


_DELIVERIES = (
    sa.select(
        deliveries,
        channels.c.team,
        channels.c.key.label("channel_key"),
        channels.c.zone,
        teams.c.key.label("team_key"),
    )
    .join(channels, channels.c.id == deliveries.c.channel)
    .join(teams, teams.c.id == channels.c.team)
)


# A reply is due once its parent is sent.
_parents = sa.alias(deliveries)
_IN_TURN = sa.or_(
    deliveries.c.part == 0,
    sa.exists().where(
        _parents.c.digest == deliveries.c.digest,
        _parents.c.slot == deliveries.c.slot,
        _parents.c.part == 0,
        _parents.c.state == "sent",
    ),
)


def _time(instant: dt.datetime) -> sa.BindParameter[dt.datetime]:
    return sa.bindparam(None, instant, deliveries.c.due_at.type, unique=True)


def _of_claim(delivery: Delivery) -> sa.Update:
    """An update of the row, if the fence is still this claim's."""
    return sa.update(deliveries).where(deliveries.c.id == delivery.id, deliveries.c.fence == delivery.fence)


def _claimed(before: Delivery, now: dt.datetime, lease: dt.timedelta) -> Delivery:
    return replace(
        before,
        state="sending",
        fence=before.fence + 1,
        attempts=before.attempts + 1,
        lease_until=now + lease,
        first_try_at=before.first_try_at or now,
    )


def _delivery_of(row: sa.Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        digest_id=row.digest,
        slot=row.slot,
        part=row.part,
        state=row.state,
        due_at=row.due_at,
        payload=post_of(row.payload),
        channel=Channel(row.channel, row.team, row.channel_key, row.zone),
        platform=row.platform,
        team=row.team_key,
        fence=row.fence,
        attempts=row.attempts,
        uncertain=row.uncertain,
        lease_until=row.lease_until,
        first_try_at=row.first_try_at,
        message_id=row.message_id,
        last_error=row.last_error,
        settled_at=row.settled_at,
    )
