"""bioRxiv and medRxiv: the preprints of each day, from the interface that they share.

`GET https://api.biorxiv.org/details/{server}/{from}/{to}/{cursor}/json` (https://api.biorxiv.org): `{messages:
[{status, cursor, count, total}], collection: [...]}`, one row a version. Pages hold 30 rows, whatever is written of
100, so the cursor moves on by what came; numbers come as text or not; where there is nothing, there is only a status.
"""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from adapters.sources import json_facts as facts
from adapters.sources.entries import (
    ABSTRACT,
    AUTHORS,
    NAME,
    TITLE,
    DamagedError,
    collected,
    day,
    doi,
    doi_if_any,
    titled,
)
from adapters.sources.lookups import known
from adapters.sources.markup import one_line, paragraphs
from bot import text
from bot.code_links import code_link
from bot.errors import SourceError
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Batch

if TYPE_CHECKING:  # aiohttp takes 0.15 s to import; whoever reads files alone does without
    from adapters.sources.fetcher import Fetcher

Server = Literal["biorxiv", "medrxiv"]

_SITE = "https://api.biorxiv.org"
_EMPTY = re.compile(r"no (?:posts|articles|papers) found", re.IGNORECASE)
_MOST_PAGES = 200  # 6,000 rows; a busy day has 400
_PART = dt.timedelta(days=7)
_OWN = re.compile(r"10\.(?:1101|64898)/([0-9]{4})\.([0-9]{2})\.([0-9]{2})\.[0-9]+")
_VERSION = re.compile(r"[0-9]{1,3}")
_MOST_COUNT = re.compile(r"[0-9]{1,9}")


