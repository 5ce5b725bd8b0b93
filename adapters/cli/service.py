"""`paperround run`: serves until it is told to stop. The store says what is due; ticks and wake-ups only say "look"."""

import asyncio
import contextlib
import datetime as dt
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import FrameType

import structlog

from adapters.cli import housekeeping
from adapters.cli.digests import next_to_come
from adapters.cli.feeds import read_feeds
from adapters.cli.inbox import Inbox
from adapters.cli.linked import LinkedOnHuggingFace
from adapters.cli.lock import one_service
from adapters.cli.platforms import Served, check, open_platforms
from adapters.cli.polls import PATIENCE, Poll
from adapters.cli.recommended import with_recommended
from adapters.cli.run import inbox_memory, open_messengers, open_sources, open_world, shown_url
from adapters.cli.settings import Settings
from adapters.cli.sources import polled
from adapters.cli.ticks import Tick, ticking
from adapters.cli.troubles import Troubles
from adapters.sources import huggingface
from bot.audit import run_audits
from bot.composing import compose_due
from bot.delivery import post_open
from bot.ports import Clock, Messenger, Source, World
from bot.reply_json import utc
from bot.store import Store
from bot.telling import tell_makers
from bot.timings import DeliveryTimings

READ_FIRST = 60.0
"""Seconds for which digests that are due at the start wait for what was listed while the service was down."""

SIGNALS = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often what is looked at. `polls` and `housekeeping` look whether it is time, for all replicas together."""

    due: dt.timedelta = dt.timedelta(seconds=1)
    sweep: dt.timedelta = dt.timedelta(seconds=5)
    audit: dt.timedelta = dt.timedelta(seconds=30)
    index: dt.timedelta = dt.timedelta(seconds=1)
    inbox: dt.timedelta = dt.timedelta(seconds=2)
    polls: dt.timedelta = dt.timedelta(seconds=60)
    housekeeping: dt.timedelta = dt.timedelta(minutes=10)


@dataclass(slots=True)
class Service:
    """A world that is served, and what is read for it."""

    world: World
    sources: Mapping[str, Source]
    inbox: Inbox | None = None
    reads_feeds: bool = False
    rhythm: Rhythm = field(default_factory=Rhythm)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _unread: set[str] = field(default_factory=set, init=False)
    _compose_from: float = field(default=0, init=False)
    _look_after: dt.timedelta = field(default=dt.timedelta(), init=False)

    async def serve(self) -> None:
        """Serve until `stopping` is set: then no tick has another turn, and what is in hand ends or is released."""
        self._compose_from = asyncio.get_running_loop().time() + READ_FIRST
        troubles = Troubles(self.world.clock.monotonic)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._deliver(troubles))
            async with ticking(self.ticks(), troubles, self.world.timings.stop):
                await self.stopping.wait()
                self.world.wakeups.wake()

    async def _deliver(self, troubles: Troubles) -> None:
        """Post what is open, whenever woken and in any case every sweep: the ledger decides."""
        while not self.stopping.is_set():
            await troubles.watch("posting", self._post())
            if not self.stopping.is_set():
                await self.world.wakeups.wait(self._look_after)

    async def _post(self) -> None:
        """Post what is open, and look again when a platform wants to be asked again, should that be before the sweep.

        A platform that takes 50 messages a second would get 50 every sweep otherwise.
        """
        self._look_after = self.rhythm.sweep
        waits = [each.posting.retry_after for each in await post_open(self.world, self.stopping)]
        self._look_after = min([self.rhythm.sweep, *(wait for wait in waits if wait and wait > dt.timedelta())])

    def ticks(self) -> list[Tick]:
        """Return what is done again and again."""
        world, rhythm = self.world, self.rhythm
        return [
            *self._reading(),
            *([Tick("reading feeds", partial(read_feeds, world), rhythm.polls)] if self.reads_feeds else []),
            Tick("composing what is due", self._compose, rhythm.due),
            Tick("telling makers of digests", partial(tell_makers, world), rhythm.sweep, finishes=True),
            Tick("reading back", partial(run_audits, world), rhythm.audit, finishes=True),
            Tick("catching up the search index", world.index.catch_up, rhythm.index),
            Tick("housekeeping", partial(housekeeping.keep_house, world), rhythm.housekeeping),
        ]

    def _reading(self) -> list[Tick]:
        """Return the ticks that bring papers."""
        works: dict[str, tuple[Callable[[], Awaitable[object]], dt.timedelta]] = {
            f"polling {name}": (Poll(self.world, source), self.rhythm.polls) for name, source in self.sources.items()
        }
        if self.inbox:
            works["reading the inbox"] = self.inbox, self.rhythm.inbox
        self._unread = set(works)
        return [Tick(name, partial(self._read, name, work), every) for name, (work, every) in works.items()]

    async def _read(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        finally:
            self._unread.discard(name)

    async def _compose(self) -> None:
        """Compose what is due; after the start, not before what was missed has been read, or could not be."""
        if self._unread and asyncio.get_running_loop().time() < self._compose_from:
            return
        if await compose_due(self.world):
            self.world.wakeups.wake()


async def run_service(
    settings: Settings,
    clock: Clock,
    messengers: Iterable[Messenger] | None = None,
    rhythm: Rhythm | None = None,
    timings: DeliveryTimings | None = None,
) -> None:
    """Serve the configured store until SIGTERM or SIGINT. Raises PaperRoundError where it can't be served."""
    began = time.perf_counter()
    stopping = asyncio.Event()
    check(settings)
    polled(settings)
    with stopped_by_signals(stopping), one_service(settings.store_url):
        posting = open_messengers() if messengers is None else messengers
        async with (
            open_world(settings, clock, posting, index_later=True, timings=timings) as bare,
            open_platforms(settings, with_recommended(settings, _with_linked(settings, bare))) as served,
            _polled(settings, bare.store) as sources,
        ):
            world = served.world
            inbox = _inbox(settings, world, stopping)
            service = Service(world, sources, inbox, settings.poll, rhythm or Rhythm(), stopping)
            await _tell_ready(service, served, settings, time.perf_counter() - began)
            await service.serve()
    log.info("stopped")


