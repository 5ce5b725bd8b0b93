"""OpenReview: what was handed in at a venue, or accepted there. With a login's token: without, it answers 403.

`GET https://api2.openreview.net/notes?content.venueid=ICLR.cc/2025/Conference&limit=&offset=`
(https://docs.openreview.net/reference/api-v2/entities/note): `{notes: [{id, forum, replyto, cdate, pdate, content}],
count}`. A field of the content is `{"value": ...}`; before 2023 it is the value itself. Times are in milliseconds.
"""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.sources import json_facts as facts
from adapters.sources.entries import ABSTRACT, AUTHORS, NAME, TITLE, VENUE, DamagedError, collected, titled
from adapters.sources.lookups import known, looked_up
from bot import text
from bot.code_links import code_link
from bot.errors import SourceError
from bot.gates import Gate
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Batch

if TYPE_CHECKING:  # aiohttp takes 0.15 s to import; whoever reads files alone does without
    from adapters.sources.fetcher import Fetcher

SOURCE = "openreview"
_SITE = "https://api2.openreview.net"
_PAGE = 500
_MOST_PAGES = 60  # 30,000 notes; the largest conferences have 25,000

_APART = dt.timedelta(seconds=1)
_TAKEN_BACK = re.compile(r"withdrawn|desk[ _-]?rejected", re.IGNORECASE)
_NOT_ACCEPTED = re.compile(r"submitted to|under review|rejected|withdrawn|submission", re.IGNORECASE)


class OpenReview:
    """Asks with a login's token, once a second."""

    name = SOURCE

    def __init__(self, fetcher: "Fetcher", token: str, base_url: str = _SITE) -> None:
        gate = Gate("OpenReview", _APART)
        self._fetcher = fetcher.through(gate, headers={"Authorization": f"Bearer {token}"})
        self._url = f"{base_url.rstrip('/')}/notes"

    async def by_id(self, paper_id: PaperId) -> Batch:
        """Return a paper, alone in a batch. AbsentError where OpenReview shows none, else SourceError."""
        if paper_id.scheme is not Scheme.OPENREVIEW:
            raise SourceError(f"OpenReview knows no ids like {paper_id}.")
        payload = await looked_up(self._fetcher, self._url, {"id": paper_id.value}, "OpenReview", paper_id.value)
        batch = await asyncio.to_thread(parse_notes, payload, f"{SOURCE} {paper_id.value}")
        return known(batch, "OpenReview", paper_id.value)

    async def by_venue(self, venue_id: str) -> AsyncIterator[Batch]:
        """Yield the papers of a venue, such as "ICLR.cc/2025/Conference", a batch a page. Raises SourceError."""
        offset = 0
        for _ in range(_MOST_PAGES):
            params = {"content.venueid": venue_id, "limit": str(_PAGE), "offset": str(offset)}
            payload = await self._fetcher.json(self._url, params)
            name = f"{SOURCE} {text.shown(venue_id, 100)}" + (f", from {offset + 1} on" if offset else "")
            batch = await asyncio.to_thread(parse_notes, payload, name)
            came = len(facts.entries(facts.record(payload).get("notes")))
            if came or not offset:
                yield batch
            offset += came
            if came < _PAGE:
                return


def read_file(path: Path) -> Batch:
    """Return the papers of a recorded answer. SourceError, naming the file, when it is none or can't be read."""
    body, name = facts.read(path)
    return parse_notes(facts.parse_json(body, name), name)


def parse_notes(payload: object, name: str) -> Batch:
    """Return the papers of an answer; reviews and comments are skipped and counted. SourceError when it is none."""
    whole = facts.record(payload)
    notes = whole.get("notes")
    if isinstance(notes, list) and all(isinstance(each, dict) and "content" in each for each in notes):
        papers, skipped = collected(notes, _paper)
        return Batch(name, papers, skipped)
    if told := whole.get("message") or whole.get("name"):
        raise SourceError(f"{name} is an error of OpenReview: “{text.shown(str(told), 200)}”.")
    raise SourceError(f"{name} is no answer of OpenReview about papers.")


def _paper(note: Mapping[str, object]) -> Paper:
    if note.get("replyto") or note.get("forum") not in (None, note.get("id")):
        raise DamagedError("not a paper: a reply")
    content = facts.record(note.get("content"))
    venue = facts.line(_value(content, "venue"), VENUE)
    state = f"{venue or ''} {_value(content, 'venueid') or ''}"
    abstract = facts.paragraphs(_value(content, "abstract"), ABSTRACT) or ""
    return Paper(
        id=_id(note.get("id")),
        title=titled(facts.line(_value(content, "title"), TITLE) or ""),
        authors=tuple(filter(None, map(_author, facts.entries(_value(content, "authors"))[:AUTHORS]))),
        abstract=abstract,
        published=next(filter(None, (_day(note.get(name)) for name in ("pdate", "odate", "cdate"))), None),
        venue=None if _NOT_ACCEPTED.search(state) else venue,
        withdrawn=bool(_TAKEN_BACK.search(state)),
        code_url=code_link(facts.link(_value(content, "code")), abstract),
    )


def _id(value: object) -> PaperId:
    if not isinstance(value, str) or not value:
        raise DamagedError("no id")
    try:
        return PaperId(Scheme.OPENREVIEW, value)
    except ValueError as error:
        raise DamagedError("id is not OpenReview's") from error


def _value(content: Mapping[str, object], name: str) -> object:
    told = content.get(name)
    return told.get("value") if isinstance(told, dict) else told


def _author(value: object) -> str | None:
    """Return the name, which newer venues wrap together with a profile."""
    person = facts.record(value)
    return facts.line(value, NAME) or facts.line(person.get("fullname"), NAME) or facts.line(person.get("name"), NAME)


def _day(value: object) -> dt.date | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return facts.date(dt.datetime.fromtimestamp(value / 1000, dt.UTC).isoformat())
    except (ValueError, OverflowError, OSError):
        return None
