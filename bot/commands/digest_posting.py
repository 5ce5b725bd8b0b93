"""A digest before and after its time: previewed, posted by hand, and settled by hand where nobody knows its fate."""

import datetime as dt
import re
import uuid

from bot import text
from bot.abstracts import thread_room
from bot.commands.digest_chosen import NAMED, asked_name, chosen_digest, when_next
from bot.commands.digest_pauses import resumed
from bot.commands.digest_wanted import (
    changed,
    fresh,
    refuse_without_threads,
    with_known_authors,
    with_role,
    zone_of,
)
from bot.commands.digest_wishes import ABSTRACTS, MENTION, Wishes, parse_wishes
from bot.commands.table import Call, Command, Param, Shape
from bot.composing import compose_now, draft, local_date
from bot.delivery import post_now
from bot.digest import Digest, DigestSettings
from bot.errors import UserError
from bot.ledger import Delivery
from bot.reply import Action, Reply
from bot.schedule import next_slot
from bot.standing import remedy, resuming, row_words, standings, where_it_is
from bot.store import Session

# The button adds the mark of its question: however often it is pressed, it is one request.
_CONFIRMED = re.compile(r"yes(?: request:(?P<request>[a-z0-9]{4,32}))?")


async def preview(call: Call) -> Reply:
    """Show what the next digest would be as things stand, or with settings that are not stored; nothing is posted."""
    wishes = await with_known_authors(call, parse_wishes(call.rest, call.options))
    refuse_without_threads(call, wishes)
    wishes = with_role(call, wishes)
    async with call.world.store.read() as session:
        settings = await (_as_wished(call, session, wishes) if call.rest else chosen_digest(call, session))
        slot = max(
            next_slot(settings.schedule, call.now, after_date=settings.last_slot).date,
            local_date(settings, call.now),
        )
        digest = await draft(session, settings, slot)
    if digest is None:
        due = _due(settings, call.now)
        return Reply(notice=f"Nothing new so far for {due}; a digest with nothing new is not posted.", papers=())
    return Reply(
        notice=f"Preview, seen by you alone; due {_due(settings, call.now)}. Votes and places may still change.",
        digest=digest.post,
        actions=() if call.rest else (Action("Post it now", f"digest now name:{settings.name}"),),
    )


async def _as_wished(call: Call, session: Session, wishes: Wishes) -> DigestSettings:
    """Return what `digest on` with these wishes would make of the channel's digest of that name."""
    name = asked_name(call)
    before = {each.name: each for each in await session.digests.of_channel(call.caller.channel.id)}.get(name)
    return changed(call, wishes, before) if before else fresh(call, name, wishes, zone_of(call, wishes))


def _due(settings: DigestSettings, now: dt.datetime) -> str:
    if settings.blocked:
        return f"{when_next(settings, now)} (stopped: {settings.blocked})"
    return when_next(settings, now)


async def now(call: Call) -> Reply:
    """Post the digest now, once that was confirmed."""
    said = _CONFIRMED.fullmatch(call.rest.lower())
    if call.rest and not said:
        raise UserError(f"digest now takes nothing but yes, not “{text.shown(call.rest)}”; write: digest now yes")
    request = (said and said["request"]) or uuid.uuid4().hex[:12]
    async with call.world.store.read() as session:
        settings = await chosen_digest(call, session)
        if said and (done := await session.deliveries.of_slot(settings.id, f"now:{request}")):
            return _told(call, settings, done)  # the button was pressed before
        digest = await draft(session, settings, local_date(settings, call.now))
    if settings.blocked:
        channel = call.caller.channel
        mended = f"{remedy(settings.blocked)}, then {resuming(settings, channel)}"
        raise UserError(f"Nothing can be posted to {channel.key}: {settings.blocked}; {mended}")
    if digest is None:
        had = f"{call.caller.channel.key} has had all that is settled"
        return Reply(notice=f"{had}; the next digest is due {when_next(settings, call.now)}.")
    return await _post(call, settings, request) if said else _ask_to_post(call, settings, digest, request)


def _ask_to_post(call: Call, settings: DigestSettings, digest: Digest, request: str) -> Reply:
    channel = call.caller.channel.key
    confirm = f"digest now yes name:{settings.name}"
    return Reply(
        notice=f"Post {text.plural(len(digest.items), 'paper')} to {channel}, for all to see? If so: {confirm}",
        digest=digest.post,
        actions=(Action("Post it for all to see", f"{confirm} request:{request}"),),
    )


async def _post(call: Call, settings: DigestSettings, request: str) -> Reply:
    room = thread_room(call.world.messengers, call.caller.team.platform)
    slot = await compose_now(call.world, settings, request, room)
    call.world.wakeups.wake()
    if slot:
        await post_now(call.world, settings, slot)
    async with call.world.store.read() as session:
        row = await session.deliveries.of_slot(settings.id, slot or f"now:{request}")
    if row is None:  # a digest that fell due meanwhile has brought it
        return Reply(notice=f"{call.caller.channel.key} has just had it.")
    return _told(call, settings, row)


