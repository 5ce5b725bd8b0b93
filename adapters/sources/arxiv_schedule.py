"""arXiv's week: on which day a paper was announced, as the times at which it was submitted let one know.

https://info.arxiv.org/help/availability.html: what comes by 14:00 in New York is announced at 20:00, from Sunday to
Thursday; its day in the feed is the next one. Moderation makes it later, and so do holidays, which are told on that
page from year to year and follow no rule: such a paper has the day that it would have had without.
"""

import datetime as dt
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element

from adapters.sources.arxiv_entries import NEW_YORK, SOURCE
from adapters.sources.xml import raw_text
from bot.paper import Listing
from bot.paper_ids import PaperId

_NEWLY_SUBMITTED = dt.timedelta(days=10)  # a weekend, a holiday and a few days of moderation
_DEADLINE = dt.time(14)
_DAY = dt.timedelta(days=1)
_FRIDAY, _SATURDAY = 4, 5


def listings(
    paper_id: PaperId, datestamp: dt.date | None, submitted: dt.date | None, told: Element
) -> tuple[Listing, ...]:
    """Return the listing of a paper whose first version came in the days before its datestamp.

    Without another version, that is its day; one that was replaced since has the day of arXiv's schedule.
    """
    if datestamp is None or submitted is None or not dt.timedelta() <= datestamp - submitted <= _NEWLY_SUBMITTED:
        return ()
    versions = told.findall("{*}version")
    if len(versions) > 1:
        first = _instant(raw_text(versions[0].find("{*}date")))
        day = min(announcement_day(first), datestamp) if first else None
    else:
        day = datestamp if told.find("{*}updated") is None else None
    return (Listing(source=SOURCE, day=day, url=paper_id.url),) if day else ()


def announcement_day(submitted: dt.datetime) -> dt.date:
    """Return the day, in New York, of the feed with what was submitted at that time."""
    there = submitted.astimezone(NEW_YORK)
    taken_in = _weekday(there.date() + _DAY * (there.time() >= _DEADLINE))
    return _weekday(taken_in + _DAY)


def submissions(first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime] | None:
    """Return from when on, and before when, that was submitted which is announced from one day to the other, in UTC.

    None where nothing is: at a weekend.
    """
    first, last = _weekday(first), _weekday_before(last + _DAY)
    if first > last:
        return None
    taken_in = _weekday_before(first)
    return _deadline(_weekday_before(taken_in)), _deadline(_weekday_before(last))


def _deadline(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, _DEADLINE, NEW_YORK).astimezone(dt.UTC)


def _weekday(day: dt.date) -> dt.date:
    """Return the day itself, or the Monday after a weekend's."""
    return day + _DAY * (7 - day.weekday()) if day.weekday() >= _SATURDAY else day


def _weekday_before(day: dt.date) -> dt.date:
    """Return the last day before it that is none of a weekend's."""
    before = day - _DAY
    return before - _DAY * max(0, before.weekday() - _FRIDAY)


def _instant(told: str) -> dt.datetime | None:
    try:
        instant = parsedate_to_datetime(told)
    except (ValueError, TypeError, IndexError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
