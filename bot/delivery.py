"""Posts what the ledger holds: every delivery is posted, and at most one copy of it stays visible.

Claim (durably, before a byte is sent) -> read back, where an earlier try may have arrived -> post once ->
settle by the claim's fence. Who finds the fence changed was overtaken, and looks whether two copies are there.
Composing is `bot.composing`'s; what is read back once more, `bot.audit`'s.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass

import structlog

from bot.audit import keep_one, readable_since
from bot.composing import compose_due
from bot.digest import DigestSettings
from bot.errors import StoreError
from bot.ledger import Delivery, Settlement
from bot.ports import Messenger, Posting, World

AT_ONCE = 50
"""How many deliveries are in hand at a time."""

_SETTLING_TRIES = (1, 2, 5, 10, 20, 30, 30, 30, 30)
"""Seconds between the tries to write an outcome while the store is out of reach."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivered:
    """A ledger row that was worked on, and what came of it."""

    delivery: Delivery
    posting: Posting


async def run_due(world: World) -> list[Delivered]:
    """Compose every digest that is due by now, and post all that is open."""
    await compose_due(world)
    return await post_open(world)


async def post_open(world: World, stopping: asyncio.Event | None = None) -> list[Delivered]:
    """Claim and post all rows that are due, the longest due first, until none is left or `stopping` is set.

    Then what is in hand has `timings.stop` to end; what has not is left to its lease.
    """
    done: list[Delivered] = []
    hands: set[asyncio.Task[Delivered]] = set()
    try:
        while not (stopping and stopping.is_set()):
            if len(hands) <= AT_ONCE // 2:
                hands |= await _take(world, AT_ONCE - len(hands))
            if not hands:
                return done
            finished, hands = await _next_done(hands, stopping)
            done += [task.result() for task in finished]
        if hands:
            finished, hands = await asyncio.wait(hands, timeout=world.timings.stop.total_seconds())
            done += [task.result() for task in finished]
        return done
    finally:
        for task in hands:
            task.cancel()
        await asyncio.gather(*hands, return_exceptions=True)


async def _take(world: World, limit: int) -> set[asyncio.Task[Delivered]]:
    """Claim rows and begin with each."""
    began = world.clock.monotonic()
    lease = world.timings.lease
    async with world.store.write() as session:
        claimed = await session.deliveries.claim(world.clock.now(), limit, world.messengers.keys(), lease)
    return {asyncio.create_task(_deliver(world, each, began + lease.total_seconds())) for each in claimed}


