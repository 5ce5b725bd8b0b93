"""When a digest is due: a local time, an IANA zone and weekdays, as UTC instants.

A time in a gap moves to the first instant after it; a repeated time counts once; a skipped date has no slot.
"""

import bisect
import datetime as dt
import functools
import itertools
import re
import unicodedata
import zoneinfo
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.dates import spoken
from bot.errors import UserError

WEEKDAYS: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_IN_WORDS: dict[tuple[str, ...], str] = {(name[:3],): f"{name.title()}s" for name in _DAY_NAMES}
_DAYS_IN_WORDS |= {WEEKDAYS: "every day", WEEKDAYS[:5]: "weekdays", WEEKDAYS[5:]: "weekends"}
_DAY_GROUPS = {
    **{"daily": WEEKDAYS, "everyday": WEEKDAYS, "weekly": ("mon",)},
    **{"weekdays": WEEKDAYS[:5], "weekday": WEEKDAYS[:5], "weekends": WEEKDAYS[5:], "weekend": WEEKDAYS[5:]},
}
_DAY_WORDS = {"tues": "tue", "weds": "wed", "thur": "thu", "thurs": "thu"}
_DAY_WORDS |= {word: name[:3] for name in _DAY_NAMES for word in (name[:3], name, f"{name}s")}
_TIME = re.compile(r"(?P<hour>[0-9]{1,2})(:?(?P<minute>[0-9]{2}))?\s*(?P<half>am|pm)?")
_NEARLY_TIME = re.compile(r"(?<![0-9])([0-9]{1,2})(?:[:.h ]?([0-9]{1,2}))?(?![0-9])")
_TIME_SHAPE = re.compile(r"noon|midnight|([0-9]{1,4}|[0-9]{1,2}[:.h][0-9]{0,2}(:[0-9]{0,2})?)\s*([ap]m)?")
# What chats call the time of some places. IANA takes a few of these too, as one offset or one place.
_ABBREVIATIONS = {
    **{"est": "America/New_York", "edt": "America/New_York", "cst": "America/Chicago Asia/Shanghai"},
    **{"cdt": "America/Chicago", "mst": "America/Denver America/Phoenix", "mdt": "America/Denver"},
    **{"pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "hst": "Pacific/Honolulu"},
    **{"wet": "Europe/Lisbon", "west": "Europe/Lisbon", "bst": "Europe/London Asia/Dhaka"},
    **{"cet": "Europe/Berlin", "cest": "Europe/Berlin", "met": "Europe/Berlin", "eet": "Europe/Athens"},
    **{"eest": "Europe/Athens", "ist": "Asia/Kolkata Europe/Dublin Asia/Jerusalem", "jst": "Asia/Tokyo"},
    **{"aest": "Australia/Sydney Australia/Brisbane", "aedt": "Australia/Sydney"},
}
_OFFSET = re.compile(r"(utc|gmt)?_?[+-]_?[0-9]{1,2}(:?[0-9]{2})?")
_NOT_CITIES = ("north", "south", "east", "west", "general", "continental")  # Australia/North, Mexico/General
_LONGEST_ANSWER, _LONGEST_QUOTE = 60, 30
_NEAR_ENOUGH = 75  # of 100: "tokio" is 80 near "tokyo"; "mumbai" is 73 near "dubai", which is no help
_A_SECOND, _A_DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A local time of day (naive, whole minutes), an IANA zone, and weekdays in week order, at least one."""

    time: dt.time
    zone: str
    days: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.time.tzinfo or self.time.second or self.time.microsecond:
            raise ValueError(f"a schedule's time is local and in whole minutes, not {self.time!r}")
        if not self.days or self.days != _in_week_order(self.days):
            raise ValueError(f"a schedule's days are some of {WEEKDAYS}, in that order, not {self.days!r}")

    def describe(self) -> str:
        """The schedule in words: `weekdays at 09:00 Europe/Berlin`."""
        some_days = " and ".join(", ".join(self.days).title().rsplit(", ", 1))
        return f"{_DAYS_IN_WORDS.get(self.days, some_days)} at {self.time:%H:%M} {self.zone}"

    def spoken(self, instant: dt.datetime) -> str:
        """An aware instant as people of the zone read it: `Fri 13 Jun 2025 09:00 Europe/Berlin`."""
        local = instant.astimezone(zoneinfo.ZoneInfo(self.zone))
        return f"{spoken(local.date())} {local:%H:%M} {self.zone}"


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One digest that is due: the local date, which is the ledger's key, and the instant (aware, UTC)."""

    date: dt.date
    due_at: dt.datetime


def parse_time(text: str) -> dt.time:
    """The time of day in `09:00`, `9am`, `9:30 pm`, `0900` or `noon`; UserError for anything else."""
    plain = _plain(text)
    match = _TIME.fullmatch({"noon": "12pm", "midnight": "12am"}.get(plain, plain))
    if match and (match["minute"] or match["half"]):
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        if match["half"]:
            hour = hour % 12 + 12 * (match["half"] == "pm") if 1 <= hour <= 12 else 24
        if hour < 24 and minute < 60:
            return dt.time(hour, minute)
    raise UserError(f"{_quoted(text)} is not a time of day; type {_nearest_times(plain)}.")


def parse_zone(text: str) -> str:
    """The IANA zone with this name, or this city, in any case; UserError for anything else."""
    key = re.sub(r"[\s_]+", "_", _plain(text).replace(".", ""))
    if key in ("utc", "gmt", "z"):
        return "UTC"
    zones = zones_by_spelling().get(key, ())
    if len(zones) == 1 and key not in _ABBREVIATIONS:
        return zones[0]
    is_offset = key in _ABBREVIATIONS or _OFFSET.fullmatch(key)
    fault = "is a fixed offset, which forgets summer time" if is_offset else "is not a time zone"
    fault = "means several places" if len(zones) > 1 else fault
    raise UserError(f"{_quoted(text)} {fault}; type {_nearest_zones(key)}.")


def parse_days(text: str) -> tuple[str, ...]:
    """The days, in week order, in `daily`, `weekdays`, `weekly`, `mon,wed` or `mon-fri`; else UserError."""
    pieces = _day_pieces(text)
    if days := _days_of(pieces):
        return days
    raise UserError(f"{_quoted(text)} does not say which days; type {_nearest_days(pieces)}.")


def looks_like_time(text: str) -> bool:
    """Whether this was meant as a time, right or wrong: `25:00` was."""
    return _TIME_SHAPE.fullmatch(_plain(text)) is not None


def looks_like_days(text: str) -> bool:
    """Whether this was meant as weekdays, right or wrong: `mon,wedd` was, for one of its days is right."""
    return any(_days_of_piece(piece) for piece in _day_pieces(text))


def next_slot(schedule: Schedule, after: dt.datetime, *, after_date: dt.date | None = None) -> Slot:
    """The first slot due after `after` (aware), on a local date after `after_date`, the last one claimed."""
    slots = _slots_due_after(schedule, after)
    return next(slot for slot in slots if after_date is None or slot.date > after_date)


def slots_between(schedule: Schedule, after: dt.datetime, until: dt.datetime) -> Iterator[Slot]:
    """All slots with `after < due_at <= until` (both aware), in order."""
    last = _in_utc(until)
    return itertools.takewhile(lambda slot: slot.due_at <= last, _slots_due_after(schedule, after))


def _slots_due_after(schedule: Schedule, after: dt.datetime) -> Iterator[Slot]:
    start, zone = _in_utc(after), zoneinfo.ZoneInfo(schedule.zone)
    # No earlier date can still be to come: wall clocks first show each date's time in the dates' order.
    today = start.astimezone(zone).date()
    dates = (today + ahead * _A_DAY for ahead in itertools.count())
    chosen = (date for date in dates if WEEKDAYS[date.weekday()] in schedule.days)
    due = ((date, _due_at(date, schedule.time, zone)) for date in chosen)
    return (Slot(date, due_at) for date, due_at in due if due_at and due_at > start)


def _due_at(date: dt.date, time: dt.time, zone: zoneinfo.ZoneInfo) -> dt.datetime | None:
    """The first instant when the wall clock has reached that time; None on a date that the zone skipped."""
    local = dt.datetime.combine(date, time)
    due_at = local.replace(tzinfo=zone).astimezone(dt.UTC)
    if _wall_clock(due_at, zone) == local:
        return due_at
    gap_end = _end_of_gap(local, zone)
    date_is_skipped = _wall_clock(gap_end - _A_SECOND, zone).date() < date < _wall_clock(gap_end, zone).date()
    return None if date_is_skipped else gap_end


def _end_of_gap(local: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The clock change around a local time that never was; it lies between its two readings (PEP 495)."""
    before, after = (local.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (1, 0))
    span = range((after - before) // _A_SECOND)
    gap_end = bisect.bisect_left(span, local, key=lambda n: _wall_clock(before + n * _A_SECOND, zone))
    return before + gap_end * _A_SECOND


def _wall_clock(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _in_utc(instant: dt.datetime) -> dt.datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"an instant needs its offset from UTC, and {instant!r} has none")
    return instant.astimezone(dt.UTC)


def _nearest_times(plain: str) -> str:
    match = _NEARLY_TIME.search(plain)
    if not match:
        return "it as 09:00"
    half_unsaid = not match[2] and not plain.endswith("m") and int(match[1]) <= 12
    minutes = int(match[1]) * 60 + int(match[2] or 0) + 720 * (plain.endswith("pm") and int(match[1]) < 12)
    choices = sorted({minutes % 1440, (minutes + 720 * half_unsaid) % 1440})
    return " or ".join(f"{choice // 60:02}:{choice % 60:02}" for choice in choices)


@functools.cache  # available_timezones() opens every zone file: 45 ms
def zones_by_spelling() -> dict[str, tuple[str, ...]]:
    """Each zone's name, each city and each abbreviation, in small letters -> the zones that it may mean."""
    zones: dict[str, tuple[str, ...]] = {}
    names = sorted(zoneinfo.available_timezones().difference(("Factory", "localtime")))  # unset, the server's
    for name in names:
        region, _, city = name.lower().rpartition("/")
        if region not in ("", "etc") and city not in _NOT_CITIES:
            zones[city] = (*zones.get(city, ()), name)
    zones |= {name.lower(): (name,) for name in names}
    return zones | {abbreviation: tuple(places.split()) for abbreviation, places in _ABBREVIATIONS.items()}


def _nearest_zones(key: str) -> str:
    nearest = "" if _OFFSET.fullmatch(key) else _nearest(key, sorted(zones_by_spelling()))
    if not nearest:
        return "it as Region/City, such as Europe/Berlin"
    return " or ".join(", ".join(zones_by_spelling()[nearest]).rsplit(", ", 1))


def _day_pieces(text: str) -> list[str]:
    plain = re.sub(r"\s*(?:[-–—]|\bto\b)\s*", "-", _plain(text)).replace("every day", "daily")
    return [piece for piece in re.split(r"[\s,;&]+", plain) if piece not in ("", "and")]


def _days_of(pieces: list[str]) -> tuple[str, ...]:
    """All the days of the pieces, in week order; none at all when one of the pieces is not days."""
    days = [_days_of_piece(piece) for piece in pieces]
    return _in_week_order([day for some in days for day in some]) if all(days) else ()


def _days_of_piece(piece: str) -> tuple[str, ...]:
    if piece in _DAY_GROUPS:
        return _DAY_GROUPS[piece]
    ends = [_DAY_WORDS.get(word) for word in piece.split("-")]
    if None in ends or len(ends) > 2:
        return ()
    start, end = (WEEKDAYS.index(day) for day in (ends[0], ends[-1]) if day)
    return tuple(WEEKDAYS[day % 7] for day in range(start, start + (end - start) % 7 + 1))


def _nearest_days(pieces: list[str]) -> str:
    known = (*_DAY_GROUPS, *WEEKDAYS, *_DAY_WORDS)
    nearest = [re.sub("[a-z]+", lambda word: _nearest(word[0], known) or word[0], piece) for piece in pieces]
    return ",".join(nearest) if _days_of(nearest) else "daily, weekdays, weekly or mon,wed,fri"


def _in_week_order(days: Sequence[str]) -> tuple[str, ...]:
    return tuple(day for day in WEEKDAYS if day in days)


def _plain(text: str) -> str:
    """What was typed, in small letters without accents or full-width forms; empty when absurdly long."""
    letters = unicodedata.normalize("NFKD", text.strip() if len(text.strip()) <= _LONGEST_ANSWER else "")
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def _quoted(text: str) -> str:
    """The start of what was typed, without what could break the line, format it or mention someone."""
    safe = re.sub(r"[^\w :/.,+\-]", "", " ".join(text[:200].split()))
    return f'"{safe[:_LONGEST_QUOTE]}{"…" if len(safe) > _LONGEST_QUOTE else ""}"' if safe else "That"


def _nearest(typed: str, known: Sequence[str]) -> str:
    found = process.extractOne(typed, known, scorer=fuzz.ratio, score_cutoff=_NEAR_ENOUGH)
    return found[0] if found else ""
