"""A row of the ledger as the core sees it, and the conditions that its statements share."""

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from bot.ledger import Delivery
from bot.reply import DigestPost, Post
from bot.team import Channel
from storage.payload import post_of
from storage.schema import channels, deliveries, teams

_parent = sa.alias(deliveries)
_of_same = (_parent.c.digest == deliveries.c.digest, _parent.c.slot == deliveries.c.slot, _parent.c.part == 0)
_root = sa.select(_parent.c.message_id).where(*_of_same).scalar_subquery()

DELIVERIES = (
    sa.select(
        deliveries,
        sa.case((deliveries.c.part > 0, _root), else_=None).label("thread"),
        channels.c.team,
        channels.c.key.label("channel_key"),
        channels.c.zone,
        teams.c.key.label("team_key"),
    )
    .join(channels, channels.c.id == deliveries.c.channel)
    .join(teams, teams.c.id == channels.c.team)
)

ILLEGIBLE = DigestPost("This digest was written by another version of Paper Round, and can't be read.", (), 0, "")
"""Stands for a payload that this version can't read, as that of a newer one: it must hold up no other row."""


def unposted(row: sa.FromClause, since: dt.datetime) -> sa.ColumnElement[bool]:
    """Whether a row that was due since then is surely not posted, and not on its way."""
    held = row.c.state.in_(("pending", "blocked"))
    return sa.and_(held, row.c.uncertain.is_(False), row.c.due_at >= since)


def refused_reply(digest_ids: Collection[int], since: dt.datetime) -> sa.ColumnElement[bool]:
    """Whether a reply of these digests, due since then, was refused until now, below a digest that is sent."""
    refused = (unposted(deliveries, since), deliveries.c.part > 0, deliveries.c.attempts > 0)
    below = sa.exists().where(*_of_same, _parent.c.state == "sent")
    return sa.and_(deliveries.c.digest.in_(digest_ids), *refused, below)


def of_claim(delivery: Delivery) -> sa.Update:
    """An update of the row, if the fence is still this claim's."""
    return sa.update(deliveries).where(deliveries.c.id == delivery.id, deliveries.c.fence == delivery.fence)


def delivery_of(row: sa.Row[Any]) -> Delivery:
    """A row of `DELIVERIES`; its payload is `ILLEGIBLE` where this version can't read it."""
    return Delivery(
        id=row.id,
        digest_id=row.digest,
        slot=row.slot,
        part=row.part,
        state=row.state,
        due_at=row.due_at,
        payload=_post_of(row.payload),
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
        audit_at=row.audit_at,
        told_at=row.told_at,
        thread=row.thread,
    )


def _post_of(payload: Any) -> Post:
    try:
        return post_of(payload)
    except (KeyError, TypeError, ValueError, AttributeError):
        return ILLEGIBLE
