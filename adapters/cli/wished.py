"""Sources without lists of days: they are asked for what rules name — an author, a venue, a paper — once a day each."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from adapters.cli.rhythms import LOOK_FOR_WISHES, Next, take_in
from adapters.sources import semantic_scholar
from bot.errors import SourceError
from bot.ingest import IngestReport
from bot.paper import Listing, Paper
from bot.ports import Batch, Clock, Source, World
from bot.query import Kind, Term
from bot.same_work import same_work, title_start
from bot.store import Store
from bot.wishes import wish_key, wishes_in

EVERY = dt.timedelta(days=1)
"""How often a wish is granted."""

AT_ONCE = 100
"""Wishes that are granted in one turn; some sources take one question a second."""

_BEGUN_WITHIN = 0.5
"""The part of a pass in which a wish may be begun: one that takes some minutes has them, before the pass is cut."""

AGAIN = dt.timedelta(hours=1)
"""When a wish that failed is asked for again."""

_SOON = dt.timedelta(minutes=1)
_FAILURES_IN_A_ROW = 2
_EVER = dt.datetime.max.replace(tzinfo=dt.UTC)


log = structlog.get_logger()


class Grants(Protocol):
    """A source that can be asked for all papers of somebody, of a venue, or about a paper.

    `kinds` are those of terms that it can be asked for; what it finds counts as listed by it if it `lists`.
    """

    name: str
    kinds: frozenset[Kind]
    lists: bool

    def granting(self, wish: Term, since: dt.date) -> AsyncIterator[Batch]:
        """Yield what there is since a day. Raises SourceError; where it can't be asked for that, it yields nothing."""
        ...


