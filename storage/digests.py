"""How the channels' digests are set, and what went into them."""

import dataclasses
import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from bot.digest import Digest, DigestItem, DigestSettings
from bot.errors import StoreError
from bot.paper_ids import PaperId
from bot.schedule import Schedule
from bot.store import PostedItem
from bot.team import Channel
from storage.connection import Connection
from storage.paper_names import rows_of
from storage.rules import rule_of, rule_text
from storage.schema import COMES, channels, deliveries, digest_items, digest_slots, digests, paper_ids
from storage.statements import insert_missing, insert_or_update, portions

_REMEMBERED_SLOTS = 30


class SqlDigests:
    """Settings, slots and items in their tables."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_channel(self, channel_id: int) -> list[DigestSettings]:
        """Return the channel's digests by name."""
        there = sa.select(digests).where(digests.c.channel == channel_id).order_by(digests.c.name)
        return [_settings_of(row) for row in await self._connection.execute(there)]

    async def of_team(self, team_id: int) -> list[tuple[Channel, DigestSettings]]:
        """Return all digests of a team with their channels."""
        theirs = (
            sa.select(digests, channels.c.key, channels.c.zone.label("channel_zone"))
            .join(channels, channels.c.id == digests.c.channel)
            .where(channels.c.team == team_id)
            .order_by(channels.c.key, digests.c.name)
        )
        return [
            (Channel(row.channel, team_id, row.key, row.channel_zone), _settings_of(row))
            for row in await self._connection.execute(theirs)
        ]

    async def get(self, digest_id: int) -> DigestSettings | None:
        """Return the settings of a digest."""
        row = (await self._connection.execute(sa.select(digests).where(digests.c.id == digest_id))).one_or_none()
        return None if row is None else _settings_of(row)

    async def put(self, settings: DigestSettings) -> DigestSettings:
        """Store settings: new ones where the id is 0, else in place of the stored. Returns them with their id."""
        values = _values(settings)
        if settings.id == 0:
            added = sa.insert(digests).values(values).returning(digests.c.id)
            return dataclasses.replace(settings, id=(await self._connection.execute(added)).scalar_one())
        changed = sa.update(digests).where(digests.c.id == settings.id).values(values)
        if (await self._connection.execute(changed)).rowcount == 0:
            raise StoreError(f"The digest {settings.name} was removed meanwhile.")
        return settings

    async def remove(self, digest_id: int) -> None:
        """Forget the settings and what is not yet posted; the memory of what the channel had stays.

        What is on its way at this moment stays in the ledger, too: nobody knows yet whether it is posted.
        """
        unposted = deliveries.c.state.in_(("pending", "blocked", "parked"))
        await self._connection.execute(sa.delete(deliveries).where(deliveries.c.digest == digest_id, unposted))
        await self._connection.execute(sa.delete(digests).where(digests.c.id == digest_id))

    async def due(self, now: dt.datetime, limit: int) -> list[int]:
        """Return ids of digests that come (`DigestSettings.comes`) and are due by now, the longest due first.

        One that is paused for a while is not due before that has run out (`paused_until` <= now).
        """
        awake = sa.or_(digests.c.paused.is_(False), digests.c.paused_until <= now)
        due = sa.select(digests.c.id).where(COMES, digests.c.next_due_at <= now, awake)
        longest_first = due.order_by(digests.c.next_due_at, digests.c.id).limit(limit)
        return list((await self._connection.execute(longest_first)).scalars())

    async def posted(self, channel_id: int, papers: Collection[PaperId]) -> dict[PaperId, PostedItem]:
        """Return which of those papers the channel has had."""
        had = sa.select(digest_items, paper_ids.c.key).join(paper_ids, paper_ids.c.paper == digest_items.c.paper)
        there = had.where(digest_items.c.channel == channel_id)
        found: dict[PaperId, PostedItem] = {}
        for keys in portions(map(str, papers)):
            for row in await self._connection.execute(there.where(paper_ids.c.key.in_(keys))):
                paper = PaperId.parse(row.key)
                item = DigestItem(paper, row.section, row.place, row.votes, tuple(row.why))
                found[paper] = PostedItem(row.digest_name, row.slot, item)
        return found

    async def compose(self, settings: DigestSettings, slot: str, digest: Digest | None, now: dt.datetime) -> None:
        """Remember that a slot was composed, and which papers it brings to the channel; None brings none.

        A paper that the channel has had keeps the place of its first time.
        """
        composed = insert_or_update(self._connection, digest_slots)
        await self._connection.execute(composed.values(digest=settings.id, slot=slot, composed_at=now))
        if digest is not None:
            await self._add_items(settings, slot, digest, now)

    async def withdraw(self, settings: DigestSettings, slots: Collection[str]) -> None:
        """Forget that these slots were composed, and what they were to bring: a later digest brings it."""
        of_digest = sa.delete(digest_slots).where(digest_slots.c.digest == settings.id)
        of_channel = sa.delete(digest_items).where(
            digest_items.c.channel == settings.channel_id, digest_items.c.digest_name == settings.name
        )
        for portion in portions(slots):
            await self._connection.execute(of_digest.where(digest_slots.c.slot.in_(portion)))
            await self._connection.execute(of_channel.where(digest_items.c.slot.in_(portion)))

    async def block(self, digest_id: int, reason: str | None) -> None:
        """Remember why nothing can be posted for the digest; None when it can again."""
        await self._connection.execute(sa.update(digests).where(digests.c.id == digest_id).values(blocked=reason))

    async def composed_at(self, digest_id: int) -> list[tuple[str, dt.datetime]]:
        """Return the last 30 slots of the digest with the time at which each was composed, the newest first."""
        slots = sa.select(digest_slots.c.slot, digest_slots.c.composed_at)
        newest_first = slots.where(digest_slots.c.digest == digest_id).order_by(digest_slots.c.composed_at.desc())
        rows = await self._connection.execute(newest_first.limit(_REMEMBERED_SLOTS))
        return [(row.slot, row.composed_at) for row in rows]

    async def _add_items(self, settings: DigestSettings, slot: str, digest: Digest, now: dt.datetime) -> None:
        rows = await rows_of(self._connection, (str(item.paper) for item in digest.items))
        values = [
            {
                "channel": settings.channel_id,
                "paper": rows[str(item.paper)],
                "digest_name": settings.name,
                "slot": slot,
                "section": item.section,
                "place": item.place,
                "votes": item.votes,
                "why": item.why,
                "composed_at": now,
            }
            for item in digest.items
        ]
        await self._connection.execute(insert_missing(self._connection, digest_items), values)


def _values(settings: DigestSettings) -> dict[str, Any]:
    return {
        "channel": settings.channel_id,
        "name": settings.name,
        "time": settings.schedule.time,
        "zone": settings.schedule.zone,
        "days": settings.schedule.days,
        "top": settings.top,
        "rule": None if settings.rule is None else rule_text(settings.rule),
        "created_by": settings.created_by,
        "created_at": settings.created_at,
        "since": settings.since,
        "next_due_at": settings.next_due_at,
        "last_slot": settings.last_slot,
        "paused": settings.paused,
        "paused_until": settings.paused_until,
        "blocked": settings.blocked,
    }


def _settings_of(row: sa.Row[Any]) -> DigestSettings:
    return DigestSettings(
        id=row.id,
        channel_id=row.channel,
        name=row.name,
        schedule=Schedule(row.time, row.zone, tuple(row.days)),
        top=row.top,
        rule=None if row.rule is None else rule_of(row.rule),
        created_by=row.created_by,
        created_at=row.created_at,
        since=row.since,
        next_due_at=row.next_due_at,
        last_slot=row.last_slot,
        paused=row.paused,
        paused_until=row.paused_until,
        blocked=row.blocked,
    )
