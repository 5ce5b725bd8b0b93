"""arXiv as it goes on from day to day: announcements, OAI-PMH and the query API, all told from the same facts.

Shapes are those of recorded answers: an Atom feed that holds New York's day and is empty at weekends, records in
arXivRaw under the day of their last change, in pages with tokens, and searches by category and time of submission.
"""

import datetime as dt
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Protocol
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from aiohttp import web
from yarl import URL

from tests.fakes.arxiv import answer_of, oai
from tests.fakes.service import serving

NEW_YORK = ZoneInfo("America/New_York")
_DAY = dt.timedelta(days=1)
_QUERY = re.compile(r"\((?P<found_in>.+)\) AND submittedDate:\[(?P<since>[0-9]{12}) TO (?P<until>[0-9]{12})\]")
_OLDEST_FIRST = ("submittedDate", "ascending")
_ATOM = (
    "xmlns='http://www.w3.org/2005/Atom' xmlns:arxiv='http://arxiv.org/schemas/atom' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/'"
)


class _Tells(Protocol):
    """Whoever knows what time it is."""

    def now(self) -> dt.datetime:
        """Return the time."""
        ...


@dataclass(slots=True)
class Work:
    """A paper: its day in the feed, and the days of what happened to it later: new versions, other comments.

    `due` is the day that it would have had, had moderators not held it back; `at` when it was submitted, in New York.
    """

    id: str
    day: dt.date
    categories: tuple[str, ...] = ("cs.CL",)
    title: str = ""
    versions: list[dt.date] = field(default_factory=list)
    comments: list[tuple[dt.date, str]] = field(default_factory=list)
    abstract: str = "About it."
    doi: str = ""
    at: dt.time = dt.time(12)
    due: dt.date | None = None

    def changed(self, today: dt.date) -> dt.date:
        """Return the day of its last change until then."""
        return max(day for day in (self.day, *self.versions, *(at for at, _ in self.comments)) if day <= today)

    def version(self, today: dt.date) -> int:
        """Return which version is the newest."""
        return 1 + sum(day <= today for day in self.versions)

    def comment(self, today: dt.date) -> str:
        """Return the comment as it is then."""
        return next((words for at, words in reversed(self.comments) if at <= today), "")

    @property
    def name(self) -> str:
        """Return the title."""
        return escape(self.title or f"Paper {self.id}")

    @property
    def submitted(self) -> list[dt.datetime]:
        """Return when each version came: on the weekday before its day; after 14:00, on the one before that."""
        return [_before(day, self.at) for day in (self.due or self.day, *self.versions)]


def _before(day: dt.date, at: dt.time) -> dt.datetime:
    for _ in range(1 if at.hour < 14 else 2):
        day -= _DAY * (3 if day.weekday() == 0 else 1)
    return dt.datetime.combine(day, at, NEW_YORK).astimezone(dt.UTC)


