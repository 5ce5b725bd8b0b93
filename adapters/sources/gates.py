"""The gates of the services, and the keeper that lets requests start when theirs opens, over all replicas."""

import asyncio
import datetime as dt
import random
import uuid
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Final

from yarl import URL

from adapters.sources.addresses import site
from adapters.sources.refusals import BusyError
from bot.errors import SourceError
from bot.gates import Busy, Gate, Wait
from bot.ports import Clock
from bot.store import Store

ARXIV: Final = Gate("arXiv", dt.timedelta(seconds=3), 1)
"""Announcements, API and OAI-PMH together: "no more than one request every three seconds, and ... a single
connection at a time" (https://info.arxiv.org/help/api/tou.html)."""

CROSSREF: Final = Gate("Crossref", dt.timedelta(seconds=0.1), 3, hiccups=True)
"""The polite pool: 10 requests a second, 3 at once."""

SEMANTIC_SCHOLAR: Final = Gate("Semantic Scholar", dt.timedelta(seconds=1), 1, hiccups=True)

HUGGING_FACE: Final = Gate("Hugging Face", dt.timedelta(seconds=0.3), 2, hiccups=True)
"""500 calls in 5 minutes, whoever asks."""

_KNOWN: Final = {
    "arxiv.org": ARXIV,
    "crossref.org": CROSSREF,
    "semanticscholar.org": SEMANTIC_SCHOLAR,
    "huggingface.co": HUGGING_FACE,
}

_APART = dt.timedelta(seconds=1)
_GRACE = dt.timedelta(seconds=30)  # on top of a request's limit, before it counts as over in a process that died
_LOOK_AGAIN = (0.2, 0.5)  # seconds between two looks whether another replica's request has ended


class ShutError(SourceError):
    """A gate does not open soon enough; the message says when to try again."""


def gate_of(url: URL) -> Gate:
    """Return the gate of an address that somebody named: its service's, else its site's own."""
    there = site(url)
    known = (gate for name, gate in _KNOWN.items() if there == name or there.endswith(f".{name}"))
    return next(known, Gate(there, _APART))


class Gatekeeper:
    """Lets requests start when their gate opens, as the store tells it to all replicas."""

    def __init__(self, store: Store, clock: Clock, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._store = store
        self._clock = clock
        self._sleep = sleep
        # This process's requests queue here, first come, first served, so that few look into the store at a time.
        self._queues: weakref.WeakValueDictionary[str, asyncio.Semaphore] = weakref.WeakValueDictionary()

    @asynccontextmanager
    async def admitted(self, gate: Gate, lasts: float, give_up: float) -> AsyncIterator[None]:
        """Within the block, one request may be made, which takes `lasts` seconds at most.

        A BusyError in it shuts the gate. ShutError where it would not open by `give_up`, in the clock's seconds.
        """
        queue = self._queues.setdefault(gate.name, asyncio.Semaphore(gate.at_once))
        await self._queue_up(gate, queue, give_up - self._clock.monotonic())
        try:
            async with self._entered(gate, lasts, give_up):
                yield
        finally:
            queue.release()

    async def _queue_up(self, gate: Gate, queue: asyncio.Semaphore, patience: float) -> None:
        try:
            async with asyncio.timeout(patience):
                await queue.acquire()
        except TimeoutError:
            raise _shut(gate, Wait(None)) from None

    @asynccontextmanager
    async def _entered(self, gate: Gate, lasts: float, give_up: float) -> AsyncIterator[None]:
        holder, started, busy = uuid.uuid4().hex, None, None
        try:
            await self._enter(gate, holder, dt.timedelta(seconds=lasts) + _GRACE, give_up)
            started = self._clock.now()  # not when the store was asked: that may take a while
            yield
        except BusyError as failure:
            wait = None if failure.wait is None else dt.timedelta(seconds=failure.wait)
            busy = Busy(str(failure), wait, random.random())
            raise
        finally:
            # Whoever is stopped now would else leave the gate taken till the request's limit has passed.
            await _to_its_end(self._leave(gate, holder, started, busy))

    async def _leave(self, gate: Gate, holder: str, started: dt.datetime | None, busy: Busy | None) -> None:
        async with self._store.write() as session:
            await session.gates.leave(gate, holder, started, self._clock.now(), busy)

    async def _enter(self, gate: Gate, holder: str, lasts: dt.timedelta, give_up: float) -> None:
        while True:
            now = self._clock.now()
            async with self._store.write() as session:
                wait = await session.gates.enter(gate, holder, now, now + lasts)
            if wait is None:
                return
            seconds = (wait.until - now).total_seconds() if wait.until else random.uniform(*_LOOK_AGAIN)
            if self._clock.monotonic() + seconds > give_up:
                raise _shut(gate, wait)
            await self._sleep(seconds)


async def _to_its_end(work: Coroutine[None, None, None]) -> None:
    """Await work that goes on where whoever awaits it is cancelled."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def _shut(gate: Gate, wait: Wait) -> ShutError:
    if wait.until is None or wait.reason is None:
        return ShutError(f"{gate.name} has other questions of ours to answer first; try again in a minute.")
    opens = wait.until + dt.timedelta(seconds=59)  # the minute in which it is open
    return ShutError(f"{gate.name} is not asked before {opens:%Y-%m-%d %H:%M} UTC: {wait.reason}")
