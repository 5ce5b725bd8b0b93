"""A deliverer of the first version: it knows the tables of migration 0001, and not a column that came later.

A model of that version, in the SQL that it spoke: compose, claim, read back, post, settle.
"""

import asyncio
import datetime as dt
import json
import uuid
from typing import Any

import sqlalchemy as sa

from bot.reply import DigestPost
from storage.payload import payload_json
from tests.fakes.board_messenger import BoardMessenger
from tests.faults.ground import Ground

POST = DigestPost("Daily papers, from the old version", (), 0, "daily")

_DUE = """
SELECT id, channel, next_due_at FROM digests
WHERE next_due_at <= :now AND NOT paused ORDER BY next_due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"""
_MOVE_ON = "UPDATE digests SET last_slot = :slot, next_due_at = :next WHERE id = :id"
_REMEMBER = "INSERT INTO digest_slots (digest, slot, composed_at) VALUES (:id, :slot, :now) ON CONFLICT DO NOTHING"
_ENTER = """
INSERT INTO deliveries (id, digest, slot, part, channel, platform, state, uncertain, fence, due_at, attempts, payload)
VALUES (:key, :id, :slot, 0, :channel, 'board', 'pending', false, 0, :due, 0, CAST(:payload AS json))
ON CONFLICT DO NOTHING"""
_OPEN = """
SELECT d.id, d.fence, d.uncertain, d.first_try_at, d.due_at, d.attempts, c.key AS channel, t.key AS team
FROM deliveries d JOIN channels c ON c.id = d.channel JOIN teams t ON t.id = c.team
WHERE d.state IN ('pending', 'sending') AND d.due_at <= :now AND (d.lease_until IS NULL OR d.lease_until < :now)
ORDER BY d.due_at LIMIT 1 FOR UPDATE OF d SKIP LOCKED"""
_CLAIM = """
UPDATE deliveries SET state = 'sending', uncertain = true, fence = fence + 1, attempts = attempts + 1,
lease_until = :until, first_try_at = coalesce(first_try_at, :now) WHERE id = :id"""
_SETTLE = """
UPDATE deliveries SET state = :state, uncertain = :unsure, message_id = :message, last_error = :error,
lease_until = :until, audit_at = :audit, settled_at = :settled WHERE id = :id AND fence = :fence"""


async def deliver_as_before(ground: Ground) -> int:
    """Deliver beside whoever else does, until all is posted; return how many the old version has settled."""
    settled = 0
    async with BoardMessenger(ground.board.url) as messenger:
        while not ground.is_posted():
            _compose_one(ground)
            row = _claim_one(ground)
            if row is None:
                await asyncio.sleep(0.02)
            else:
                settled += await _deliver(ground, messenger, row)
    return settled


def _compose_one(ground: Ground) -> None:
    now = dt.datetime.now(dt.UTC)
    with ground.engine.begin() as connection:
        due = connection.execute(sa.text(_DUE), {"now": now}).first()
        if due is None:
            return
        store_id = connection.execute(sa.text("SELECT store_id FROM store_meta")).scalar_one()
        slot = str(due.next_due_at.astimezone(dt.UTC).date())
        named: dict[str, Any] = {"id": due.id, "slot": slot, "now": now, "channel": due.channel, "due": due.next_due_at}
        key = str(uuid.uuid5(uuid.UUID(store_id), f"{due.id} {slot} 0"))
        named |= {"key": key, "payload": json.dumps(payload_json(POST))}
        connection.execute(sa.text(_REMEMBER), named)
        connection.execute(sa.text(_ENTER), named)
        connection.execute(sa.text(_MOVE_ON), named | {"next": due.next_due_at + dt.timedelta(days=1)})


def _claim_one(ground: Ground) -> sa.Row[Any] | None:
    now = dt.datetime.now(dt.UTC)
    with ground.engine.begin() as connection:
        row = connection.execute(sa.text(_OPEN), {"now": now}).first()
        if row:
            claim = {"id": row.id, "now": now, "until": now + ground.timings.lease}
            connection.execute(sa.text(_CLAIM), claim)
    return row


async def _deliver(ground: Ground, messenger: BoardMessenger, row: sa.Row[Any]) -> bool:
    found: tuple[str, ...] = ()
    if row.uncertain:
        found = (await messenger.find(row.team, row.channel, row.id, row.due_at - ground.timings.skew)).message_ids
    message, error = (found[0] if found else None), None
    if message is None:
        posting = await messenger.post(row.team, row.channel, POST, row.id)
        message, error = posting.message_id, posting.reason
    now = dt.datetime.now(dt.UTC)
    outcome = {
        "id": row.id,
        "fence": row.fence + 1,
        "state": "sent" if message else "sending",
        "unsure": message is None,
        "message": message,
        "error": error,
        "until": None if message else now + ground.timings.settling,
        "audit": now + ground.timings.audit_after if message and row.attempts else None,
        "settled": now if message else None,
    }
    with ground.engine.begin() as connection:
        return connection.execute(sa.text(_SETTLE), outcome).rowcount == 1 and message is not None
