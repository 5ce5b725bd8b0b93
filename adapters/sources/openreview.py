"""OpenReview: what was handed in at a venue, or accepted there. With a login: without, it answers 403.

`GET https://api2.openreview.net/notes?content.venueid=ICLR.cc/2025/Conference&limit=&offset=`
(https://docs.openreview.net/reference/api-v2/entities/note): `{notes: [{id, forum, replyto, cdate, pdate, content}],
count}`. A field of the content is `{"value": ...}`; before 2023 it is the value itself. Times are in milliseconds.
`POST /login` of `{id, password}` gives a token.
"""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adapters.sources import json_facts as facts
from adapters.sources.entries import ABSTRACT, AUTHORS, NAME, TITLE, VENUE, DamagedError, collected, titled
from adapters.sources.lookups import known
from bot import text
from bot.code_links import code_link
from bot.errors import SourceError
from bot.gates import Gate
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Batch
from bot.query import Kind, Term

if TYPE_CHECKING:  # aiohttp takes 0.15 s to import; whoever reads files alone does without
    from adapters.sources.fetcher import Fetcher

SOURCE = "openreview"
_SITE = "https://api2.openreview.net"
_PAGE = 500
_MOST_PAGES = 60  # 30,000 notes; the largest conferences have 25,000

_GATE: Final = Gate("OpenReview", dt.timedelta(seconds=1), 1)
_LOGIN_LASTS: Final = 12 * 3600.0  # seconds
_SETTINGS = "PAPERROUND_OPENREVIEW_USER and PAPERROUND_OPENREVIEW_PASSWORD"
_TOKEN = re.compile(r"[\w.~+/=-]{1,4096}", re.ASCII)  # as RFC 6750 (2.1) has it
_TAKEN_BACK = re.compile(r"withdrawn|desk[ _-]?rejected", re.IGNORECASE)
_NOT_ACCEPTED = re.compile(r"submitted to|under review|rejected|withdrawn|submission", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks: the name, which is a mail address, and the password; never shown."""

    user: str
    password: str = field(repr=False)


class OpenReview:
    """Asks with a login, once a second; it logs in when it is first asked, and twice a day."""

    name = SOURCE
    kinds = frozenset({Kind.VENUE})
    lists = True

    def __init__(self, fetcher: "Fetcher", login: Login, base_url: str = _SITE, patience: float = 30.0) -> None:
        self._fetcher = fetcher
        self._login = login
        self._site = base_url.rstrip("/")
        self._url = f"{self._site}/notes"
        self._patience = patience
        self._login_made: tuple[Fetcher, float] | None = None  # who asks with it, and until when it lasts

    async def _logged_in(self) -> "Fetcher":
        """Return the fetcher with the login's token. Raises SourceError."""
        now = asyncio.get_running_loop().time()
        if self._login_made and now < self._login_made[1]:
            return self._login_made[0]
        bearer = {"Authorization": f"Bearer {await self._token()}"}
        logged_in = self._fetcher.through(_GATE, patience=self._patience, headers=bearer)
        self._login_made = logged_in, now + _LOGIN_LASTS
        return logged_in

    async def _token(self) -> str:
        """Log in; return the token. SourceError, which names the settings where OpenReview refused them."""
        from adapters.sources.gates import ShutError  # with aiohttp: see above
        from adapters.sources.refusals import BusyError, UnreachedError

        sent = {"id": self._login.user, "password": self._login.password}
        through = self._fetcher.through(_GATE, patience=self._patience)
        try:
            token = facts.record(await through.sending(sent).json(f"{self._site}/login", {})).get("token")
        except (BusyError, ShutError, UnreachedError):
            raise
        except SourceError as refused:
            raise SourceError(f"OpenReview lets nobody in; look at {_SETTINGS}. {refused}") from refused
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise SourceError("OpenReview's login gave no token.")
        return token

    async def _asked(self, params: Mapping[str, str]) -> object:
        """Return an answer about notes; who is refused with an older login logs in again, once. Raises SourceError."""
        from adapters.sources.refusals import BusyError, UnreachedError  # with aiohttp: see above

        before, fetcher = self._login_made, await self._logged_in()
        try:
            return await fetcher.json(self._url, params)
        except (BusyError, UnreachedError):
            raise
        except SourceError:
            self._login_made = None  # it may have ended before its time
            if before is None:
                raise
        return await (await self._logged_in()).json(self._url, params)

    async def by_id(self, paper_id: PaperId) -> Batch:
        """Return a paper, alone in a batch. AbsentError where OpenReview shows none, else SourceError."""
        if paper_id.scheme is not Scheme.OPENREVIEW:
            raise SourceError(f"OpenReview knows no ids like {paper_id}.")
        batch = await asyncio.to_thread(
            parse_notes, await self._asked({"id": paper_id.value}), f"{SOURCE} {paper_id.value}"
        )
        return known(batch, "OpenReview", paper_id.value)

    async def granting(self, wish: Term, since: dt.date) -> AsyncIterator[Batch]:
        """Yield the papers of a venue, by its id there, from a day on. Raises SourceError."""
        async for batch in self.by_venue(wish.value):
            recent = (each for each in batch.papers if each.published is None or each.published >= since)
            yield replace(batch, papers=tuple(recent))

    async def by_venue(self, venue_id: str) -> AsyncIterator[Batch]:
        """Yield the papers of a venue, such as "ICLR.cc/2025/Conference", a batch a page. Raises SourceError."""
        offset = 0
        for _ in range(_MOST_PAGES):
            params = {"content.venueid": venue_id, "limit": str(_PAGE), "offset": str(offset)}
            payload = await self._asked(params)
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
