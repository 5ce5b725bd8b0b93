"""Digests' settings and papers as rows, and back."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from bot.digest import Composed, DigestItem, DigestSettings
from bot.schedule import Schedule
from storage.rules import rule_of, rule_text


def items_of(composed: Sequence[Composed]) -> Iterator[tuple[Composed, DigestItem]]:
    """Yield every paper that is brought or linked to, with what brings it."""
    digests = ((each, each.digest) for each in composed if each.digest)
    return ((each, item) for each, digest in digests for item in (*digest.items, *digest.linked))


def item_values(composed: Composed, item: DigestItem, paper: int, now: dt.datetime) -> dict[str, Any]:
    """Return the row of a paper that a digest brings."""
    return {
        "channel": composed.settings.channel_id,
        "paper": paper,
        "digest_name": composed.settings.name,
        "slot": composed.slot,
        "section": item.section,
        "place": item.place,
        "votes": item.votes,
        "why": item.why,
        "composed_at": now,
    }


def settings_values(settings: DigestSettings) -> dict[str, Any]:
    """Return the row of settings, without their id."""
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
        "abstracts": settings.abstracts,
        "mention": settings.mention,
    }


def settings_of(row: sa.Row[Any]) -> DigestSettings:
    """Return the settings of a row. Raises StoreError where its rule can't be read."""
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
        abstracts=row.abstracts,
        mention=row.mention,
    )
