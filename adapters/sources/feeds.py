"""Feeds that a team's admin names: journals, laboratories, blogs; RSS 2.0, RSS 1.0 (RDF) and Atom.

Anybody may have written them: XML is read by our own reader first, feedparser gets only what that has taken apart and
put together again, and no markup of an entry comes through. Which paper an entry is of, it says with a DOI or arXiv's
id (PRISM, Dublin Core, its id or its link); else it is of its own page.
"""

import asyncio
import datetime as dt
import io
import re
from calendar import timegm
from collections.abc import AsyncGenerator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import tostring

from adapters.sources import json_facts as facts
from adapters.sources.entries import (
    ABSTRACT,
    AUTHORS,
    NAME,
    TITLE,
    DamagedError,
    collected,
    doi_if_any,
    main_and_others,
    referred,
    titled,
)
from adapters.sources.markup import one_line, paragraphs
from adapters.sources.xml import parse_xml
from bot.code_links import code_link
from bot.errors import SourceError
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, web_id
from bot.ports import Batch, Clock

if TYPE_CHECKING:  # aiohttp takes 0.15 s to import; whoever reads files alone does without
    from adapters.sources.fetcher import Fetcher

SOURCE = "feed"
"""What their listings are of: `source:feed` finds all of them."""

_ROOTS = frozenset(
    {
        "rss",
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF",
        "{http://www.w3.org/2005/Atom}feed",
        "{http://purl.org/atom/ns#}feed",  # Atom 0.3
    }
)
_MOST_ENTRIES = 2_000  # of one feed at a time; the largest that are known have 1,000
_LINE = 20 * NAME  # of names
_EARLIEST = dt.date(1990, 1, 1)

_NAMED = re.compile(r"(?:doi:|arxiv:|oai:arxiv\.org:|https?://|10\.[0-9]{4,9}/)", re.IGNORECASE)  # a bare number isn't
_OAI = re.compile(r"\Aoai:arxiv\.org:", re.IGNORECASE)
_IN_PATH = re.compile(r"/(?:doi|abs|full|article|articles|content)/(?:[a-z]+/)?(10\.[0-9]{4,9}/[^?#]+)", re.IGNORECASE)
_IN_QUERY = re.compile(r"(?:\A|&)(?:id|doi)=(10\.[0-9]{4,9}/[^&]+)", re.IGNORECASE)
_API_ERROR = re.compile(r"https?://(?:export\.)?arxiv\.org/api/errors", re.IGNORECASE)
_FEED_ERROR = re.compile(r"Feed error for query", re.IGNORECASE)
_MAIL = re.compile(r"\S+@\S+\s*\((?P<name>[^()]+)\)")  # RSS: "jane@example.org (Jane Doe)"


class Feed:
    """A feed on a public host. Its name, by which it is known when it fails, is that of its host."""

    def __init__(self, fetcher: "Fetcher", clock: Clock, url: str) -> None:
        self.name = f"{SOURCE}:{(urlsplit(url).hostname or 'nowhere').removeprefix('www.')}"
        self._fetcher = fetcher.guarded()
        self._clock = clock
        self._url = url

    async def news(self) -> AsyncGenerator[Batch, None]:
        """Yield what is in the feed, of whatever days; nothing where it has not changed since that was taken in.

        Store the batch before the generator is asked for more. Raises SourceError.
        """
        from adapters.sources.formats import XML

        async with self._fetcher.asking(self._url, {}, XML) as answer:
            if answer is not None:
                yield await asyncio.to_thread(parse_feed, answer.body, self.name, self._clock.now().date(), answer.url)

    async def whole(self) -> Batch:
        """Return what is in the feed, whether that is news or not. Raises SourceError."""
        from adapters.sources.formats import XML

        body = await self._fetcher.body(self._url, {}, XML)
        return await asyncio.to_thread(parse_feed, body, self.name, self._clock.now().date(), self._url)


def read_file(path: Path, today: dt.date) -> Batch:
    """Return the papers of a recorded feed. SourceError, naming the file, when it is none or can't be read."""
    body, name = facts.read(path)
    return parse_feed(body, name, today)