def _with_linked(settings: Settings, world: World) -> World:
    """Return the world with what asks for models and the like, where Hugging Face is asked at all."""
    asked = huggingface.SOURCE in polled(settings)
    return replace(world, linked=LinkedOnHuggingFace(settings, world.store, world.clock)) if asked else world


@contextlib.contextmanager
def stopped_by_signals(stopping: asyncio.Event) -> Iterator[None]:
    """Within the block, SIGTERM and SIGINT set the event; a second one ends the process at once, as it would any."""
    loop = asyncio.get_running_loop()

    def begin(which: int) -> None:
        log.info(
            "stopping; what is in hand may end, a second signal ends it at once", signal=signal.Signals(which).name
        )
        stopping.set()

    def stop(which: int, _: FrameType | None) -> None:
        for each in SIGNALS:  # before all else: a second one may come at any moment, and the loop may be busy
            signal.signal(each, signal.SIG_DFL)
        loop.call_soon_threadsafe(begin, which)

    before = {each: signal.signal(each, stop) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, signal.SIG_DFL if handler is None else handler)


@contextlib.asynccontextmanager
async def _polled(settings: Settings, store: Store) -> AsyncIterator[Mapping[str, Source]]:
    """Open the sources that are to be polled. Raises SettingsError where one can't be."""
    names = polled(settings)
    async with store.write() as session:
        for run in await session.source_runs.all():
            if run.source not in names:
                await session.source_runs.planned(run.source, None)
    if not names:
        yield {}
        return
    async with open_sources(settings, store, PATIENCE) as sources:
        yield {name: sources[name] for name in names}


def _inbox(settings: Settings, world: World, stopping: asyncio.Event) -> Inbox | None:
    """Return the inbox, where one is set."""
    if settings.inbox is None:
        return None
    source = huggingface.SOURCE
    return Inbox(world, settings.inbox, inbox_memory(settings, world), source, huggingface.read_file, stopping.is_set)


async def _tell_ready(service: Service, served: Served, settings: Settings, seconds: float) -> None:
    """Tell the log what is served."""
    async with service.world.store.read() as session:
        papers = await session.papers.count()
        coming = await next_to_come(session)
        open_rows = await session.deliveries.unsettled()
    log.info(
        "ready",
        store=shown_url(settings.store_url),
        papers=papers,
        posts_to=list(service.world.messengers),
        serves=served.serves(),
        web=served.web or "not served",
        next_digest=utc(coming.next_due_at) if coming else "none is set",
        open_deliveries=open_rows,
        polls=list(service.sources) or "off",
        inbox=str(service.inbox.folder) if service.inbox else "none",
        seconds=round(seconds, 2),
    )
