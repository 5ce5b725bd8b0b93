"""The ACL Anthology: papers of computational linguistics, from its feed of new papers and its collections.

https://aclanthology.org/papers/index.xml (RSS) names the newest thousand with the volume's title and the authors; a
collection (https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml/2022.acl.xml) has all of a year's
volumes. Titles and abstracts hold markup. Ids: https://aclanthology.org/info/ids/.
"""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from adapters.sources import json_facts as facts
from adapters.sources.entries import (
    ABSTRACT,
    AUTHORS,
    NAME,
    TITLE,
    VENUE,
    DamagedError,
    collected,
    day,
    doi_if_any,
    referred,
    titled,
)
from adapters.sources.markup import one_line
from adapters.sources.xml import line, parse_xml, raw_text
from bot import text
from bot.code_links import code_link
from bot.errors import SourceError
from bot.mojibake import mended
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Batch

if TYPE_CHECKING:  # aiohttp takes 0.15 s to import; whoever reads files alone does without
    from adapters.sources.fetcher import Fetcher

SOURCE = "acl"
_SITE = "https://aclanthology.org"
_COLLECTIONS = "https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml"

_COLLECTION_ID = re.compile(r"[A-Z][0-9]{2}|[0-9]{4}\.[a-z0-9]+")
_OLD = re.compile(r"[A-Z][0-9]{2}")
_LONG_VOLUMES = re.compile(r"W[0-9]{2}|C69|D19(?!-?[1-4])")  # two digits for the volume, two for the paper
_FRONT_MATTER = re.compile(r".*\.0|[A-VX-Z][0-9]{2}-[0-9]000|W[0-9]{2}-[0-9]{2}00")
_CHANNEL = re.compile(r".*\bACL Anthology", re.DOTALL)
_ABOUT = re.compile(r"(?:(?P<authors>.*?) )?in (?P<venue>.+)")
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_AND = re.compile(r", | and ")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


class Acl:
    """New papers of the Anthology, and whole collections."""

    name = SOURCE

    def __init__(self, fetcher: "Fetcher", base_url: str = _SITE, collections_url: str = _COLLECTIONS) -> None:
        self._fetcher = fetcher
        self._feed = f"{base_url.rstrip('/')}/papers/index.xml"
        self._collections = collections_url.rstrip("/")

    async def daily(self, day: dt.date) -> AsyncIterator[Batch]:
        """Yield which of the newest papers were put there on a day. Raises SourceError."""
        whole = await self.newest()
        papers = tuple(each for each in whole.papers if each.announced == day)
        yield replace(whole, name=f"{SOURCE} {day}", papers=papers)

    async def newest(self) -> Batch:
        """Return the newest papers, without abstracts: the feed has none. Raises SourceError."""
        body = await self._fetcher.xml(self._feed, {})
        return await asyncio.to_thread(parse_feed, body, "The ACL Anthology's feed")

    async def collection(self, collection_id: str) -> Batch:
        """Return all papers of a collection, such as "2022.acl" or "P18". Raises SourceError."""
        from adapters.sources.formats import Format  # beside aiohttp, which whoever reads files does without

        if not _COLLECTION_ID.fullmatch(collection_id):
            raise SourceError(f"“{text.shown(collection_id)}” is no collection of the ACL Anthology, as 2022.acl is.")
        # GitHub gives files as plain text, whatever they hold.
        wanted = Format("XML", "text/plain, application/xml", re.compile(r"text/plain|(?:application|text)/xml"))
        body = await self._fetcher.body(f"{self._collections}/{collection_id}.xml", {}, wanted)
        return await asyncio.to_thread(parse_collection, body, f"The ACL Anthology's {collection_id}")


def read_file(path: Path) -> Batch:
    """Return the papers of a recorded collection or feed. SourceError, naming it, when it is none or can't be read."""
    body, name = facts.read(path)
    root = parse_xml(body, name, {"collection", "rss"})
    return _collection_of(root, name) if root.tag == "collection" else _feed_of(root, name)


def parse_collection(body: bytes, name: str) -> Batch:
    """Return the papers of a collection; front matter, and notices that nobody signed, are skipped and counted."""
    return _collection_of(parse_xml(body, name, {"collection"}), name)


def parse_feed(body: bytes, name: str) -> Batch:
    """Return the papers of the feed of new papers, each listed on the day it was put there."""
    return _feed_of(parse_xml(body, name, {"rss"}), name)


def _collection_of(root: Element, name: str) -> Batch:
    collection = root.get("id", "")
    if not _COLLECTION_ID.fullmatch(collection):
        raise SourceError(f"{name} is no collection of the ACL Anthology.")
    entries = [(volume, entry) for volume in root.iterfind("volume") for entry in volume if entry.tag in _ENTRIES]
    papers, skipped = collected(entries, lambda each: _paper(collection, *each))
    return Batch(name, papers, skipped)


_ENTRIES = ("paper", "frontmatter")