def parse_feed(body: bytes, name: str, today: dt.date, url: str = "") -> Batch:
    """Return the papers of a feed that was found at `url`, each with a listing if it has a date that can be.

    Entries without a title or a link are skipped and counted. SourceError when it is no feed.
    """
    import feedparser  # 0.1 s: whoever has no feeds does without

    root = parse_xml(body, name, _ROOTS)
    if root.tag == "rss" and root.find("channel") is None:
        raise SourceError(f"{name} is an RSS feed without a channel.")
    # Never the bytes themselves: feedparser takes those of an address, or of a file's name, for that.
    parsed = feedparser.parse(io.BytesIO(tostring(root, "utf-8")), response_headers=_headers(url))
    if _FEED_ERROR.match(_told(parsed.feed, "title")) or any(_API_ERROR.match(_told(e, "id")) for e in parsed.entries):
        raise SourceError(f"{name} is an error of arXiv, not a feed of papers.")
    # As plain dicts: feedparser's own give the publication for an update that there was not, with a warning.
    entries = map(dict[str, Any], parsed.entries[:_MOST_ENTRIES])
    papers, skipped = collected(entries, lambda entry: _paper(entry, today))
    if more := len(parsed.entries) - _MOST_ENTRIES:
        skipped |= {"too many entries": more} if more > 0 else {}
    return Batch(name, papers, skipped)


def _headers(url: str) -> dict[str, str]:
    """Return what feedparser is told: the encoding, and by what relative addresses are completed."""
    told = {"content-type": "application/xml; charset=utf-8"}
    return {**told, "content-location": url} if url else told


Entry = Mapping[str, Any]


def _told(entry: Entry, name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _paper(entry: Entry, today: dt.date) -> Paper:
    title = titled(one_line(_told(entry, "title"), TITLE))
    link = facts.link(_told(entry, "link"))
    if link is None:
        raise DamagedError("no link")
    paper_id, others = main_and_others([*_ids(entry, link), web_id(link)])
    summary = paragraphs(_summary(entry), ABSTRACT)
    moment = _moment(entry, today)
    return Paper(
        id=paper_id,
        title=title,
        authors=_authors(entry),
        abstract="" if summary == title else summary,
        published=moment.date() if moment else None,
        other_ids=others,
        code_url=code_link(summary),
        project_url=None if paper_id.url else link,
        listings=(Listing(source=SOURCE, day=moment.date(), listed_at=moment, url=link),) if moment else (),
    )


def _ids(entry: Entry, link: str) -> Iterator[PaperId | None]:
    """Give what the entry says that it is of; an id within its text is of another paper as often as not."""
    for name in ("prism_doi", "dc_identifier", "id", "prism_url"):
        told = _OAI.sub("arxiv:", _told(entry, name).strip())
        if _NAMED.match(told):
            yield doi_if_any(told) or referred(told)
    yield referred(link) or _doi_within(link)


def _doi_within(link: str) -> PaperId | None:
    """Return the DOI that publishers have in their addresses: `/doi/full/10.1021/x`, `article?id=10.1371/x`."""
    address = urlsplit(link)
    found = _IN_PATH.search(unquote(address.path)) or _IN_QUERY.search(unquote(address.query))
    return doi_if_any(found[1].rstrip("/")) if found else None


def _summary(entry: Entry) -> str:
    contents = [each.get("value") for each in entry.get("content") or [] if isinstance(each, dict)]
    return next((each for each in (_told(entry, "summary"), *contents) if isinstance(each, str) and each.strip()), "")


def _authors(entry: Entry) -> tuple[str, ...]:
    people = [each for each in entry.get("authors") or [] if isinstance(each, dict)]
    names = [one_line(_told(each, "name"), _LINE) for each in people[:AUTHORS]]
    if len(names) == 1:
        # feedparser knows no ending of an address that is longer than four letters.
        mail = _MAIL.fullmatch(one_line(_told(entry, "author"), _LINE))
        names = [mail["name"].strip()] if mail else _parted(names[0])
    return tuple(dict.fromkeys(name[:NAME] for name in names if name))[:AUTHORS]


def _parted(line: str) -> list[str]:
    """Return the names of a line that may hold several: "Jane Doe, Bo Li and Ann Ox", or "Doe, J.; Li, B."."""
    if ";" in line:
        return [" ".join(reversed([part.strip() for part in name.split(",", 1)])) for name in line.split(";")]
    several = [part.strip() for part in re.split(r",\s+(?:and\s+)?|\s+and\s+", line)]
    return several if all(" " in part for part in several) else [line]  # "Doe, Jane" is one


def _moment(entry: Entry, today: dt.date) -> dt.datetime | None:
    """Return when the entry appeared; None for a time that can't be: in the future, or before there were feeds."""
    for name in ("published_parsed", "updated_parsed"):
        if not (told := entry.get(name)):
            continue
        try:
            moment = dt.datetime.fromtimestamp(timegm(told), dt.UTC)
        except (ValueError, OverflowError, OSError):
            continue
        if _EARLIEST <= moment.date() <= today:
            return moment
    return None
