"""Crossref: what a DOI names, as its publisher registered it.

`GET https://api.crossref.org/works/{doi}` (https://api.crossref.org/swagger-ui): `{status, message-type, message}`,
where the message is a work, or a list of works. `title` and `container-title` are lists, and may be empty; parts of
dates may be missing or null; abstracts are JATS; a DOI that is not Crossref's is answered 404, in plain text.
"""

import asyncio
import datetime as dt
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

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
    doi,
    doi_if_any,
    referred,
    titled,
)
from adapters.sources.lookups import looked_up
from adapters.sources.markup import one_line, paragraphs
from bot import text
from bot.errors import SourceError
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Batch

if TYPE_CHECKING:  # aiohttp takes 0.15 s to import; whoever reads files alone does without
    from adapters.sources.fetcher import Fetcher

SOURCE = "crossref"
_SITE = "https://api.crossref.org"

_NO_PAPERS = frozenset(
    {
        "book-series",
        "book-set",
        "component",  # a figure or a table
        "grant",
        "journal",
        "journal-issue",
        "journal-volume",
        "peer-review",
        "proceedings",
        "proceedings-series",
        "report-series",
    }
)
"""What Crossref registers beside papers."""

_ABOUT_WORKS = ("work", "work-list", None)  # none in dumps
_DATES = ("published-online", "posted", "issued", "published-print", "published", "created")
_SAME_WORK = ("has-preprint", "is-preprint-of", "is-version-of", "has-version", "is-same-as")
"""Relations that make two ids one work (https://www.crossref.org/documentation/schema-library/markup-guide-metadata-segments/relationships/)."""


class Crossref:
    """Looks works up by their DOI. `contact` is the operator's email address, for the polite pool."""

    name = SOURCE

    def __init__(self, fetcher: "Fetcher", contact: str = "", base_url: str = _SITE) -> None:
        self._fetcher = fetcher
        self._url = f"{base_url.rstrip('/')}/works/"
        self._params = {"mailto": contact} if contact else {}

    async def by_id(self, paper_id: PaperId) -> Batch:
        """Return the paper of a DOI, alone in a batch. AbsentError where Crossref has none, else SourceError."""
        if paper_id.scheme is not Scheme.DOI:
            raise SourceError(f"Crossref knows DOIs alone, and {paper_id} is none.")
        # Each `/` within the DOI but the first is escaped as any other sign: aiohttp would fold `//` and `..`.
        prefix, _, suffix = paper_id.value.partition("/")
        url = f"{self._url}{prefix}/{quote(suffix, safe='')}"
        payload = await looked_up(self._fetcher, url, self._params, "Crossref", paper_id.value)
        return await asyncio.to_thread(parse_works, payload, f"{SOURCE} {paper_id.value}")


def read_file(path: Path) -> Batch:
    """Return the papers of a recorded answer, or of a dump with a work a line; either may be packed (gzip).

    SourceError, naming the file, when it is none or can't be read.
    """
    body, name = facts.read(path)
    body = _unpacked(body, name)
    lines = [each for each in body.splitlines() if each.strip()]
    if len(lines) > 1 and all(each.strip().startswith(b"{") for each in lines):
        return _batch([facts.parse_json(each, f"A line of {name}") for each in lines], name)
    return parse_works(facts.parse_json(body, name), name)


def _unpacked(body: bytes, name: str) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacking = zlib.decompressobj(wbits=31)  # gzip
    try:
        whole = unpacking.decompress(body, facts.MOST_BYTES)
    except zlib.error as error:
        raise SourceError(f"{name} is damaged: it can't be unpacked.") from error
    if unpacking.unconsumed_tail:
        raise SourceError(f"{name} is larger than {facts.MOST_BYTES // 2**20} MB when it is unpacked.")
    if not unpacking.eof:
        raise SourceError(f"{name} is cut off.")
    return whole


def parse_works(payload: object, name: str) -> Batch:
    """Return the papers of an answer. SourceError when it is none of Crossref's works."""
    answer = facts.record(payload)
    if answer.get("message-type") not in _ABOUT_WORKS:
        raise _unfit(name)
    message = answer.get("message", payload)
    items = facts.record(message).get("items", [message])
    if not isinstance(items, list):
        raise _unfit(name)
    return _batch(items, name)


def _batch(items: Sequence[object], name: str) -> Batch:
    works = [each for each in items if isinstance(each, dict) and "DOI" in each]
    if len(works) < len(items):  # journals, members, funders and types have none
        raise _unfit(name)
    papers, skipped = collected(works, _paper)
    return Batch(name, papers, skipped)


def _unfit(name: str) -> SourceError:
    return SourceError(f"{name} is no answer of Crossref about works.")


def _paper(work: Mapping[str, object]) -> Paper:
    paper_id = doi(work.get("DOI"))
    kind = work.get("type")
    if isinstance(kind, str) and kind in _NO_PAPERS:
        raise DamagedError(f"not a paper: {kind}")
    title = titled(one_line(_first(work.get("title")), TITLE))
    subtitle = one_line(_first(work.get("subtitle")), TITLE)
    if subtitle and subtitle.lower() not in title.lower():
        title = text.cut(f"{title}: {subtitle}", TITLE)
    abstract = work.get("abstract")
    return Paper(
        id=paper_id,
        title=title,
        authors=tuple(filter(None, map(_author, facts.entries(work.get("author"))[:AUTHORS]))),
        abstract=paragraphs(abstract, ABSTRACT) if isinstance(abstract, str) else "",
        published=next((found for name in _DATES if (found := _day(work.get(name)))), None),
        other_ids=_others(work, paper_id),
        venue=None if kind == "posted-content" else one_line(_first(work.get("container-title")), VENUE) or None,
    )


def _first(value: object) -> str:
    """Return the first text of a list that may be a text itself, as in citations (CSL)."""
    told = [value] if isinstance(value, str) else facts.entries(value)
    return next((each for each in told if isinstance(each, str) and each.strip()), "")


def _author(value: object) -> str | None:
    person = facts.record(value)
    parts = (person.get(part) for part in ("given", "family", "suffix"))
    named = " ".join(part for part in parts if isinstance(part, str) and part.strip())
    group = person.get("name")
    return one_line(named or (group if isinstance(group, str) else ""), NAME) or None


def _day(value: object) -> dt.date | None:
    """Return the day of `{"date-parts": [[2018, 4]]}`; the first one where only the month or the year is told."""
    outer = facts.entries(facts.record(value).get("date-parts"))
    parts = facts.entries(outer[0] if outer else None)[:3]
    told = parts[: parts.index(None)] if None in parts else parts
    return day(*told) if told else None


def _others(work: Mapping[str, object], own: PaperId) -> tuple[PaperId, ...]:
    """Return the ids that the publisher says are the same work's: of its preprint, or of what it became."""
    relations = facts.record(work.get("relation"))
    told = (facts.record(each) for name in _SAME_WORK for each in facts.entries(relations.get(name)))
    found = (_id_of(each.get("id-type"), each.get("id")) for each in told)
    return tuple(dict.fromkeys(each for each in found if each and each != own))


def _id_of(kind: object, value: object) -> PaperId | None:
    if kind == "doi":
        return doi_if_any(value)
    return referred(value) if kind in ("arxiv", "uri") else None
