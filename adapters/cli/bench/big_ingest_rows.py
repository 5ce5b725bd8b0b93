"""Benches of taking papers into a big store, index and authors' names included, beside sqlite3 with FTS5."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from statistics import median

from adapters.cli.bench.big_corpus import BigCorpus, big_corpus
from adapters.cli.bench.corpus import FULL_DAY
from adapters.cli.bench.ground import SOURCE, Ground, async_seconds, seconds
from adapters.cli.bench.raw_papers import RawPapers
from adapters.cli.bench.rows import Row
from adapters.cli.run import open_world
from bot.ingest import ingest
from bot.paper import Listing, Paper
from bot.ports import Batch, World

_BATCHES = 500, 2_000  # papers: as sources bring them, and bulk
_QUICK_BATCHES = 50, 50
_A_ROUND = 4  # batches
_PAPERS_A_SECOND, _BULK_A_SECOND, _DAY_SECONDS = 3_000, 6_000, 0.2
_Batches = list[tuple[Paper, ...]]


@dataclass(slots=True)
class _Into:
    """The two stores that papers go into."""

    world: World
    plain: RawPapers

    async def seconds(self, batches: _Batches) -> tuple[float, float]:
        """Take in batches, until all can be searched; return how long it took us, and the yardstick."""
        ours = await async_seconds(self._take_in(batches))
        return ours, sum(seconds(self.plain.insert, batch) for batch in batches)

    async def _take_in(self, batches: _Batches) -> None:
        """Store one batch after the other; beside that, the index catches up with what is stored."""
        async with asyncio.TaskGroup() as tasks:
            indexing: asyncio.Task[int] | None = None
            for batch in batches:
                await ingest(self.world.store, SOURCE, Batch("new", batch, {}), self.world.clock.now())
                if indexing is None or indexing.done():
                    indexing = tasks.create_task(self.world.index.catch_up())
        await self.world.index.catch_up()  # what came since the last look


async def ingest_into(ground: Ground) -> list[Row]:
    """Batches of 500, bulk in batches of 2,000, and a day of 50; medians of 5 rounds of four batches, and of 5 days."""
    copy = (await big_corpus(ground)).copy()
    papers, rounds = copy.new_papers(), ground.times(5)
    sizes = _QUICK_BATCHES if ground.quick else _BATCHES
    async with open_world(copy.settings, ground.clock) as world:
        with closing(RawPapers(copy.raw)) as plain:
            into = _Into(world, plain)
            batches, bulk = [[await into.seconds(_cut(papers, size)) for _ in rounds] for size in sizes]
            days = [await into.seconds([_day(papers, ground, number)]) for number in rounds]
    return list(_rows(copy, sizes, batches, bulk, days))


def _cut(papers: Iterator[Paper], size: int) -> _Batches:
    return [tuple(islice(papers, size)) for _ in range(_A_ROUND)]


def _day(papers: Iterator[Paper], ground: Ground, number: int) -> tuple[Paper, ...]:
    """Return a day's papers as Hugging Face lists them."""
    day = ground.corpus.days[-1] + dt.timedelta(days=number + 1)
    return tuple(
        replace(paper, listings=(Listing(SOURCE, day, votes, comments=1),))
        for votes, paper in enumerate(islice(papers, FULL_DAY))
    )


_Taken = list[tuple[float, float]]


def _rows(corpus: BigCorpus, sizes: tuple[int, int], batches: _Taken, bulk: _Taken, days: _Taken) -> Iterator[Row]:
    name = f"ingest into {corpus.name}"
    kinds = (("", batches, _PAPERS_A_SECOND), (", bulk", bulk, _BULK_A_SECOND))
    for (how, taken, goal), size in zip(kinds, sizes, strict=True):
        ours, raw = (_A_ROUND * size / median(took) for took in zip(*taken, strict=True))
        yield Row(f"{name}{how}", ours, "papers/s", raw, at_least=goal if corpus.is_for_goals else None)
    ours, raw = (median(took) for took in zip(*days, strict=True))
    yield Row(f"{name}, a day of {FULL_DAY}", ours, "s", raw, below=_DAY_SECONDS)
