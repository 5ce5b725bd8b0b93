"""Hugging Face Daily Papers: the feed that Paper Round brings into chat.

The fields are those of answers recorded from May 2024 to December 2025 (`GET /api/daily_papers?date=...`).
They come and go over the years: unknown ones are ignored, missing ones are None.
"""

import asyncio
import datetime as dt
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Set
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from adapters.sources import json_facts as facts
from bot import text
from bot.errors import SourceError
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Batch

if TYPE_CHECKING:  # aiohttp takes 0.15 s to import; whoever reads files alone does without
    from adapters.sources.fetcher import Fetcher

SOURCE = "huggingface"
_SITE = "https://huggingface.co"

_TITLE = 2_000  # characters; the longest title on arXiv has 335
_ABSTRACT = 20_000  # the longest has 4,480
_SUMMARY = 2_000
_NAME = 300
_AUTHORS = 6_000  # the longest list has 3,303
_KEYWORDS = 50
_KEYWORD = 100
_VIDEOS = (".mp4", ".webm", ".mov", ".qt", ".m4v", ".ogv")

_NO_DAY = "no day"
_TWICE = "same paper twice"

_PAGE = 100  # items; the service gives 50 where no limit is named
_MOST_PAGES = 10


class HuggingFace:
    """The daily papers, from the site itself."""

    name = SOURCE

    def __init__(self, fetcher: "Fetcher", base_url: str = _SITE) -> None:
        self._fetcher = fetcher
        self._url = f"{base_url.rstrip('/')}/api/daily_papers"

    async def daily(self, day: dt.date) -> AsyncIterator[Batch]:
        """Yield the day's list, a batch a page; an empty one where nothing is listed. Raises SourceError."""
        given: set[PaperId] = set()
        for page in range(_MOST_PAGES):
            batch = await self._page(day, page)
            here = {paper.id for paper in batch.papers}
            if page and here <= given:  # an empty page, or the one before once more
                return
            yield _without(batch, given)
            if len(batch.papers) + sum(batch.skipped.values()) < _PAGE:
                return
            given |= here

    async def _page(self, day: dt.date, page: int) -> Batch:
        params = {"date": day.isoformat(), "limit": str(_PAGE), "p": str(page)}
        payload = await self._fetcher.json(self._url, params)
        name = f"{SOURCE} {day}" + (f", page {page + 1}" if page else "")
        return await asyncio.to_thread(parse_daily, payload, name, day)


def _without(batch: Batch, given: Set[PaperId]) -> Batch:
    """Leave out what an earlier page gave: papers move down the list while it is read."""
    fresh = tuple(paper for paper in batch.papers if paper.id not in given)
    again = len(batch.papers) - len(fresh)
    return replace(batch, papers=fresh, skipped={**batch.skipped, _TWICE: again}) if again else batch


_DATE = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


