"""DBLP: what computer scientists published, by author or by venue; without abstracts.

`GET https://dblp.org/search/publ/api?q=author:Jane_Doe:&format=json&h=&f=` (https://dblp.org/faq/13501473.html): what
is there once is an object, what is there more often a list; numbers are text. Records also come as XML
(https://dblp.org/rec/KEY.xml); the whole of DBLP (dblp.xml) names a document type, which is not read.
"""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from adapters.sources import json_facts as facts
from adapters.sources.entries import (
    AUTHORS,
    NAME,
    TITLE,
    VENUE,
    DamagedError,
    collected,
    doi_if_any,
    first_of_year,
    main_and_others,
    referred,
    titled,
)
from adapters.sources.markup import one_line
from adapters.sources.xml import DocumentTypeError, line, parse_xml, raw_text
from bot import text
from bot.errors import SourceError
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme, web_id
from bot.ports import Batch
from bot.query import Kind, Term

if TYPE_CHECKING:  # aiohttp takes 0.15 s to import; whoever reads files alone does without
    from adapters.sources.fetcher import Fetcher

SOURCE = "dblp"
_SITE = "https://dblp.org"
_PAGE = 500  # hits; 1,000 is the most
_MOST_PAGES = 10

_NO_PAPERS = frozenset({"editorship", "data and artifacts", "proceedings", "www", "person", "data"})
_INSTEAD = (
    "What is read instead: the answers of DBLP's search (https://dblp.org/search/publ/api?q=WORDS&format=json), and"
    " single records (https://dblp.org/rec/KEY.xml)."
)
_RECORDS = {
    "article",
    "inproceedings",
    "proceedings",
    "book",
    "incollection",
    "phdthesis",
    "mastersthesis",
    "www",
    "data",
}
_NAMESAKE = re.compile(r" [0-9]{4}\Z")  # "Jens Lehmann 0001" is one of several
_COUNT = re.compile(r"[0-9]{1,9}")
_IN_CORR = re.compile(r"abs/(.+)")
_NOT_IN_NAMES = re.compile(r"[^\w.'-]+")  # the rest means something in a query


class Dblp:
    """Papers by an author or at a venue, the way DBLP spells them."""

    name = SOURCE
    kinds = frozenset({Kind.AUTHOR, Kind.VENUE})
    lists = True

    def __init__(self, fetcher: "Fetcher", base_url: str = _SITE) -> None:
        self._fetcher = fetcher
        self._url = f"{base_url.rstrip('/')}/search/publ/api"

    async def by_author(self, name: str) -> AsyncIterator[Batch]:
        """Yield the papers of whoever has that name, a batch a page. Raises SourceError."""
        async for batch in self._search("author", name):
            yield batch

    async def by_venue(self, name: str) -> AsyncIterator[Batch]:
        """Yield the papers of a venue, such as "ACL", a batch a page. Raises SourceError."""
        async for batch in self._search("venue", name):
            yield batch

    async def granting(self, wish: Term, since: dt.date) -> AsyncIterator[Batch]:
        """Yield the papers of an author or a venue since a day's year: DBLP knows no days. Raises SourceError."""
        if not _askable(wish.value):
            return
        async for batch in self._search("author" if wish.kind is Kind.AUTHOR else "venue", wish.value):
            recent = (each for each in batch.papers if each.published and each.published.year >= since.year)
            yield replace(batch, papers=tuple(recent))

    async def _search(self, facet: str, name: str) -> AsyncIterator[Batch]:
        asked = _askable(name)
        if not asked:
            raise SourceError(f"“{text.shown(name)}” is no name that DBLP could be asked for.")
        first = 0
        for _ in range(_MOST_PAGES):
            # With the colon at its end the name is meant whole: "Li" is not "Lin".
            params = {"q": f"{facet}:{asked}:", "format": "json", "h": str(_PAGE), "f": str(first), "c": "0"}
            payload = await self._fetcher.json(self._url, params)
            batch_name = f"{SOURCE} {facet} {text.shown(name)}" + (f", from {first + 1} on" if first else "")
            batch = await asyncio.to_thread(parse_hits, payload, batch_name)
            came = len(batch.papers) + sum(batch.skipped.values())
            if came or not first:
                yield batch
            first += came
            if not came or first >= _total(payload):
                return


def _askable(name: str) -> str:
    return _NOT_IN_NAMES.sub("_", name).strip("_")


def read_file(path: Path) -> Batch:
    """Return the papers of a recorded answer, JSON or XML. SourceError, naming the file, when it is none of DBLP's."""
    body, name = facts.read(path)
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return parse_records(body, name)
    return parse_hits(facts.parse_json(body, name), name)


