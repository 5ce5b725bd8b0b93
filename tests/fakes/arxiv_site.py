"""arXiv on loopback in a thread of its own: the command line runs an event loop itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.cli.clock import SystemClock
from tests.fakes.arxiv_days import ArxivDays
from tests.fakes.service import serving_in_thread


@contextmanager
def arxiv_site() -> Iterator[ArxivDays]:
    """Serve it on 127.0.0.1 for as long as the block runs; the day there is today's."""
    site = ArxivDays(SystemClock())
    with serving_in_thread(site.answer) as site.url:
        yield site