def _paper(collection: str, volume: Element, entry: Element) -> Paper:
    if entry.tag == "frontmatter":
        raise DamagedError("front matter")
    paper_id = _acl_id(collection, volume.get("id", ""), entry.get("id", ""))
    authors = tuple(filter(None, (_person(each) for each in entry.findall("author")[:AUTHORS])))
    title = titled(text.cut(text.clean(_marked(entry.find("title"))[: 4 * TITLE]), TITLE))
    if not authors:  # "Books Received", "Author Index"
        raise DamagedError("no authors")
    meta = volume.find("meta")
    abstract = text.cut(text.clean_paragraphs(_marked(entry.find("abstract"))[: 4 * ABSTRACT]), ABSTRACT)
    other = doi_if_any(raw_text(entry.find("doi")))
    return Paper(
        id=paper_id,
        title=title,
        authors=authors,
        abstract=abstract,
        published=_published(entry, meta),
        other_ids=(other,) if other else (),
        venue=None if meta is None else line(meta.find("booktitle"), VENUE) or None,
        withdrawn=entry.find("retracted") is not None or entry.find("removed") is not None,
        code_url=_code(entry) or code_link(abstract),
    )


def _marked(element: Element | None) -> str:
    """Return all text within an element, formulas in `$`, as arXiv has them, other markup left out."""
    if element is None:
        return ""
    whole = [element.text or ""]
    for child in element:
        inner = _marked(child)
        whole += [f"${inner}$" if child.tag == "tex-math" and inner else inner, child.tail or ""]
    return mended("".join(whole))


def _acl_id(collection: str, volume: str, number: str) -> PaperId:
    """Return the id: "2022.acl-long.1", or "P18-1001" as they were until 2019."""
    if not _OLD.fullmatch(collection):
        told = f"{collection}-{volume}.{number}"
    elif _LONG_VOLUMES.fullmatch(collection) and not (collection == "D19" and volume in ("1", "2", "3", "4")):
        told = f"{collection}-{volume:0>2}{number:0>2}"
    else:
        told = f"{collection}-{volume}{number:0>3}"
    try:
        found = PaperId(Scheme.ACL, told)
    except ValueError as error:
        raise DamagedError("id is not the Anthology's") from error
    if found.too_long:
        raise DamagedError("id is not the Anthology's")
    return found


def _person(author: Element) -> str:
    parts = (line(author.find(part), NAME) for part in ("first", "last"))
    return text.cut(" ".join(filter(None, parts)), NAME)


def _published(entry: Element, meta: Element | None) -> dt.date | None:
    """Return the first day of the month, or of the year where no month is told."""
    for told in (entry, meta):
        year = line(told.find("year"), 10) if told is not None else ""
        if told is not None and re.fullmatch(r"[0-9]{4}", year):
            return day(int(year), _month(line(told.find("month"), 40)))
    return None


def _month(told: str) -> int:
    """Return the number of the first month that is named; 1 where none is."""
    named = (number for word in re.findall(r"[a-z]+", told.lower()) for number, name in _NUMBERED if name == word)
    return next(named, 1)


_NUMBERED = [(number, name) for number, whole in enumerate(_MONTHS, 1) for name in {whole, whole[:3]}]


def _code(entry: Element) -> str | None:
    named = entry.find("pwccode")
    return None if named is None else facts.link(named.get("url"))


def _feed_of(root: Element, name: str) -> Batch:
    channel = root.find("channel")
    if channel is None or not _CHANNEL.match(raw_text(channel.find("title"))):
        raise SourceError(f"{name} is not the ACL Anthology's feed of papers.")
    papers, skipped = collected(channel.iterfind("item"), _announced)
    return Batch(name, papers, skipped)


def _announced(item: Element) -> Paper:
    guid = raw_text(item.find("guid")).strip()
    paper_id = referred(f"acl:{guid}") or referred(raw_text(item.find("link")).strip())
    if paper_id is None or paper_id.scheme is not Scheme.ACL:
        raise DamagedError("id is not the Anthology's")
    if _FRONT_MATTER.fullmatch(paper_id.value):
        raise DamagedError("front matter")
    about = _ABOUT.fullmatch(one_line(raw_text(item.find("description")), 20 * NAME))
    authors = _AND.split(about["authors"] or "") if about else []
    listed = _day_of(raw_text(item.find("pubDate")))
    return Paper(
        id=paper_id,
        title=titled(one_line(raw_text(item.find("title")), TITLE)),
        authors=tuple(each for each in authors[:AUTHORS] if each),
        venue=text.cut(about["venue"], VENUE) if about else None,
        listings=(Listing(source=SOURCE, day=listed, url=paper_id.url),) if listed else (),
    )


def _day_of(told: str) -> dt.date | None:
    if not _YEAR.search(told):  # for a page without a date Hugo writes the year 0001, which mails mean 2001 by
        return None
    try:
        return facts.date(parsedate_to_datetime(told.strip()).date().isoformat())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
