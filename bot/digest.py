"""A channel's digest: how it is set, which days the next one covers, and what was composed.

It covers the lists of the days since the digest before, settled by now (never the day itself). Which papers come
is `bot.candidates`'s.
"""

import datetime as dt
from dataclasses import dataclass

from bot.candidates import Days, days_from
from bot.paper_ids import PaperId
from bot.query import Rule
from bot.reply import AbstractsPost, DigestPost
from bot.schedule import WEEKDAYS, Schedule

LOOK_BACK = dt.timedelta(days=7)
"""How long a paper may come late, or rise, and still be brought."""

MAX_TOP = 10

_MISSED_DIGESTS, _MISSED_DAYS = 7, 10
"""Up to how many digests, the one that comes counted in, and days each missed day still comes in short."""

_LINKED_DAYS = 40
"""Where more were missed, so many of them are looked at: their best are not taken for late ones tomorrow, and where
the newest had no lists, the newest that had one comes in full."""


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """A digest as somebody set it up. `since` is the first day whose list it covers.

    `last_slot` is the local date of the latest slot that was composed; `next_due_at` is UTC.
    While paused, nothing is due; `paused_until` is when it resumes by itself, None for not before asked.
    `blocked` says why nothing can be posted (the channel is gone, say); nothing is due until that is mended.
    `abstracts`: whether those of its papers follow as replies in its thread. `mention`: the id of the role that each
    digest mentions, the only mention that is ever made.
    """

    id: int
    channel_id: int
    name: str
    schedule: Schedule
    top: int
    rule: Rule | None
    created_by: int
    created_at: dt.datetime
    since: dt.date
    next_due_at: dt.datetime
    last_slot: dt.date | None = None
    paused: bool = False
    paused_until: dt.datetime | None = None
    blocked: str | None = None
    abstracts: bool = False
    mention: str | None = None

    @property
    def comes(self) -> bool:
        """Whether it comes by itself: it can be posted, and is not paused, or the pause has an end."""
        return self.blocked is None and (not self.paused or self.paused_until is not None)

    def describe_next(self) -> str:
        """When the next one comes, in words: "next Fri 13 Jun 2025 09:00 Europe/Berlin", or that it is paused."""
        due = f"next {self.schedule.spoken(self.next_due_at)}"
        if self.blocked:
            return f"stopped: {self.blocked}"
        return due if not self.paused else f"paused, {due}" if self.comes else "paused"


@dataclass(frozen=True, slots=True)
class DigestItem:
    """A paper in a composed digest: what the ledger remembers of it. `section` is main, late, missed or linked."""

    paper: PaperId
    section: str
    place: int
    votes: int | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """A composed digest: the post, its items in the same order, and the best of those that it only links to.

    `thread` is what follows in the post's thread, message by message.
    """

    post: DigestPost
    items: tuple[DigestItem, ...]
    linked: tuple[DigestItem, ...] = ()
    thread: tuple[AbstractsPost, ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """What became of a slot: the digest that was composed for it, or None where nothing was new."""

    settings: DigestSettings
    slot: str
    digest: Digest | None


def days_of(settings: DigestSettings, slot: dt.date) -> Days:
    """Return the days that the digest of a slot covers: since the slot before, up to the day before it.

    Where slots between the last one composed and this one never came, this one takes their place.
    """
    last = slot - dt.timedelta(days=1)
    covered = min(settings.last_slot or settings.since, last)
    earliest = max(settings.since, covered - LOOK_BACK) if settings.last_slot else covered
    never_came = [day for day in days_from(covered, last)[1:] if WEEKDAYS[day.weekday()] in settings.schedule.days]
    first = max(never_came, default=covered)
    missed = days_from(covered, first - dt.timedelta(days=1))
    if len(never_came) < _MISSED_DIGESTS and len(missed) <= _MISSED_DAYS:
        return Days(first, last, earliest, tuple(reversed(missed)))
    return Days(first, last, first, tuple(reversed(missed[-_LINKED_DAYS:])), too_many=True)
