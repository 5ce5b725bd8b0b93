"""Reads channels back: of every delivery, exactly one message stays visible.

What took more than one try is read back once more after a while: a sender that was paused past its lease, and
then posted, leaves two.
"""

import asyncio
import datetime as dt

import structlog

from bot.ledger import Delivery
from bot.ports import Finding, Messenger, World

_AT_ONCE = 20

log = structlog.get_logger()


async def run_audits(world: World) -> int:
    """Read back all that is to be read back by now; return how many rows that was. Raises StoreError.

    What can't be read back now is put off, and read back by a later call.
    """
    audited = 0
    while True:
        now = world.clock.now()
        async with world.store.write() as session:
            due = await session.deliveries.due_audits(
                now, _AT_ONCE, world.messengers.keys(), now + world.timings.audit_after
            )
        if not due:
            return audited
        findings = await asyncio.gather(*(_read_back(world, delivery) for delivery in due))
        async with world.store.write() as session:
            for delivery, found in zip(due, findings, strict=True):
                if found.outcome != "failed":
                    await session.deliveries.audited(delivery, found.message_ids[0] if found.message_ids else None)
        audited += len(due)


async def _read_back(world: World, delivery: Delivery) -> Finding:
    found = await keep_one(world, world.messengers[delivery.platform], delivery, readable_since(world, delivery))
    if found.outcome != "read":
        log.warning("a delivery can't be read back", delivery=delivery.id, outcome=found.outcome, reason=found.reason)
    elif not found.message_ids:
        log.warning("a delivery is not in its channel any more", delivery=delivery.id)
    return found


def readable_since(world: World, delivery: Delivery) -> dt.datetime:
    """Return from when on a channel is read back for a delivery.

    A platform's clock may be behind ours; a backup knows of no try, however early one was.
    """
    first = min(delivery.first_try_at or delivery.due_at, delivery.due_at)
    return first - world.timings.skew


async def keep_one(world: World, messenger: Messenger, delivery: Delivery, since: dt.datetime) -> Finding:
    """Find a delivery's messages, and delete all but the earliest; return what is left.

    Where one can't be deleted now, the finding has failed: it is to be done again. One that never can be stays.
    """
    limit = world.timings.request.total_seconds()
    try:
        async with asyncio.timeout(limit):
            found = await messenger.find(
                delivery.team, delivery.channel.key, delivery.id, since, thread=delivery.thread
            )
            for extra in found.message_ids[1:]:
                if failure := await _delete(messenger, delivery, extra):
                    return Finding("failed", reason=failure)
    except TimeoutError:
        return Finding("failed", reason=f"no answer within {limit:g} s")
    except Exception as fault:
        log.exception("a messenger failed", delivery=delivery.id)
        return Finding("failed", reason=f"reading back failed here: {type(fault).__name__}: {fault}")
    return Finding(found.outcome, found.message_ids[:1], found.reason)


async def _delete(messenger: Messenger, delivery: Delivery, extra: str) -> str | None:
    """Delete a second copy; return why that is to be tried again, None where it isn't."""
    deleted = await messenger.delete(delivery.team, delivery.channel.key, extra, thread=delivery.thread)
    if deleted.outcome == "accepted":
        log.warning("a delivery was there twice; a copy is deleted", delivery=delivery.id, message=extra)
        return None
    if deleted.outcome == "refused" and deleted.permanent:
        log.error("a second copy can't be deleted", delivery=delivery.id, message=extra, reason=deleted.reason)
        return None
    return f"a second copy could not be deleted: {deleted.reason}"
