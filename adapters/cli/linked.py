"""What is linked with papers, asked of Hugging Face when a card is shown: each paper at most once an hour.

`GET /api/papers/{arXiv id}` counts them (`numTotalModels` and so on); a paper without a page there is answered 404.
"""

import asyncio
import datetime as dt
import json
import uuid
from contextlib import AsyncExitStack
from dataclasses import asdict, replace

import structlog

from adapters.cli.clock import SystemClock
from adapters.cli.settings import Settings
from adapters.sources import json_facts as facts
from bot.errors import SourceError
from bot.linked import LinkedCounts
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Clock
from bot.store import Store

WITHIN = 2.0
"""Seconds for which a card waits; what comes later, or not at all, is asked for again in an hour."""

EVERY = dt.timedelta(hours=1)

_PLATFORM, _NAME = "huggingface", "linked {}"

log = structlog.get_logger()


class LinkedOnHuggingFace:
    """Implements `bot.linked.Linked`; what was told is kept in the store, for all replicas."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock

    async def of(self, paper: Paper) -> LinkedCounts | None:
        """Return how many there are, within two seconds; what was known before where there is no answer."""
        known = next((name for name in paper.names if name.scheme is Scheme.ARXIV), None)
        if known is None:
            return None
        before = await self._remembered(known)
        if not await self._may_ask(known):
            return before
        try:
            async with asyncio.timeout(WITHIN):
                counts = await self._ask(known)
        except (SourceError, TimeoutError) as wrong:
            log.info("what is linked with a paper is not known", paper=str(paper.id), reason=str(wrong) or "no answer")
            return before
        await self._remember(known, counts)
        await self._tell_paper(paper, counts.models)
        return counts

    async def _ask(self, paper_id: PaperId) -> LinkedCounts:
        from adapters.sources.fetcher import Fetcher, Shared  # aiohttp takes 0.15 s
        from adapters.sources.gates import HUGGING_FACE
        from adapters.sources.refusals import AbsentError

        async with AsyncExitStack() as opened:
            shared = Shared(self._store, SystemClock())
            fetcher = await opened.enter_async_context(Fetcher(self._settings.contact or None, shared))
            url = f"{self._settings.hf_url.rstrip('/')}/api/papers/{paper_id.value}"
            try:
                told = facts.record(await fetcher.through(HUGGING_FACE, patience=WITHIN / 2).json(url, {}))
            except AbsentError:
                return LinkedCounts()
        names = ("Models", "Datasets", "Spaces")
        return LinkedCounts(*(facts.count(told.get(f"numTotal{name}")) or 0 for name in names))

    async def _may_ask(self, paper_id: PaperId) -> bool:
        """Return whether nobody has asked for an hour; whoever is told so is the one who asks."""
        now = self._clock.now()
        async with self._store.write() as session:
            return await session.leases.take(_NAME.format(paper_id), uuid.uuid4().hex, now, now + EVERY)

    async def _remembered(self, paper_id: PaperId) -> LinkedCounts | None:
        async with self._store.read() as session:
            kept = await session.remembered.get(_PLATFORM, "", _NAME.format(paper_id))
        return LinkedCounts(**json.loads(kept)) if kept else None

    async def _remember(self, paper_id: PaperId, counts: LinkedCounts) -> None:
        kept = json.dumps(asdict(counts))
        async with self._store.write() as session:
            await session.remembered.put(_PLATFORM, "", _NAME.format(paper_id), kept, self._clock.now())

    async def _tell_paper(self, paper: Paper, models: int) -> None:
        """Keep the models with the paper, by which `has:model` finds it."""
        async with self._store.write() as session:
            # `known` holds it: what a poll stores meanwhile would be undone.
            stored = next(iter((await session.papers.known([paper])).get(paper.id, ())), None)
            if stored and stored.models != models:
                await session.papers.save([replace(stored, models=models)], self._clock.now())
