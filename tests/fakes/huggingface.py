"""Hugging Face's daily papers on loopback, in a thread of its own: the command line runs an event loop itself."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.fakes.service import serving_in_thread

Item = dict[str, object]


def item(paper_id: str, title: str = "A paper", votes: int = 0, authors: tuple[str, ...] = ("Ada Lovelace",)) -> Item:
    """Return an item of a day's list, in the shape that was recorded."""
    names = [{"_id": f"a{place:023}", "name": name, "hidden": False} for place, name in enumerate(authors)]
    paper = {
        "id": paper_id,
        "authors": names,
        "publishedAt": f"20{paper_id[:2]}-{paper_id[2:4]}-01T08:00:00.000Z",
        "title": title,
        "summary": f"What {title} is about.",
        "upvotes": votes,
    }
    return {"paper": paper, "publishedAt": paper["publishedAt"], "title": title, "numComments": 1}


@dataclass(slots=True)
class Trouble:
    """An answer that is no list of papers."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"


SERVER_ERROR = Trouble(b"{}", status=500)
WEB_PAGE = Trouble(b"<!doctype html><title>Back soon</title>", content_type="text/html")
CUT_OFF = Trouble(b'[{"paper": {"id": "2506.00001", "title": "A pa')


@dataclass(slots=True)
class Site:
    """The site: its address, its lists by day, what is wrong with it on which day, and what it was asked for.

    Months and weeks are the lists of their days, whose papers tell their days but those of the `untold`.
    """

    url: str = ""
    lists: dict[str, list[Item]] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    trouble: Trouble | None = None
    asked: list[str] = field(default_factory=list)
    untold: set[str] = field(default_factory=set)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request; a busy site asks to be tried again at once, so that tests need not wait."""
        assert request.path == "/api/daily_papers"
        day = next(request.query[name] for name in ("date", "week", "month") if name in request.query)
        page, limit = int(request.query["p"]), int(request.query["limit"])
        if not page:
            self.asked.append(day)
        if wrong := self.troubles.get(day, self.trouble):
            headers = {"Retry-After": "0"}
            return web.Response(body=wrong.body, status=wrong.status, content_type=wrong.content_type, headers=headers)
        return web.json_response(self._items(day)[page * limit : (page + 1) * limit])

    def _items(self, asked: str) -> list[Item]:
        if len(asked) == len("2025-06-12"):
            return self.lists.get(asked, [])
        days = [day for day in sorted(self.lists) if asked in (day[:7], _week(day))]
        return [each if day in self.untold else _dated(each, day) for day in days for each in self.lists[day]]


def _week(day: str) -> str:
    year, week, _ = dt.date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02}"


def _dated(each: Item, day: str) -> Item:
    assert isinstance(each["paper"], dict)
    return {**each, "paper": {**each["paper"], "submittedOnDailyAt": f"{day}T09:00:00.000Z"}}


@contextmanager
def hugging_face() -> Iterator[Site]:
    """Serve a site on 127.0.0.1 for as long as the block runs."""
    site = Site()
    with serving_in_thread(site.answer) as site.url:
        yield site
