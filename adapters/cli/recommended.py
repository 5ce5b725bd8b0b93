"""What Semantic Scholar recommends, asked when somebody wants to see it: for each paper at most once a day.

A question goes through the gate that all replicas share (one a second), so it is not asked for everyone who looks at
our own list.
"""

import asyncio
import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from adapters.cli.clock import SystemClock
from adapters.cli.settings import Settings
from adapters.sources import semantic_scholar
from bot.errors import SourceError
from bot.ingest import ingest
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.ports import Batch, Clock, World
from bot.store import Store

WITHIN = 2.0
"""Seconds for which somebody waits."""

EVERY = dt.timedelta(days=1)
"""How long an answer holds."""

AGAIN = dt.timedelta(minutes=1)
"""How long a paper is not asked about again, be it that nobody answered, or that another replica asks just now."""

_PLATFORM, _NAME = semantic_scholar.SOURCE, "recommended beside {}"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, and when it came."""

    at: dt.datetime
    papers: tuple[PaperId, ...]

    def holds(self, now: dt.datetime) -> bool:
        """One from the future is from before the clock was put back."""
        return now - EVERY < self.at <= now


def with_recommended(settings: Settings, world: World) -> World:
    """Return the world with what asks Semantic Scholar, where there is a key."""
    if not settings.semantic_scholar_key.get_secret_value():
        return world
    return replace(world, recommended=RecommendedBySemanticScholar(settings, world.store, world.clock))


class RecommendedBySemanticScholar:
    """Implements `bot.recommended.Recommended`; what was told is kept in the store, for all replicas."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock

    def knows(self, paper: Paper) -> bool:
        """Return whether Semantic Scholar knows names like the paper's."""
        return semantic_scholar.known_name(paper) is not None

    async def for_paper(self, paper: Paper) -> Sequence[PaperId] | None:
        """Return what is recommended, within two seconds; what was before, or None, where there is no answer."""
        name = semantic_scholar.known_name(paper)
        if name is None:
            return ()
        kept = await self._kept(name)
        if kept and kept.holds(self._clock.now()):
            return kept.papers
        before = kept.papers if kept else None
        if not await self._may_ask(name):
            return before
        try:
            async with asyncio.timeout(WITHIN):
                batch = await self._ask(name)
        except (SourceError, TimeoutError) as wrong:
            log.info("what is recommended is not known", paper=str(paper.id), reason=str(wrong) or "no answer")
            return before
        papers = await self._taken_in(batch) if batch else ()
        await self._keep(name, papers)
        return papers

    async def _ask(self, name: PaperId) -> Batch | None:
        """Return what is told; None where Semantic Scholar does not have the paper."""
        from adapters.sources.fetcher import Fetcher, Shared  # aiohttp takes 0.15 s
        from adapters.sources.refusals import AbsentError

        key, url = self._settings.semantic_scholar_key.get_secret_value(), self._settings.semantic_scholar_url
        async with Fetcher(self._settings.contact or None, Shared(self._store, SystemClock())) as fetcher:
            try:
                return await semantic_scholar.SemanticScholar(fetcher, key, url, patience=WITHIN).recommended(name)
            except AbsentError:
                return None

    async def _taken_in(self, batch: Batch) -> tuple[PaperId, ...]:
        """Store what is recommended, so that it can be shown, saved and voted for; return its ids in the store."""
        await ingest(self._store, semantic_scholar.SOURCE, batch, self._clock.now())
        async with self._store.read() as session:
            stored = await session.papers.known(batch.papers)
        found = (stored[each.id][0].id for each in batch.papers if stored.get(each.id))
        return tuple(dict.fromkeys(found))

    async def _may_ask(self, name: PaperId) -> bool:
        """Return whether nobody asks, or did a moment ago; whoever is told so is the one who asks."""
        now = self._clock.now()
        async with self._store.write() as session:
            return await session.leases.take(f"{_PLATFORM} {name}", uuid.uuid4().hex, now, now + AGAIN)

    async def _kept(self, name: PaperId) -> _Kept | None:
        async with self._store.read() as session:
            kept = await session.remembered.get(_PLATFORM, "", _NAME.format(name))
        if kept is None:
            return None
        told = json.loads(kept)
        return _Kept(dt.datetime.fromisoformat(told["at"]), tuple(map(PaperId.parse, told["papers"])))

    async def _keep(self, name: PaperId, papers: Sequence[PaperId]) -> None:
        now = self._clock.now()
        kept = json.dumps({"at": now.isoformat(), "papers": list(map(str, papers))})
        async with self._store.write() as session:
            await session.remembered.put(_PLATFORM, "", _NAME.format(name), kept, now)
