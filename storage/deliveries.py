"""The ledger of deliveries, which is the truth about every digest's messages."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StoreError
from bot.reply import DigestPost
from bot.store import Delivery, DeliveryState
from bot.team import Channel
from storage.payload import payload_json, post_of
from storage.schema import OPEN, channels, deliveries, digests, teams
from storage.statements import insert_missing

_SETTLED = ("sent", "blocked", "parked")


class SqlDeliveries:
    """Rows of the ledger."""

    def __init__(self, connection: AsyncConnection, store_id: uuid.UUID) -> None:
        self._connection = connection
        self._store_id = store_id

    async def add(self, digest_id: int, slot: str, part: int, payload: DigestPost, due_at: dt.datetime) -> bool:
        """Insert a pending row under its key; False, and nothing done, where the key is there."""
        place = sa.select(digests.c.channel, teams.c.platform).where(digests.c.id == digest_id)
        place = place.join(channels, channels.c.id == digests.c.channel).join(teams, teams.c.id == channels.c.team)
        found = (await self._connection.execute(place)).one_or_none()
        if found is None:
            raise StoreError(f"The store has no digest {digest_id}.")
        insert = insert_missing(self._connection, deliveries).values(
            id=self._id(digest_id, slot, part),
            digest=digest_id,
            slot=slot,
            part=part,
            channel=found.channel,
            platform=found.platform,
            state="pending",
            uncertain=False,
            fence=0,
            due_at=due_at,
            attempts=0,
            payload=payload_json(payload),
        )
        return (await self._connection.execute(insert)).rowcount == 1

    async def claim(self, now: dt.datetime, limit: int, platforms: Collection[str]) -> list[Delivery]:
        """Mark due pending rows of those platforms as `sending` and uncertain; return them.

        Each has a new fence and one more attempt.

        They come as they are now, the longest due first, but `uncertain` tells whether an earlier try may
        have been accepted.
        """
        due = _DELIVERIES.where(OPEN, deliveries.c.state == "pending", deliveries.c.due_at <= now)
        due = due.where(deliveries.c.platform.in_(platforms))
        first = due.order_by(deliveries.c.due_at, deliveries.c.digest, deliveries.c.slot, deliveries.c.part)
        mine = first.limit(limit).with_for_update(skip_locked=True, of=deliveries)
        rows = (await self._connection.execute(mine)).all()
        claimed = sa.update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
        await self._connection.execute(
            claimed.values(
                state="sending",
                uncertain=True,
                fence=deliveries.c.fence + 1,
                attempts=deliveries.c.attempts + 1,
                first_try_at=sa.func.coalesce(
                    deliveries.c.first_try_at, sa.bindparam("tried_at", now, deliveries.c.first_try_at.type)
                ),
            )
        )
        return [_delivery_of(row, claimed=True) for row in rows]

    async def settle(
        self, delivery: Delivery, state: DeliveryState, now: dt.datetime,
        message_id: str | None = None, error: str | None = None, due_at: dt.datetime | None = None,
    ) -> bool:  # fmt: skip
        """Write the outcome if the fence is still this claim's; False where it is not.

        `sending` and `parked` say that nobody knows; after any other, the row is as uncertain as it was
        before the claim, or no more when it is sent.
        """
        unsure = state in ("sending", "parked") or (state != "sent" and delivery.uncertain)
        outcome = sa.update(deliveries).where(deliveries.c.id == delivery.id, deliveries.c.fence == delivery.fence)
        settled = await self._connection.execute(
            outcome.values(
                state=state,
                uncertain=unsure,
                due_at=due_at or delivery.due_at,
                message_id=message_id or delivery.message_id,
                last_error=error,
                settled_at=now if state in _SETTLED else None,
            )
        )
        return settled.rowcount == 1

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


def _delivery_of(row: sa.Row[Any], claimed: bool = False) -> Delivery:
    return Delivery(
        id=row.id,
        digest_id=row.digest,
        slot=row.slot,
        part=row.part,
        state="sending" if claimed else row.state,
        due_at=row.due_at,
        payload=post_of(row.payload),
        channel=Channel(row.channel, row.team, row.channel_key, row.zone),
        platform=row.platform,
        team=row.team_key,
        fence=row.fence + claimed,
        attempts=row.attempts + claimed,
        uncertain=row.uncertain,
        message_id=row.message_id,
        last_error=row.last_error,
        settled_at=row.settled_at,
    )
