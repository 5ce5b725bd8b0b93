"""Sources without lists of days: they are asked for what rules name — an author, a venue, a paper — once a day each."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from adapters.cli.source_kinds import UnwantedError
from adapters.sources import semantic_scholar
from bot.paper import Listing, Paper
from bot.ports import Batch, Clock
from bot.query import Kind, Term
from bot.same_work import same_work, title_start
from bot.store import Store
from bot.wishes import wish_key, wishes_in


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

    `nobody` says what to do where nothing is. Papers come from `window` before today on, for many are told late. When
    a wish `failed` is remembered here, by its key: rhythms are made anew for each poll.
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
            raise UnwantedError(f"{self.name} is not asked: {self.nobody}.")
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
