"""Which papers may come in a digest, and which of them do."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from operator import attrgetter

from bot.day_lists import Candidate, DayLists
from bot.paper_ids import PaperId
from bot.query import Rule

SHORT = 3
"""How many papers of a missed day a digest brings."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a digest covers, and how far back it looks for what came late. All inclusive.

    `first` to `last` come in full. `missed` are days before, whose digests never came, the newest first: each comes
    in short, unless too many were missed (`too_many`: then these are only the newest few, and none comes).
    `earliest` is the first day of what may come late; it ends before the first covered day.
    """

    first: dt.date
    last: dt.date
    earliest: dt.date
    missed: tuple[dt.date, ...] = ()
    too_many: bool = False

    @property
    def before(self) -> list[dt.date]:
        """The days of which papers may come late or rising."""
        return days_from(self.earliest, min((self.first, *self.missed)) - dt.timedelta(days=1))

    @property
    def full(self) -> list[dt.date]:
        """The days that come in full."""
        return days_from(self.first, self.last)

    @property
    def short(self) -> tuple[dt.date, ...]:
        """The missed days that come in short, the newest first."""
        return () if self.too_many else self.missed

    @property
    def linked(self) -> dt.date | None:
        """The newest of too many missed days: they can only be browsed."""
        return self.first - dt.timedelta(days=1) if self.too_many else None

    @property
    def all(self) -> list[dt.date]:
        """Every day that is looked at."""
        return [*self.before, *self.missed, *self.full]

    def one_more(self) -> "Days":
        """Return the same with the newest missed day in full, too."""
        return replace(self, first=self.missed[0], missed=self.missed[1:])


def days_from(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the days from the first to the last, both included."""
    return [first + dt.timedelta(days=passed) for passed in range((last - first).days + 1)]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a digest brings, each part best first, and how many new papers of each covered day it leaves out.

    `days` are the days that it covers in the end. `linked` are the best of missed days that have no room in it, and
    can be reached by its buttons: they are no news any more.
    """

    days: Days
    main: tuple[Candidate, ...]
    late: tuple[Candidate, ...]
    missed: Mapping[dt.date, tuple[Candidate, ...]]
    linked: tuple[Candidate, ...]
    left_out: Mapping[dt.date, int]

    @property
    def shown(self) -> list[Candidate]:
        """All that it shows."""
        return [*self.main, *self.late, *(found for short in self.missed.values() for found in short)]


def choose(lists: DayLists, days: Days, rule: Rule | None, top: int, had: Set[PaperId]) -> Choice:
    """Return what comes in a digest of those days to a channel that has `had` these papers.

    Main part: the lists of the days covered in full. Late and rising: papers of earlier days that were listed
    after their day's digest, or have climbed into their day's top since. Then the best of each missed day.
    """
    on = lists.on(rule)
    while days.missed and all(found.paper.id in had for day in days.full for found in on(day)):
        days = days.one_more()  # a weekend, say, for which nothing was listed
    shown: set[PaperId] = set()
    rising = _best_first([found for day in days.before for found in on(day)[:top]], had)
    covered = [found for day in days.full for found in on(day)]
    late_places, _ = share(top, len(covered), len(rising))
    late = _taken(rising[:late_places], shown)
    fresh = [found for found in _best_first(covered, had) if found.paper.id not in shown]
    _, places = share(top, len(fresh), len(late))
    main = _taken(fresh[:places], shown)
    missed: dict[dt.date, tuple[Candidate, ...]] = {}
    for day in days.short:
        new = [found for found in on(day) if found.paper.id not in had and found.paper.id not in shown]
        if short := _taken(new[:SHORT], shown):
            missed[day] = short
    best = [found for day in days.missed for found in on(day)[:top]]
    linked = tuple(found for found in best if found.paper.id not in had and found.paper.id not in shown)
    return Choice(
        days,
        lists.explained(main, rule),
        lists.explained(late, rule),
        {day: lists.explained(short, rule) for day, short in missed.items()},
        lists.explained(linked, rule),
        _left_out((*days.full, *days.short), on, had, shown),
    )


def share(top: int, fresh: int, late: int) -> tuple[int, int]:
    """Divide `top` places: return how many late and rising papers come, and how many of the day's.

    Late ones come first, for a paper is in sight for a week only; the day's keep the larger half of `top`, and what
    has no room comes as late tomorrow. So the digest may grow, to twice `top` at the most: every day brings `top`
    papers that end in its top, and others that were there for a while, which is more than `top` a digest. With half
    of the places for late ones and no more, 184 of 963 papers that ended in their day's top 5 came later than in the
    second digest after they had entered it, 84 of them never (196 recorded days, digests on weekdays, votes in
    bursts). This way all came in time, in digests of 5.8 papers on average.
    """
    late_places = min(late, top + top // 2)
    return late_places, min(fresh, max(top - late_places, top - top // 2))


def _best_first(found: Iterable[Candidate], had: Set[PaperId]) -> list[Candidate]:
    """Return those that are new, each paper once, by votes."""
    new: dict[PaperId, Candidate] = {}
    for each in found:
        if each.paper.id not in had:
            new.setdefault(each.paper.id, each)
    return sorted(new.values(), key=lambda one: (-(one.listing.votes or 0), one.place, -one.listing.day.toordinal()))


def _taken(chosen: Sequence[Candidate], shown: set[PaperId]) -> tuple[Candidate, ...]:
    shown.update(map(attrgetter("paper.id"), chosen))
    return tuple(chosen)


def _left_out(
    days: Iterable[dt.date],
    on: Callable[[dt.date], Sequence[Candidate]],
    had: Set[PaperId],
    shown: Set[PaperId],
) -> dict[dt.date, int]:
    """Return for each day how many new papers are not shown; one of several days counts on the first of these."""
    counted: set[PaperId] = set()
    left: dict[dt.date, int] = {}
    for day in days:
        rest = {found.paper.id for found in on(day)} - had - shown - counted
        counted |= rest
        if rest:
            left[day] = len(rest)
    return left