async def _next_done(
    hands: set[asyncio.Task[Delivered]], stopping: asyncio.Event | None
) -> tuple[set[asyncio.Task[Delivered]], set[asyncio.Task[Delivered]]]:
    """Wait until one is done, or it is time to stop; return those that are, and the others."""
    asked = asyncio.create_task(stopping.wait()) if stopping else None
    try:
        finished, _ = await asyncio.wait({*hands, asked} if asked else hands, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if asked:
            asked.cancel()
    ended = {task for task in hands if task in finished}
    return ended, hands - ended


async def _deliver(world: World, delivery: Delivery, lease_ends: float) -> Delivered:
    """Carry out one claim, to its settlement. `lease_ends` is by the monotonic clock."""
    messenger = world.messengers[delivery.platform]  # others' rows are left to who serves them
    posting = await _found_before(world, messenger, delivery)
    if posting is None:
        if world.clock.monotonic() + world.timings.request.total_seconds() > lease_ends:
            return await _release(world, delivery)
        call = messenger.post(delivery.team, delivery.channel.key, delivery.payload, delivery.id)
        posting = await answered(world, call)
    settlement = settlement_of(world, delivery, posting)
    if not await _settle(world, delivery, settlement, posting):
        await _overtaken(world, messenger, delivery)
    return Delivered(delivery, posting)


async def _found_before(world: World, messenger: Messenger, delivery: Delivery) -> Posting | None:
    """Read the channel back where an earlier try may have arrived; None where it must be posted.

    It may have where nobody knows how a try ended, and in a store that may be a backup: rows that were due
    before this process began.
    """
    if not delivery.uncertain and delivery.due_at >= world.since:
        return None
    found = await keep_one(world, messenger, delivery, readable_since(world, delivery))
    if found.outcome == "read":
        return Posting("accepted", message_id=found.message_ids[0]) if found.message_ids else None
    if not delivery.uncertain and found.outcome == "unreadable":
        return None
    return Posting("unclear", reason=found.reason, permanent=found.outcome == "unreadable")


async def answered(world: World, call: Awaitable[Posting]) -> Posting:
    """Wait for a messenger's answer, as long as a request may take."""
    try:
        async with asyncio.timeout(world.timings.request.total_seconds()):
            return await call
    except TimeoutError:
        return Posting("unclear", reason=f"no answer within {world.timings.request.total_seconds():g} s")


def settlement_of(world: World, delivery: Delivery, posting: Posting) -> Settlement:
    """Return what an answer means for the row: sent; to be tried again, or read back; blocked; or parked."""
    now, timings = world.clock.now(), world.timings
    if posting.outcome == "accepted":
        again = now + timings.audit_after if delivery.attempts > 1 else None
        return Settlement("sent", message_id=posting.message_id, audit_at=again)
    if posting.outcome == "unclear":
        if posting.permanent:
            return Settlement("parked", error=posting.reason)
        return Settlement("sending", error=posting.reason, lease_until=now + timings.settling)
    if posting.permanent:
        return Settlement("blocked", error=posting.reason)
    wait = posting.retry_after or timings.back_off_after(delivery.attempts)
    return Settlement("pending", error=posting.reason, due_at=now + wait)


async def _settle(world: World, delivery: Delivery, settlement: Settlement, posting: Posting) -> bool:
    """Write the outcome; False where somebody else has claimed the row since.

    What the platform has done stands, so a store that is out of reach is asked again, for some minutes; if it
    stays away, the lease runs out, and the row is read back.
    """
    _tell_log(delivery, settlement, posting)
    for wait in (*_SETTLING_TRIES, None):
        try:
            async with world.store.write() as session:
                kept = await session.deliveries.settle(delivery, settlement, world.clock.now())
                if kept and settlement.state == "blocked":
                    await session.digests.block(delivery.digest_id, settlement.error or "it was refused")
                return kept
        except StoreError as failure:
            log.warning("a delivery's outcome can't be stored yet", delivery=delivery.id, reason=str(failure))
            if wait is None:
                raise
            await asyncio.sleep(wait)
    raise AssertionError("the last try returns or raises")


def _tell_log(delivery: Delivery, settlement: Settlement, posting: Posting) -> None:
    tell = log.info if settlement.state == "sent" else log.warning
    tell(
        f"a delivery is {settlement.state}",
        delivery=delivery.id,
        slot=delivery.slot,
        platform=delivery.platform,
        team=delivery.team,
        channel=delivery.channel.key,
        attempt=delivery.attempts,
        reason=posting.reason,
    )


async def _release(world: World, delivery: Delivery) -> Delivered:
    """Give the claim back: too little of its time is left for a request."""
    async with world.store.write() as session:
        await session.deliveries.release(delivery)
    return Delivered(delivery, Posting("refused", reason="its time had run out before it was sent"))


async def _overtaken(world: World, messenger: Messenger, delivery: Delivery) -> None:
    """Somebody else has claimed the row since, so that two copies may be there: look now, and once all can be seen."""
    log.warning("a delivery was claimed by somebody else meanwhile; looking for a second copy", delivery=delivery.id)
    await keep_one(world, messenger, delivery, readable_since(world, delivery))
    async with world.store.write() as session:
        await session.deliveries.audit(delivery.id, world.clock.now() + world.timings.settling)


async def post_now(world: World, settings: DigestSettings, slot: str) -> Delivered | None:
    """Post what is due, and with it what was composed by hand for that slot; None where somebody else posts it."""
    done = await post_open(world)
    return next((each for each in done if (each.delivery.digest_id, each.delivery.slot) == (settings.id, slot)), None)
