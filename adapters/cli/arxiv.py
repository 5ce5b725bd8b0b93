"""arXiv as the service wants it: the categories that somebody asked for, and each paper listed once."""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from adapters.cli.settings import Settings
from adapters.cli.source_kinds import UnwantedError
from adapters.sources.arxiv import Arxiv
from adapters.sources.arxiv_announcements import distinct_categories
from adapters.sources.arxiv_asking import Asks
from adapters.sources.arxiv_entries import SOURCE
from bot.arxiv_categories import takes_papers
from bot.paper import Paper
from bot.ports import Batch, Clock
from bot.query import Kind
from bot.store import Store
from bot.wishes import wishes_in

NOBODY = "nobody wants it: set PAPERROUND_ARXIV_CATEGORIES, as in cs.CL,cs.LG, or follow one, as in cat:cs.CL"
"""Why arXiv is not asked, where that is so."""

PART = dt.timedelta(days=7)
"""So many days are asked for at once: a backfill that was stopped goes on with the next ones."""

_DAY = dt.timedelta(days=1)


@dataclass(slots=True)
class ArxivOfTeams:
    """The papers of those categories and archives that the settings name, and of those that follows and digests do."""

    fetcher: Asks
    store: Store
    clock: Clock
    settings: Settings
    name: str = field(default=SOURCE, init=False)

    def today(self) -> dt.date:
        """Return the day that it is in New York, by which arXiv announces."""
        return self._arxiv(()).today()

    async def wanted(self) -> tuple[str, ...]:
        """Return what is wanted, in order; unknown ones and those that take no papers any more are left out."""
        return await wanted_categories(self.settings, self.store)

    async def daily(self, day: dt.date) -> AsyncIterator[Batch]:
        """Yield what is announced on a day. Raises SourceError, also where nothing is wanted."""
        async for batch in self.between(day, day):
            yield batch

    def parts(self, first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
        """Return the days from one to the other in parts, each of which `between` takes; today is one by itself."""
        found = []
        end = min(last, self.today() - _DAY)
        while first <= end:
            found.append((first, min(first + PART - _DAY, end)))
            first = found[-1][1] + _DAY
        return [*found, (first, last)] if first <= last else found

    async def between(self, first: dt.date, last: dt.date) -> AsyncIterator[Batch]:
        """Yield what was announced on some days that are over, or today. Raises SourceError."""
        some = await self._some()
        over = last < self.today()
        async for batch in self.announced(some, first, last) if over else self._arxiv(some).daily(last):
            yield batch

    def announced_today(self, categories: Sequence[str]) -> AsyncIterator[Batch]:
        """Yield what is announced today in some categories. Raises SourceError."""
        return self._arxiv(categories).daily(self.today())

    async def announced(self, categories: Sequence[str], first: dt.date, last: dt.date) -> AsyncIterator[Batch]:
        """Yield what was announced in some categories on days that are over. Raises SourceError."""
        async for batch in self._arxiv(categories).announced(first, last):
            yield await self._listed_once(batch)

    async def changed(self, first: dt.date, last: dt.date) -> AsyncIterator[Batch]:
        """Yield what was announced or changed on some days that are over. Raises SourceError."""
        async for batch in self._arxiv(await self._some()).changed(first, last):
            yield await self._listed_once(batch)

    def _arxiv(self, categories: Sequence[str]) -> Arxiv:
        urls = self.settings.arxiv_rss_url, self.settings.arxiv_api_url, self.settings.arxiv_oai_url
        return Arxiv(self.fetcher, self.clock, categories, *urls)

    async def _some(self) -> tuple[str, ...]:
        if wanted := await self.wanted():
            return wanted
        raise UnwantedError(f"arXiv is not asked: {NOBODY}.")

    async def _listed_once(self, batch: Batch) -> Batch:
        """Take the listings from papers that arXiv has listed before.

        A first version whose comment alone was changed looks like a new paper of that day; and what moderators held
        back was announced later than arXiv's schedule would have it.
        """
        listed = [paper for paper in batch.papers if paper.listings]
        async with self.store.read() as session:
            known = await session.papers.known(listed)
        again = {
            paper.id
            for paper in listed
            if any(listing.source == SOURCE for stored in known.get(paper.id, ()) for listing in stored.listings)
        }
        return replace(
            batch, papers=tuple(_without_listings(each) if each.id in again else each for each in batch.papers)
        )


async def wanted_categories(settings: Settings, store: Store) -> tuple[str, ...]:
    """Return the categories and archives that settings, follows and digests name, in order.

    Unknown ones are left out, and those that take no papers any more: arXiv would refuse all others with them.
    """
    async with store.read() as session:
        rules = await session.wishes.rules_naming(Kind.CATEGORY)
    named = [wish.value for wish in wishes_in(rules, {Kind.CATEGORY})]
    return tuple(filter(takes_papers, distinct_categories([*settings.arxiv_categories.split(","), *named])))


def _without_listings(paper: Paper) -> Paper:
    return replace(paper, listings=())