def parse_hits(payload: object, name: str) -> Batch:
    """Return the papers of a search's answer. Proceedings and data are skipped and counted.

    SourceError when it is no such answer, or tells of an error.
    """
    result = facts.record(facts.record(payload).get("result"))
    hits, status = result.get("hits"), facts.record(result.get("status"))
    if not isinstance(hits, dict) or not _COUNT.fullmatch(str(hits.get("@total", ""))):
        raise SourceError(f"{name} is no answer of DBLP's search.")
    if (code := status.get("@code", "200")) != "200":
        raise SourceError(
            f"{name} is an error of DBLP: {text.shown(str(code))} {text.shown(str(status.get('text', '')))}."
        )
    papers, skipped = collected(
        _several(hits.get("hit")), lambda hit: _paper(facts.record(facts.record(hit).get("info")))
    )
    return Batch(name, papers, skipped)


def _total(payload: object) -> int:
    return int(str(facts.record(facts.record(facts.record(payload).get("result")).get("hits"))["@total"]))


def parse_records(body: bytes, name: str) -> Batch:
    """Return the papers of records in XML: one alone, or those of a <dblp> or <dblpperson>. Raises SourceError."""
    try:
        root = parse_xml(body, name, {"dblp", "dblpperson", *_RECORDS})
    except DocumentTypeError as refused:
        raise SourceError(f"{refused} {_INSTEAD}") from refused
    records = [root] if root.tag in _RECORDS else [each for each in root.iter() if each.tag in _RECORDS]
    papers, skipped = collected(records, lambda record: _paper(_info(record)))
    return Batch(name, papers, skipped)


def _info(record: Element) -> dict[str, object]:
    """Return a record in XML as the search gives it in JSON."""
    venue = record.find("journal") if record.find("journal") is not None else record.find("booktitle")
    key = record.get("key", "")
    return {
        "type": record.tag,
        "title": raw_text(record.find("title")),
        "authors": {"author": [{"text": raw_text(each)} for each in record.iterfind("author")]},
        "venue": line(venue, VENUE),
        "volume": line(record.find("volume"), NAME),
        "year": line(record.find("year"), 10),
        "ee": [raw_text(each).strip() for each in record.iterfind("ee")],
        "url": f"{_SITE}/rec/{key}" if key else None,
    }


def _paper(info: Mapping[str, object]) -> Paper:
    kind = info.get("type")
    if isinstance(kind, str) and kind.lower() in _NO_PAPERS:
        raise DamagedError(f"not a paper: {kind}")
    title = info.get("title")
    page = facts.link(info.get("url"))
    paper_id, others = main_and_others([*_ids(info), web_id(page) if page else None])
    return Paper(
        id=paper_id,
        title=titled(_without_stop(one_line(title, TITLE) if isinstance(title, str) else "")),
        authors=tuple(filter(None, map(_author, _several(facts.record(info.get("authors")).get("author"))[:AUTHORS]))),
        published=first_of_year(info.get("year")),
        other_ids=tuple(each for each in others if each.scheme is not Scheme.WEB),
        venue=_venue(info),
        project_url=page if paper_id.scheme is Scheme.WEB else None,
    )


def _several(value: object) -> list[object]:
    """Return a list of what is an object, or a text, where there is only one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _without_stop(title: str) -> str:
    """Take off the full stop that DBLP puts behind each title."""
    return title[:-1] if title.endswith(".") and not title.endswith("..") else title


def _author(value: object) -> str | None:
    told = value if isinstance(value, str) else facts.record(value).get("text")
    return _NAMESAKE.sub("", one_line(told, NAME)) or None if isinstance(told, str) else None


def _ids(info: Mapping[str, object]) -> Iterator[PaperId | None]:
    """Give the ids of a record: arXiv's where it is a preprint, else the DOI, and those of the pages it links to."""
    if _is_corr(info) and isinstance(volume := info.get("volume"), str) and (preprint := _IN_CORR.fullmatch(volume)):
        yield referred(f"arxiv:{preprint[1]}")
    yield doi_if_any(info.get("doi"))
    for link in _several(info.get("ee")):
        yield referred(link) if isinstance(link, str) and facts.link(link) else None


def _is_corr(info: Mapping[str, object]) -> bool:
    return "CoRR" in _several(info.get("venue"))


def _venue(info: Mapping[str, object]) -> str | None:
    """Return where it appeared; None for CoRR, which is arXiv."""
    named = (facts.line(each, VENUE) for each in _several(info.get("venue")))
    return next((each for each in named if each and each != "CoRR"), None)
