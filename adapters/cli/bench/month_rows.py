"""Benches of the lists of several days where a source announces hundreds a day, beside a plain query of the same file.

Each is measured after a change of some paper, which is when nothing is known of the list, and once more as it is.
"""

import datetime as dt
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from statistics import median

from adapters.cli.bench.big_papers import Recombiner, find_library
from adapters.cli.bench.command_rows import typed
from adapters.cli.bench.ground import SOURCE, Ground, async_seconds, seconds
from adapters.cli.bench.rows import Row
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from bot.paper import Listing, Paper
from bot.ports import World
from storage.database import sqlite_path

_LISTS = {"month": 30, "month source:all": 30, "trending month": 31, "week": 7}
"""What is typed, and how many days it looks back."""

_DAYS = 31
_A_DAY, _QUICK_A_DAY = 600, 20  # papers, of arXiv as a whole
_PICKED_OUT = 14  # of these, by Hugging Face, as recorded
_LIBRARY, _QUICK_LIBRARY = 5_000, 200
_TIMES = 5
_GOAL = 200  # ms; with all papers loaded it took 700 to 1,100
_MEMORY_GOAL = 15  # MB; with all papers loaded it was 55

_PLAIN = """
SELECT papers.key, title, authors, abstract, max(votes) AS most, max(comments), min(day)
FROM listings JOIN papers ON papers.id = listings.paper WHERE day BETWEEN ? AND ?
GROUP BY papers.id ORDER BY most DESC, papers.key LIMIT 10
"""


async def month_lists(ground: Ground) -> list[Row]:
    """The answers to `month`, `week` and `trending month` among 18,600 papers, and the memory that a month takes."""
    settings, today = ground.empty(), ground.clock.now().date()
    async with open_world(settings, ground.clock, index_later=True) as world:
        newest = await _fill(world, ground, today)
        with closing(_plain(settings)) as plain:
            rows = [row for line in _LISTS for row in await _times(world, ground, plain, newest, line)]
            return [*rows, await _memory(world, plain, newest)]


async def _fill(world: World, ground: Ground, today: dt.date) -> Paper:
    """Store a month of papers; return one of the newest."""
    a_day = _QUICK_A_DAY if ground.quick else _A_DAY
    library = find_library(ground.bulk, ground.new_folder(), _QUICK_LIBRARY if ground.quick else _LIBRARY)
    papers = Recombiner(library, _DAYS * a_day).papers()
    newest: list[Paper] = []
    for ago in reversed(range(_DAYS)):
        newest = list(_listed(islice(papers, a_day), today - dt.timedelta(days=ago)))
        async with world.store.write() as session:
            await session.papers.save(newest, world.clock.now() - dt.timedelta(days=ago))
    return newest[0]


def _listed(papers: Iterator[Paper], day: dt.date) -> Iterator[Paper]:
    for place, paper in enumerate(papers):
        announced = Listing("arxiv", day)
        picked = (Listing(SOURCE, day, votes=place * 7 % 50, comments=place % 3),) if place < _PICKED_OUT else ()
        yield replace(paper, listings=(announced, *picked))


async def _times(world: World, ground: Ground, plain: sqlite3.Connection, paper: Paper, line: str) -> list[Row]:
    anew, again, raw = [], [], []
    last = world.clock.now().date()
    days = last - dt.timedelta(days=_LISTS[line] - 1), last
    await typed(world, line)
    for _ in ground.times(_TIMES):
        await _change(world, paper)
        anew.append(await async_seconds(typed(world, line)) * 1000)
        again.append(await async_seconds(typed(world, line)) * 1000)
        raw.append(seconds(lambda span: plain.execute(_PLAIN, span).fetchall(), tuple(map(str, days))) * 1000)
    return [
        Row(f"month list, {line}", median(anew), "ms", median(raw), below=_GOAL),
        Row(f"month list, {line}, again", median(again), "ms", median(raw), below=_GOAL),
    ]


async def _change(world: World, paper: Paper) -> None:
    async with world.store.write() as session:
        await session.papers.save([paper], world.clock.now())


async def _memory(world: World, plain: sqlite3.Connection, paper: Paper) -> Row:
    """The most that is allocated at once for the longest list, in Python; SQLite's own is not in it."""
    await _change(world, paper)
    tracemalloc.start()
    try:
        await typed(world, "month source:all")
        ours = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        last = world.clock.now().date()
        plain.execute(_PLAIN, (str(last - dt.timedelta(days=29)), str(last))).fetchall()
        raw = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    return Row("month list, memory", ours / 1e6, "MB", max(raw, 1) / 1e6, below=_MEMORY_GOAL)


def _plain(settings: Settings) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{sqlite_path(settings.store_url)}?mode=ro", uri=True)
