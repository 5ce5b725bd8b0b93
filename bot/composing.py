"""From the days' papers to digests in the ledger: what is due is composed, each slot once.

Digests are composed in batches. A batch is one transaction: items, ledger rows and next due times are written
together or not at all. Any number of processes may compose at once.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from zoneinfo import ZoneInfo

import structlog

from bot.abstracts import thread_room
from bot.digest import Composed, Digest, DigestSettings
from bot.drafting import Asked, Drafts
from bot.errors import DiskFullError
from bot.ledger import Entry
from bot.ports import World
from bot.reply import Post
from bot.schedule import Slot, next_slot, slots_between
from bot.store import Session
from bot.store_digests import Taken

BATCH = 40
"""How many digests are composed in one transaction: on SQLite, everybody else's changes wait for its end."""

_AT_ONCE = 2_000
"""How many due ones are listed at a time."""

LATE = dt.timedelta(minutes=1)
"""From then on a digest says that it is late."""

log = structlog.get_logger()


async def compose_due(world: World) -> int:
    """Compose every digest that is due by now, the longest due first; return how many had something new.

    One that can't be composed is told to the log once, and tried again at later times; the others come all the
    same. Raises StoreError when the store is out of reach.
    """
    composing = _Pass(world, world.clock.now())
    tried: set[int] = set()
    while True:
        async with world.store.read() as session:
            due = await session.digests.due(composing.now, _AT_ONCE + len(tried))
        untried = iter([digest_id for digest_id in due if digest_id not in tried])
        tried.intersection_update(due)  # what was composed is due no more, and need not be remembered
        if not (batch := list(islice(untried, BATCH))):
            return composing.posts
        while batch:
            await composing.compose(batch)
            tried.update(batch)
            batch = list(islice(untried, BATCH))


@dataclass(slots=True)
class _Pass:
    """One go over all that is due at a time. `posts` counts the digests that had something new."""

    world: World
    now: dt.datetime
    posts: int = 0
    drafts: Drafts = field(default_factory=Drafts)

    async def compose(self, digest_ids: Sequence[int]) -> None:
        """Compose a batch; where that fails, each digest by itself."""
        monotonic = self.world.clock.monotonic()
        ready = [digest_id for digest_id in digest_ids if not self.world.setbacks.wait(digest_id, monotonic)]
        try:
            await self._together(ready)
        except Exception as failure:  # noqa: BLE001 - whatever is wrong with one digest must not stop the others
            if len(ready) == 1:
                await self._set_back(ready[0], failure)
                return
            log.info("a batch of digests is composed one by one", reason=_told(failure))
            for digest_id in ready:
                await self._alone(digest_id)

    async def _alone(self, digest_id: int) -> None:
        try:
            await self._together([digest_id])
        except Exception as failure:  # noqa: BLE001 - as above
            await self._set_back(digest_id, failure)

    async def _set_back(self, digest_id: int, failure: Exception) -> None:
        """Put the digest off, unless the fault is the store's. Raises StoreError where nothing can be written."""
        if isinstance(failure, DiskFullError):  # a transaction that needs no room would go well
            raise failure
        async with self.world.store.write():
            pass
        if self.world.setbacks.failed(digest_id, _told(failure), self.world.clock.monotonic()):
            log.error("a digest can't be composed", digest=digest_id, reason=_told(failure), exc_info=failure)

    async def _together(self, digest_ids: Sequence[int]) -> None:
        """Compose those that are due still, and that nobody else is composing, in one transaction."""
        if not digest_ids:
            return
        async with self.world.store.read() as session:  # what takes longest, so that no change has to wait for it
            wanted = [Taken(each, 0, "") for each in await session.digests.get_many(digest_ids)]
            await self.drafts.prepare(session, [asked for asked, _ in self._due(wanted)])
        async with self.world.store.write() as session:
            taken = await session.digests.take(digest_ids, self.now)
            due = self._due(await _unposted_taken_along(session, taken, self.world.since))
            digests = await self.drafts.make(session, [asked for asked, _ in due])
            await self._enter(session, due, digests)
        self.posts += sum(digest is not None for digest in digests)
        self.world.setbacks.over(digest_ids)

    def _due(self, taken: Iterable[Taken]) -> list[tuple[Asked, Slot]]:
        """Return what is to be drafted, and for which slot, of digests that are due."""
        due = []
        for each in taken:
            if each.settings.next_due_at <= self.now:
                slot = newest_due(each.settings, self.now)
                was_due = slot.due_at if self.now - slot.due_at >= LATE else None
                room = thread_room(self.world.messengers, each.platform)
                due.append((Asked(each.settings, each.team_id, slot.date, was_due, room), slot))
        return due

    async def _enter(
        self, session: Session, due: Sequence[tuple[Asked, Slot]], digests: Sequence[Digest | None]
    ) -> None:
        """Write what slots bring into the ledger; one with nothing new is remembered, and posts nothing."""
        moved = [_moved_on(asked.settings, slot, self.now) for asked, slot in due]
        slots = [str(slot.date) for _, slot in due]
        composed = list(map(Composed, moved, slots, digests))
        await session.digests.compose(composed, self.now)
        await session.digests.move_on(moved)
        await session.deliveries.add(
            [entry for each, (_, slot) in zip(composed, due, strict=True) for entry in _entries(each, slot.due_at)]
        )


