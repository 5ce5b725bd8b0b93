"""Days as Hugging Face can be asked for them: whole months, whole weeks, and single days."""

import calendar
import datetime as dt

Span = tuple[dt.date, dt.date]
"""The first day and the last."""

_DAY = dt.timedelta(days=1)


def spans(first: dt.date, last: dt.date) -> list[Span]:
    """Return the days from one to the other, both included, in as few months, weeks and days as possible."""
    found: list[Span] = []
    while first <= last:
        end = next(filter(lambda end: end <= last, (_end_of_month(first), _end_of_week(first), first)))
        found.append((first, end))
        first = end + _DAY
    return found


def _end_of_month(first: dt.date) -> dt.date:
    """Return the last day of the month that begins on that day; no day that could be, where none does."""
    return first.replace(day=calendar.monthrange(first.year, first.month)[1]) if first.day == 1 else dt.date.max


def _end_of_week(first: dt.date) -> dt.date:
    return first + 6 * _DAY if first.weekday() == 0 else dt.date.max


def asked_as(first: dt.date, last: dt.date) -> dict[str, str]:
    """Return how a month or a week is asked for; nothing where the days are neither."""
    if last == _end_of_month(first):
        return {"month": f"{first:%Y-%m}"}
    if last == _end_of_week(first):
        year, week, _ = first.isocalendar()
        return {"week": f"{year}-W{week:02}"}
    return {}
