"""A service on loopback that sources are read from: what it was asked when, and how many questions at once."""

import asyncio
import datetime as dt
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from aiohttp import test_utils, web

from tests.fakes.passing_time import PassingTime


@dataclass(slots=True)
class AskedService:
    """Gives `answers` one after the other, else the usual one, after some seconds of the test's time.

    Nobody is answered before so many as `together` have been there at once.
    """

    time: PassingTime
    answers: list[web.StreamResponse] = field(default_factory=list)
    takes: float = 0.0
    together: int = 1
    starts: list[dt.datetime] = field(default_factory=list)
    asked: list[web.Request] = field(default_factory=list)
    under_way: int = 0
    most_at_once: int = 0
    _all_here: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.starts.append(self.time.now())
        self.asked.append(request)
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        if self.under_way >= self.together:
            self._all_here.set()
        try:
            await asyncio.wait_for(self._all_here.wait(), 10)
            if self.takes:
                await self.time.sleep(self.takes)
            return self.answers.pop(0) if self.answers else web.json_response([])
        finally:
            self.under_way -= 1

    @property
    def gaps(self) -> list[float]:
        """Return the seconds between the starts."""
        ordered = sorted(self.starts)
        return [(later - earlier).total_seconds() for earlier, later in pairwise(ordered)]

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Serve it, on a port of its own; the result is the address."""
        async with serving(self.answer) as url:
            yield url


@asynccontextmanager
async def serving(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """Serve every path with a handler, on 127.0.0.1; the result is the address, with its slash."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with test_utils.TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/"))


@contextmanager
def serving_in_thread(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Iterator[str]:
    """Serve the same in a thread of its own: the command line runs an event loop itself."""
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        async with serving(handler) as url:
            started.set_result((url, asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="a service")
    thread.start()
    url, loop, stop = started.result(timeout=10)
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
        assert not thread.is_alive()
