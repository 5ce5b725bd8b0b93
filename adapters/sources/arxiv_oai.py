"""arXiv's OAI-PMH service: what changed between two days, for missed announcements and the nightly reconciliation.

https://info.arxiv.org/help/oa/index.html. A record's datestamp is the day of its last change, whatever that was. The
format is arXivRaw, for it alone tells versions; records in the format arXiv are read, too.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from adapters.sources import json_facts as facts
from adapters.sources.arxiv_announcements import distinct_categories
from adapters.sources.arxiv_asking import Asks
from adapters.sources.arxiv_authors import from_line, from_names, from_parts
from adapters.sources.arxiv_entries import (
    COMMENT,
    SOURCE,
    abstract,
    categories,
    day_in_new_york,
    dois,
    identified,
    is_in,
)
from adapters.sources.arxiv_schedule import listings
from adapters.sources.entries import TITLE, VENUE, DamagedError, collected, titled
from adapters.sources.xml import line, parse_xml, raw_text
from bot import text
from bot.arxiv_categories import archive_of
from bot.code_links import code_link
from bot.errors import SourceError
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.ports import Batch
from bot.withdrawals import is_withdrawn

_SITE = "https://oaipmh.arxiv.org"
_FORMAT = "arXivRaw"
_MOST_PAGES = 2_000  # of some 1,000 records: twice what arXiv has
_TRIES = 3  # to get through a window before its token expires

_NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
OAI_ROOT = f"{{{_NAMESPACE}}}OAI-PMH"
_IN = {"oai": _NAMESPACE}
_TOP_SETS = frozenset({"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"})


@dataclass(frozen=True, slots=True)
class OaiPage:
    """One answer: its papers, and what to ask with for the next, None after the last. `total` counts all pages'."""

    batch: Batch
    token: str | None = None
    total: int | None = None


class TokenExpiredError(SourceError):
    """The list that a token continues is not there any more: it can only be asked for from its beginning."""


class ArxivOai:
    """What changed in arXiv, from the service itself. `wanted` are categories and archives; None is all of them."""

    name = SOURCE

    def __init__(self, fetcher: Asks, wanted: Iterable[str] | None = None, base_url: str = _SITE) -> None:
        self._fetcher = fetcher
        self._wanted = None if wanted is None else frozenset(distinct_categories(wanted))
        self._url = f"{base_url.rstrip('/')}/oai"

    async def changed(self, since: dt.date, until: dt.date) -> AsyncIterator[Batch]:
        """Yield papers changed from one day to the other, both over, both included. Raises SourceError.

        Those that were new then have a listing, older ones none. Cross-lists of older papers can't be told from other
        changes, and have none either.
        """
        given: set[PaperId] = set()  # a paper is in several sets
        for one_set in (None,) if self._wanted is None else oai_sets(self._wanted):
            window = {"from": since.isoformat(), "until": until.isoformat(), "metadataPrefix": _FORMAT}
            async for batch in self._window({**window, "set": one_set} if one_set else window):
                papers = tuple(each for each in batch.papers if each.id not in given and self._is_wanted(each))
                given.update(paper.id for paper in papers)
                yield replace(batch, papers=papers)

    async def _window(self, window: Mapping[str, str]) -> AsyncIterator[Batch]:
        """Follow the tokens to the last page; where one has expired, begin again."""
        for left in reversed(range(_TRIES)):
            try:
                async for batch in self._pages(window):
                    yield batch
            except TokenExpiredError:
                if not left:
                    raise
            else:
                return

    async def _pages(self, window: Mapping[str, str]) -> AsyncIterator[Batch]:
        params: Mapping[str, str] = {"verb": "ListRecords", **window}
        tokens: set[str] = set()
        for number in range(1, _MOST_PAGES + 1):
            name = f"arXiv's changes of {window['from']} to {window['until']}" + (f", page {number}" * (number > 1))
            body = await self._fetcher.xml(self._url, params)
            page = await asyncio.to_thread(parse_oai, body, name, announced=True)
            yield page.batch
            if page.token is None:
                return
            if page.token in tokens:
                break
            tokens.add(page.token)
            params = {"verb": "ListRecords", "resumptionToken": page.token}
        raise SourceError(f"arXiv's changes of {window['from']} to {window['until']} never end.")

    def _is_wanted(self, paper: Paper) -> bool:
        return self._wanted is None or is_in(paper, self._wanted)


