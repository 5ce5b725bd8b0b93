"""How a digest stands, in words: what the ledger says of it, when the next one comes, what failed and what to do."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot import text
from bot.dates import spoken
from bot.digest import DigestSettings
from bot.ledger import Delivery
from bot.reply import StatusLine
from bot.schedule import Schedule
from bot.store import Session
from bot.team import Channel

OVERDUE = dt.timedelta(minutes=5)
"""How late something may be before nobody seems to be at work on it."""

_NOBODY = "the service (paperround run) may not be running, or its log says why"
_AT_MOST = 3

# Words of the reasons that messengers give, the platforms' own codes among them, and what mends each.
_REMEDIES = (
    (("archived",), "un-archive it, or set a digest in another channel"),
    (("not_in_channel", "not in the channel", "not a member", "removed", "kicked"), "invite me to it again"),
    (("token", "revoked", "inactive", "uninstalled"), "have an admin install me again"),
    (("scope", "permission", "forbidden", "not allowed", "restricted", "403"), "let me post there again"),
    (("not_found", "not found", "deleted", "gone", "404"), "bring it back, or set a digest in another channel"),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A digest, its channel, and its rows of the ledger: those not sent, the oldest first, and the newest sent."""

    settings: DigestSettings
    channel: Channel
    waiting: tuple[Delivery, ...]
    sent: Delivery | None

    def in_state(self, *states: str) -> list[Delivery]:
        """Return the rows in one of these states."""
        return [row for row in self.waiting if row.state in states]


async def standings(session: Session, digests: Sequence[tuple[Channel, DigestSettings]]) -> list[Standing]:
    """Return how these digests stand, in their order."""
    rows = await session.deliveries.standing([settings.id for _, settings in digests])
    found = []
    for channel, settings in digests:
        mine = [row for row in rows if row.digest_id == settings.id]
        waiting = tuple(row for row in mine if row.state != "sent")
        found.append(Standing(settings, channel, waiting, next((row for row in mine if row.state == "sent"), None)))
    return found


def status_line(standing: Standing, now: dt.datetime) -> StatusLine:
    """Return a line for `status`: what failed and what to do about it, the next one, and the last one."""
    settings = standing.settings
    waiting = standing.in_state("pending", "sending")
    parked = standing.in_state("parked")
    overdue = _overdue(settings, now)
    failed = bool(settings.blocked or any(row.part == 0 for row in parked))
    parts = [
        *_stopped(standing, now),
        *_several(f"{row_words(row)} {where_it_is(row, settings, now)}" for row in (*parked, *waiting)),
        *_asked(standing, parked),
        _next(settings, now),
        _last(standing, now),
    ]
    worried = overdue or parked or any(row.attempts or _late(row, now) for row in waiting)
    state = "fail" if failed else "warn" if worried else "ok"
    return StatusLine(
        f"digest {settings.name} of {standing.channel.key}", state, "; ".join(part for part in parts if part)
    )


def is_paused(settings: DigestSettings, now: dt.datetime) -> bool:
    """Whether it is paused now: a pause with an end is over when that has come."""
    return settings.paused and (settings.paused_until is None or settings.paused_until > now)


def slot_words(slot: str) -> str:
    """Return which digest a slot is: "the one of Fri 6 Jun 2025", or that it was asked for by hand."""
    return (
        "the one asked for by hand" if slot.startswith("now:") else f"the one of {spoken(dt.date.fromisoformat(slot))}"
    )


def row_words(row: Delivery) -> str:
    """Return which message of a digest a row is."""
    return f"the reply with abstracts to {slot_words(row.slot)}" if row.part else slot_words(row.slot)


def remedy(reason: str) -> str:
    """Return what mends what a messenger gave as the reason of a refusal for good."""
    said = reason.lower()
    return next((mended for words, mended in _REMEDIES if any(word in said for word in words)), "mend that")


def resuming(settings: DigestSettings, channel: Channel) -> str:
    """Return how a stopped digest is resumed: what to type, and where."""
    return f"type in {channel.key}: digest resume name:{settings.name}"


def where_it_is(row: Delivery, settings: DigestSettings, now: dt.datetime) -> str:
    """Return what has become of a row, as the end of a sentence about it: "was refused (...), next try at 09:01"."""
    reason = f" ({row.last_error})" if row.last_error else ""
    if row.state == "sent":
        return "is there"
    if row.state == "parked":
        return f"may have arrived or not, nobody knows{reason}"
    if row.state == "blocked":
        return f"is held back{reason}"
    if row.state == "pending":
        return f"was refused{reason}, {_next_try(row, settings, now)}" if row.attempts else _to_come(row, settings, now)
    if not row.last_error:
        return f"is being sent, but nobody has ended that; {_NOBODY}" if _late(row, now) else "is being sent"
    look = _moment(settings.schedule, row.lease_until, now) if row.lease_until else "once"
    unsure = f"may have arrived or not{reason}"
    return f"{unsure}; {_NOBODY}" if _late(row, now) else f"{unsure}; it is looked for at {look}"


