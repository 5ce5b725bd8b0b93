"""When each source is asked, and for which days: what one poll does, and when the next one is."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from adapters.cli.arxiv import NOBODY, ArxivOfTeams
from adapters.sources.arxiv_entries import NEW_YORK
from bot.errors import SourceError
from bot.ingest import IngestReport, ingest
from bot.ports import Batch, Source, World

EVERY = dt.timedelta(minutes=30)
"""Papers are listed all through a weekday: one read a day missed a third of a week's papers."""

AT_WEEKENDS = dt.timedelta(hours=3)
"""There are no lists at weekends, but votes."""

DAYS_AGAIN = 7
"""Votes change for days: so many days before today are read once more."""

UNTIL_ANNOUNCED = dt.timedelta(hours=1)
FOUR_TIMES_A_DAY = dt.timedelta(hours=6)
ONCE_ANNOUNCED = dt.timedelta(hours=6)
"""arXiv announces once a day; a turn can't be put off for longer (`storage.leases`)."""

LOOK_FOR_WISHES = dt.timedelta(minutes=10)
"""How soon arXiv is asked after somebody first follows one of its categories; until then, only the store is."""

FIRST_DAYS = dt.timedelta(days=7)
"""What arXiv is asked for at first: what a week brought, so that follows and digests have something to show."""

CAUGHT_UP_AT_ONCE = dt.timedelta(days=2)
"""So many days and the one before: what comes in a night is one part, and each part of a longer absence is kept."""

_DAY = dt.timedelta(days=1)
_AFTER_MIDNIGHT = dt.timedelta(minutes=10)
_FAILURES_IN_A_ROW = 2


@dataclass(frozen=True, slots=True)
class Next:
    """When a source is to be asked again, and why it was not asked, where that is so."""

    at: dt.datetime
    idle: str | None = None


class Rhythm(Protocol):
    """How one source is polled. `lasts` is how long a pass may take; a killed one is taken over then."""

    lasts: dt.timedelta

    async def read(self, world: World, report: IngestReport) -> Next:
        """Read what is due into the store and the report, failures included."""
        ...


def half_hourly(now: dt.datetime) -> dt.timedelta:
    """Return how long after a poll the next one is: every half hour on weekdays."""
    return AT_WEEKENDS if now.weekday() >= 5 else EVERY


@dataclass(slots=True)
class LastDays:
    """Today's list and those of the days before, the newest first; a second day in a row that fails is the last."""

    source: Source
    every: Callable[[dt.datetime], dt.timedelta] = half_hourly
    days_again: int = DAYS_AGAIN
    lasts: dt.timedelta = dt.timedelta(minutes=10)

    async def read(self, world: World, report: IngestReport) -> Next:
        """Read the days."""
        began, in_a_row = world.clock.now(), 0
        for passed in range(self.days_again + 1):
            went_well = await take_in(world, self.source.daily(began.date() - passed * _DAY), report)
            in_a_row = 0 if went_well else in_a_row + 1
            if in_a_row == _FAILURES_IN_A_ROW:
                break
        return Next(began + self.every(began))


class AFewDays(LastDays):
    """Today's list and those of three days before, four times a day: for what is posted once, and has no votes."""

    def __init__(self, source: Source) -> None:
        super().__init__(source, lambda _: FOUR_TIMES_A_DAY, days_again=3)


@runtime_checkable
class TellsNewest(Protocol):
    """A source that tells what is newest there, of whatever days."""

    async def newest(self) -> Batch:
        """Return it. Raises SourceError."""
        ...


@dataclass(slots=True)
class Newest:
    """What is newest at a source, four times a day."""

    source: Source
    lasts: dt.timedelta = dt.timedelta(minutes=10)

    async def read(self, world: World, report: IngestReport) -> Next:
        """Read it."""
        if not isinstance(self.source, TellsNewest):
            raise TypeError(f"{self.source.name} does not tell what is newest")
        await take_in(world, _alone(self.source), report)
        return Next(world.clock.now() + FOUR_TIMES_A_DAY)


async def _alone(source: TellsNewest) -> AsyncIterator[Batch]:
    yield await source.newest()


def announcements(source: Source) -> "Announcements":
    """Return arXiv's rhythm."""
    if not isinstance(source, ArxivOfTeams):
        raise TypeError(f"{source.name} is not arXiv")
    return Announcements(source)


@dataclass(slots=True)
class Announcements:
    """arXiv: what is announced today, hourly until it is there, and through OAI-PMH every night what changed since.

    What was changed, missed or withdrawn comes with the second: from the last day that was read wholly, that one
    included, to yesterday. Days are those of New York; at weekends and on holidays nothing is announced.
    """

    source: ArxivOfTeams
    lasts: dt.timedelta = field(default=dt.timedelta(minutes=30))

    async def read(self, world: World, report: IngestReport) -> Next:
        """Read today's announcements and the changes of the days before, where anything is wanted."""
        now, today = world.clock.now(), self.source.today()
        if not await self.source.wanted():
            async with world.store.write() as session:
                await session.source_runs.read_to(self.source.name, None)  # what nobody wanted is not missed
            return Next(now + LOOK_FOR_WISHES, NOBODY)
        await take_in(world, self.source.daily(today), report)
        await self._catch_up(world, report, today - _DAY)
        quiet = report.newest_day == today or today.weekday() >= 5
        midnight = dt.datetime.combine(today + _DAY, dt.time(), NEW_YORK).astimezone(dt.UTC)
        return Next(min(now + (ONCE_ANNOUNCED if quiet else UNTIL_ANNOUNCED), midnight + _AFTER_MIDNIGHT))

    async def _catch_up(self, world: World, report: IngestReport, yesterday: dt.date) -> None:
        async with world.store.read() as session:
            run = await session.source_runs.of(self.source.name)
        first = run.read_to if run and run.read_to else yesterday - FIRST_DAYS
        if first >= yesterday:
            return
        while first <= yesterday:
            last = min(first + CAUGHT_UP_AT_ONCE, yesterday)
            if not await take_in(world, self.source.between(first, last), report):
                return
            async with world.store.write() as session:
                await session.source_runs.read_to(self.source.name, last)
            first = last + _DAY


async def take_in(world: World, batches: AsyncIterator[Batch], report: IngestReport) -> bool:
    """Store what a source gives; False where it failed, which is in the report then."""
    try:
        async for batch in batches:
            report.add(await ingest(world.store, report.source, batch, world.clock.now()))
    except SourceError as wrong:
        report.failures.append(str(wrong))
        return False
    return True
