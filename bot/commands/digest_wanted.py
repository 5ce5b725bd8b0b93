"""From what somebody wishes for to a digest's settings: new ones, or those of a digest that is set, changed."""

import datetime as dt
from dataclasses import replace

from bot import text
from bot.abstracts import thread_room
from bot.authors import resolve_authors
from bot.commands.digest_chosen import next_due
from bot.commands.digest_wishes import DEFAULT_DAYS, DEFAULT_TIME, DEFAULT_TOP, NOBODY, Wishes
from bot.commands.table import Call
from bot.digest import DigestSettings
from bot.errors import UserError
from bot.schedule import Schedule, next_slot, parse_days


def zone_of(call: Call, wishes: Wishes) -> str:
    """Return the zone in which the wished time is meant. Raises UserError where none is known."""
    zone = wishes.zone or call.caller.zone
    if zone is None:
        at = f"{wishes.time or DEFAULT_TIME:%H:%M}"
        raise UserError(f"In which time zone? None is known here yet; write, for example: digest on {at} Europe/Berlin")
    return zone


def refuse_without_threads(call: Call, wishes: Wishes) -> None:
    """Raise UserError where abstracts are wished for, on a platform on which a message has no thread."""
    platform = call.caller.team.platform
    if wishes.abstracts and not thread_room(call.world.messengers, platform):
        raise UserError(
            f"Abstracts would come in the digest's thread, and there are no threads here ({platform}); leave"
            " abstracts:thread out. For the abstract of a paper: show ID"
        )


def with_role(call: Call, wishes: Wishes) -> Wishes:
    """Return the wishes with the id of the role to be mentioned. Raises UserError where that can't be."""
    if wishes.mention is None or wishes.mention.lower() == NOBODY:
        return replace(wishes, mention=wishes.mention and NOBODY)
    team = call.caller.team
    roles = call.world.roles.get(team.platform)
    if roles is None:
        raise UserError(f"There are no roles here that a digest could mention ({team.platform}); leave mention: out.")
    return replace(wishes, mention=roles.chosen(team.key, wishes.mention))


def fresh(call: Call, name: str, wishes: Wishes, zone: str) -> DigestSettings:
    """Return the settings of a new digest, not stored yet; what is left open is as by default."""
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
        abstracts=bool(wishes.abstracts),
        mention=_mentioned(wishes, None),
    )


def changed(call: Call, wishes: Wishes, before: DigestSettings) -> DigestSettings:
    """Return a digest's settings with what is wished for in place of what was; what is left open stays."""
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
        abstracts=before.abstracts if wishes.abstracts is None else wishes.abstracts,
        mention=_mentioned(wishes, before.mention),
        next_due_at=next_due(schedule, before, call.now),
        paused=False,
        paused_until=None,
    )


def _mentioned(wishes: Wishes, before: str | None) -> str | None:
    if wishes.mention is None:
        return before
    return None if wishes.mention == NOBODY else wishes.mention


def _previous_day(schedule: Schedule, slot: dt.date) -> dt.date:
    """Return the day of the slot before: the first day whose list the first digest covers."""
    day = slot - dt.timedelta(days=1)
    while f"{day:%a}".lower() not in schedule.days:
        day -= dt.timedelta(days=1)
    return day


async def with_known_authors(call: Call, wishes: Wishes) -> Wishes:
    """Return the wishes with each author of the rule as the papers spell the name. Raises UserError on unclear ones."""
    if wishes.rule is None:
        return wishes
    async with call.world.store.read() as session:
        resolved, unclear = await resolve_authors(wishes.rule, session.papers, call.world.index)
    if unclear:
        names = [f'author:"{name}"' for name in unclear[0].names[:5]]
        raise UserError(
            f"“{text.shown(unclear[0].typed)}” is not clear in a digest's rule; write {text.either(names)}."
        )
    return replace(wishes, rule=resolved)
