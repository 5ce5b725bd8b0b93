"""A channel's digests: set, change, show, turn off."""

import datetime as dt
import re

from bot.commands import digest_pauses, digest_posting
from bot.commands.digest_chosen import (
    NAMED,
    asked_name,
    chosen_digest,
    digest_actions,
    digest_line,
    no_digest,
    no_such,
    when_next,
)
from bot.commands.digest_posting import arrival_actions
from bot.commands.digest_wanted import changed, fresh, refuse_without_threads, with_known_authors, with_role, zone_of
from bot.commands.digest_wishes import ABSTRACTS, IN_THREAD, MENTION, Wishes, parse_wishes
from bot.commands.empty_rules import empty_rule
from bot.commands.table import Call, Command, Param, Shape
from bot.digest import MAX_TOP, DigestSettings
from bot.errors import UserError
from bot.reply import Action, Reply
from bot.standing import remedy, resuming, standings, status_line

MAX_DIGESTS = 10

_EXACTLY = re.compile(r"exactly\b\s*", re.IGNORECASE)
_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


async def on(call: Call) -> Reply:
    """Set the channel's digest, or change what is named of one that is set."""
    name = asked_name(call)
    exactly = _EXACTLY.match(call.rest)
    wishes = parse_wishes(call.rest[exactly.end() :] if exactly else call.rest, call.options)
    refuse_without_threads(call, wishes)
    wishes = with_role(call, wishes)
    zone = zone_of(call, wishes)
    if wishes.rule and not exactly:
        wishes = await with_known_authors(call, wishes)
        if refusal := await empty_rule(call, name, wishes):
            return refusal
    stored, before = await _store(call, name, wishes, zone)
    call.world.wakeups.wake()
    return _confirmed(call, stored, before)


async def _store(call: Call, name: str, wishes: Wishes, zone: str) -> tuple[DigestSettings, DigestSettings | None]:
    """Write what is wished for; return the settings as they are now, and as they were."""
    async with call.world.store.write() as session:
        existing = {each.name: each for each in await session.digests.of_channel(call.caller.channel.id)}
        if name not in existing and len(existing) >= MAX_DIGESTS:
            raise UserError(
                f"This channel has {MAX_DIGESTS} digests, which is the most; turn one off first: digest off name:NAME"
            )
        before = existing.get(name)
        stored = await session.digests.put(changed(call, wishes, before) if before else fresh(call, name, wishes, zone))
        await session.teams.set_zone(call.caller.channel.id, stored.schedule.zone)
    return stored, before


def _confirmed(call: Call, stored: DigestSettings, before: DigestSettings | None) -> Reply:
    channel = call.caller.channel
    what = f"Digest “{stored.name}” of {channel.key} is {'changed' if before else 'set'}"
    rule = f", with only {stored.rule.describe_papers()}" if stored.rule else ""
    thread = " The papers' abstracts follow in its thread." if stored.abstracts else ""
    thread += " It mentions the role that was chosen, and nobody else." if stored.mention else ""
    stopped = (
        f" It is stopped ({stored.blocked}): {remedy(stored.blocked)}, then {resuming(stored, channel)}"
        if stored.blocked
        else ""
    )
    return Reply(
        notice=f"{what}{rule}; the next one comes {when_next(stored, call.now)}.{thread}{stopped}",
        digests=(digest_line(stored, channel, call.now),),
        actions=digest_actions(stored, call.now),
    )


async def show(call: Call) -> Reply:
    """Show how the channel's digests are set, and how each does."""
    channel = call.caller.channel
    async with call.world.store.read() as session:
        digests = await session.digests.of_channel(channel.id)
        asked = call.options.get("name")
        shown = [each for each in digests if asked is None or each.name == asked.lower()]
        standing = await standings(session, [(channel, each) for each in shown])
    if asked and not shown:
        raise UserError(no_such(asked, digests))
    parked = [row for each in standing for row in each.in_state("parked")]
    return Reply(
        notice=None if shown else no_digest(channel),
        heading=f"Digests of {channel.key}",
        digests=tuple(digest_line(each, channel, call.now) for each in shown),
        status=tuple(status_line(each, call.now) for each in standing) or None,
        actions=(
            *arrival_actions(parked),
            *(action for each in shown[:1] for action in digest_actions(each, call.now)),
        ),
    )


async def off(call: Call) -> Reply:
    """Turn the digest off for good."""
    async with call.world.store.write() as session:
        settings = await chosen_digest(call, session)
        # What was held back and never came may come in another digest, or in this one when it is set anew.
        await session.digests.withdraw(await session.deliveries.supersede([settings.id], _LONG_AGO))
        await session.digests.remove(settings.id)
    return Reply(
        notice=f"Digest “{settings.name}” of {call.caller.channel.key} is off.",
        actions=(Action("Undo", _as_typed(settings)),),
    )


def _as_typed(settings: DigestSettings) -> str:
    schedule = settings.schedule
    rule = f" -- {settings.rule}" if settings.rule else ""
    days, thread = ",".join(schedule.days), f" abstracts:{IN_THREAD}" if settings.abstracts else ""
    role = f" mention:{settings.mention}" if settings.mention else ""
    when = f"{schedule.time:%H:%M} {schedule.zone} {days}"
    return f"digest on exactly name:{settings.name} {when} top {settings.top}{thread}{role}{rule}"


_ON = Command(
    "digest on",
    "this channel's daily digest: set it, or change what you name",
    on,
    (
        Param("time", Shape.TIME, "local time, for example 09:00 or 9am"),
        Param("zone", Shape.ZONE, "time zone, for example Europe/Berlin"),
        Param("days", Shape.DAYS, "daily, weekdays, weekly or mon,wed"),
        Param("top N", Shape.NUMBER, f"how many papers, 1 to {MAX_TOP}"),
        Param("-- rule", Shape.RULE, "only papers that match; after “digest on exactly”, even where none does yet"),
        ABSTRACTS,
        MENTION,
        NAMED,
    ),
    "digest on 09:00 Europe/Berlin weekdays top 5 -- cat:cs.CL -title:survey",
    configures=True,
)
COMMANDS = (
    _ON,
    Command("digest show", "how this channel's digests are set, and how they do", show, (NAMED,)),
    digest_posting.PREVIEW,
    digest_posting.NOW,
    *digest_pauses.COMMANDS,
    Command("digest off", "turn it off for good", off, (NAMED,), configures=True),
    digest_posting.AGAIN,
    digest_posting.ARRIVED,
)
