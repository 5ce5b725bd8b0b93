"""arXiv's query API: papers by their ids, and searches for what lies further back.

https://info.arxiv.org/help/api/user-manual.html. `id_list` comes back in another order and without unknown ids;
`max_results` is 10 unless it is named; an empty page in the middle of a search is a hiccup.
"""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from adapters.sources import json_facts as facts
from adapters.sources.arxiv_announcements import ATOM_FEED
from adapters.sources.arxiv_asking import Asks
from adapters.sources.arxiv_authors import from_names
from adapters.sources.arxiv_entries import COMMENT, SOURCE, abstract, categories, dois, identified
from adapters.sources.entries import TITLE, VENUE, collected, titled
from adapters.sources.xml import line, parse_xml, raw_text
from bot import text
from bot.code_links import code_link
from bot.errors import SourceError
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Batch
from bot.withdrawals import is_withdrawn

_SITE = "https://export.arxiv.org"
_IDS_AT_ONCE = 100
_PAGE = 200
_MOST = 10_000  # entries of one search; further on, arXiv answers with errors: ask for fewer days
_TRIES = 4  # for a page that should not be empty

_IN = {
    "atom": "http://www.w3.org/2005/Atom",
    "arxiv": "http://arxiv.org/schemas/atom",
    "search": "http://a9.com/-/spec/opensearch/1.1/",
}
_ERROR = re.compile(r"https?://(?:export\.)?arxiv\.org/api/errors", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ApiPage:
    """One answer: its papers, how many entries it had, damaged ones included, and how many there are in all."""

    batch: Batch
    entries: int
    total: int


class ArxivApi:
    """Papers of arXiv by id or by search, without listings: when they were announced, the API doesn't tell."""

    name = SOURCE

    def __init__(self, fetcher: Asks, base_url: str = _SITE) -> None:
        self._fetcher = fetcher
        self._url = f"{base_url.rstrip('/')}/api/query"

    async def by_ids(self, ids: Iterable[PaperId]) -> AsyncIterator[Batch]:
        """Yield the papers of arXiv ids, a hundred at a time, in the order of the ids; unknown ones are absent."""
        asked = list(dict.fromkeys(one.value for one in ids if one.scheme is Scheme.ARXIV))
        for start in range(0, len(asked), _IDS_AT_ONCE):
            some = asked[start : start + _IDS_AT_ONCE]
            params = {"id_list": ",".join(some), "start": "0", "max_results": str(len(some))}
            page = await self._ask(params, f"arXiv's answer for {text.plural(len(some), 'id')}")
            yield _in_order(page.batch, some)

    async def by_id(self, paper_id: PaperId) -> Batch:
        """Return one paper, alone in a batch. SourceError where arXiv does not know it, or it is not arXiv's."""
        async for batch in self.by_ids([paper_id]):
            if batch.papers:
                return batch
        raise SourceError(f"arXiv knows no paper {paper_id.value}.")

    async def search(self, query: str, most: int = _MOST) -> AsyncIterator[Batch]:
        """Yield papers that arXiv finds for a query in its own language, the newest first, at most `most`."""
        start = 0
        while start < min(most, _MOST):
            wanted = min(_PAGE, most - start, _MOST - start)
            page = await self._page(query, start, wanted)
            if page.entries:
                yield page.batch
            start += page.entries
            if start >= page.total or not page.entries:
                return

    async def _page(self, query: str, start: int, wanted: int) -> ApiPage:
        """Return a page of a search; one that is empty before the end is asked for again."""
        order = {"sortBy": "submittedDate", "sortOrder": "descending"}
        params = {"search_query": query, "start": str(start), "max_results": str(wanted), **order}
        for _ in range(_TRIES):
            page = await self._ask(params, f"arXiv's answer from {start + 1} on")
            if page.entries or page.total <= start:
                return page
        raise SourceError(f"arXiv counts {page.total:,} papers, but gives none from {start + 1:,} on.")

    async def _ask(self, params: Mapping[str, str], name: str) -> ApiPage:
        return await asyncio.to_thread(parse_api, await self._fetcher.xml(self._url, params), name)


def submitted_query(wanted: Sequence[str], since: dt.date, until: dt.date) -> str:
    """Return the query for papers of some categories, submitted from one day to the other (GMT), both included."""
    found_in = " OR ".join(f"cat:{one}" if "." in one else f"cat:{one}*" for one in wanted)
    return f"({found_in}) AND submittedDate:[{since:%Y%m%d}0000 TO {until:%Y%m%d}2359]"


def _in_order(batch: Batch, ids: Sequence[str]) -> Batch:
    found = {paper.id.value: paper for paper in batch.papers}
    return Batch(batch.name, tuple(found[one] for one in ids if one in found), batch.skipped)


def parse_api(body: bytes, name: str) -> ApiPage:
    """Return the papers of an answer. Damaged entries are skipped and counted.

    SourceError when it is no such answer, or tells of an error.
    """
    return api_page_of(parse_xml(body, name, {ATOM_FEED}), name)


def is_api(root: Element) -> bool:
    """Whether a feed is an answer of the API: such a one counts its results."""
    return root.find("search:totalResults", _IN) is not None


def api_page_of(root: Element, name: str) -> ApiPage:
    """Return the same of an answer that is parsed already."""
    total = raw_text(root.find("search:totalResults", _IN)).strip()
    if not total.isdecimal() or len(total) > 9:
        title = text.shown(raw_text(root.find("atom:title", _IN)), 80)
        raise SourceError(f"{name} is a feed of something else: “{title}”.")
    entries = root.findall("atom:entry", _IN)
    for entry in entries:
        if _ERROR.match(raw_text(entry.find("atom:id", _IN)).strip()):
            said = text.shown(raw_text(entry.find("atom:summary", _IN)), 200)
            raise SourceError(f"{name} is an error of arXiv: “{said}”.")
    papers, skipped = collected(entries, _paper)
    return ApiPage(Batch(name, papers, skipped), len(entries), int(total))


def _paper(entry: Element) -> Paper:
    paper_id, version = identified(raw_text(entry.find("atom:id", _IN)))
    primary = entry.find("arxiv:primary_category", _IN)
    about = abstract(raw_text(entry.find("atom:summary", _IN)))
    comment = line(entry.find("arxiv:comment", _IN), COMMENT) or None
    return Paper(
        id=paper_id,
        title=titled(line(entry.find("atom:title", _IN), TITLE)),
        authors=from_names(map(raw_text, entry.iterfind("atom:author/atom:name", _IN))),
        abstract=about,
        published=facts.date(raw_text(entry.find("atom:published", _IN)).strip()),
        categories=categories(
            [each.get("term") for each in entry.iterfind("atom:category", _IN)],
            None if primary is None else primary.get("term"),
        ),
        other_ids=dois(raw_text(entry.find("arxiv:doi", _IN))),
        version=version,
        venue=line(entry.find("arxiv:journal_ref", _IN), VENUE) or None,
        comment=comment,
        withdrawn=is_withdrawn(comment, about),
        code_url=code_link(about, comment),
    )
