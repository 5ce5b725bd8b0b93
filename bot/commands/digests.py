"""A channel's digests: set, show, preview, post now, pause, resume, off."""

import datetime as dt
import re
import uuid
from dataclasses import replace

from bot import text
from bot.authors import resolve_authors
from bot.commands.digest_wishes import DEFAULT_TOP, Wishes, parse_wishes
from bot.commands.table import Call, Command, Param, Shape
from bot.composing import compose_now, draft, local_date
from bot.delivery import post_now
from bot.digest import MAX_TOP, Digest, DigestSettings
from bot.errors import UserError
from bot.query import Rule
from bot.reply import Action, DigestLine, Reply
from bot.schedule import (
    Schedule,
    next_slot,
    parse_days,
)
from bot.store import Session
from bot.team import Channel

DEFAULT_NAME = "daily"
DEFAULT_TIME = dt.time(9)
DEFAULT_DAYS = "weekdays"
MAX_DIGESTS = 10

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,29}")


async def on(call: Call) -> Reply:
    """Set the channel's digest, or change what is named of one that is set."""
    name = _name(call)
    wishes = parse_wishes(call.rest)
    zone = wishes.zone or call.caller.zone
    if zone is None:
        raise UserError(
            f"In which time zone? None is known here yet; write, for example: digest on {_time(wishes)} Europe/Berlin"
        )
    async with call.world.store.write() as session:
        if wishes.rule:
            wishes = replace(wishes, rule=await _with_known_authors(call, session, wishes.rule))
        existing = {each.name: each for each in await session.digests.of_channel(call.caller.channel.id)}
        if name not in existing and len(existing) >= MAX_DIGESTS:
            raise UserError(
                f"This channel has {MAX_DIGESTS} digests, which is the most; turn one off first: digest off name:NAME"
            )
        stored = await session.digests.put(_settings(call, name, wishes, zone, existing.get(name)))
        await session.teams.set_zone(call.caller.channel.id, stored.schedule.zone)
    verb = "changed" if name in existing else "set"
    return Reply(
        notice=f"Digest “{name}” of {call.caller.channel.key} is {verb}"
        f"{f', with only papers {stored.rule.describe()}' if stored.rule else ''}; the next one comes {_when(stored)}.",
        digests=(_line(stored, call.caller.channel),),
        actions=_digest_actions(stored),
    )


def _settings(call: Call, name: str, wishes: Wishes, zone: str, before: DigestSettings | None) -> DigestSettings:
    if before is None:
        schedule = Schedule(wishes.time or DEFAULT_TIME, zone, wishes.days or parse_days(DEFAULT_DAYS))
        slot = next_slot(schedule, call.now)
        return DigestSettings(
            id=0,
            channel_id=call.caller.channel.id,
            name=name,
            schedule=schedule,
            top=wishes.top or DEFAULT_TOP,
            rule=wishes.rule,
            created_by=call.caller.member.id,
            created_at=call.now,
            since=_previous_day(schedule, slot.date),
            next_due_at=slot.due_at,
        )
    schedule = Schedule(
        wishes.time or before.schedule.time,
        wishes.zone or before.schedule.zone,
        wishes.days or before.schedule.days,
    )
    return replace(
        before,
        schedule=schedule,
        top=wishes.top or before.top,
        rule=wishes.rule or before.rule,
        next_due_at=next_slot(schedule, call.now, after_date=before.last_slot).due_at,
        paused=False,
        paused_until=None,
    )


def _previous_day(schedule: Schedule, slot: dt.date) -> dt.date:
    """Return the day of the slot before: the first day whose list the first digest covers."""
    day = slot - dt.timedelta(days=1)
    while f"{day:%a}".lower() not in schedule.days:
        day -= dt.timedelta(days=1)
    return day


async def _with_known_authors(call: Call, session: Session, rule: Rule) -> Rule:
    resolved, unclear = await resolve_authors(rule, session.papers, call.world.index)
    if unclear:
        names = [f'author:"{name}"' for name in unclear[0].names[:5]]
        raise UserError(
            f"“{text.shown(unclear[0].typed)}” is not clear in a digest's rule; write {text.either(names)}."
        )
    return resolved


