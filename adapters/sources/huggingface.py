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
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.sources import json_facts as facts
from adapters.sources.huggingface_fields import authors, keywords, organisation, submitter, video
from adapters.sources.huggingface_spans import Span, asked_as, spans
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

_NO_DAY = "no day"
_TWICE = "same paper twice"

_PAGE = 100  # items; the service gives 50 where no limit is named
_MOST_PAGES = 10
_MOST_PAGES_OF_MANY = 30  # the busiest days make a month of 11


class HuggingFace:
    """The daily papers, from the site itself."""

    name = SOURCE

    def __init__(self, fetcher: "Fetcher", base_url: str = _SITE) -> None:
        self._fetcher = fetcher
        self._url = f"{base_url.rstrip('/')}/api/daily_papers"

    async def daily(self, day: dt.date) -> AsyncIterator[Batch]:
        """Yield the day's list, a batch a page; an empty one where nothing is listed. Raises SourceError."""
        async for batch in self._list({"date": day.isoformat()}, f"{SOURCE} {day}", day):
            yield batch

    def parts(self, first: dt.date, last: dt.date) -> list[Span]:
        """Return the days from one to the other as months, weeks and days, each of which `between` takes."""
        return spans(first, last)

    async def between(self, first: dt.date, last: dt.date) -> AsyncIterator[Batch]:
        """Yield the lists of some days: a month's or a week's as one, where it tells its days. Raises SourceError."""
        asked = asked_as(first, last)
        name = f"{SOURCE} {first} to {last}"
        pages = self._list(asked, name, None, _MOST_PAGES_OF_MANY)
        whole = [batch async for batch in pages] if asked else []
        if any(batch.papers for batch in whole) and all(map(partial(_is_of, first, last), whole)):
            for batch in whole:
                yield batch
            return
        for passed in range((last - first).days + 1):
            async for batch in self.daily(first + dt.timedelta(days=passed)):
                yield batch

    async def _list(
        self, asked: Mapping[str, str], name: str, day: dt.date | None, most_pages: int = _MOST_PAGES
    ) -> AsyncIterator[Batch]:
        given: set[PaperId] = set()
        for page in range(most_pages):
            params = {**asked, "limit": str(_PAGE), "p": str(page)}
            payload = await self._fetcher.json(self._url, params)
            page_name = name + (f", page {page + 1}" if page else "")
            batch = await asyncio.to_thread(parse_daily, payload, page_name, day)
            here = {paper.id for paper in batch.papers}
            if page and here <= given:  # an empty page, or the one before once more
                return
            yield _without(batch, given)
            if len(batch.papers) + sum(batch.skipped.values()) < _PAGE:
                return
            given |= here


def _is_of(first: dt.date, last: dt.date, batch: Batch) -> bool:
    """Whether all of it tells its day, and that is one of those: before March 2025, lists of months did not."""
    days = [listing.day for paper in batch.papers for listing in paper.listings]
    return _NO_DAY not in batch.skipped and all(first <= day <= last for day in days)


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
    body, name = facts.read(path)
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
        authors=authors(inner.get("authors")),
        abstract=abstract or "",
        published=facts.date(inner.get("publishedAt")),
        code_url=facts.link(inner.get("githubRepo")),
        project_url=facts.link(inner.get("projectPage")),
        video_url=video(inner, outer),
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
        submitter=submitter(inner, outer),
        organisation=organisation(inner.get("organization")) or organisation(outer.get("organization")),
        stars=facts.count(inner.get("githubStars")),
        summary=facts.line(inner.get("ai_summary"), _SUMMARY),
        keywords=keywords(inner.get("ai_keywords")),
        listed_at=listed_at,
        url=f"{_SITE}/papers/{paper_id.value}",
    )
