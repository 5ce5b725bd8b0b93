"""When each source is asked, and for which days: what one poll does, and when the next one is."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.errors import SourceError
from bot.ingest import IngestReport, ingest
from bot.ports import Batch, Source, World

EVERY = dt.timedelta(minutes=30)
"""Papers are listed all through a weekday: one read a day missed a third of a week's papers."""

AT_WEEKENDS = dt.timedelta(hours=3)
"""There are no lists at weekends, but votes."""

DAYS_AGAIN = 7
"""Votes change for days: so many days before today are read once more."""

FOUR_TIMES_A_DAY = dt.timedelta(hours=6)

LOOK_FOR_WISHES = dt.timedelta(minutes=9)
"""How soon a source is asked for what somebody newly wants; until then, only the store is. The service looks at its
watch each minute: people are told ten."""

FAILURES_IN_A_ROW = 2
"""So many end a pass: the service is out of reach, and asking on would only keep it busy."""

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Next:
    """When a source is to be asked again, and why it was not asked, where that is so.

    `look` is when to see whether anything is wanted before that. Not `asked`, it was only that.
    """

    at: dt.datetime
    idle: str | None = None
    look: dt.datetime | None = None
    asked: bool = True

    @property
    def turn(self) -> dt.datetime:
        """When the rhythm has its next turn."""
        return min(self.at, self.look or self.at)


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
            if in_a_row == FAILURES_IN_A_ROW:
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


async def take_in(world: World, batches: AsyncIterator[Batch], report: IngestReport) -> bool:
    """Store what a source gives; False where it failed, which is in the report then."""
    try:
        async for batch in batches:
            report.add(await ingest(world.store, report.source, batch, world.clock.now()))
    except SourceError as wrong:
        report.failures.append(str(wrong))
        return False
    return True
