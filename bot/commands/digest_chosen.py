"""Which digest a call means, and how a digest is shown in an answer."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from bot import text
from bot.commands.table import Call, Param, Shape
from bot.digest import DigestSettings
from bot.errors import UserError
from bot.reply import Action, DigestLine
from bot.schedule import Schedule, next_slot
from bot.standing import is_paused
from bot.store import Session
from bot.team import Channel

DEFAULT_NAME = "daily"
NAMED = Param("name", Shape.WORD, "which digest, where the channel has several", option=True)

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,29}")


def asked_name(call: Call) -> str:
    """Return the digest's name that was typed, or the default one. Raises UserError."""
    return digest_name(call.options.get("name", DEFAULT_NAME))


def digest_name(typed: str) -> str:
    """Return a digest's name in its normal form. Raises UserError where it can't be one."""
    name = typed.strip().lower()
    if not _NAME.fullmatch(name):
        raise UserError(
            f"“{text.shown(name)}” can't be a digest's name; use letters, digits and -, for example name:vision"
        )
    return name


async def chosen_digest(call: Call, session: Session) -> DigestSettings:
    """Return the digest that the call names; without a name the only one, else “daily”. Raises UserError."""
    digests = await session.digests.of_channel(call.caller.channel.id)
    asked = call.options.get("name")
    if asked is None and len(digests) == 1:
        return digests[0]
    wanted = asked_name(call)
    for each in digests:
        if each.name == wanted:
            return each
    raise UserError(no_such(wanted, digests) if digests else no_digest(call.caller.channel))


def no_digest(channel: Channel) -> str:
    """Return that the channel has none, and how one is set."""
    return f"{channel.key} has no digest; set one, for example: digest on 09:00 Europe/Berlin"


def no_such(name: str, digests: list[DigestSettings]) -> str:
    """Return that the channel has none of that name, and which names it has."""
    names = text.either([f"name:{each.name}" for each in digests]) if digests else "digest on first"
    return f"This channel has no digest “{text.shown(name, 20)}”; write {names}."


def digest_line(settings: DigestSettings, channel: Channel, now: dt.datetime) -> DigestLine:
    """Return how a digest is set, as a list shows it."""
    return DigestLine(
        name=settings.name,
        channel=channel.key,
        time=f"{settings.schedule.time:%H:%M}",
        zone=settings.schedule.zone,
        days=settings.schedule.days,
        top=settings.top,
        rule=str(settings.rule) if settings.rule else None,
        next_due_at=settings.next_due_at if settings.comes else None,
        paused=is_paused(settings, now),
        abstracts=settings.abstracts,
        mention=settings.mention,
    )


def digest_actions(settings: DigestSettings, now: dt.datetime) -> tuple[Action, ...]:
    """Return the buttons below a digest's settings."""
    name = f"name:{settings.name}"
    stands_still = settings.blocked or is_paused(settings, now)
    toggle = Action("Resume", f"digest resume {name}") if stands_still else Action("Pause", f"digest pause {name}")
    return (Action("Preview", f"digest preview {name}"), toggle, Action("Off", f"digest off {name}"))


def next_due(schedule: Schedule, before: DigestSettings, now: dt.datetime) -> dt.datetime:
    """Return when a digest comes next that was changed: never again today where today's was composed.

    What is due already, and not composed yet, is not skipped: it comes at its new time, or at once where that
    has passed.
    """
    after = now
    if before.comes and not is_paused(before, now) and before.next_due_at <= now:
        zone = ZoneInfo(schedule.zone)
        its_day = before.next_due_at.astimezone(zone).date()
        after = dt.datetime.combine(its_day, dt.time(), zone) - dt.timedelta(seconds=1)
    return next_slot(schedule, after, after_date=before.last_slot).due_at


def when_next(settings: DigestSettings, now: dt.datetime) -> str:
    """Return when the next one comes, in words."""
    due = settings.schedule.spoken(settings.next_due_at)
    if not settings.comes:
        return "when it is resumed"
    return due if settings.next_due_at > now or is_paused(settings, now) else f"at once, for it was due {due}"
