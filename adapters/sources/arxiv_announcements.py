"""arXiv's announcements: what each day brought, for all categories that somebody wants at once.

`https://rss.arxiv.org/atom/cs.CL+cs.LG` holds one day, cut at midnight in New York, and is empty on Saturdays,
Sundays and holidays. At most 2,000 entries come, replacements first: new papers are the first to be missing.
Titles, orders and limits are those of https://github.com/arXiv/arxiv-feed (database.py, serializer.py).
"""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from adapters.sources.arxiv_asking import Asks
from adapters.sources.arxiv_authors import from_line
from adapters.sources.arxiv_entries import SOURCE, abstract, categories, day_in_new_york, dois, identified
from adapters.sources.entries import TITLE, VENUE, DamagedError, collected, titled
from adapters.sources.xml import first, line, parse_xml, raw_text
from bot import text
from bot.arxiv_categories import CATEGORIES, archive_of, find_category
from bot.code_links import code_link
from bot.errors import SourceError
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch
from bot.withdrawals import is_withdrawn

_SITE = "https://rss.arxiv.org"
_NEARLY_FULL = 1_900  # entries; 2,000 is where arXiv cuts

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "arxiv": "http://arxiv.org/schemas/atom",
    "dc": "http://purl.org/dc/elements/1.1/",
}
ATOM_FEED = "{http://www.w3.org/2005/Atom}feed"
RSS = "rss"

_TITLE = re.compile(r"\S.* updates on arXiv\.org|updates on arXiv\.org", re.DOTALL)
_ERROR = re.compile(r"Feed error for query", re.IGNORECASE)
_HEAD = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*([A-Za-z-]+)\s*Abstract:\s*", re.IGNORECASE)
_NO_DAY = "no day"

# A cross-list is news to whoever follows the category that it comes to, be it on its first day or later, and arXiv
# lists it under that day, too; a digest brings no paper twice. A replacement is an update and listed nowhere.
_LISTED = frozenset({"new", "cross"})
_REPLACED = frozenset({"replace", "replace-cross"})


class ArxivAnnouncements:
    """The announcements of the day, from the site itself.

    `wanted` are categories and archives; unknown ones are left out, for one of them would fail all others.
    """

    name = SOURCE

    def __init__(self, fetcher: Asks, wanted: Iterable[str], base_url: str = _SITE) -> None:
        self._fetcher = fetcher
        self._wanted = distinct_categories(wanted)
        self._url = f"{base_url.rstrip('/')}/atom/"

    async def daily(self, day: dt.date) -> AsyncIterator[Batch]:
        """Yield what is announced now, if that is the day's; an empty batch where nothing is. Raises SourceError.

        Days that are over are not there any more: those are OAI-PMH's.
        """
        given: set[PaperId] = set()
        waiting = [self._wanted] if self._wanted else []
        while waiting:
            asked = waiting.pop()
            batch, size = await self._ask(asked, day)
            if size >= _NEARLY_FULL and (parts := _halves(asked)):
                waiting += parts
                continue
            fresh = tuple(paper for paper in batch.papers if paper.id not in given)
            given.update(paper.id for paper in fresh)
            yield replace(batch, papers=fresh)

    async def _ask(self, asked: Sequence[str], day: dt.date) -> tuple[Batch, int]:
        """Return the day's announcements of some categories, and how many entries came in all."""
        body = await self._fetcher.xml(self._url + "+".join(asked), {})
        batch = await asyncio.to_thread(parse_announcements, body, f"arXiv's announcements of {day}")
        size = len(batch.papers) + sum(batch.skipped.values())
        of_the_day = tuple(each for each in batch.papers if not each.listings or each.listings[0].day == day)
        return replace(batch, papers=of_the_day), size


def _halves(asked: Sequence[str]) -> list[list[str]]:
    """Return the second and the first half of what was asked for, an archive taken apart; a category has none."""
    alone = asked[0] if len(asked) == 1 else None
    each = list(asked) if alone is None else [one for one in CATEGORIES if archive_of(one) == alone != one]
    half = len(each) // 2
    return [each[half:], each[:half]] if half else []


def distinct_categories(wanted: Iterable[str]) -> list[str]:
    """Return known categories and archives in order, without those of an archive that is there itself."""
    known = sorted({found for one in wanted if (found := find_category(one))})
    return [one for one in known if "." not in one or archive_of(one) not in known]


def parse_announcements(body: bytes, name: str) -> Batch:
    """Return the announced papers of a feed (Atom or RSS), new ones and cross-lists with a listing.

    Damaged entries are skipped and counted. SourceError when it is no feed of announcements.
    """
    return announcements_of(parse_xml(body, name, {ATOM_FEED, RSS}), name)


def announcements_of(root: Element, name: str) -> Batch:
    """Return the same of a feed that is parsed already."""
    feed = root if root.tag == ATOM_FEED else root.find("channel")
    if feed is None:
        raise SourceError(f"{name} is an RSS feed without a channel.")
    title = line(first(feed, ("atom:title", "title"), NAMESPACES), 300)
    if _ERROR.match(title):
        told = line(first(feed, ("atom:subtitle", "description"), NAMESPACES), 300)
        raise SourceError(f"{name} is an error of arXiv: “{text.cut(told or title, 200)}”.")
    if not _TITLE.fullmatch(title):
        raise SourceError(f"{name} is a feed of something else: “{text.shown(title, 80)}”.")
    day = day_in_new_york(_told(feed, "atom:updated", "pubDate", "lastBuildDate"))
    entries = feed.findall("atom:entry", NAMESPACES) or feed.findall("item")
    papers, skipped = collected(entries, lambda entry: _paper(entry, day))
    return Batch(name, papers, skipped)


def _told(element: Element, *names: str) -> str:
    return raw_text(first(element, names, NAMESPACES))


def _paper(entry: Element, feed_day: dt.date | None) -> Paper:
    paper_id, version = identified(_told(entry, "atom:id", "guid") or _told(entry, "link"))
    summary = _told(entry, "atom:summary", "description")
    head = _HEAD.match(summary)
    about = abstract(summary[head.end() :] if head else summary)
    kind = (_told(entry, "arxiv:announce_type") or (head[1] if head else "")).strip().lower()
    if kind not in _LISTED | _REPLACED:
        raise DamagedError("announced as something else than new, cross-listed or replaced")
    terms = [each.get("term") or each.text for each in entry.iterfind("atom:category", NAMESPACES)]
    return Paper(
        id=paper_id,
        title=titled(line(first(entry, ("atom:title", "title"), NAMESPACES), TITLE)),
        authors=from_line(", ".join(map(raw_text, entry.iterfind("dc:creator", NAMESPACES)))),
        abstract=about,
        categories=categories(terms or [each.text for each in entry.iterfind("category")]),
        other_ids=dois(_told(entry, "arxiv:DOI", "arxiv:doi")),
        version=version,
        venue=line(first(entry, ("arxiv:journal_reference", "arxiv:journal_ref"), NAMESPACES), VENUE) or None,
        withdrawn=is_withdrawn(None, about),  # the comment, which mostly tells, is not there
        code_url=code_link(about),
        listings=(_listing(entry, paper_id, feed_day),) if kind in _LISTED else (),
    )


def _listing(entry: Element, paper_id: PaperId, feed_day: dt.date | None) -> Listing:
    day = day_in_new_york(_told(entry, "atom:published", "pubDate")) or feed_day
    if day is None:
        raise DamagedError(_NO_DAY)
    return Listing(source=SOURCE, day=day, url=paper_id.url)