async def show(call: Call) -> Reply:
    """Show how the channel's digests are set."""
    async with call.world.store.read() as session:
        digests = await session.digests.of_channel(call.caller.channel.id)
    channel = call.caller.channel
    asked = call.options.get("name")
    shown = [each for each in digests if asked is None or each.name == asked.lower()]
    if asked and not shown:
        raise UserError(_no_such(asked, digests))
    return Reply(
        notice=None if shown else f"{channel.key} has no digest; set one, for example: digest on 09:00 Europe/Berlin",
        heading=f"Digests of {channel.key}",
        digests=tuple(_line(each, channel) for each in shown),
        actions=tuple(action for each in shown[:1] for action in _digest_actions(each)),
    )


async def preview(call: Call) -> Reply:
    """Show what the next digest would be as things stand; nothing is posted."""
    async with call.world.store.read() as session:
        settings = await _chosen(call, session)
        slot = max(
            next_slot(settings.schedule, call.now, after_date=settings.last_slot).date,
            local_date(settings, call.now),
        )
        digest = await draft(session, settings, slot)
    if digest is None:
        return Reply(
            notice=f"Nothing new so far for {_when(settings)}; a digest with nothing new is not posted.",
            papers=(),
        )
    return Reply(
        notice=f"Preview, seen by you alone; due {_when(settings)}. Votes and places may still change.",
        digest=digest.post,
        actions=(Action("Post it now", f"digest now name:{settings.name}"),),
    )


async def now(call: Call) -> Reply:
    """Post the digest now, once that was confirmed."""
    said = call.rest.lower()
    if said not in ("", "yes"):
        raise UserError(f"digest now takes nothing but yes, not “{text.shown(call.rest)}”; write: digest now yes")
    async with call.world.store.read() as session:
        settings = await _chosen(call, session)
        digest = await draft(session, settings, local_date(settings, call.now))
    if digest is None:
        had = f"{call.caller.channel.key} has had all that is settled"
        return Reply(notice=f"{had}; the next digest is due {_when(settings)}.")
    return await _post(call, settings) if said else _ask_to_post(call, settings, digest)


def _ask_to_post(call: Call, settings: DigestSettings, digest: Digest) -> Reply:
    channel = call.caller.channel.key
    confirm = f"digest now yes name:{settings.name}"
    return Reply(
        notice=f"Post {text.plural(len(digest.items), 'paper')} to {channel}, for all to see? If so: {confirm}",
        digest=digest.post,
        actions=(Action(f"Post to {channel}", confirm),),
    )


async def _post(call: Call, settings: DigestSettings) -> Reply:
    channel = call.caller.channel.key
    slot = await compose_now(call.world, settings, uuid.uuid4().hex)
    done = slot and await post_now(call.world, settings, slot)
    if not done:  # a digest that fell due meanwhile has brought it
        return Reply(notice=f"{channel} has just had it.")
    if done.posting.outcome != "accepted":
        failed = f"{channel} did not get it: {done.posting.reason}. It stays in the ledger; see status."
        return Reply(notice=failed, ok=False)
    return Reply(notice=f"Posted to {channel}: {text.plural(len(done.delivery.payload.papers), 'paper')}.")


async def pause(call: Call) -> Reply:
    """Stop the digest, for some days or until it is resumed."""
    days = _pause_days(call.rest)
    until = call.now + dt.timedelta(days=days) if days else None
    async with call.world.store.write() as session:
        settings = await _chosen(call, session)
        due = next_slot(settings.schedule, until or call.now, after_date=settings.last_slot).due_at
        stored = await session.digests.put(replace(settings, paused=True, paused_until=until, next_due_at=due))
    how_long = f"for {text.plural(days, 'day')}; the next one comes {_when(stored)}" if days else "until you resume it"
    return Reply(
        notice=f"Digest “{stored.name}” of {call.caller.channel.key} is paused {how_long}.",
        digests=(_line(stored, call.caller.channel),),
        actions=(Action("Resume", f"digest resume name:{stored.name}"),),
    )


def _pause_days(typed: str) -> int:
    if not typed:
        return 0
    days = re.fullmatch(r"(?:for )?([0-9]{1,3}) ?(?:d|days?)?", typed.lower())
    if days is None or not 1 <= int(days[1]) <= 365:
        raise UserError(f"“{text.shown(typed)}” is no number of days; write digest pause, or digest pause 7 days")
    return int(days[1])


async def resume(call: Call) -> Reply:
    """Let a paused digest come again."""
    async with call.world.store.write() as session:
        settings = await _chosen(call, session)
        due = next_slot(settings.schedule, call.now, after_date=settings.last_slot).due_at
        stored = await session.digests.put(replace(settings, paused=False, paused_until=None, next_due_at=due))
    said = "comes again" if settings.paused else "was not paused"
    return Reply(
        notice=f"Digest “{stored.name}” of {call.caller.channel.key} {said}; the next one comes {_when(stored)}.",
        digests=(_line(stored, call.caller.channel),),
        actions=_digest_actions(stored),
    )