class Biorxiv:
    """The preprints of one of the two servers."""

    def __init__(self, fetcher: "Fetcher", server: Server = "biorxiv", base_url: str = _SITE) -> None:
        self.name: str = server
        self._fetcher = fetcher
        self._server: Server = server
        self._url = f"{base_url.rstrip('/')}/details/{server}"

    async def daily(self, day: dt.date) -> AsyncIterator[Batch]:
        """Yield what was posted on a day, a batch a page; an empty one where nothing was. Raises SourceError."""
        async for batch in self.between(day, day):
            yield batch

    def parts(self, first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
        """Return the days from one to the other as weeks, each of which `between` takes."""
        starts = [first + dt.timedelta(days=passed) for passed in range(0, (last - first).days + 1, _PART.days)]
        return [(start, min(start + _PART - dt.timedelta(days=1), last)) for start in starts]

    async def between(self, first: dt.date, last: dt.date) -> AsyncIterator[Batch]:
        """Yield what was posted from one day to the other, both included. Raises SourceError."""
        days = first.isoformat() if first == last else f"{first} to {last}"
        cursor = 0
        for _ in range(_MOST_PAGES):
            payload = await self._fetcher.json(f"{self._url}/{first}/{last}/{cursor}/json", {})
            name = f"{self._server} {days}" + (f", from {cursor + 1} on" if cursor else "")
            batch = await asyncio.to_thread(parse_posts, payload, name, self._server)
            rows, total = _rows(payload), _total(payload)
            if rows or not cursor:
                yield batch
            cursor += rows
            if cursor >= total:
                return
            if not rows:
                told = f"{self._server} counts {total:,} rows of {days}"
                raise SourceError(f"{told}, but gives none from {cursor + 1:,} on.")
        raise SourceError(f"{self._server} has more than {cursor:,} rows of {days}; ask for fewer days.")

    async def by_id(self, paper_id: PaperId) -> Batch:
        """Return the preprint of a DOI, alone in a batch. AbsentError where there is none, else SourceError."""
        if paper_id.scheme is not Scheme.DOI:
            raise SourceError(f"{self._server} knows DOIs alone, and {paper_id} is none.")
        prefix, _, suffix = paper_id.value.partition("/")
        payload = await self._fetcher.json(f"{self._url}/{prefix}/{quote(suffix, safe='')}/na/json", {})
        batch = await asyncio.to_thread(parse_posts, payload, f"{self._server} {paper_id.value}", self._server)
        return known(batch, self._server, paper_id.value)


def read_file(path: Path, server: Server = "biorxiv") -> Batch:
    """Return the papers of a recorded answer. SourceError, naming the file, when it is none or can't be read."""
    body, name = facts.read(path)
    return parse_posts(facts.parse_json(body, name), name, server)


def parse_posts(payload: object, name: str, server: Server) -> Batch:
    """Return the preprints of an answer, each in its newest version; a first version is listed on its day.

    SourceError when it is no such answer, or tells of an error.
    """
    answer = facts.record(payload)
    rows, status = answer.get("collection"), _message(payload).get("status")
    if isinstance(status, str) and _EMPTY.match(status) and not rows:
        return Batch(name, (), {})
    if isinstance(status, str) and status != "ok":
        raise SourceError(f"{name} is an error: “{text.shown(status, 200)}”.")
    if status is None or not isinstance(rows, list):
        raise SourceError(f"{name} is no answer of bioRxiv or medRxiv.")
    papers, skipped = collected(rows, lambda row: _paper(row, server))
    return Batch(name, papers, skipped)


def _message(payload: object) -> Mapping[str, object]:
    return facts.record(next(iter(facts.entries(facts.record(payload).get("messages"))), None))


def _rows(payload: object) -> int:
    return len(facts.entries(facts.record(payload).get("collection")))


def _total(payload: object) -> int:
    """Return how many rows there are in all; what this page has where that is not told."""
    told = str(_message(payload).get("total", ""))
    return int(told) if _MOST_COUNT.fullmatch(told) else 0


def _paper(item: object, server: Server) -> Paper:
    row = facts.record(item)
    paper_id = doi(row.get("doi"))
    told = row.get("server")
    if isinstance(told, str) and told.lower() != server:
        raise DamagedError(f"not of {server}")
    version, posted = _version(row.get("version")), facts.date(row.get("date"))
    abstract = paragraphs(_told(row, "abstract"), ABSTRACT)
    published = doi_if_any(row.get("published"))
    return Paper(
        id=paper_id,
        title=titled(one_line(_told(row, "title"), TITLE)),
        authors=_authors(_told(row, "authors")),
        abstract=abstract,
        published=posted if version == 1 else _submitted(paper_id),
        other_ids=(published,) if published and published != paper_id else (),
        version=version,
        withdrawn="withdraw" in _told(row, "type").lower(),
        code_url=code_link(abstract),
        listings=(_listing(row, paper_id, posted, server),) if version == 1 else (),  # a revision is no news of its day
    )


def _told(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _version(value: object) -> int:
    told = str(value).strip()
    return int(told) if _VERSION.fullmatch(told) and int(told) else 1


def _submitted(paper_id: PaperId) -> dt.date | None:
    """Return the day that the preprint's own DOI holds: when its first version was handed in, a few days before."""
    own = _OWN.fullmatch(paper_id.value)
    return day(*map(int, own.groups())) if own else None


def _listing(row: Mapping[str, object], paper_id: PaperId, posted: dt.date | None, server: Server) -> Listing:
    if posted is None:
        raise DamagedError("no day")
    category = facts.line(row.get("category"), NAME)
    url = f"https://www.{server}.org/content/{paper_id.value}"
    return Listing(source=server, day=posted, keywords=(category.lower(),) if category else (), url=url)


def _authors(told: str) -> tuple[str, ...]:
    """Return the names of "Last, F. M.; Other, A.; A Consortium" as they are spoken: "F. M. Last"."""
    names = (_spoken(one_line(each, NAME)) for each in told.split(";")[:AUTHORS])
    return tuple(filter(None, names))


def _spoken(name: str) -> str:
    family, *given = (part.strip() for part in name.split(","))
    return " ".join(filter(None, [*given[:1], family, *given[1:]]))
