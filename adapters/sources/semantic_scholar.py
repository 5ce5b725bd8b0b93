"""Semantic Scholar: who cites a paper, what is like it, and what else a paper is called. With a key.

https://api.semanticscholar.org/api-docs/graph: `/graph/v1/paper/{id}`, `/graph/v1/paper/{id}/citations` (`{offset,
next, data: [{citingPaper}]}`); https://api.semanticscholar.org/api-docs/recommendations:
`/recommendations/v1/papers/forpaper/{id}` (`{recommendedPapers}`). Any field may be null, a paper's id included.
"""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
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
from bot import text
from bot.code_links import code_link
from bot.errors import SourceError
from bot.evaluation import paper_id_of
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme, web_id
from bot.ports import Batch
from bot.query import Kind, Term

if TYPE_CHECKING:  # aiohttp takes 0.15 s to import; whoever reads files alone does without
    from adapters.sources.fetcher import Fetcher

SOURCE = "semanticscholar"
_SITE = "https://api.semanticscholar.org"
_PAGES = "https://www.semanticscholar.org/paper/"

_FIELDS = "externalIds,title,abstract,venue,year,publicationDate,authors"
_PAGE = 500  # papers; an answer of more than 10 MB is refused, and abstracts are long
_FURTHEST = 9_999  # offset and limit together
_SCHEMES = {Scheme.ARXIV: "ARXIV", Scheme.DOI: "DOI", Scheme.ACL: "ACL"}
_OWN_ID = re.compile(r"[0-9a-f]{40}")
_PREPRINTS = frozenset({"arxiv.org", "arxiv", "biorxiv", "medrxiv"})


class SemanticScholar:
    """Asks with a key, once a second. `patience` is how many seconds a question may wait for its turn."""

    name = SOURCE
    kinds = frozenset({Kind.PAPER})
    lists = False

    def __init__(self, fetcher: "Fetcher", key: str, base_url: str = _SITE, patience: float = 30.0) -> None:
        from adapters.sources.gates import SEMANTIC_SCHOLAR  # with aiohttp: see above

        self._fetcher = fetcher.through(SEMANTIC_SCHOLAR, patience=patience, headers={"x-api-key": key})
        self._site = base_url.rstrip("/")

    async def by_id(self, paper_id: PaperId) -> Batch:
        """Return a paper, alone in a batch. AbsentError where Semantic Scholar does not know it, else SourceError."""
        url = f"{self._site}/graph/v1/paper/{_asked(paper_id)}"
        payload = await looked_up(self._fetcher, url, {"fields": _FIELDS}, "Semantic Scholar", str(paper_id))
        return await asyncio.to_thread(parse_papers, payload, f"{SOURCE} {paper_id}")

    async def granting(self, wish: Term, since: dt.date) -> AsyncIterator[Batch]:
        """Yield a paper, and then those from a day on that cite it. Raises SourceError; nothing where none is known."""
        from adapters.sources.refusals import AbsentError  # with aiohttp: see above

        paper_id = paper_id_of(wish.value)
        if paper_id.scheme not in _SCHEMES:
            return
        with suppress(AbsentError):
            yield await self.by_id(paper_id)
            async for batch in self.citing(paper_id, since):
                yield replace(batch, cites=paper_id)

    async def citing(self, paper_id: PaperId, since: dt.date) -> AsyncIterator[Batch]:
        """Yield the papers from a day on that cite one, a batch a page. AbsentError, SourceError as above."""
        url = f"{self._site}/graph/v1/paper/{_asked(paper_id)}/citations"
        offset = 0
        while offset is not None and offset < _FURTHEST:
            page = {"offset": str(offset), "limit": str(min(_PAGE, _FURTHEST - offset))}
            params = {"fields": _FIELDS, "publicationDateOrYear": f"{since}:", **page}
            payload = await looked_up(self._fetcher, url, params, "Semantic Scholar", str(paper_id))
            whole = await asyncio.to_thread(parse_papers, payload, f"{SOURCE} citations of {paper_id} from {since} on")
            yield replace(whole, papers=tuple(each for each in whole.papers if _is_from(each, since)))
            following = facts.count(facts.record(payload).get("next"))
            if following is None or following <= offset:
                return
            offset = following

    async def recommended(self, paper_id: PaperId, most: int = 20) -> Batch:
        """Return new papers that are like one. AbsentError, SourceError as above."""
        url = f"{self._site}/recommendations/v1/papers/forpaper/{_asked(paper_id)}"
        params = {"fields": _FIELDS, "limit": str(most), "from": "recent"}
        payload = await looked_up(self._fetcher, url, params, "Semantic Scholar", str(paper_id))
        return await asyncio.to_thread(parse_papers, payload, f"{SOURCE} papers like {paper_id}")