def _asked(standing: Standing, parked: Sequence[Delivery]) -> list[str]:
    """Return what to do where nobody knows whether these arrived."""
    if not parked:
        return []
    name = f"name:{standing.settings.name}"
    each, which = ("each", f"{parked[0].slot} {name}") if len(parked) > 1 else ("it", name)
    there, not_there = f"digest arrived {which}", f"digest again {which}"
    return [f"look for {each} in {standing.channel.key}, and type there: {there}, or if it is missing: {not_there}"]


def _stopped(standing: Standing, now: dt.datetime) -> list[str]:
    settings = standing.settings
    if not settings.blocked:
        return []
    held = standing.in_state("blocked")
    since = min((row.settled_at for row in held if row.settled_at), default=None)
    when = f" since {_moment(settings.schedule, since, now)}" if since else ""
    said = [
        f"stopped{when}: {settings.blocked}",
        f"{remedy(settings.blocked)}, then {resuming(settings, standing.channel)}",
    ]
    return said + ([f"held back till then: {text.plural(len(held), 'digest')}"] if held else [])


def _several(sentences: Iterable[str]) -> list[str]:
    said = list(sentences)
    left_out = len(said) - _AT_MOST
    return said[:_AT_MOST] + ([f"and {left_out} more like that"] if left_out > 0 else [])


def _next(settings: DigestSettings, now: dt.datetime) -> str:
    due = settings.schedule.spoken(settings.next_due_at)
    if settings.blocked:
        return ""
    if is_paused(settings, now):
        if settings.paused_until is None:
            return f"paused until you type: digest resume name:{settings.name}"
        return f"paused until {settings.schedule.spoken(settings.paused_until)}, next {due}"
    if _overdue(settings, now):
        return f"was due {due} and has not come yet: {_NOBODY}"
    return f"next {due}"


def _last(standing: Standing, now: dt.datetime) -> str:
    settings, sent = standing.settings, standing.sent
    newest = max((_date(row, settings) for row in (*standing.waiting, sent) if row), default=dt.date.min)
    silent = settings.last_slot and settings.last_slot > newest
    quiet = f"nothing was new on {spoken(settings.last_slot)}" if settings.last_slot and silent else ""
    if sent is None:
        return quiet or ("" if standing.waiting else "nothing posted yet")
    posted = f"last posted {_moment(settings.schedule, sent.settled_at or sent.due_at, now)}"
    return f"{posted}; {quiet}" if quiet else posted


def _date(row: Delivery, settings: DigestSettings) -> dt.date:
    """Return the local date to which a row belongs."""
    if row.slot.startswith("now:"):
        return row.due_at.astimezone(ZoneInfo(settings.schedule.zone)).date()
    return dt.date.fromisoformat(row.slot)


def _overdue(settings: DigestSettings, now: dt.datetime) -> bool:
    return settings.comes and not is_paused(settings, now) and now - settings.next_due_at > OVERDUE


def _tried_at(row: Delivery) -> dt.datetime:
    """Return when a row is next taken in hand."""
    return max(row.due_at, row.lease_until) if row.lease_until else row.due_at


def _late(row: Delivery, now: dt.datetime) -> bool:
    return now - _tried_at(row) > OVERDUE


def _next_try(row: Delivery, settings: DigestSettings, now: dt.datetime) -> str:
    tries = f"tried {text.plural(row.attempts, 'time')}" if row.attempts > 1 else "tried once"
    moment = _moment(settings.schedule, _tried_at(row), now)
    return f"{tries}, next try was due {moment}: {_NOBODY}" if _late(row, now) else f"{tries}, next try {moment}"


def _to_come(row: Delivery, settings: DigestSettings, now: dt.datetime) -> str:
    moment = _moment(settings.schedule, row.due_at, now)
    return f"waits to be posted since {moment}: {_NOBODY}" if _late(row, now) else "is about to be posted"


def _moment(schedule: Schedule, instant: dt.datetime, now: dt.datetime) -> str:
    """Return a time as people of the zone read it; without the date where that is today's."""
    zone = ZoneInfo(schedule.zone)
    local = instant.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return f"today {local:%H:%M:%S}" if local.second else f"today {local:%H:%M}"
    return schedule.spoken(instant)
