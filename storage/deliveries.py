"""The ledger of deliveries, which is the truth about every digest's messages."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from bot.errors import StoreError
from bot.ledger import NOTE_OF, Delivery, Entry, Settlement
from storage.connection import Connection
from storage.delivery_claims import claimed
from storage.delivery_rows import DELIVERIES, delivery_of, of_claim, refused_reply, unposted
from storage.leases import held
from storage.payload import payload_json
from storage.schema import AUDITED, OPEN, SENT, UNTOLD, channels, deliveries, digests, store_meta, teams
from storage.statements import insert_missing, portions

_SETTLED = ("sent", "blocked", "parked")


class SqlDeliveries:
    """Rows of the ledger."""

    def __init__(self, connection: Connection, store_id: uuid.UUID) -> None:
        self._connection = connection
        self._store_id = store_id

    async def add(self, entries: Sequence[Entry]) -> int:
        """Insert pending rows under their keys, and leave alone those whose key is there; return how many are new."""
        if not entries:
            return 0
        places = await self._places({entry.digest_id for entry in entries})
        restored = (await self._connection.execute(sa.select(store_meta.c.restored_at))).scalar_one()
        rows = [
            {
                "id": self._id(entry.digest_id, entry.slot, entry.part),
                "digest": entry.digest_id,
                "slot": entry.slot,
                "part": entry.part,
                "channel": places[entry.digest_id].channel,
                "platform": places[entry.digest_id].platform,
                "state": "pending",
                "uncertain": restored is not None and entry.due_at < restored,
                "fence": 0,
                "due_at": entry.due_at,
                "attempts": 0,
                "payload": payload_json(entry.payload),
            }
            for entry in entries
        ]
        return (await self._connection.execute(insert_missing(self._connection, deliveries), rows)).rowcount

    async def _places(self, digest_ids: Collection[int]) -> dict[int, sa.Row[Any]]:
        """Return each digest's channel and platform. Raises StoreError where one is not there."""
        place = sa.select(digests.c.id, digests.c.channel, teams.c.platform)
        place = place.join(channels, channels.c.id == digests.c.channel).join(teams, teams.c.id == channels.c.team)
        found: dict[int, sa.Row[Any]] = {}
        for portion in portions(digest_ids):
            found |= {row.id: row for row in await self._connection.execute(place.where(digests.c.id.in_(portion)))}
        if missing := set(digest_ids) - found.keys():
            raise StoreError(f"The store has no digest {min(missing)}.")
        return found

    async def claim(
        self,
        now: dt.datetime,
        limit: int,
        platforms: Collection[str],
        lease: dt.timedelta,
        digest_id: int | None = None,
        without: Collection[int] = (),
    ) -> list[Delivery]:
        """Mark due rows of those platforms as `sending` and uncertain, till now + lease; the longest due first.

        They come as they are now, but `uncertain` tells whether an earlier try may have been accepted.
        With a digest, only its rows are claimed; none of the teams `without`, by their ids.
        """
        return await claimed(self._connection, now, limit, platforms, lease, digest_id, without)

    async def hold(self, leases: Mapping[str, dt.datetime]) -> None:
        """Let claims just made last till other times, by row."""
        held = sa.update(deliveries).where(deliveries.c.id == sa.bindparam("row"))
        if leases:
            changes = [{"row": row, "until": until} for row, until in leases.items()]
            await self._connection.execute(held.values(lease_until=sa.bindparam("until")), changes)

    async def shorten_leases(self, now: dt.datetime, longest: dt.timedelta, lease: dt.timedelta) -> int:
        """Let leases that end later than now + longest end at now + lease; return how many.

        No claim lasts that long, so they are from before the clock was put back.
        """
        impossible = sa.update(deliveries).where(OPEN, deliveries.c.lease_until > now + longest)
        return (await self._connection.execute(impossible.values(lease_until=now + lease))).rowcount

    async def settle(self, delivery: Delivery, settlement: Settlement, now: dt.datetime) -> bool:
        """Write the outcome if the fence is still this claim's; False where it is not.

        `sending` and `parked` are uncertain, `sent` no more; after any other, the row is as uncertain as it was
        before the claim.
        """
        state = settlement.state
        unsure = state in ("sending", "parked") or (state != "sent" and delivery.uncertain)
        settled = of_claim(delivery).values(
            state=state,
            uncertain=unsure,
            due_at=settlement.due_at or delivery.due_at,
            lease_until=settlement.lease_until,
            message_id=settlement.message_id or delivery.message_id,
            last_error=settlement.error,
            settled_at=now if state in _SETTLED else None,
        )
        if settlement.audit_at:  # one that was asked for since the claim stays otherwise
            settled = settled.values(audit_at=settlement.audit_at)
        return (await self._connection.execute(settled)).rowcount == 1

    async def release(self, delivery: Delivery) -> bool:
        """Give an unused claim back, as if it had not been: nothing was sent. False where the fence is another's."""
        released = await self._connection.execute(
            of_claim(delivery).values(
                state="pending", uncertain=delivery.uncertain, attempts=deliveries.c.attempts - 1, lease_until=None
            )
        )
        return released.rowcount == 1

    async def give_up(self, delivery: Delivery) -> bool:
        """Delete a reply that can't be posted, and those behind it; False where the fence is another's."""
        mine = sa.delete(deliveries).where(deliveries.c.id == delivery.id, deliveries.c.fence == delivery.fence)
        if (await self._connection.execute(mine)).rowcount == 0:
            return False
        of_slot = (deliveries.c.digest == delivery.digest_id, deliveries.c.slot == delivery.slot)
        await self._connection.execute(sa.delete(deliveries).where(*of_slot, deliveries.c.part > delivery.part))
        return True

    async def due_audits(
        self, now: dt.datetime, limit: int, platforms: Collection[str], again_at: dt.datetime
    ) -> list[Delivery]:
        """Return rows of those platforms to be read back by now, each put off to `again_at`, should this one fail."""
        due = DELIVERIES.where(AUDITED, deliveries.c.audit_at <= now, deliveries.c.platform.in_(platforms))
        mine = due.order_by(deliveries.c.audit_at).limit(limit).with_for_update(skip_locked=True, of=deliveries)
        rows = (await self._connection.execute(mine)).all()
        put_off = sa.update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
        if rows:
            await self._connection.execute(put_off.values(audit_at=again_at))
        return [replace(delivery_of(row), audit_at=again_at) for row in rows]

    async def audit(self, delivery_id: str, at: dt.datetime) -> None:
        """Ask for a row to be read back then, or sooner if that was asked for; whatever its fence."""
        later = sa.or_(deliveries.c.audit_at.is_(None), deliveries.c.audit_at > at)
        asked = sa.update(deliveries).where(deliveries.c.id == delivery_id, later)
        await self._connection.execute(asked.values(audit_at=at))

    async def audited(self, delivery: Delivery, message_id: str | None) -> None:
        """Note that exactly one message of the row is visible, and which; it needs no audit any more.

        Unless another was asked for meanwhile: the row's `audit_at` is not the delivery's.
        """
        row = sa.update(deliveries).where(deliveries.c.id == delivery.id)
        await self._connection.execute(row.where(deliveries.c.audit_at == delivery.audit_at).values(audit_at=None))
        if message_id:
            await self._connection.execute(row.values(message_id=message_id))

    async def resolve(self, delivery_id: str, arrived: bool, now: dt.datetime) -> bool:
        """Settle a parked row by what a person saw: sent, or pending and certain again. False where it isn't parked."""
        parked = sa.update(deliveries).where(deliveries.c.id == delivery_id, deliveries.c.state == "parked")
        seen = parked.values(
            state="sent" if arrived else "pending",
            uncertain=False,
            due_at=deliveries.c.due_at if arrived else _time(now),
            lease_until=None,
            settled_at=_time(now) if arrived else None,
            fence=deliveries.c.fence + 1,
            told_at=None,
        )
        return (await self._connection.execute(seen)).rowcount == 1

    async def unblock(self, digest_id: int, now: dt.datetime) -> int:
        """Make the digest's blocked rows pending, due now; return how many."""
        blocked = sa.update(deliveries).where(deliveries.c.digest == digest_id, deliveries.c.state == "blocked")
        again = blocked.values(state="pending", due_at=now, lease_until=None, settled_at=None, told_at=None)
        return (await self._connection.execute(again)).rowcount

    async def supersede(self, digest_ids: Collection[int], since: dt.datetime) -> list[tuple[int, str]]:
        """Delete these digests' pending and blocked rows due since then that were surely not posted.

        Return their digests and slots. A slot stays if any part of it stays; but replies that were refused until now,
        below a digest that is sent, go. A catch-up digest takes the papers of the others along (`Digests.withdraw`).
        """
        other = sa.alias(deliveries)
        stays = sa.exists().where(
            other.c.digest == deliveries.c.digest, other.c.slot == deliveries.c.slot, ~unposted(other, since)
        )
        gone = sa.delete(deliveries).where(deliveries.c.digest.in_(digest_ids), unposted(deliveries, since), ~stays)
        rows = (await self._connection.execute(gone.returning(deliveries.c.digest, deliveries.c.slot))).all()
        await self._connection.execute(sa.delete(deliveries).where(refused_reply(digest_ids, since)))
        return list(dict.fromkeys((row.digest, row.slot) for row in rows))

    async def restored(self, now: dt.datetime, window: dt.timedelta) -> int:
        """After a backup was put back: trust no row of the window. Return how many rows are read back."""
        await self._connection.execute(sa.update(store_meta).values(restored_at=now))
        unsure = await self._connection.execute(sa.update(deliveries).where(OPEN).values(uncertain=True))
        # What was blocked then may have been posted since.
        blocked = deliveries.c.state == "blocked"
        await self._connection.execute(sa.update(deliveries).where(blocked).values(uncertain=True))
        recent = sa.update(deliveries).where(SENT, deliveries.c.settled_at >= now - window)
        return unsure.rowcount + (await self._connection.execute(recent.values(audit_at=now))).rowcount

    async def untold(self, limit: int, platforms: Collection[str], now: dt.datetime) -> list[Delivery]:
        """Return blocked and parked rows of those platforms whose makers were not told, the longest settled first.

        Those of digests of which a note is under way, or failed too short a time ago, are left out (`NOTE_OF`).
        """
        in_hand = held(sa.literal(NOTE_OF).concat(sa.cast(deliveries.c.digest, sa.Text)), now)
        untold = DELIVERIES.where(UNTOLD, deliveries.c.platform.in_(platforms), ~in_hand)
        untold = untold.order_by(deliveries.c.settled_at)
        return [delivery_of(row) for row in await self._connection.execute(untold.limit(limit))]

    async def told(self, delivery_ids: Sequence[str], now: dt.datetime) -> None:
        """Mark blocked and parked rows: their makers were told."""
        told = sa.update(deliveries).where(deliveries.c.id.in_(delivery_ids), UNTOLD)
        await self._connection.execute(told.values(told_at=now))

    async def get(self, delivery_id: str) -> Delivery | None:
        """Return a row."""
        row = (await self._connection.execute(DELIVERIES.where(deliveries.c.id == delivery_id))).one_or_none()
        return None if row is None else delivery_of(row)

    async def of_slot(self, digest_id: int, slot: str) -> Delivery | None:
        """Return the parent row of a digest's slot."""
        return await self.get(self._id(digest_id, slot, 0))

    async def standing(self, digest_ids: Collection[int]) -> list[Delivery]:
        """Return the parent rows of these digests that are not sent, and the newest sent of each; the oldest first.

        With them, parked replies.
        """
        sent = sa.alias(deliveries)
        of_same = (sent.c.digest == deliveries.c.digest, sent.c.part == 0, sent.c.state == "sent")
        newest = sa.select(sent.c.id).where(*of_same).order_by(sent.c.due_at.desc(), sent.c.slot.desc()).limit(1)
        told = sa.or_(deliveries.c.state != "sent", deliveries.c.id == newest.scalar_subquery())
        asked = sa.or_(sa.and_(told, deliveries.c.part == 0), deliveries.c.state == "parked")
        rows = DELIVERIES.where(asked).order_by(deliveries.c.due_at, deliveries.c.slot, deliveries.c.part)
        found: list[Delivery] = []
        for portion in portions(digest_ids):
            found += map(delivery_of, await self._connection.execute(rows.where(deliveries.c.digest.in_(portion))))
        return found

    async def unsettled(self) -> int:
        """Return how many rows are pending or sending."""
        counted = sa.select(sa.func.count()).select_from(deliveries).where(OPEN)
        return (await self._connection.execute(counted)).scalar_one()

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Delete rows that were sent before then and need no audit, at most `limit`; return how many."""
        old = sa.select(deliveries.c.id).where(SENT, deliveries.c.settled_at < before, deliveries.c.audit_at.is_(None))
        gone = sa.delete(deliveries).where(deliveries.c.id.in_(old.limit(limit)))
        return (await self._connection.execute(gone)).rowcount

    def _id(self, digest_id: int, slot: str, part: int) -> str:
        """The id of a row: the same for ever in this store, and in no other one."""
        return str(uuid.uuid5(self._store_id, f"{digest_id} {slot} {part}"))


def _time(instant: dt.datetime) -> sa.BindParameter[dt.datetime]:
    return sa.bindparam(None, instant, deliveries.c.due_at.type, unique=True)