@dataclass(slots=True)
class Wished:
    """Such a source with what is wished of it: what follows and digests name of these kinds, and what settings do.

    `nobody` says what to do where nothing is. Papers come from `window` before today on, for many are told late.
    """

    asked: Grants
    store: Store
    clock: Clock
    window: dt.timedelta
    nobody: str
    kinds: Collection[Kind] = ()
    by_settings: Collection[Term] = ()
    name: str = field(init=False)
    failed: dict[str, dt.datetime] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.name = self.asked.name

    async def wishes(self) -> list[Term]:
        """Return what is wished."""
        async with self.store.read() as session:
            rules = [rule for kind in self.kinds for rule in await session.wishes.rules_naming(kind)]
        found = await asyncio.to_thread(wishes_in, rules, self.kinds)  # of thousands, some 20 microseconds each
        return [*self.by_settings, *found]

    async def granting(self, wish: Term, since: dt.date | None = None) -> AsyncIterator[Batch]:
        """Yield what a wish brings since a day, or within the window. Raises SourceError.

        What nobody has asked for before is a backlog, and so is what came before the window: only what comes later is
        listed as of its day.
        """
        async with self.store.read() as session:
            backlog = not await session.wishes.was_granted(self.name, wish_key(wish))
        today = self.clock.now().date()
        begin = today - self.window
        since = since or begin
        if not backlog:
            async for batch in self.asked.granting(wish, max(since, begin)):
                yield await self._listed(batch, today) if self.asked.lists else batch
        if backlog or since < begin:  # what was news is known by now
            async for batch in self.asked.granting(wish, since):
                yield replace(batch, backlog=True)

    async def grant(self, wish: Term) -> None:
        """Note that a wish was granted now."""
        async with self.store.write() as session:
            await session.wishes.grant(self.name, [wish_key(wish)], self.clock.now())
            await session.source_runs.succeeded(self.name, self.clock.now(), None)  # also where there was nothing

    async def _listed(self, batch: Batch, today: dt.date) -> Batch:
        """List what is new as of today: of most papers here, nobody tells the day.

        What only Semantic Scholar told of is new, too: it lists nothing, so that nobody was shown it.
        """
        async with self.store.read() as session:
            known = await session.papers.known(batch.papers)
            starts = {title_start(each.title) for each in batch.papers if each.id not in known}
            namesakes = await session.papers.with_titles(starts)
        listing = Listing(source=self.name, day=today)
        papers = (
            each
            if any(map(_was_shown, known.get(each.id) or _same_works(each, namesakes)))
            else replace(each, listings=(replace(listing, url=each.url),))
            for each in batch.papers
        )
        return replace(batch, papers=tuple(papers))

    async def daily(self, day: dt.date) -> AsyncIterator[Batch]:
        """Yield what all wishes bring since a day. Raises SourceError."""
        async for batch in self.between(day, self.clock.now().date()):
            yield batch

    def parts(self, first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
        """Return the days whole: each wish is granted for all of them together."""
        return [(first, last)]

    async def between(self, first: dt.date, last: dt.date) -> AsyncIterator[Batch]:  # noqa: ARG002 - `Backfills`'
        """Yield what all wishes bring since a day. Raises SourceError, also where nothing is wished."""
        wishes = await self.wishes()
        if not wishes:
            raise SourceError(f"{self.name} is not asked: {self.nobody}.")
        for wish in wishes:
            async for batch in self.granting(wish, first):
                yield batch
            if first <= self.clock.now().date() - self.window:  # else the rest of the window would be news
                await self.grant(wish)


def _same_works(paper: Paper, namesakes: Mapping[str, Sequence[Paper]]) -> list[Paper]:
    """Return the stored papers that are the same work, though they share no name: what a journal calls a preprint."""
    return [stored for stored in namesakes.get(title_start(paper.title), ()) if same_work(paper, stored)]


def _was_shown(stored: Paper) -> bool:
    return bool(stored.listings) or stored.told_by != semantic_scholar.SOURCE


def by_wish(source: Source) -> "ByWish":
    """Return the rhythm of a source that is asked for wishes."""
    if not isinstance(source, Wished):
        raise TypeError(f"{source.name} is not asked for what rules name")
    return ByWish(source)


@dataclass(slots=True)
class ByWish:
    """Each wish once a day, those first that wait longest; two that fail one after the other end the turn.

    One that fails alone has something wrong with it: it is told, and keeps no other one waiting.
    """

    source: Wished
    lasts: dt.timedelta = dt.timedelta(minutes=10)

    async def read(self, world: World, report: IngestReport) -> Next:
        """Grant the wishes that are due."""
        now, wishes = world.clock.now(), {wish_key(wish): wish for wish in await self.source.wishes()}
        if not wishes:
            return Next(now + LOOK_FOR_WISHES, self.source.nobody)
        due = [key for key, at in (await self._due(world, wishes, now)).items() if at <= now]
        came_to = await self._grant(world, [wishes[key] for key in due[:AT_ONCE]], report)
        if came_to < len(due):
            return Next(world.clock.now() + _SOON)
        coming = min((await self._due(world, wishes, world.clock.now())).values())
        return Next(max(coming, now + _SOON), look=now + LOOK_FOR_WISHES, asked=bool(due))

    async def _due(self, world: World, wishes: Iterable[str], now: dt.datetime) -> dict[str, dt.datetime]:
        """Return when each wish is due, in that order; times in the future are from before the clock was put back."""
        async with world.store.read() as session:
            granted = await session.wishes.granted(self.source.name)
        due = {key: granted[key] + EVERY if granted.get(key, _EVER) <= now else now for key in wishes}
        due |= {key: at + AGAIN for key, at in self.source.failed.items() if key in due and at <= now}
        return dict(sorted(due.items(), key=lambda item: item[1]))

    async def _grant(self, world: World, wishes: Sequence[Term], report: IngestReport) -> int:
        """Grant wishes while there is time; return to how many it came."""
        began, failures = world.clock.monotonic(), list[str]()
        for place, wish in enumerate(wishes):
            if world.clock.monotonic() - began > self.lasts.total_seconds() * _BEGUN_WITHIN:
                return place
            tried = IngestReport(self.source.name)
            if await take_in(world, self.source.granting(wish), tried):
                self.source.failed.pop(wish_key(wish), None)
                await self.source.grant(wish)
            else:
                await self._note_failure(world, wish, tried.failures[0])
            failures = [*failures, *tried.failures] if tried.failures else []
            report.add(replace(tried, failures=[]))
            if len(failures) == _FAILURES_IN_A_ROW:
                report.failures += failures
                return place + 1
        return len(wishes)

    async def _note_failure(self, world: World, wish: Term, failure: str) -> None:
        now = self.source.failed[wish_key(wish)] = world.clock.now()
        log.warning(
            "a source could not be asked for something", source=self.source.name, wish=str(wish), reason=failure
        )
        async with world.store.write() as session:
            await session.source_runs.failed(self.source.name, now, failure)