def oai_sets(wanted: Iterable[str]) -> list[str]:
    """Return the sets in which those categories are, each archive one."""
    archives = sorted({archive_of(category) for category in wanted})
    return [one if one in _TOP_SETS else f"physics:{one}" for one in archives]


def parse_oai(body: bytes, name: str, *, announced: bool = False) -> OaiPage:
    """Return the papers of an answer, in the format arXiv or arXivRaw.

    Where `announced`, papers that are new on their datestamp have a listing on that day. Damaged records are skipped
    and counted. SourceError when it is no such answer or an error; no records at all is none.
    """
    return oai_page_of(parse_xml(body, name, {OAI_ROOT}), name, announced=announced)


def oai_page_of(root: Element, name: str, *, announced: bool = False) -> OaiPage:
    """Return the same of an answer that is parsed already."""
    error = root.find("oai:error", _IN)
    if error is not None:
        return _without_records(error, name)
    answer = next(
        (found for verb in ("ListRecords", "GetRecord") if (found := root.find(f"oai:{verb}", _IN)) is not None), None
    )
    if answer is None:
        raise SourceError(f"{name} is an answer of OAI-PMH without records.")
    papers, skipped = collected(answer.iterfind("oai:record", _IN), lambda record: _paper(record, announced))
    token = answer.find("oai:resumptionToken", _IN)
    total = token.get("completeListSize", "") if token is not None else ""
    return OaiPage(
        Batch(name, papers, skipped), raw_text(token).strip() or None, int(total) if total.isdecimal() else None
    )


def _without_records(error: Element, name: str) -> OaiPage:
    code = error.get("code", "")
    if code == "noRecordsMatch":
        return OaiPage(Batch(name, (), {}), total=0)
    said = f"{name} is an error of arXiv: “{text.shown(raw_text(error) or code, 200)}”."
    raise TokenExpiredError(said) if code == "badResumptionToken" else SourceError(said)


def _paper(record: Element, announced: bool) -> Paper:
    header = record.find("oai:header", _IN)
    if header is not None and header.get("status") == "deleted":
        raise DamagedError("deleted")
    metadata = record.find("oai:metadata", _IN)
    told = None if metadata is None else next(iter(metadata), None)
    kind = "" if told is None else told.tag.rpartition("}")[2]
    if told is None or kind not in ("arXiv", "arXivRaw"):
        raise DamagedError(f"metadata in a format that is not read: {text.shown(kind)}" if kind else "no metadata")
    about, comment = abstract(raw_text(told.find("{*}abstract"))), line(told.find("{*}comments"), COMMENT) or None
    paper_id, _ = identified(raw_text(told.find("{*}id")))
    submitted, version = _history(told)
    datestamp = facts.date("" if header is None else raw_text(header.find("oai:datestamp", _IN)).strip())
    return Paper(
        id=paper_id,
        title=titled(line(told.find("{*}title"), TITLE)),
        authors=_authors(told),
        abstract=about,
        published=submitted,
        categories=categories(raw_text(told.find("{*}categories")).split()),
        other_ids=dois(raw_text(told.find("{*}doi"))),
        version=version,
        venue=line(told.find("{*}journal-ref"), VENUE) or None,
        comment=comment,
        withdrawn=is_withdrawn(comment, about),
        code_url=code_link(about, comment),
        listings=listings(paper_id, datestamp, submitted, told) if announced else (),
    )


def _history(told: Element) -> tuple[dt.date | None, int | None]:
    """Return the day of the first version, and which is the newest: only arXivRaw tells that."""
    versions = told.findall("{*}version")
    if not versions:
        return facts.date(raw_text(told.find("{*}created")).strip()), None
    numbers = [each.get("version", "").removeprefix("v") for each in versions]
    newest = max((int(number) for number in numbers if number.isdecimal() and len(number) < 6), default=None)
    return _utc_day(raw_text(versions[0].find("{*}date"))), newest


def _utc_day(told: str) -> dt.date | None:
    """Return the day of a mail's date, which here is in Greenwich time."""
    return day_in_new_york(told.replace("GMT", "").strip())  # without its zone it is taken as it stands


def _authors(told: Element) -> tuple[str, ...]:
    people = told.findall("{*}authors/{*}author")
    if not people:
        return from_line(raw_text(told.find("{*}authors")))
    return from_names(
        from_parts(*(raw_text(person.find(f"{{*}}{part}")) for part in ("keyname", "forenames", "suffix")))
        for person in people
    )
