"""arXiv as one source: today's announcements, what was announced on days that are over, and what changed since.

Each of its services is asked for what it alone tells: the feed for today; the query API for days that are over, for it
has all papers of a day, whatever happened to them later; OAI-PMH for what changed, which may be anything of an archive.
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterable

from adapters.sources.arxiv_announcements import ArxivAnnouncements
from adapters.sources.arxiv_api import ArxivApi
from adapters.sources.arxiv_asking import Asks
from adapters.sources.arxiv_entries import NEW_YORK, SOURCE
from adapters.sources.arxiv_oai import ArxivOai
from bot.ports import Batch, Clock


class Arxiv:
    """The days' papers of some categories and archives. Addresses are for tests; else they are arXiv's own."""

    name = SOURCE

    def __init__(
        self,
        fetcher: Asks,
        clock: Clock,
        wanted: Iterable[str],
        announcements_url: str = "https://rss.arxiv.org",
        api_url: str = "https://export.arxiv.org",
        oai_url: str = "https://oaipmh.arxiv.org",
    ) -> None:
        self._wanted = tuple(wanted)
        self._clock = clock
        self._announcements = ArxivAnnouncements(fetcher, self._wanted, announcements_url)
        self._found = ArxivApi(fetcher, api_url)
        self._changes = ArxivOai(fetcher, self._wanted, oai_url)

    def today(self) -> dt.date:
        """Return the day that it is in New York, by which arXiv announces."""
        return self._clock.now().astimezone(NEW_YORK).date()

    async def daily(self, day: dt.date) -> AsyncIterator[Batch]:
        """Yield what is announced on a day, as days are in New York: one request for today, several for one before.

        Raises SourceError.
        """
        today = self.today()
        if day > today:
            return
        async for batch in self._announcements.daily(day) if day == today else self.announced(day, day):
            yield batch

    def announced(self, first: dt.date, last: dt.date) -> AsyncIterator[Batch]:
        """Yield what was announced from one day to the other, both over. Raises SourceError."""
        return self._found.announced(self._wanted, first, last)

    def changed(self, first: dt.date, last: dt.date) -> AsyncIterator[Batch]:
        """Yield what was announced or changed since on days that are over. Raises SourceError."""
        return self._changes.changed(first, last)
