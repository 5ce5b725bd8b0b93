"""Posts what the ledger holds: every delivery is posted, and at most one copy of it stays visible.

Claim (durably, before a byte is sent) -> read back, where an earlier try may have arrived -> post once ->
settle by the claim's fence. Who finds the fence changed was overtaken, and looks whether two copies are there.
Composing is `bot.composing`'s; what is read back once more, `bot.audit`'s.
"""

import asyncio
from collections.abc import Awaitable, Collection
from contextlib import suppress
from dataclasses import dataclass

import structlog

from bot.audit import keep_one, readable_since
from bot.composing import compose_due
from bot.digest import DigestSettings
from bot.errors import StoreError
from bot.ledger import Delivery, Settlement
from bot.outcomes import settlement_of, settlement_of_spent, settlement_unsent
from bot.ports import Messenger, Posting, World
from bot.store import Session
from bot.storing import stored

AT_ONCE = 50
"""How many deliveries to a platform are in hand at a time."""

LOOK_AGAIN = 2.0
"""Seconds after which the ledger is looked at again, while slow answers are waited for."""

_NO_THREAD = Posting("refused", reason="nobody knows which message its digest is", permanent=True)

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

    Then what is in hand has `timings.stop` to end; what has not is left to its lease. Each platform is served by
    itself: one that does not answer holds up no other. Raises StoreError, when what is in hand has ended.
    """
    timings = world.timings
    async with world.store.write() as session:
        await session.deliveries.shorten_leases(world.clock.now(), timings.longest_lease, timings.lease)
    rounds = [_post_all(world, {platform}, stopping) for platform in world.messengers]
    ended = await asyncio.gather(*rounds, return_exceptions=True)
    for end in ended:
        if isinstance(end, BaseException):
            raise end
    return [done for end in ended if isinstance(end, list) for done in end]


async def post_now(world: World, settings: DigestSettings, slot: str) -> Delivered | None:
    """Post what is due of a digest, and with it what was composed by hand for that slot.

    None where somebody else posts it.
    """
    done = await _post_all(world, world.messengers.keys(), None, settings.id)
    return next((each for each in done if (each.delivery.slot, each.delivery.part) == (slot, 0)), None)


async def _post_all(
    world: World, platforms: Collection[str], stopping: asyncio.Event | None, digest_id: int | None = None
) -> list[Delivered]:
    """Do as `post_open`, for some platforms; with a digest, for its rows alone."""
    done: list[Delivered] = []
    hands: set[asyncio.Task[Delivered]] = set()
    failure: StoreError | None = None
    try:
        while not (stopping and stopping.is_set()):
            if len(hands) <= AT_ONCE // 2 and failure is None:
                try:
                    hands |= await _take(world, AT_ONCE - len(hands), platforms, digest_id)
                except StoreError as unreachable:
                    failure = unreachable  # what is in hand may still be settled
            if not hands:
                break
            finished, hands = await _next_done(hands, stopping)
            done += [task.result() for task in finished]
        if hands:
            finished, hands = await asyncio.wait(hands, timeout=world.timings.stop.total_seconds())
            done += [task.result() for task in finished]
    finally:
        for task in hands:
            task.cancel()
        await asyncio.gather(*hands, return_exceptions=True)
    if failure:
        raise failure
    return done


async def _take(
    world: World, limit: int, platforms: Collection[str], digest_id: int | None
) -> set[asyncio.Task[Delivered]]:
    """Claim rows and begin with each. What was claimed too often, its sender dying each time, is parked instead."""
    timings, began, now = world.timings, world.clock.monotonic(), world.clock.now()
    served = set(platforms) - world.pauses.platforms(now)
    if not served:
        return set()
    async with world.store.write() as session:
        claimed = await session.deliveries.claim(
            now, limit, served, timings.lease, digest_id, without=world.pauses.teams(now)
        )
        again = [each for each in claimed if each.attempts > 1]
        await session.deliveries.hold({each.id: now + timings.lease_of(each.attempts, each.id) for each in again})
        spent = [each for each in again if each.uncertain and each.attempts > timings.most_tries]
        for each in spent:
            log.error("a delivery was tried too often", delivery=each.id, attempts=each.attempts - 1)
            await session.deliveries.settle(each, settlement_of_spent(each), now)
    ends = began + timings.lease.total_seconds()
    return {asyncio.create_task(_in_hand(world, each, ends)) for each in claimed if each not in spent}


async def _next_done(
    hands: set[asyncio.Task[Delivered]], stopping: asyncio.Event | None
) -> tuple[set[asyncio.Task[Delivered]], set[asyncio.Task[Delivered]]]:
    """Wait until one is done, or it is time to look again or to stop; return those that are done, and the others."""
    asked = asyncio.create_task(stopping.wait()) if stopping else None
    try:
        finished, _ = await asyncio.wait(
            {*hands, asked} if asked else hands, timeout=LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        if asked:
            asked.cancel()
    ended = {task for task in hands if task in finished}
    return ended, hands - ended


async def _in_hand(world: World, delivery: Delivery, lease_ends: float) -> Delivered:
    """Carry out one claim; whatever fails in it is its own affair, and the lease's."""
    try:
        return await _deliver(world, delivery, lease_ends)
    except Exception as failure:
        log.exception("a delivery is left to its lease", delivery=delivery.id)
        return Delivered(delivery, Posting("unclear", reason=str(failure)))