def _told(call: Call, settings: DigestSettings, row: Delivery) -> Reply:
    """Return what has become of a digest that was asked for by hand."""
    channel = call.caller.channel.key
    if row.state == "sent":
        return Reply(notice=f"Posted to {channel}: {text.plural(len(row.payload.papers), 'paper')}.")
    if row.state == "sending":
        return Reply(notice=f"It {where_it_is(row, settings, call.now)}.")
    if row.state == "pending":
        return Reply(
            notice=f"{channel} has not got it yet: it {where_it_is(row, settings, call.now)}.", ok=not row.attempts
        )
    if row.state == "blocked":
        reason = row.last_error or "it was refused"
        mended = f"{remedy(reason)}, then {resuming(settings, call.caller.channel)}"
        return Reply(notice=f"{channel} did not get it, and the digest is stopped: {reason}; {mended}", ok=False)
    return Reply(notice=f"{channel}: {unknown(row)}", actions=arrival_actions([row]), ok=False)


def unknown(row: Delivery) -> str:
    """Return the question whether a parked digest arrived."""
    reason = f" ({row.last_error})" if row.last_error else ""
    return f"nobody knows whether {row_words(row)} arrived{reason}. Look for it: is it there?"


def arrival_actions(rows: list[Delivery]) -> tuple[Action, ...]:
    """Return the two answers to that question, for each row."""
    several = len(rows) > 1
    return tuple(
        Action(f"{label}: {row_words(row)}" if several else label, f"digest {verb} {row.id}")
        for row in rows
        for label, verb in (("Post it again", "again"), ("It's there", "arrived"))
    )


async def again(call: Call) -> Reply:
    """Post a digest again that did not arrive; one that was stopped comes again with what was held back."""
    async with call.world.store.write() as session:
        row = await _asked_row(call, session)
        settings = await session.digests.get(row.digest_id)
        if settings and row.state == "blocked":
            reply = await resumed(call, session, settings, row.channel)
        elif settings and await session.deliveries.resolve(row.id, False, call.now):
            reply = Reply(notice=f"{_named(row, settings)} is posted again within a minute.")
        else:
            reply = _settled(call, row, settings)
    call.world.wakeups.wake()
    return reply


async def arrived(call: Call) -> Reply:
    """Note that a digest is there, of which nobody knew."""
    async with call.world.store.write() as session:
        row = await _asked_row(call, session)
        settings = await session.digests.get(row.digest_id)
        if settings and await session.deliveries.resolve(row.id, True, call.now):
            alone = (
                " Its abstracts don't follow: nobody knows which message is its." if _has_thread(row, settings) else ""
            )
            return Reply(notice=f"Noted: {_named(row, settings)} is there. It is not posted again.{alone}")
    return _settled(call, row, settings)


def _has_thread(row: Delivery, settings: DigestSettings) -> bool:
    return settings.abstracts and row.part == 0


async def _asked_row(call: Call, session: Session) -> Delivery:
    """Return the delivery that the call names, by its id or its slot; else the channel's only one that is asked about.

    Another team's is as unknown as none at all. Raises UserError.
    """
    typed = call.rest.lower()
    row = await session.deliveries.get(typed) if typed else None
    if row and row.channel.team_id == call.caller.team.id:
        return row
    channel = call.caller.channel
    digests = [(channel, each) for each in await session.digests.of_channel(channel.id)]
    if "name" in call.options:
        digests = [(channel, await chosen_digest(call, session))]
    waiting = [row for each in await standings(session, digests) for row in each.in_state("parked")]
    asked = [row for row in waiting if typed in ("", row.slot)]
    if len(asked) == 1:
        return asked[0]
    if not asked and typed:
        raise UserError(f"There is no digest “{text.shown(call.rest, 36)}” on its way; status tells of each digest.")
    if not asked:
        raise UserError(f"No digest of {channel.key} waits for an answer; status tells of each digest.")
    slots = {row.slot for row in asked}
    names = sorted(slots) if len(slots) == len(asked) else [f"{row.id} ({row_words(row)})" for row in asked]
    raise UserError(f"Which one? Write behind it: {text.either(names[:_NAMED_AT_MOST])}")


_NAMED_AT_MOST = 5


def _named(row: Delivery, settings: DigestSettings) -> str:
    return f"Digest “{settings.name}” of {row.channel.key}, {row_words(row)},"


def _settled(call: Call, row: Delivery, settings: DigestSettings | None) -> Reply:
    """Return that there is nothing to answer any more."""
    if settings is None:
        return Reply(notice=f"That digest of {row.channel.key} was turned off meanwhile; there is nothing left to do.")
    what = _named(row, settings)
    if row.state == "sent":
        return Reply(notice=f"That is settled already: {what} {where_it_is(row, settings, call.now)}.")
    if row.state == "blocked":
        mended = f"{remedy(row.last_error or '')}, then {resuming(settings, row.channel)}"
        return Reply(notice=f"{what} {where_it_is(row, settings, call.now)}; {mended}", ok=False)
    return Reply(notice=f"That is settled already: {what} {where_it_is(row, settings, call.now)}.")


_DELIVERY = Param("date", Shape.WORD, "which one, where several wait, for example 2025-06-12")
_TRIED = Param("settings", Shape.WORD, "what it would be with them, typed as behind digest on; nothing is set")
PREVIEW = Command(
    "digest preview", "the next digest as things stand, for you alone", preview, (_TRIED, ABSTRACTS, MENTION, NAMED)
)
NOW = Command(
    "digest now",
    "post it now; asks first",
    now,
    (
        Param("yes", Shape.WORD, "yes posts it"),
        NAMED,
    ),
    configures=True,
)
AGAIN = Command(
    "digest again",
    "a digest that may not have arrived: post it again",
    again,
    (_DELIVERY, NAMED),
    configures=True,
)
ARRIVED = Command(
    "digest arrived",
    "a digest that may not have arrived: it is there",
    arrived,
    (_DELIVERY, NAMED),
    configures=True,
)
