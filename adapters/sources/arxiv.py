"""arXiv as one source: today's announcements, and what was announced on days that were missed."""

import datetime as dt
from collections.abc import AsyncIterator, Iterable

from adapters.sources.arxiv_announcements import ArxivAnnouncements
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
        oai_url: str = "https://oaipmh.arxiv.org",
    ) -> None:
        wanted = tuple(wanted)
        self._clock = clock
        self._announcements = ArxivAnnouncements(fetcher, wanted, announcements_url)
        self._changes = ArxivOai(fetcher, wanted, oai_url)

    async def daily(self, day: dt.date) -> AsyncIterator[Batch]:
        """Yield what is announced on a day, as days are in New York: one request for today, several for one before.

        Raises SourceError.
        """
        today = self._clock.now().astimezone(NEW_YORK).date()
        if day > today:
            return
        async for batch in self._announcements.daily(day) if day == today else self._changes.daily(day):
            yield batch