def read_file(path: Path) -> Batch:
    """Return the papers of a recorded answer; its day is in the file's name, or in the answer itself.

    SourceError, naming the file, when it can't be read or is no such answer.
    """
    name = text.shown(path.name, 100)
    try:
        with path.open("rb") as file:
            body = file.read(facts.MOST_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{name} can't be read: {error.strerror}.") from error
    if len(body) > facts.MOST_BYTES:
        raise SourceError(f"{name} is larger than {facts.MOST_BYTES // 2**20} MB.")
    batch = parse_daily(facts.parse_json(body, name), name, _day_in(path.stem))
    if _NO_DAY in batch.skipped:
        raise SourceError(f"{name} does not say which day it is of: put the day into its name, as in 2025-06-12.json.")
    return batch


def _day_in(stem: str) -> dt.date | None:
    return next(filter(None, map(facts.date, _DATE.findall(stem))), None)


class _DamagedError(Exception):
    """An item that can't be a paper; the message is the reason that is counted."""


def parse_daily(payload: object, name: str, day: dt.date | None) -> Batch:
    """Return the papers of an answer, each with one listing; `day` is for those that don't tell theirs.

    Damaged items are skipped and counted. SourceError when the payload is no list of papers at all.
    """
    items, told = _unwrapped(payload, name)
    papers: dict[PaperId, Paper] = {}
    skipped: Counter[str] = Counter()
    for item in items:
        try:
            paper = _paper(item, day or told)
        except _DamagedError as damage:
            skipped[str(damage)] += 1
            continue
        if paper.id in papers:
            skipped[_TWICE] += 1
        else:
            papers[paper.id] = paper
    return Batch(name, tuple(papers.values()), dict(skipped))


def _unwrapped(payload: object, name: str) -> tuple[list[object], dt.date | None]:
    """Return the items, and the day of a wrapper: one recorded answer is `{status, date, count, data}`."""
    if isinstance(payload, list):
        return payload, None
    wrapper = facts.record(payload)
    items = wrapper.get("data")
    if isinstance(items, list):
        return items, facts.date(wrapper.get("date"))
    raise SourceError(f"{name} is of another shape: {facts.kind(payload)}, not a list of papers.")


def _paper(item: object, day: dt.date | None) -> Paper:
    outer = _object(item, "item")
    inner = _object(outer.get("paper"), "paper")
    paper_id = _arxiv_id(inner.get("id"))
    abstract = facts.paragraphs(inner.get("summary"), _ABSTRACT) or facts.paragraphs(outer.get("summary"), _ABSTRACT)
    return Paper(
        id=paper_id,
        title=_title(inner, outer),
        authors=_authors(inner.get("authors")),
        abstract=abstract or "",
        published=facts.date(inner.get("publishedAt")),
        code_url=facts.link(inner.get("githubRepo")),
        project_url=facts.link(inner.get("projectPage")),
        video_url=_video(inner, outer),
        listings=(_listing(inner, outer, paper_id, day),),
    )


def _object(value: object, what: str) -> Mapping[str, object]:
    if isinstance(value, dict):
        return value
    raise _DamagedError(f"no {what}" if value is None else f"{what} is {facts.kind(value)}, not an object")


def _arxiv_id(value: object) -> PaperId:
    if value is None or value == "":
        raise _DamagedError("no id")
    if not isinstance(value, str):  # a number has lost its last zeros: nobody knows which paper it was
        raise _DamagedError(f"id is {facts.kind(value)}, not text")
    try:
        return PaperId(Scheme.ARXIV, value.strip())
    except ValueError as error:
        raise _DamagedError("id is not arXiv's") from error


def _title(inner: Mapping[str, object], outer: Mapping[str, object]) -> str:
    title = facts.line(inner.get("title"), _TITLE) or facts.line(outer.get("title"), _TITLE)
    if title:
        return title
    given = inner.get("title")
    wrong = given is not None and not isinstance(given, str)
    raise _DamagedError(f"title is {facts.kind(given)}, not text" if wrong else "no title")


def _authors(value: object) -> tuple[str, ...]:
    """Return the names in order. Two of one name stay two; whoever is hidden was taken off the paper."""
    people = [facts.record(author) for author in facts.entries(value)[:_AUTHORS]]
    names = (facts.line(person.get("name"), _NAME) for person in people if not person.get("hidden"))
    return tuple(filter(None, names))


def _video(inner: Mapping[str, object], outer: Mapping[str, object]) -> str | None:
    media = [
        *facts.entries(inner.get("mediaUrls")),
        *facts.entries(outer.get("mediaUrls")),
        outer.get("mediaUrl"),
    ]
    links = filter(None, map(facts.link, media))
    return next((url for url in links if urlsplit(url).path.lower().endswith(_VIDEOS)), None)


def _listing(
    inner: Mapping[str, object], outer: Mapping[str, object], paper_id: PaperId, day: dt.date | None
) -> Listing:
    listed_at = facts.instant(inner.get("submittedOnDailyAt"))
    day = listed_at.date() if listed_at else day
    if day is None:
        raise _DamagedError(_NO_DAY)
    return Listing(
        source=SOURCE,
        day=day,
        votes=facts.count(inner.get("upvotes")),
        comments=facts.count(outer.get("numComments")),
        submitter=_submitter(inner, outer),
        organisation=_organisation(inner.get("organization")) or _organisation(outer.get("organization")),
        stars=facts.count(inner.get("githubStars")),
        summary=facts.line(inner.get("ai_summary"), _SUMMARY),
        keywords=_keywords(inner.get("ai_keywords")),
        listed_at=listed_at,
        url=f"{_SITE}/papers/{paper_id.value}",
    )


def _submitter(inner: Mapping[str, object], outer: Mapping[str, object]) -> str | None:
    daily, shown = facts.record(inner.get("submittedOnDailyBy")), facts.record(outer.get("submittedBy"))
    return facts.line(daily.get("user"), _NAME) or facts.line(shown.get("name"), _NAME)


def _organisation(value: object) -> str | None:
    told = facts.record(value)
    return facts.line(told.get("fullname"), _NAME) or facts.line(told.get("name"), _NAME)


def _keywords(value: object) -> tuple[str, ...]:
    words = (facts.line(keyword, _KEYWORD) for keyword in facts.entries(value))
    return tuple(dict.fromkeys(filter(None, words)))[:_KEYWORDS]