async def off(call: Call) -> Reply:
    """Turn the digest off for good."""
    async with call.world.store.write() as session:
        settings = await _chosen(call, session)
        await session.digests.remove(settings.id)
    return Reply(
        notice=f"Digest “{settings.name}” of {call.caller.channel.key} is off.",
        actions=(Action("Undo", _as_typed(settings)),),
    )


def _as_typed(settings: DigestSettings) -> str:
    schedule = settings.schedule
    rule = f" -- {settings.rule}" if settings.rule else ""
    days = ",".join(schedule.days)
    return f"digest on name:{settings.name} {schedule.time:%H:%M} {schedule.zone} {days} top {settings.top}{rule}"


def _name(call: Call) -> str:
    name = call.options.get("name", DEFAULT_NAME).lower()
    if not _NAME.fullmatch(name):
        raise UserError(
            f"“{text.shown(name)}” can't be a digest's name; use letters, digits and -, for example name:vision"
        )
    return name


async def _chosen(call: Call, session: Session) -> DigestSettings:
    """Return the digest that the call names; without a name the only one, else the one named daily."""
    digests = await session.digests.of_channel(call.caller.channel.id)
    asked = call.options.get("name")
    if asked is None and len(digests) == 1:
        return digests[0]
    wanted = _name(call)
    for each in digests:
        if each.name == wanted:
            return each
    raise UserError(
        _no_such(wanted, digests)
        if digests
        else f"{call.caller.channel.key} has no digest; set one, for example: digest on 09:00 Europe/Berlin"
    )


def _no_such(name: str, digests: list[DigestSettings]) -> str:
    names = text.either([f"name:{each.name}" for each in digests]) if digests else "digest on first"
    return f"This channel has no digest “{text.shown(name, 20)}”; write {names}."


def _line(settings: DigestSettings, channel: Channel) -> DigestLine:
    return DigestLine(
        name=settings.name,
        channel=channel.key,
        time=f"{settings.schedule.time:%H:%M}",
        zone=settings.schedule.zone,
        days=settings.schedule.days,
        top=settings.top,
        rule=str(settings.rule) if settings.rule else None,
        next_due_at=settings.next_due_at if settings.comes else None,
        paused=settings.paused,
    )


def _digest_actions(settings: DigestSettings) -> tuple[Action, ...]:
    name = f"name:{settings.name}"
    toggle = Action("Resume", f"digest resume {name}") if settings.paused else Action("Pause", f"digest pause {name}")
    return (Action("Preview", f"digest preview {name}"), toggle, Action("Off", f"digest off {name}"))


def _when(settings: DigestSettings) -> str:
    return settings.schedule.spoken(settings.next_due_at) if settings.comes else "when it is resumed"


def _time(wishes: Wishes) -> str:
    return f"{wishes.time or DEFAULT_TIME:%H:%M}"


_NAMED = Param("name", Shape.WORD, "which digest, where the channel has several", option=True)
COMMANDS = (
    Command(
        "digest on",
        "this channel's daily digest: set it, or change what you name",
        on,
        (
            Param("time", Shape.TIME, "local time, for example 09:00 or 9am"),
            Param("zone", Shape.ZONE, "time zone, for example Europe/Berlin"),
            Param("days", Shape.DAYS, "daily, weekdays, weekly or mon,wed"),
            Param("top N", Shape.NUMBER, f"how many papers, 1 to {MAX_TOP}"),
            Param("-- rule", Shape.RULE, "only papers that match"),
            _NAMED,
        ),
        "digest on 09:00 Europe/Berlin weekdays top 5 -- cat:cs.CL -title:survey",
        configures=True,
    ),
    Command("digest show", "how this channel's digests are set", show, (_NAMED,)),
    Command("digest preview", "the next digest as things stand, for you alone", preview, (_NAMED,)),
    Command(
        "digest now",
        "post it now; asks first",
        now,
        (Param("yes", Shape.WORD, "yes posts it"), _NAMED),
        configures=True,
    ),
    Command(
        "digest pause",
        "stop it, for some days or until resumed",
        pause,
        (Param("days", Shape.NUMBER, "how many days"), _NAMED),
        "digest pause 7 days",
        configures=True,
    ),
    Command("digest resume", "let it come again", resume, (_NAMED,), configures=True),
    Command("digest off", "turn it off for good", off, (_NAMED,), configures=True),
)
