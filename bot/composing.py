"""From the day's papers to a digest in the ledger: what is due is composed, each slot once.

Composing is one transaction per digest: its items, its ledger row and its next due time are written together
or not at all.
"""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.digest import Days, Digest, DigestSettings, compose, days_of
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.ports import World
from bot.schedule import Slot, next_slot, slots_between
from bot.store import Session

_AT_ONCE = 100


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


async def compose_now(world: World, settings: DigestSettings, request: str) -> str | None:
    """Compose a digest that was asked for by hand; return its slot, or None where there is nothing new."""
    now = world.clock.now()
    slot = f"now:{request}"
    async with world.store.write() as session:
        digest = await draft(session, settings, local_date(settings, now))
        if digest is None:
            return None
        await _enter(session, settings, slot, digest, now, now)
    return slot


def local_date(settings: DigestSettings, now: dt.datetime) -> dt.date:
    """Return today's date where the digest is at home."""
    return now.astimezone(ZoneInfo(settings.schedule.zone)).date()
