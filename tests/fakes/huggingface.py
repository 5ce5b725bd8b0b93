"""Hugging Face's daily papers on loopback, in a thread of its own: the command line runs an event loop itself."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import test_utils, web

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
    """The site: its address, its lists by day, what is wrong with it on which day, and the days it was asked for."""

    url: str = ""
    lists: dict[str, list[Item]] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    trouble: Trouble | None = None
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request; a busy site asks to be tried again at once, so that tests need not wait."""
        assert request.path == "/api/daily_papers"
        day = request.query["date"]
        self.asked.append(day)
        if wrong := self.troubles.get(day, self.trouble):
            headers = {"Retry-After": "0"}
            return web.Response(body=wrong.body, status=wrong.status, content_type=wrong.content_type, headers=headers)
        return web.json_response(self.lists.get(day, []))


@contextmanager
def hugging_face() -> Iterator[Site]:
    """Serve a site on 127.0.0.1 for as long as the block runs."""
    site = Site()
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", site.answer)
        stop = asyncio.Event()
        async with test_utils.TestServer(app, host="127.0.0.1") as server:
            started.set_result((str(server.make_url("/")), asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="hugging face")
    thread.start()
    site.url, loop, stop = started.result(timeout=10)
    try:
        yield site
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
        assert not thread.is_alive()