async def _deliver(world: World, delivery: Delivery, lease_ends: float) -> Delivered:
    """Carry out one claim, to its settlement. `lease_ends` is by the monotonic clock."""
    messenger = world.messengers[delivery.platform]
    try:
        posting = await _found_before(world, messenger, delivery) if _has_place(delivery) else _NO_THREAD
    except asyncio.CancelledError:
        with suppress(StoreError, TimeoutError):  # then the lease runs out
            async with asyncio.timeout(world.timings.stop.total_seconds()):
                await _release(world, delivery)
        raise
    if posting is not None:
        settlement = settlement_unsent(world, delivery, posting)
    elif world.pauses.holds(delivery.platform, delivery.channel.team_id, world.clock.now()):
        await _release(world, delivery)
        return Delivered(delivery, Posting("refused", reason=f"{delivery.platform} asked for a pause"))
    elif _time_is_left(world, delivery, lease_ends):
        call = messenger.post(
            delivery.team, delivery.channel.key, delivery.payload, delivery.id, thread=delivery.thread
        )
        posting = await answered(world, call)
        if posting.retry_after:
            until = world.clock.now() + posting.retry_after
            world.pauses.hold(delivery.platform, delivery.channel.team_id, until, posting.everywhere)
        settlement = settlement_of(world, delivery, posting)
    else:
        await _release(world, delivery)
        return Delivered(delivery, Posting("refused", reason="its time had run out before it was sent"))
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


def _has_place(delivery: Delivery) -> bool:
    """Whether it is known where it goes: not so, where a person said that the digest is there."""
    return delivery.part == 0 or delivery.thread is not None


def _time_is_left(world: World, delivery: Delivery, lease_ends: float) -> bool:
    """Whether a message that is posted now can be read back by who claims the row next.

    By both clocks: the time of day can be put back, and the other one may stand still while a machine sleeps.
    """
    needed = world.timings.request + world.timings.settling
    in_time = delivery.lease_until is None or world.clock.now() + needed <= delivery.lease_until
    return in_time and world.clock.monotonic() + needed.total_seconds() <= lease_ends


async def answered(world: World, call: Awaitable[Posting]) -> Posting:
    """Wait for a messenger's answer, as long as a request may take. It may have failed after it was sent."""
    try:
        async with asyncio.timeout(world.timings.request.total_seconds()):
            return await call
    except TimeoutError:
        return Posting("unclear", reason=f"no answer within {world.timings.request.total_seconds():g} s")
    except Exception as fault:
        log.exception("a messenger failed")
        return Posting("unclear", reason=f"posting failed here: {type(fault).__name__}: {fault}")


async def _settle(world: World, delivery: Delivery, settlement: Settlement, posting: Posting) -> bool:
    """Write the outcome; False where somebody else has claimed the row since.

    A reply that is refused for good is given up: what is wrong with a thread must not stop its digest, and what is
    wrong with the channel, the next digest meets.
    """
    given_up = settlement.state == "blocked" and delivery.part > 0
    _tell_log(delivery, "given up" if given_up else settlement.state, posting)

    async def write(session: Session) -> bool:
        if given_up:
            return await session.deliveries.give_up(delivery)
        kept = await session.deliveries.settle(delivery, settlement, world.clock.now())
        if kept and settlement.state == "blocked":
            await session.digests.block(delivery.digest_id, settlement.error or "it was refused")
        return kept

    return await stored(world.store, write, delivery.id)


def _tell_log(delivery: Delivery, became: str, posting: Posting) -> None:
    tell = log.info if became == "sent" or posting.retry_after else log.warning
    tell(
        f"a delivery is {became}",
        delivery=delivery.id,
        slot=delivery.slot,
        part=delivery.part,
        platform=delivery.platform,
        team=delivery.team,
        channel=delivery.channel.key,
        attempt=delivery.attempts,
        reason=posting.reason,
    )


async def _release(world: World, delivery: Delivery) -> None:
    """Give the claim back: nothing was sent."""
    async with world.store.write() as session:
        await session.deliveries.release(delivery)


async def _overtaken(world: World, messenger: Messenger, delivery: Delivery) -> None:
    """Somebody else has claimed the row since, so that two copies may be there: look now, and once all can be seen."""
    log.warning("a delivery was claimed by somebody else meanwhile; looking for a second copy", delivery=delivery.id)
    await keep_one(world, messenger, delivery, readable_since(world, delivery))

    async def ask(session: Session) -> None:
        await session.deliveries.audit(delivery.id, world.clock.now() + world.timings.settling)

    await stored(world.store, ask, delivery.id)
