"""arXiv on loopback: announcements cut where arXiv cuts them, OAI-PMH whose tokens expire, and the query API."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from aiohttp import web

from adapters.sources.fetcher import Fetcher
from tests.fakes.service import serving

_ATOM = (
    "xmlns='http://www.w3.org/2005/Atom' xmlns:arxiv='http://arxiv.org/schemas/atom' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:opensearch='http://a9.com/-/spec/opensearch/1.1/'"
)
_ORDER = ("replace-cross", "replace", "cross", "new")  # new ones last, and so the first to be cut


@dataclass(frozen=True, slots=True)
class Announced:
    """An entry of the day."""

    id: str
    category: str
    kind: str = "new"
    day: str = "2025-08-20"

    @property
    def entry(self) -> str:
        """Return it as the feed has it."""
        return (
            f"<entry><id>oai:arXiv.org:{self.id}v1</id><title>Paper {self.id}</title>"
            f"<summary>arXiv:{self.id}v1 Announce Type: {self.kind} \nAbstract: About {self.id}.</summary>"
            f"<category term='{self.category}'/><published>{self.day}T00:00:00-04:00</published>"
            f"<arxiv:announce_type>{self.kind}</arxiv:announce_type><dc:creator>Ana Silva</dc:creator></entry>"
        )


def found(paper_id: str) -> str:
    """Return an entry of the query API."""
    return (
        f"<entry><id>http://arxiv.org/abs/{paper_id}v2</id><title>Paper {paper_id}</title><summary>About it.</summary>"
        "<category term='cs.CL'/><published>2025-08-18T22:41:50Z</published><author><name>Ana Silva</name></author>"
        "</entry>"
    )


def answer_of(entries: Iterable[str], total: int) -> str:
    """Return an answer of the query API."""
    counted = f"<opensearch:totalResults>{total}</opensearch:totalResults>"
    return f"<feed {_ATOM}><title>arXiv Query: x</title>{counted}{''.join(entries)}</feed>"


def record(paper_id: str, category: str = "cs.CL", submitted: str = "Mon, 18 Aug 2025 22:41:50 GMT") -> str:
    """Return a record of OAI-PMH, changed on 20 August 2025."""
    return (
        f"<record><header><identifier>oai:arXiv.org:{paper_id}</identifier><datestamp>2025-08-20</datestamp></header>"
        f"<metadata><arXivRaw xmlns='http://arxiv.org/OAI/arXivRaw/'><id>{paper_id}</id>"
        f"<version version='v1'><date>{submitted}</date></version><title>Paper {paper_id}</title>"
        f"<authors>Ana Silva</authors><categories>{category}</categories><abstract>About it.</abstract>"
        "</arXivRaw></metadata></record>"
    )


def oai(inner: str) -> str:
    """Return an answer of OAI-PMH."""
    return f"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'>{inner}</OAI-PMH>"


@dataclass(slots=True)
class Arxiv:
    """What it announces, knows and changed, and what it was asked.

    `pages` are records by set; `expired` tokens are refused once; `empty` answers of the API come before full ones.
    """

    announced: list[Announced] = field(default_factory=list)
    most: int = 2_000
    known: list[str] = field(default_factory=list)
    pages: dict[str, list[list[str]]] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    empty: int = 0
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request."""
        self.asked.append(request.path_qs)
        if request.path.startswith("/atom/"):
            body = self._feed(request.match_info["path"].removeprefix("atom/").split("+"))
        elif request.path == "/oai":
            body = self._records(request.query.get("set", ""), request.query.get("resumptionToken", ""))
        else:
            body = self._search(request)
        return web.Response(body=body.encode(), content_type="application/xml")

    def _feed(self, categories: list[str]) -> str:
        entries = [one for one in self.announced if one.category in categories or one.category[:2] in categories]
        entries.sort(key=lambda one: _ORDER.index(one.kind))
        inner = "".join(one.entry for one in entries[: self.most])
        title = f"{', '.join(categories)} updates on arXiv.org"
        return f"<feed {_ATOM}><title>{title}</title><updated>2025-08-20T04:00:19+00:00</updated>{inner}</feed>"

    def _records(self, one_set: str, token: str) -> str:
        if token in self.expired:
            self.expired.remove(token)
            return oai("<error code='badResumptionToken'>The token has expired</error>")
        one_set, _, number = token.partition("|") if token else (one_set, "", "0")
        pages, at = self.pages.get(one_set, []), int(number)
        if not pages:
            return oai("<error code='noRecordsMatch'>Nothing</error>")
        following = f"{one_set}|{at + 1}" if at + 1 < len(pages) else ""
        inner = f"{''.join(pages[at])}<resumptionToken>{escape(following)}</resumptionToken>"
        return oai(f"<ListRecords>{inner}</ListRecords>")

    def _search(self, request: web.Request) -> str:
        wanted = request.query.get("id_list", "").split(",")
        matching = [one for one in self.known if one in wanted] if "id_list" in request.query else self.known
        if self.empty:
            self.empty -= 1
            return answer_of((), len(matching))
        start, most = int(request.query.get("start", "0")), int(request.query.get("max_results", "10"))
        return answer_of(map(found, matching[start : start + most]), len(matching))

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Fetcher]:
        """Serve it on 127.0.0.1, and give what asks it."""
        async with serving(self.answer) as self.url, Fetcher("alice@example.org") as fetcher:
            yield fetcher
