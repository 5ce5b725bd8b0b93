"""OpenAlex: works of all fields, by their DOI or by an author. With a key, which it asks for since February 2026.

https://docs.openalex.org/api-entities/works/work-object: `GET https://api.openalex.org/works/doi:{doi}` is a work,
`/works?filter=...&cursor=*` is `{meta: {count, next_cursor}, results}`. Abstracts come as words with their places.
"""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Iterator, Mapping
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
    doi_if_any,
    first_of_year,
    main_and_others,
    referred,
    titled,
)
from adapters.sources.lookups import looked_up
from adapters.sources.markup import one_line
from bot import text
from bot.code_links import code_link
from bot.errors import SourceError
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme, web_id
from bot.ports import Batch
from bot.query import Kind, Term

if TYPE_CHECKING:  # aiohttp takes 0.15 s to import; whoever reads files alone does without
    from adapters.sources.fetcher import Fetcher

SOURCE = "openalex"
_SITE = "https://api.openalex.org"
_PAGE = 100
_MOST_PAGES = 20

_NO_PAPERS = frozenset({"paratext", "grant", "dataset", "peer-review", "supplementary-materials", "libguides"})
_PUBLISHERS = frozenset({"journal", "conference", "book series"})
_OWN_ID = re.compile(r"https://openalex\.org/W[0-9]{1,12}")
_MOST_WORDS = 20_000
_PART_OF_A_FILTER = re.compile(r"[,|!:&]+")


class OpenAlex:
    """Asks with a key."""

    name = SOURCE
    kinds = frozenset({Kind.AUTHOR})
    lists = True

    def __init__(self, fetcher: "Fetcher", key: str, base_url: str = _SITE) -> None:
        self._fetcher = fetcher
        self._url = f"{base_url.rstrip('/')}/works"
        self._key = {"api_key": key}

    async def by_id(self, paper_id: PaperId) -> Batch:
        """Return a paper, alone in a batch. AbsentError where OpenAlex does not know it, else SourceError."""
        if paper_id.scheme not in (Scheme.DOI, Scheme.ARXIV):
            raise SourceError(f"OpenAlex knows no ids like {paper_id}.")
        known = paper_id.value if paper_id.scheme is Scheme.DOI else f"10.48550/arxiv.{paper_id.value}"
        url = f"{self._url}/doi:{quote(known, safe='/')}"
        payload = await looked_up(self._fetcher, url, self._key, "OpenAlex", str(paper_id))
        return await asyncio.to_thread(parse_works, payload, f"{SOURCE} {paper_id}")

    async def granting(self, wish: Term, since: dt.date) -> AsyncIterator[Batch]:
        """Yield the papers from a day on by an author. Raises SourceError."""
        if _askable(wish.value):
            async for batch in self.by_author(wish.value, since):
                yield batch

    async def by_author(self, name: str, since: dt.date) -> AsyncIterator[Batch]:
        """Yield the papers from a day on by whoever has that name, a batch a page. Raises SourceError."""
        asked = _askable(name)
        if not asked:
            raise SourceError(f"“{text.shown(name)}” is no name that OpenAlex could be asked for.")
        wanted = f"raw_author_name.search:{asked},from_publication_date:{since}"
        cursor, seen = "*", set[str]()
        for _ in range(_MOST_PAGES):
            params = {"filter": wanted, "per-page": str(_PAGE), "cursor": cursor, **self._key}
            payload = await self._fetcher.json(self._url, params)
            batch = await asyncio.to_thread(parse_works, payload, f"{SOURCE} author {text.shown(name)}")
            if batch.papers or batch.skipped or cursor == "*":
                yield batch
            seen.add(cursor)
            following = facts.record(facts.record(payload).get("meta")).get("next_cursor")
            if not isinstance(following, str) or following in seen or not (batch.papers or batch.skipped):
                return
            cursor = following


def _askable(name: str) -> str:
    return _PART_OF_A_FILTER.sub(" ", text.clean(name)).strip()


def read_file(path: Path) -> Batch:
    """Return the papers of a recorded answer. SourceError, naming the file, when it is none or can't be read."""
    body, name = facts.read(path)
    return parse_works(facts.parse_json(body, name), name)


def parse_works(payload: object, name: str) -> Batch:
    """Return the papers of an answer: a work, or a page of works. SourceError when it is neither."""
    whole = facts.record(payload)
    items = whole.get("results", [payload])
    if "error" in whole:
        told = text.shown(str(whole.get("message") or whole["error"]), 200)
        raise SourceError(f"{name} is an error of OpenAlex: “{told}”.")
    if not isinstance(items, list) or not all(_OWN_ID.fullmatch(str(facts.record(each).get("id"))) for each in items):
        raise SourceError(f"{name} is no answer of OpenAlex about works.")
    papers, skipped = collected(map(facts.record, items), _paper)
    return Batch(name, papers, skipped)


def _paper(work: Mapping[str, object]) -> Paper:
    kind = work.get("type")
    if work.get("is_paratext") is True or (isinstance(kind, str) and kind in _NO_PAPERS):
        raise DamagedError(f"not a paper: {'paratext' if work.get('is_paratext') is True else kind}")
    page = str(work["id"])
    paper_id, others = main_and_others([*_ids(work), web_id(page)])
    title = work.get("title") or work.get("display_name")
    abstract = _abstract(work.get("abstract_inverted_index"))
    return Paper(
        id=paper_id,
        title=titled(one_line(title, TITLE) if isinstance(title, str) else ""),
        authors=tuple(filter(None, map(_author, facts.entries(work.get("authorships"))[:AUTHORS]))),
        abstract=abstract,
        published=facts.date(work.get("publication_date")) or first_of_year(work.get("publication_year")),
        other_ids=tuple(each for each in others if each.scheme is not Scheme.WEB),
        venue=_venue(work),
        code_url=code_link(abstract),
        project_url=page if paper_id.scheme is Scheme.WEB else None,
    )


def _ids(work: Mapping[str, object]) -> Iterator[PaperId | None]:
    yield doi_if_any(work.get("doi"))
    yield doi_if_any(facts.record(work.get("ids")).get("doi"))
    for place in facts.entries(work.get("locations")):
        found = referred(facts.record(place).get("landing_page_url"))
        yield found if found and found.scheme is not Scheme.WEB else None


def _author(value: object) -> str | None:
    authorship = facts.record(value)
    known = facts.record(authorship.get("author")).get("display_name")
    return facts.line(authorship.get("raw_author_name"), NAME) or facts.line(known, NAME)


def _abstract(value: object) -> str:
    """Return the text of `{"word": [places]}`."""
    places: dict[int, str] = {}
    for word, told in facts.record(value).items():
        found = (place for place in facts.entries(told) if isinstance(place, int) and 0 <= place < _MOST_WORDS)
        places.update(dict.fromkeys(found, word))
    return one_line(" ".join(places[place] for place in sorted(places)), ABSTRACT)


def _venue(work: Mapping[str, object]) -> str | None:
    """Return where it appeared; None for where preprints lie."""
    place = facts.record(facts.record(work.get("primary_location")).get("source"))
    kind = place.get("type")
    appeared = isinstance(kind, str) and kind in _PUBLISHERS
    return facts.line(place.get("display_name"), VENUE) if appeared else None
