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
    """Read back all that is to be read back by now; return how many rows that was."""
    audited = 0
    while True:
        now = world.clock.now()
        async with world.store.write() as session:
            due = await session.deliveries.due_audits(
                now, _AT_ONCE, world.messengers.keys(), now + world.timings.audit_after
            )
        if not due:
            return audited
        await asyncio.gather(*(_audit(world, delivery) for delivery in due))
        audited += len(due)


async def _audit(world: World, delivery: Delivery) -> None:
    messenger = world.messengers[delivery.platform]
    found = await keep_one(world, messenger, delivery, readable_since(world, delivery))
    if found.outcome == "failed":
        return  # it was put off, and is read back then
    if found.outcome == "unreadable":
        log.warning("a delivery can't be read back", delivery=delivery.id, reason=found.reason)
    elif not found.message_ids:
        log.warning("a delivery is not in its channel any more", delivery=delivery.id)
    async with world.store.write() as session:
        await session.deliveries.audited(delivery, found.message_ids[0] if found.message_ids else None)


def readable_since(world: World, delivery: Delivery) -> dt.datetime:
    """Return from when on a channel is read back for a delivery.

    A platform's clock may be behind ours; a backup knows of no try, however early one was.
    """
    first = min(delivery.first_try_at or delivery.due_at, delivery.due_at)
    return first - world.timings.settling


async def keep_one(world: World, messenger: Messenger, delivery: Delivery, since: dt.datetime) -> Finding:
    """Find a delivery's messages, and delete all but the earliest; return what is left.

    Where one can't be deleted now, the finding has failed: it is to be done again.
    """
    team, channel = delivery.team, delivery.channel.key
    try:
        async with asyncio.timeout(world.timings.request.total_seconds()):
            found = await messenger.find(team, channel, delivery.id, since)
            for extra in found.message_ids[1:]:
                log.warning("a delivery is there twice; a copy is deleted", delivery=delivery.id, message=extra)
                deleted = await messenger.delete(team, channel, extra)
                if deleted.outcome != "accepted":
                    return Finding("failed", reason=f"a second copy could not be deleted: {deleted.reason}")
    except TimeoutError:
        return Finding("failed", reason=f"no answer within {world.timings.request.total_seconds():g} s")
    return Finding(found.outcome, found.message_ids[:1], found.reason)
