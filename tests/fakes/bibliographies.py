"""DBLP, OpenAlex, OpenReview and Semantic Scholar at one address: what they know of authors, venues and citations."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.fakes.service import serving_in_thread


@dataclass(frozen=True, slots=True)
class Work:
    """A paper as these services know it; `day` is an ISO date."""

    title: str
    doi: str
    authors: tuple[str, ...] = ("Ada Byron",)
    day: str = "2025-06-02"
    venue: str = "POND"


@dataclass(slots=True)
class Bibliographies:
    """Their works; who cites which paper (an id as Semantic Scholar has it); and what each was asked.

    DBLP and OpenAlex find by author (or venue), OpenReview whatever is at a venue. Questions that name one of the
    `troubles` are answered with its status.
    """

    url: str = ""
    works: list[Work] = field(default_factory=list)
    citing: dict[str, list[Work]] = field(default_factory=dict)
    troubles: dict[str, int] = field(default_factory=dict)
    password: str = "swordfish"
    token: str = "token-1"
    asked: list[str] = field(default_factory=list)
    logins: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request, whoever it is meant for."""
        asked = f"{request.path} {' '.join(f'{name}={value}' for name, value in request.query.items())}"
        self.asked.append(asked)
        for part, status in self.troubles.items():
            if part in asked:
                return web.json_response({"message": "no"}, status=status)
        match request.path.split("/")[1:]:
            case ["search", "publ", "api"]:
                return web.json_response(self._dblp(request.query["q"]))
            case ["works"]:
                return web.json_response(self._openalex(request.query["filter"]))
            case ["login"]:
                return await self._login(request)
            case ["notes"]:
                return self._notes(request)
            case ["graph", "v1", "paper", paper, "citations"]:
                return self._citations(paper)
            case ["graph", "v1", "paper", paper]:
                known = paper in self.citing
                followed = {**_scholar(Work("A followed paper", "")), "externalIds": {"ArXiv": paper[6:]}}
                return web.json_response(followed if known else {"error": "not found"}, status=200 if known else 404)
        return web.json_response({}, status=404)

    def _dblp(self, query: str) -> object:
        facet, name, _ = query.split(":")
        found = [
            {"info": {"title": f"{work.title}.", "doi": work.doi, "year": work.day[:4], "venue": work.venue,
                      "authors": {"author": [{"text": each} for each in work.authors]}}}
            for work in self.works
            if name.replace("_", " ") in (work.authors if facet == "author" else (work.venue,))
        ]  # fmt: skip
        return {"result": {"status": {"@code": "200"}, "hits": {"@total": str(len(found)), "hit": found}}}

    def _openalex(self, wanted: str) -> object:
        name, since = (part.split(":")[1] for part in wanted.split(","))
        results = [
            {"id": f"https://openalex.org/W{place}", "type": "article", "title": work.title, "doi": work.doi,
             "publication_date": work.day,
             "authorships": [{"raw_author_name": each, "author": {"display_name": each}} for each in work.authors]}
            for place, work in enumerate(self.works, start=1)
            if name in work.authors and work.day >= since
        ]  # fmt: skip
        return {"results": results, "meta": {"next_cursor": None}}

    async def _login(self, request: web.Request) -> web.Response:
        sent = await request.json()
        if request.method != "POST" or sent != {"id": "ada@example.org", "password": self.password}:
            return web.json_response({"name": "LoginError", "message": "Invalid username or password"}, status=400)
        self.logins += 1
        return web.json_response({"token": self.token, "user": {"id": "~Ada_Byron1"}})

    def _notes(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"name": "TokenExpiredError", "message": "Token has expired"}, status=401)
        venue, first = request.query["content.venueid"], int(request.query["offset"])
        notes = [
            {"id": hashlib.sha256(work.title.encode()).hexdigest()[:10],
             "content": {"title": {"value": work.title}, "authors": {"value": list(work.authors)},
                         "venueid": {"value": venue}}}
            for work in self.works
            if work.venue == venue
        ]  # fmt: skip
        return web.json_response({"notes": notes[first:], "count": len(notes)})

    def _citations(self, paper: str) -> web.Response:
        found = [{"citingPaper": _scholar(work)} for work in self.citing[paper]]
        return web.json_response({"offset": 0, "data": found})


def _scholar(work: Work) -> dict[str, object]:
    return {
        "paperId": hashlib.sha1(work.title.encode(), usedforsecurity=False).hexdigest(),
        "externalIds": {"DOI": work.doi} if work.doi else {},
        "title": work.title,
        "publicationDate": work.day,
        "year": int(work.day[:4]),
        "authors": [{"name": each} for each in work.authors],
    }


@contextmanager
def bibliographies() -> Iterator[Bibliographies]:
    """Serve them on 127.0.0.1 for as long as the block runs."""
    site = Bibliographies()
    with serving_in_thread(site.answer) as site.url:
        yield site