@dataclass(slots=True)
class ArxivDays:
    """The service, at the time of `clock`; `holidays` are days on which nothing is announced.

    `page` is how many records an answer holds; a search finds `most` papers, and its answers are `empty` so many times.
    `asked` is what it was asked, and `starts` when. While it is `down`, it answers nothing, and nothing about what
    changed or was submitted on days from `fails_from` on.
    """

    clock: _Tells
    works: list[Work] = field(default_factory=list)
    holidays: set[dt.date] = field(default_factory=set)
    page: int = 5
    most: int = 10_000
    empty: int = 0
    asked: list[str] = field(default_factory=list)
    starts: list[dt.datetime] = field(default_factory=list)
    down: bool = False
    fails_from: dt.date | None = None
    url: str = ""

    @property
    def today(self) -> dt.date:
        """Return the day in New York."""
        return self.clock.now().astimezone(NEW_YORK).date()

    @property
    def days(self) -> dict[str, dt.date]:
        """Return each paper's day."""
        return {work.id: work.day for work in self.works}

    @property
    def searches(self) -> list[str]:
        """Return the searches that it was asked for, each page one."""
        return [URL(asked).query["search_query"] for asked in self.asked if "search_query=" in asked]

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request."""
        self.asked.append(request.path_qs)
        self.starts.append(self.clock.now())
        if self.fails_from and (request.query.get("from", "") or _since(request)) >= str(self.fails_from):
            return web.Response(status=400)
        if self.down:
            return web.Response(status=503, headers={"Retry-After": "3600"})
        if request.path.startswith("/atom/"):
            body = self._feed(request.path.removeprefix("/atom/").split("+"))
        elif request.path == "/oai":
            body = self._records(request)
        elif "search_query" in request.query:
            return self._searched(request)
        else:
            ids = request.query["id_list"].split(",")
            found = [self._found(work) for work in self.works if work.id in ids and work.day <= self.today]
            body = answer_of(found, len(found))
        return web.Response(body=body.encode(), content_type="application/xml")

    def _feed(self, wanted: list[str]) -> str:
        today = self.today
        midnight = dt.datetime.combine(today, dt.time(), NEW_YORK).isoformat()
        quiet = today.weekday() >= 5 or today in self.holidays
        here = [] if quiet else [work for work in self.works if _is_in(work, wanted)]
        entries = [_entry(work, "new", 1, midnight) for work in here if work.day == today]
        entries += [_entry(work, "replace", work.version(today), midnight) for work in here if today in work.versions]
        title = f"{', '.join(wanted)} updates on arXiv.org"
        return f"<feed {_ATOM}><title>{title}</title><updated>{midnight}</updated>{''.join(entries)}</feed>"

    def _records(self, request: web.Request) -> str:
        token = request.query.get("resumptionToken", "")
        since, until, one_set, start = token.split("|") if token else (
            request.query["from"], request.query["until"], request.query.get("set", ""), "0",
        )  # fmt: skip
        utc_today, at = self.clock.now().date(), int(start)
        found = [
            work
            for work in self.works
            if work.day <= utc_today and _is_in(work, [one_set.removeprefix("physics:")])
            and since <= str(work.changed(utc_today)) <= until
        ]  # fmt: skip
        if not found:
            return oai("<error code='noRecordsMatch'>The combination of the values results in an empty list</error>")
        rest = f"{since}|{until}|{one_set}|{at + self.page}" if at + self.page < len(found) else ""
        inner = "".join(_record(work, utc_today) for work in found[at : at + self.page])
        return oai(f"<ListRecords>{inner}<resumptionToken>{rest}</resumptionToken></ListRecords>")

    def _searched(self, request: web.Request) -> web.Response:
        """Answer a search, from the oldest on; what lies behind the most that it gives is an error of the service."""
        start, size = int(request.query["start"]), int(request.query["max_results"])
        if start + size > self.most or (request.query["sortBy"], request.query["sortOrder"]) != _OLDEST_FIRST:
            return web.Response(status=500)
        asked = _QUERY.fullmatch(request.query["search_query"])
        assert asked is not None, request.query["search_query"]
        wanted = {one.removeprefix("cat:") for one in asked["found_in"].split(" OR ")}
        here = [
            work
            for work in self.works
            if asked["since"] <= f"{work.submitted[0]:%Y%m%d%H%M}" <= asked["until"]
            and wanted & set(work.categories) and work.day <= self.today
        ]  # fmt: skip
        here.sort(key=lambda work: work.submitted[0])
        self.empty -= (skipped := self.empty > 0)
        entries = map(self._found, [] if skipped else here[start : start + size])
        return web.Response(body=answer_of(entries, len(here)).encode(), content_type="application/xml")

    def _found(self, work: Work) -> str:
        return (
            f"<entry><id>http://arxiv.org/abs/{work.id}v{work.version(self.today)}</id><title>{work.name}</title>"
            f"<summary>{escape(work.abstract)}</summary><published>{work.submitted[0]:%Y-%m-%dT%H:%M:%SZ}</published>"
            f"{_terms(work)}<author><name>Ana Silva</name></author></entry>"
        )

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """Serve it on 127.0.0.1, at `url`."""
        async with serving(self.answer) as self.url:
            yield


def _since(request: web.Request) -> str:
    """Return the day from which on a search asks for what was submitted."""
    asked = _QUERY.fullmatch(request.query.get("search_query", ""))
    return f"{asked['since'][:4]}-{asked['since'][4:6]}-{asked['since'][6:8]}" if asked else ""


def _is_in(work: Work, wanted: Iterable[str]) -> bool:
    return any(one in (category, category.partition(".")[0], "") for one in wanted for category in work.categories)


def _terms(work: Work) -> str:
    return "".join(f"<category term='{one}'/>" for one in work.categories)


def _entry(work: Work, kind: str, version: int, midnight: str) -> str:
    return (
        f"<entry><id>oai:arXiv.org:{work.id}v{version}</id><title>{work.name}</title><updated>{midnight}</updated>"
        f"<summary>arXiv:{work.id}v{version} Announce Type: {kind} \nAbstract: {escape(work.abstract)}</summary>"
        f"{_terms(work)}<published>{midnight}</published><arxiv:announce_type>{kind}</arxiv:announce_type>"
        f"<dc:creator>Ana Silva, Bob Stone (Somewhere, Far)</dc:creator></entry>"
    )


def _record(work: Work, today: dt.date) -> str:
    versions = "".join(
        f"<version version='v{number}'><date>{format_datetime(at, usegmt=True)}</date><size>9kb</size></version>"
        for number, at in enumerate(work.submitted[: work.version(today)], start=1)
    )
    comment = f"<comments>{escape(work.comment(today))}</comments>" if work.comment(today) else ""
    doi = f"<doi>{work.doi}</doi>" if work.doi else ""
    return (
        f"<record><header><identifier>oai:arXiv.org:{work.id}</identifier><datestamp>{work.changed(today)}</datestamp>"
        f"</header><metadata><arXivRaw xmlns='http://arxiv.org/OAI/arXivRaw/'><id>{work.id}</id>{versions}"
        f"<title>{work.name}</title><authors>Ana Silva, Bob Stone (Somewhere, Far)</authors>"
        f"<categories>{' '.join(work.categories)}</categories>{comment}{doi}"
        f"<abstract>{escape(work.abstract)}</abstract></arXivRaw></metadata></record>"
    )