def _entries(composed: Composed, due_at: dt.datetime) -> list[Entry]:
    """Return the rows of what a slot brings: the digest, and behind it what follows in its thread."""
    digest = composed.digest
    posts: tuple[Post, ...] = (digest.post, *digest.thread) if digest else ()
    return [Entry(composed.settings.id, composed.slot, part, post, due_at) for part, post in enumerate(posts)]


def _told(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"


def newest_due(settings: DigestSettings, now: dt.datetime) -> Slot:
    """Return the newest slot that is due: after downtime, one digest takes the place of all that were missed."""
    just_before = settings.next_due_at - dt.timedelta(microseconds=1)
    slots = list(slots_between(settings.schedule, just_before, now))
    if slots:
        return slots[-1]
    # The zone's rules were changed since it was reckoned.
    return Slot(local_date(settings, settings.next_due_at), settings.next_due_at)


def _moved_on(settings: DigestSettings, slot: Slot, now: dt.datetime) -> DigestSettings:
    next_due_at = next_slot(settings.schedule, now, after_date=slot.date).due_at
    return replace(settings, last_slot=slot.date, next_due_at=next_due_at, paused=False, paused_until=None)


async def _unposted_taken_along(session: Session, taken: Sequence[Taken], since: dt.datetime) -> list[Taken]:
    """Let what could not be posted until now ride with the digests that are composed.

    Rows from before `since` stay: the store may be a backup, in which nobody knows what was posted.
    """
    slots = await session.deliveries.supersede([each.settings.id for each in taken], since)
    if not slots:
        return list(taken)
    await session.digests.withdraw(slots)
    again = {digest_id for digest_id, _ in slots}
    standing = await session.digests.composed_at(again, dt.date.min)
    return [
        replace(each, settings=replace(each.settings, last_slot=max(standing.get(each.settings.id, ()), default=None)))
        if each.settings.id in again
        else each
        for each in taken
    ]


async def draft(session: Session, settings: DigestSettings, slot: dt.date) -> Digest | None:
    """Return the digest that a slot would bring as things stand, or None where there is nothing new."""
    channel = await session.teams.channel(settings.channel_id)
    (digest,) = await Drafts().make(session, [Asked(settings, channel.team_id, slot)])
    return digest


async def compose_now(world: World, settings: DigestSettings, request: str, room: int = 0) -> str | None:
    """Compose a digest that was asked for by hand; return its slot, or None where there is nothing new.

    `room` is how many characters a message in a thread of its platform holds (`bot.abstracts.thread_room`).
    """
    now = world.clock.now()
    slot = f"now:{request}"
    drafts = Drafts()
    async with world.store.read() as session:
        channel = await session.teams.channel(settings.channel_id)
        asked = Asked(settings, channel.team_id, local_date(settings, now), thread_room=room)
        await drafts.prepare(session, [asked])
    async with world.store.write() as session:
        if await session.digests.get(settings.id) is None:  # from here on, nobody else composes for the channel
            return None
        if await session.deliveries.of_slot(settings.id, slot):
            return slot  # a button pressed twice: other papers would count as brought, and never come
        (digest,) = await drafts.make(session, [asked])
        if digest is None:
            return None
        composed = Composed(settings, slot, digest)
        await session.digests.compose([composed], now)
        await session.deliveries.add(_entries(composed, now))
    return slot


def local_date(settings: DigestSettings, now: dt.datetime) -> dt.date:
    """Return the date of an instant where the digest is at home."""
    return now.astimezone(ZoneInfo(settings.schedule.zone)).date()
