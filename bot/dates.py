"""The days that people type, and days as people read them."""

import datetime as dt
import re

from bot import text
from bot.errors import UserError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ .]+([a-z]{3,9})\.?(?:,? +(\d{4}))?")
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?(?:,? +(\d{4}))?")
_DAYS_AGO = re.compile(r"(\d{1,4}) ?(?:d|days?)(?: ago)?")
_ISO_WEEK = re.compile(r"(\d{4})-w(\d{1,2})")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})")

FORMS = "2025-06-12, 12 Jun, yesterday, monday or 7d"


def parse_day(typed: str, today: dt.date) -> dt.date:
    """Return the day that `typed` names, counted from `today`; a month and day without a year are the last such.

    Raises UserError with the forms that are understood.
    """
    day = find_day(typed, today)
    if day is None:
        raise UserError(f"“{text.shown(typed)}” is no date that I know; write it like {FORMS}.")
    return day


def find_day(typed: str, today: dt.date) -> dt.date | None:
    """Return the day that `typed` names, or None where it names none. A day that never was raises UserError."""
    words = text.clean(typed[:60]).lower()
    if words == "today":
        return today
    if words == "yesterday":
        return today - dt.timedelta(days=1)
    if words in _WEEKDAYS or (len(words) == 3 and any(name.startswith(words) for name in _WEEKDAYS)):
        place = next(place for place, name in enumerate(_WEEKDAYS) if name.startswith(words))
        return today - dt.timedelta(days=(today.weekday() - place) % 7)
    if ago := _DAYS_AGO.fullmatch(words):
        return _days_before(today, int(ago[1]))
    if iso := _ISO.fullmatch(words):
        return _existing(typed, int(iso[1]), int(iso[2]), int(iso[3]))
    if named := _DAY_MONTH.fullmatch(words):
        return _in_year(typed, named[3], named[2], int(named[1]), today)
    if named := _MONTH_DAY.fullmatch(words):
        return _in_year(typed, named[3], named[1], int(named[2]), today)
    return None


def find_span(typed: str, today: dt.date) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day of `week` and `month` (7 and 30 days to today), `2025-W24` or `2025-06`."""
    words = text.clean(typed[:60]).lower()
    if words == "week":
        return today - dt.timedelta(days=6), today
    if words == "month":
        return today - dt.timedelta(days=29), today
    try:
        if week := _ISO_WEEK.fullmatch(words):
            monday = dt.date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return monday, monday + dt.timedelta(days=6)
        if month := _ISO_MONTH.fullmatch(words):
            first = dt.date(int(month[1]), int(month[2]), 1)
            return first, (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    except (ValueError, OverflowError):
        raise UserError(
            f'There is no "{text.shown(typed)}"; write a week like 2025-W24, a month like 2025-06.'
        ) from None
    return None


def spoken(day: dt.date) -> str:
    """Return the day as people read it: "Thu 12 Jun 2025"."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def _in_year(typed: str, year: str | None, month: str, day: int, today: dt.date) -> dt.date | None:
    if month[:3] not in _MONTHS:
        return None
    number = _MONTHS.index(month[:3]) + 1
    if year:
        return _existing(typed, int(year), number, day)
    this_year = _existing(typed, today.year, number, day)
    return this_year if this_year <= today else _existing(typed, today.year - 1, number, day)


def _existing(typed: str, year: int, month: int, day: int) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise UserError(f'There is no day "{text.shown(typed)}"; write it like {FORMS}.') from None


def _days_before(today: dt.date, days: int) -> dt.date:
    return today - dt.timedelta(days=min(days, today.toordinal() - 1))