def known_name(paper: Paper) -> PaperId | None:
    """Return the name by which Semantic Scholar may be asked about a paper; None where it knows no such names."""
    return next((name for name in paper.names if name.scheme in _SCHEMES and not name.too_long), None)


def _asked(paper_id: PaperId) -> str:
    if paper_id.scheme not in _SCHEMES:
        raise SourceError(f"Semantic Scholar knows no ids like {paper_id}.")
    return f"{_SCHEMES[paper_id.scheme]}:{quote(paper_id.value, safe='/')}"


def _is_from(paper: Paper, since: dt.date) -> bool:
    """Whether a paper may be from that day on: of some only the year is known, and of some nothing."""
    if paper.published is None:
        return False
    only_the_year = (paper.published.month, paper.published.day) == (1, 1)
    return paper.published.year >= since.year if only_the_year else paper.published >= since


def read_file(path: Path) -> Batch:
    """Return the papers of a recorded answer. SourceError, naming the file, when it is none or can't be read."""
    body, name = facts.read(path)
    return parse_papers(facts.parse_json(body, name), name)


def parse_papers(payload: object, name: str) -> Batch:
    """Return the papers of an answer: one, several, those that cite one or that are recommended.

    SourceError when it is an answer about something else, or an error.
    """
    if isinstance(payload, dict) and (told := payload.get("error") or payload.get("message")):
        raise SourceError(f"{name} is an error of Semantic Scholar: “{text.shown(str(told), 200)}”.")
    papers, skipped = collected(_items(payload, name), _paper)
    return Batch(name, papers, skipped)


def _items(payload: object, name: str) -> list[object]:
    whole = facts.record(payload)
    if whole.get("data") is None and ("data" in whole or whole.get("total") == 0):  # nothing, and no list of it
        return []
    told = next((whole[key] for key in ("data", "recommendedPapers") if key in whole), payload)
    items = [_inner(each) for each in told] if isinstance(told, list) else [_inner(told)]
    if payload is None or not all(each is None or (isinstance(each, dict) and "paperId" in each) for each in items):
        raise SourceError(f"{name} is no answer of Semantic Scholar about papers.")
    return items


def _inner(item: object) -> object:
    """Return the paper of a citation or a reference, which are papers with why they cite."""
    outer = facts.record(item)
    return next((outer[key] for key in ("citingPaper", "citedPaper") if key in outer), item)


def _paper(item: object) -> Paper:
    if item is None:
        raise DamagedError("unknown paper")
    told = facts.record(item)
    own = told.get("paperId")
    page = f"{_PAGES}{own}" if isinstance(own, str) and _OWN_ID.fullmatch(own) else None
    paper_id, others = main_and_others([*_ids(told), web_id(page) if page else None])
    abstract = facts.paragraphs(told.get("abstract"), ABSTRACT) or ""
    return Paper(
        id=paper_id,
        title=titled(facts.line(told.get("title"), TITLE) or ""),
        authors=tuple(filter(None, map(_author, facts.entries(told.get("authors"))[:AUTHORS]))),
        abstract=abstract,
        published=facts.date(told.get("publicationDate")) or first_of_year(told.get("year")),
        other_ids=tuple(each for each in others if each.scheme is not Scheme.WEB),
        venue=_venue(told),
        code_url=code_link(abstract),
        project_url=page if paper_id.scheme is Scheme.WEB else None,
    )


def _ids(told: Mapping[str, object]) -> Iterator[PaperId | None]:
    named = facts.record(told.get("externalIds"))
    yield referred(f"arxiv:{named.get('ArXiv')}")
    yield referred(f"acl:{named.get('ACL')}")
    yield doi_if_any(named.get("DOI"))


def _author(value: object) -> str | None:
    return facts.line(facts.record(value).get("name"), NAME)


def _venue(told: Mapping[str, object]) -> str | None:
    """Return where it appeared; None for where preprints lie."""
    venue = facts.line(told.get("venue"), VENUE)
    return None if venue and venue.lower() in _PREPRINTS else venue
