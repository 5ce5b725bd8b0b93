"""`paperround digest due` and `preview`: which digests come, and what they would bring; nothing is written."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from bot import text
from bot.composing import newest_due
from bot.digest import DigestSettings
from bot.drafting import Asked, Drafts
from bot.errors import UserError
from bot.ports import Clock
from bot.reply import PaperLine
from bot.reply_json import utc
from bot.schedule import Slot, next_slot
from bot.store import Session

_FOR_EVER = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Due:
    """A digest that is due: to which channel, for which slot, and with which papers; none where nothing is new."""

    channel: str
    settings: DigestSettings
    slot: Slot
    papers: tuple[PaperLine, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is due, the longest due first; else the next digest with its channel, where one is set at all.

    `open_rows` counts messages of digests that were composed before, and are on their way.
    """

    due: tuple[Due, ...]
    coming: tuple[str, DigestSettings] | None
    open_rows: int


async def digests_due(settings: Settings, clock: Clock) -> Outlook:
    """Return what is due by the clock's time, as things stand in the store. Raises StoreError."""
    now = clock.now()
    async with open_world(settings, clock, index_later=True) as world, world.store.read() as session:
        ids = await session.digests.due(now, _MOST)
        found = {each.id: each for each in await session.digests.get_many(ids)}
        chosen = [found[each] for each in ids]
        due = await _drafted(session, chosen, [newest_due(each, now) for each in chosen])
        coming = None if due else await next_to_come(session)
        channel = await session.teams.channel(coming.channel_id) if coming else None
        return Outlook(
            tuple(due), (channel.key, coming) if coming and channel else None, await session.deliveries.unsettled()
        )


async def digests_previewed(settings: Settings, clock: Clock, channel: str) -> list[Due]:
    """Return what each digest of a channel would bring next, as things stand, paused ones included.

    The channel is named as its platform does; teams that name theirs alike each have their own. Raises UserError
    where no such channel has a digest, and StoreError.
    """
    now = clock.now()
    async with open_world(settings, clock, index_later=True) as world, world.store.read() as session:
        named = session.digests.of_channels_named
        found = await named(channel) or await named(f"#{channel}")  # a shell takes a bare #papers for a comment
        chosen = [each for _, each in found]
        if not chosen:
            raise UserError(f"no channel {text.shown(channel)} has a digest; set one there with: digest on")
        slots = [next_slot(each.schedule, now, after_date=each.last_slot) for each in chosen]
        return await _drafted(session, chosen, slots)


async def next_to_come(session: Session) -> DigestSettings | None:
    """Return the settings of the digest that comes first, None where none comes."""
    first = await session.digests.due(_FOR_EVER, 1)
    return await session.digests.get(first[0]) if first else None


async def _drafted(session: Session, digests: Sequence[DigestSettings], slots: Sequence[Slot]) -> list[Due]:
    """Return what each of these would bring for its slot; no paper twice to a channel."""
    channels = {each: await session.teams.channel(each) for each in {digest.channel_id for digest in digests}}
    asked = [
        Asked(each, channels[each.channel_id].team_id, slot.date) for each, slot in zip(digests, slots, strict=True)
    ]
    drafts = await Drafts().make(session, asked)
    return [
        Due(channels[each.channel_id].key, each, slot, draft.post.papers if draft else ())
        for each, slot, draft in zip(digests, slots, drafts, strict=True)
    ]


def due_json(coming: Sequence[Due]) -> list[dict[str, Any]]:
    """Return digests to come as `digest due --json` and `digest preview --json` print them."""
    return [
        {
            "channel": due.channel,
            "slot": str(due.slot.date),
            "due_at": utc(due.slot.due_at),
            "papers": [line.id for line in due.papers],
        }
        for due in coming
    ]


def outlook_words(outlook: Outlook) -> str:
    """Return what is due as a person reads it."""
    blocks = [due_words(due) for due in outlook.due] or [_coming_words(outlook.coming)]
    if outlook.open_rows:
        blocks.append(f"On its way already, from before: {text.plural(outlook.open_rows, 'message')}.")
    return "\n".join(blocks)


def due_words(due: Due) -> str:
    """Return a digest to come as a person reads it."""
    when = due.settings.schedule.spoken(due.slot.due_at)
    head = f"{due.channel} · {due.settings.name} · due {when}"
    if not due.papers:
        return f"{head}: nothing new, no message"
    return "\n".join([f"{head}: {text.plural(len(due.papers), 'paper')}", *_lines(due.papers)])


def _lines(papers: Sequence[PaperLine]) -> list[str]:
    return [f"  {line.label}  {text.cut(text.shown(line.title, 300), 90)}" for line in papers]


def _coming_words(coming: tuple[str, DigestSettings] | None) -> str:
    if coming is None:
        return "No digest is due, and none will be: set one in a channel, for example: digest on 09:00 Europe/Berlin"
    channel, settings = coming
    return f"No digest is due; the next is {settings.name} of {channel}: {settings.describe_next()}"
