"""Tells whoever set a digest up, in private and once, that it needs them: it stopped, or nobody knows if it arrived."""

import datetime as dt
import uuid
from collections.abc import Sequence
from itertools import groupby

import structlog

from bot import text
from bot.commands.digest_posting import arrival_actions
from bot.delivery import answered
from bot.digest import DigestSettings
from bot.ledger import NOTE_OF, Delivery
from bot.ports import Posting, World
from bot.quiet_digests import tell_quiet
from bot.reply import Action, Reply
from bot.standing import remedy, resuming, row_words, slot_words

_AT_ONCE = 100

_AGAIN = dt.timedelta(minutes=5)
"""How long a note that can't be delivered now waits, unless the platform wants longer."""

log = structlog.get_logger()


async def tell_makers(world: World) -> int:
    """Tell the makers of stopped digests, of those that may not have arrived, and of those that bring nothing any more.

    Return how many notes were taken. One for a digest, however many of its rows wait. What can't be told now is
    tried again by a later call, and holds up nobody meanwhile.
    """
    now = world.clock.now()
    async with world.store.read() as session:
        rows = await session.deliveries.untold(_AT_ONCE, world.messengers.keys(), now)
    rows.sort(key=_of_one_note)
    told = 0
    for (_, state), waiting in groupby(rows, key=_of_one_note):
        told += await _tell(world, state, list(waiting), now)
    return told + await tell_quiet(world)


def _of_one_note(row: Delivery) -> tuple[int, str]:
    return row.digest_id, row.state


async def _tell(world: World, state: str, rows: list[Delivery], now: dt.datetime) -> bool:
    """Tell the maker of one digest about these rows; False where somebody else does, where that failed, or nobody
    is there to be told.

    Rows are marked after the note was taken: who is killed on the way leaves them to the next, once the turn is over.
    One whose fate is unclear is sent again.
    """
    turn, holder = f"{NOTE_OF}{rows[0].digest_id}", str(uuid.uuid4())
    async with world.store.write() as session:
        if not await session.leases.take(turn, holder, now, now + _AGAIN):
            return False  # another process tells it, or the last one failed too short a time ago
    waiting, maker, note = await _note(world, state, rows)
    posting = await _sent(world, rows[0], maker, note) if note else None
    async with world.store.write() as session:
        if posting is None or posting.outcome == "accepted" or posting.permanent:
            await session.deliveries.told([row.id for row in waiting], now)
            await session.leases.give_back(turn, holder)
        elif posting.retry_after and posting.retry_after > _AGAIN:
            await session.leases.take(turn, holder, now, now + posting.retry_after)
    return posting is not None and posting.outcome == "accepted"


async def _note(world: World, state: str, rows: list[Delivery]) -> tuple[list[Delivery], str, Reply | None]:
    """Return which of the rows still wait, who is to be told of them, and what; None where that is nothing."""
    first, in_hand = rows[0], {row.id for row in rows}
    async with world.store.read() as session:
        settings = await session.digests.get(first.digest_id)
        maker = await session.teams.member(settings.created_by) if settings else None
        known = await session.deliveries.standing([first.digest_id])
    if settings is None or maker is None:
        log.warning("nobody is there to be told of a digest", digest=first.digest_id, state=state)
        return rows, "", None
    waiting = [row for row in known if row.id in in_hand and row.state == state and not row.told_at]
    earlier = [row for row in known if row.id not in in_hand and row.state == state and row.told_at]
    if not waiting or (state == "blocked" and earlier):
        return waiting, "", None  # settled meanwhile; or told when the first was blocked
    return waiting, maker.key, _stopped(settings, waiting) if state == "blocked" else _unsure(settings, waiting)


async def _sent(world: World, row: Delivery, maker: str, note: Reply) -> Posting:
    posting = await answered(world, world.messengers[row.platform].tell(row.team, maker, note, row.channel.key))
    if posting.outcome != "accepted":
        log.warning(
            "a digest's maker can't be told",
            digest=row.digest_id,
            member=maker,
            reason=posting.reason,
            again=not posting.permanent,
        )
    return posting


def _stopped(settings: DigestSettings, rows: Sequence[Delivery]) -> Reply:
    """Return that a digest has stopped, why, and what to do."""
    channel = rows[0].channel
    reason = settings.blocked or rows[0].last_error or "it was refused"
    mended = remedy(reason)
    held = f"{slot_words(rows[0].slot)} is" if len(rows) == 1 else f"{text.plural(len(rows), 'digest')} are"
    return Reply(
        heading=f"The digest “{settings.name}” of {channel.key} has stopped",
        notice=f"It could not be posted: {reason}. Nothing is lost, and nothing is tried meanwhile; {held} held back. "
        f"{mended[0].upper()}{mended[1:]}, then press Resume, or {resuming(settings, channel)}",
        actions=(Action("Resume", f"digest again {rows[0].id}"),),
    )


def _unsure(settings: DigestSettings, rows: Sequence[Delivery]) -> Reply:
    """Return the question whether digests arrived, with the answers as buttons."""
    channel = rows[0].channel
    which = " and ".join(row_words(row) for row in rows)
    what = "the abstracts of the digest" if all(row.part for row in rows) else "the digest"
    never, each = ("It is not", "it") if len(rows) == 1 else ("None is", "each")
    reason = f" ({rows[0].last_error})" if rows[0].last_error else ""
    return Reply(
        heading=f"Did {what} “{settings.name}” of {channel.key} arrive?",
        notice=f"Nobody knows whether {which} arrived{reason}. {never} posted again until you say so, for then "
        f"it might be there twice. Look for {each} in {channel.key}: is it there?",
        actions=arrival_actions(list(rows)),
    )
