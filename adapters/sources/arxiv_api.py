"""arXiv's query API: papers by their ids, and those of days that are over.

https://info.arxiv.org/help/api/user-manual.html. `id_list` comes back in another order and without unknown ids;
`max_results` is 10 unless it is named; an empty page in the middle of a search is a hiccup. On which day a paper was
announced is not told, but when its first version was submitted, by which it can be searched for.
"""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from adapters.sources import json_facts as facts
from adapters.sources.arxiv_announcements import ATOM_FEED
from adapters.sources.arxiv_asking import Asks
from adapters.sources.arxiv_authors import from_names
from adapters.sources.arxiv_entries import COMMENT, SOURCE, abstract, categories, dois, identified, is_in
from adapters.sources.arxiv_schedule import announcement_day, submissions
from adapters.sources.entries import TITLE, VENUE, DamagedError, collected, titled
from adapters.sources.xml import line, parse_xml, raw_text
from bot import text
from bot.arxiv_categories import CATEGORIES
from bot.code_links import code_link
from bot.errors import SourceError
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Batch
from bot.withdrawals import is_withdrawn

_SITE = "https://export.arxiv.org"
_IDS_AT_ONCE = 100
_PAGE = 200
_MOST = 10_000  # entries of one search; further on, arXiv answers with errors
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
    """Papers of arXiv by their ids, or by the days of their announcement."""

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

    async def announced(self, wanted: Sequence[str], first: dt.date, last: dt.date) -> AsyncIterator[Batch]:
        """Yield the papers of some categories and archives announced from one day to the other, both included.

        Each is listed on its day, as arXiv's schedule has it, and is told of as it is now. Raises SourceError.
        """
        waiting = [(first, last)] if wanted else []
        while waiting:
            first, last = waiting.pop()
            if not (came := submissions(first, last)):
                continue
            search = _Search(submitted_query(wanted, *came), first, last)
            page, read = await self._page(search, 0), 0
            if page.total > _MOST:
                waiting += _halves(first, last, page.total)
                continue
            while page.entries:
                yield replace(
                    page.batch, papers=tuple(each for each in page.batch.papers if search.meant(each, wanted))
                )
                read += page.entries
                if read >= page.total:
                    break
                page = await self._page(search, read)

    async def _page(self, search: "_Search", start: int) -> ApiPage:
        """Return a page of a search; one that is empty before the end is asked for again."""
        size = min(_PAGE, _MOST - start)
        order = {"sortBy": "submittedDate", "sortOrder": "ascending"}
        params = {"search_query": search.query, "start": str(start), "max_results": str(size), **order}
        name = f"{search.name}, from {start + 1:,} on" if start else search.name
        for _ in range(_TRIES):
            page = await self._ask(params, name, announced=True)
            if page.entries or page.total <= start:
                return page
        raise SourceError(f"arXiv counts {page.total:,} papers, but gives none from {start + 1:,} on.")

    async def _ask(self, params: Mapping[str, str], name: str, *, announced: bool = False) -> ApiPage:
        body = await self._fetcher.xml(self._url, params)
        return await asyncio.to_thread(parse_api, body, name, announced=announced)


@dataclass(frozen=True, slots=True)
class _Search:
    """A search for what was announced on some days."""

    query: str
    first: dt.date
    last: dt.date

    @property
    def name(self) -> str:
        """Return what its answers are called."""
        return f"arXiv's papers of {self.first}" + (f" to {self.last}" if self.first < self.last else "")

    def meant(self, paper: Paper, wanted: Collection[str]) -> bool:
        """Return whether a paper is one of those: arXiv searches by the minute, and the last is the next day's, too."""
        return all(self.first <= each.day <= self.last for each in paper.listings) and is_in(paper, wanted)


def _halves(first: dt.date, last: dt.date, total: int) -> list[tuple[dt.date, dt.date]]:
    """Return the later and the earlier half of some days, whose papers are more than one search gives."""
    if first == last:
        raise SourceError(f"arXiv has {total:,} papers of {first}, and gives {_MOST:,} at most.")
    middle = first + (last - first) // 2
    return [(middle + dt.timedelta(days=1), last), (first, middle)]


def submitted_query(wanted: Iterable[str], since: dt.datetime, until: dt.datetime) -> str:
    """Return the query for papers of some categories and archives, submitted from one minute to the other (GMT).

    An archive is asked for with all its categories: wildcards are in no manual, and `math*` would be math-ph, too.
    """
    found_in = " OR ".join(f"cat:{one}" for each in wanted for one in (each, *_categories_of(each)))
    return f"({found_in}) AND submittedDate:[{since:%Y%m%d%H%M} TO {until:%Y%m%d%H%M}]"


def _categories_of(archive: str) -> list[str]:
    return [one for one in CATEGORIES if one.startswith(f"{archive}.")]


def _in_order(batch: Batch, ids: Sequence[str]) -> Batch:
    found = {paper.id.value: paper for paper in batch.papers}
    return Batch(batch.name, tuple(found[one] for one in ids if one in found), batch.skipped)


def parse_api(body: bytes, name: str, *, announced: bool = False) -> ApiPage:
    """Return the papers of an answer; where `announced`, each is listed on its day by arXiv's schedule.

    Damaged entries are skipped and counted. SourceError when it is no such answer, or tells of an error.
    """
    return api_page_of(parse_xml(body, name, {ATOM_FEED}), name, announced=announced)


def is_api(root: Element) -> bool:
    """Whether a feed is an answer of the API: such a one counts its results."""
    return root.find("search:totalResults", _IN) is not None


def api_page_of(root: Element, name: str, *, announced: bool = False) -> ApiPage:
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
    papers, skipped = collected(entries, lambda entry: _paper(entry, announced))
    return ApiPage(Batch(name, papers, skipped), len(entries), int(total))


def _paper(entry: Element, announced: bool) -> Paper:
    paper_id, version = identified(raw_text(entry.find("atom:id", _IN)))
    primary = entry.find("arxiv:primary_category", _IN)
    about = abstract(raw_text(entry.find("atom:summary", _IN)))
    comment = line(entry.find("arxiv:comment", _IN), COMMENT) or None
    submitted = raw_text(entry.find("atom:published", _IN)).strip()  # the first version
    return Paper(
        id=paper_id,
        title=titled(line(entry.find("atom:title", _IN), TITLE)),
        authors=from_names(map(raw_text, entry.iterfind("atom:author/atom:name", _IN))),
        abstract=about,
        published=facts.date(submitted),
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
        listings=(Listing(SOURCE, _announced_on(submitted), url=paper_id.url),) if announced else (),
    )


def _announced_on(submitted: str) -> dt.date:
    if (instant := facts.instant(submitted)) is None:
        raise DamagedError("no time of submission")
    return announcement_day(instant)
