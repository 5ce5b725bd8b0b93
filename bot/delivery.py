"""From a due digest to a posted one: compose into the ledger, then post what the ledger holds.

Composing is one transaction per digest: its items, its ledger row and its next due time are written together
or not at all. Posting claims a row durably before a byte is sent, and settles it by the claim's fence.
"""

import asyncio
import datetime as dt
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from bot.digest import Days, Digest, DigestSettings, compose, days_of
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.ports import Posting, World
from bot.schedule import Slot, next_slot, slots_between
from bot.store import Delivery, Session

POST_LIMIT = dt.timedelta(seconds=15)
BACK_OFF = tuple(dt.timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600))
"""How long a refused post waits before the next try, by the number of tries; the last repeats."""

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Delivered:
    """A ledger row that was worked on, and what came of it."""

    delivery: Delivery
    posting: Posting


async def run_due(world: World) -> list[Delivered]:
    """Compose every digest that is due by now, and post all that is open."""
    await compose_due(world)
    return await post_open(world)


async def compose_due(world: World) -> int:
    """Compose every digest that is due by now; return how many had something new."""
    now = world.clock.now()
    composed = 0
    while True:
        async with world.store.read() as session:
            due = await session.digests.due(now, _AT_ONCE)
        if not due:
            return composed
        for digest_id in due:
            composed += await _compose_due(world, digest_id, now)


async def _compose_due(world: World, digest_id: int, now: dt.datetime) -> bool:
    async with world.store.write() as session:
        settings = await session.digests.get(digest_id)
        if settings is None or settings.next_due_at > now:
            return False  # somebody else composed it, or it was changed, in the meantime
        slot = _newest_due(settings, now)
        digest = await draft(session, settings, slot.date)
        await session.digests.put(
            replace(
                settings,
                last_slot=slot.date,
                next_due_at=next_slot(settings.schedule, now, after_date=slot.date).due_at,
                paused=False,
                paused_until=None,
            )
        )
        await _enter(session, settings, str(slot.date), digest, slot.due_at, now)
    return digest is not None


def _newest_due(settings: DigestSettings, now: dt.datetime) -> Slot:
    """Return the newest slot that is due: after downtime, one digest takes the place of all that were missed."""
    just_before = settings.next_due_at - dt.timedelta(microseconds=1)
    return list(slots_between(settings.schedule, just_before, now))[-1]


async def _enter(
    session: Session,
    settings: DigestSettings,
    slot: str,
    digest: Digest | None,
    due_at: dt.datetime,
    now: dt.datetime,
) -> None:
    """Write what a slot brings into the ledger; a slot with nothing new is remembered, and posts nothing."""
    await session.digests.compose(settings, slot, digest, now)
    if digest is not None:
        await session.deliveries.add(settings.id, slot, 0, digest.post, due_at)


async def draft(session: Session, settings: DigestSettings, slot: dt.date) -> Digest | None:
    """Return the digest that a slot would bring as things stand, or None where there is nothing new."""
    days = days_of(settings, slot)
    papers = await session.papers.listed(days.earliest, days.last)
    ids = [paper.id for paper in papers]
    channel = await session.teams.channel(settings.channel_id)
    return compose(
        settings,
        days,
        papers,
        posted=await session.digests.posted(settings.channel_id, ids),
        votes_then=await _votes_then(session, settings, days, papers),
        team_votes=await session.opinions.votes(channel.team_id, ids),
    )


async def _votes_then(
    session: Session, settings: DigestSettings, days: Days, papers: list[Paper]
) -> dict[PaperId, int]:
    """Return the votes that papers of earlier days had when their day's digest was composed."""
    composed = [
        (dt.date.fromisoformat(slot), at)
        for slot, at in await session.digests.composed_at(settings.id)
        if not slot.startswith("now:")
    ]
    then: dict[PaperId, int] = {}
    for slot, at in sorted(composed):
        if slot <= days.earliest:
            continue
        covered = [paper.id for paper in papers if paper.announced and paper.announced < slot and paper.id not in then]
        then |= await session.papers.votes_at(covered, at)
    return then


async def post_now(world: World, settings: DigestSettings, request: str) -> Delivered | None:
    """Compose a digest by hand and post it; None where there is nothing new. A request is carried out once."""
    now = world.clock.now()
    slot = f"now:{request}"
    async with world.store.write() as session:
        digest = await draft(session, settings, local_date(settings, now))
        if digest is None:
            return None
        await _enter(session, settings, slot, digest, now, now)
    done = await post_open(world)
    return next((each for each in done if (each.delivery.digest_id, each.delivery.slot) == (settings.id, slot)), None)


def local_date(settings: DigestSettings, now: dt.datetime) -> dt.date:
    """Return today's date where the digest is at home."""
    return now.astimezone(ZoneInfo(settings.schedule.zone)).date()


async def post_open(world: World) -> list[Delivered]:
    """Claim and post all rows that are due, oldest first."""
    done: list[Delivered] = []
    while True:
        async with world.store.write() as session:
            claimed = await session.deliveries.claim(world.clock.now(), _AT_ONCE, world.messengers.keys())
        if not claimed:
            return done
        for delivery in claimed:
            done.append(await _post(world, delivery))


async def _post(world: World, delivery: Delivery) -> Delivered:
    messenger = world.messengers[delivery.platform]  # others' rows are left to who serves them
    try:
        async with asyncio.timeout(POST_LIMIT.total_seconds()):
            posting = await messenger.post(delivery.team, delivery.channel.key, delivery.payload, delivery.id)
    except TimeoutError:
        posting = Posting("unclear", reason=f"no answer within {POST_LIMIT.seconds} s")
    async with world.store.write() as session:
        await _settle(session, delivery, posting, world.clock.now())
    return Delivered(delivery, posting)


async def _settle(session: Session, delivery: Delivery, posting: Posting, now: dt.datetime) -> None:
    """Write the outcome: sent; to be tried again; blocked until somebody mends it; or parked, when nobody knows."""
    deliveries = session.deliveries
    if posting.outcome == "accepted":
        await deliveries.settle(delivery, "sent", now, message_id=posting.message_id)
    elif posting.outcome == "unclear":
        await deliveries.settle(delivery, "parked", now, error=posting.reason)
    elif posting.permanent:
        await deliveries.settle(delivery, "blocked", now, error=posting.reason)
    else:
        wait = BACK_OFF[min(delivery.attempts, len(BACK_OFF)) - 1]
        await deliveries.settle(delivery, "pending", now, error=posting.reason, due_at=now + wait)
