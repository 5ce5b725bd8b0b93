"""arXiv's rhythm: what is announced, what changed, and the last week of whatever somebody newly wants."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.cli.arxiv import NOBODY, ArxivOfTeams
from adapters.cli.rhythms import LOOK_FOR_WISHES, Next, take_in
from adapters.sources.arxiv_entries import NEW_YORK
from bot.arxiv_categories import archive_of
from bot.ingest import IngestReport
from bot.ports import Source, World
from bot.query import Kind, Term
from bot.store_sources import SourceRun
from bot.wishes import wish_key

UNTIL_ANNOUNCED = dt.timedelta(hours=1)
"""How soon arXiv is asked again while today's announcements are not there."""

ONCE_ANNOUNCED = dt.timedelta(hours=6)
"""The same once they are: arXiv announces once a day, but a turn can't be put off for longer (`storage.leases`)."""

FIRST_DAYS = dt.timedelta(days=7)
"""What is read of a category at first: what a week brought, so that follows and digests have something to show."""

CAUGHT_UP_AT_ONCE = dt.timedelta(days=2)
"""So many days and the one before: what comes in a night is one part, and each part of a longer absence is kept."""

_DAY = dt.timedelta(days=1)
_AFTER_MIDNIGHT = dt.timedelta(minutes=10)


def announcements(source: Source) -> "Announcements":
    """Return arXiv's rhythm."""
    if not isinstance(source, ArxivOfTeams):
        raise TypeError(f"{source.name} is not arXiv")
    return Announcements(source)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is wanted of arXiv, when each wish was granted last, and arXiv's diary."""

    wanted: tuple[str, ...]
    granted: Mapping[str, dt.datetime]
    run: SourceRun | None

    @property
    def read_to(self) -> dt.date | None:
        """Up to which day all that was granted last has been read without a gap."""
        return self.run.read_to if self.run else None

    @property
    def new(self) -> tuple[str, ...]:
        """Return what is wanted, and was not when arXiv was asked last: each pass grants all wishes at one time."""
        last = max(self.granted.values(), default=None) if self.read_to else None
        return tuple(one for one in self.wanted if last is None or self._read_last(one) != last)

    def missed_since(self, earliest: dt.date) -> dt.date:
        """Return the first day that is missing of what is new, no earlier than that."""
        read = [self._read_last(one) for one in self.new]
        days = [_day(at) if at else earliest for at in read]
        return max(earliest, min(days, default=earliest))

    def due_after(self, now: dt.datetime) -> dt.datetime | None:
        """Return when arXiv is to be asked next, where that is later than now.

        A time further away than any that is planned is from before the clock was put back.
        """
        planned = self.run.next_poll if self.run else None
        return planned if planned and now < planned <= now + ONCE_ANNOUNCED else None

    def _read_last(self, category: str) -> dt.datetime | None:
        """Return when a category was read last, be it with its whole archive."""
        read = (self.granted.get(_wish(one)) for one in (category, archive_of(category)))
        return max(filter(None, read), default=None)


@dataclass(slots=True)
class Announcements:
    """arXiv: what is announced today, hourly until it is there, and through OAI-PMH every night what changed since.

    What was changed, missed or withdrawn comes with the second: from the last day that was read wholly, that one
    included, to yesterday. Days are those of New York; at weekends and on holidays nothing is announced.

    What nobody wanted before is found within ten minutes, a week of it, through the query API: OAI-PMH has whole
    archives alone, with whatever changed there, and a paper that changed since has lost its day.
    """

    source: ArxivOfTeams
    lasts: dt.timedelta = field(default=dt.timedelta(minutes=30))

    async def read(self, world: World, report: IngestReport) -> Next:
        """Read what is due, and what is newly wanted; where neither is, only the store is looked into."""
        now = world.clock.now()
        standing = await self._standing(world)
        if not standing.wanted:
            async with world.store.write() as session:
                await session.source_runs.read_to(self.source.name, None)  # what nobody wanted is not missed
            return Next(now + LOOK_FOR_WISHES, NOBODY)
        later = standing.due_after(now)
        if later and not standing.new:
            return Next(later, look=now + LOOK_FOR_WISHES, asked=False)
        await take_in(world, self.source.announced_today(standing.new if later else standing.wanted), report)
        await self._grant(world, standing, report, now)
        if later:
            return Next(later, look=now + LOOK_FOR_WISHES)
        today = _day(now)
        await self._catch_up(world, standing.read_to, report, today - _DAY)
        quiet = report.newest_day == today or today.weekday() >= 5
        midnight = dt.datetime.combine(today + _DAY, dt.time(), NEW_YORK).astimezone(dt.UTC)
        coming = min(now + (ONCE_ANNOUNCED if quiet else UNTIL_ANNOUNCED), midnight + _AFTER_MIDNIGHT)
        return Next(coming, look=now + LOOK_FOR_WISHES)

    async def _standing(self, world: World) -> Standing:
        wanted = await self.source.wanted()
        now = world.clock.now()
        async with world.store.read() as session:
            granted = await session.wishes.granted(self.source.name)
            granted = {wish: at for wish, at in granted.items() if at <= now}  # else from before a clock was put back
            return Standing(wanted, granted, await session.source_runs.of(self.source.name))

    async def _grant(self, world: World, standing: Standing, report: IngestReport, now: dt.datetime) -> None:
        """Read the days before today of what is new, and note what is granted: what is not yet is new next time, too.

        Today's announcements came before: they are right where arXiv's schedule is not.
        """
        new, granted, today = standing.new, standing.wanted, _day(now)
        if new:
            week = self.source.announced(new, standing.missed_since(today - FIRST_DAYS), today - _DAY)
            if not await take_in(world, week, report):
                granted = tuple(one for one in granted if one not in new)
        async with world.store.write() as session:
            await session.wishes.grant(self.source.name, list(map(_wish, granted)), now)
            if standing.read_to is None and granted:  # all was new, and is there up to yesterday
                await session.source_runs.read_to(self.source.name, today - _DAY)

    async def _catch_up(self, world: World, first: dt.date | None, report: IngestReport, yesterday: dt.date) -> None:
        if first is None or first >= yesterday:
            return
        while first <= yesterday:
            last = min(first + CAUGHT_UP_AT_ONCE, yesterday)
            if not await take_in(world, self.source.changed(first, last), report):
                return
            async with world.store.write() as session:
                await session.source_runs.read_to(self.source.name, last)
            first = last + _DAY


def _day(instant: dt.datetime) -> dt.date:
    return instant.astimezone(NEW_YORK).date()


def _wish(category: str) -> str:
    return wish_key(Term(Kind.CATEGORY, category))
