"""arXiv on loopback in a thread of its own: the command line runs an event loop itself."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from adapters.cli.clock import SystemClock
from tests.fakes.arxiv_days import ArxivDays


@contextmanager
def arxiv_site() -> Iterator[ArxivDays]:
    """Serve it on 127.0.0.1 for as long as the block runs; the day there is today's."""
    site = ArxivDays(SystemClock())
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        async with site.served():
            started.set_result((asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="arxiv")
    thread.start()
    loop, stop = started.result(timeout=10)
    try:
        yield site
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
        assert not thread.is_alive()
