"""Benches of answering: a day's list, and every command of the table, each in one process on the full store."""

import datetime as dt
import io
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, closing

from rich.console import Console

from adapters.cli.bench.command_steps import SET_UP, Step, all_plays, steps_of
from adapters.cli.bench.ground import Ground, async_seconds, percentile, seconds
from adapters.cli.bench.raw_store import RawStore
from adapters.cli.bench.rows import Row
from adapters.cli.run import open_world
from adapters.terminal.messenger import TerminalMessenger
from bot.commands.dispatch import answer
from bot.paper import Paper
from bot.ports import World
from bot.reply import Reply
from bot.team import Who

_CALLS, _QUICK_CALLS = 20, 3
_GOAL = 100  # ms, of the slowest of a hundred


async def day_view(ground: Ground) -> list[Row]:
    """The answer to `/papers DATE` for each date of the corpus, beside a plain query for the same day."""
    ours, raw = [], []
    async with peopled_world(ground) as (world, _):
        with closing(ground.full_raw()) as plain:
            for day in ground.corpus.days:
                ours.append(await async_seconds(typed(world, f"/papers {day}")) * 1000)
                raw += _plain_views(plain, [day])
    return [
        Row("day view p50", percentile(ours, 50), "ms", percentile(raw, 50)),
        Row("day view p99", percentile(ours, 99), "ms", percentile(raw, 99), below=_GOAL),
    ]


async def commands(ground: Ground) -> list[Row]:
    """The p99 of every command (the worst of 20 calls), slowest first, beside that of the plain query for a day."""
    count = _QUICK_CALLS if ground.quick else _CALLS
    ours: dict[str, float] = {}
    raw: list[float] = []
    async with peopled_world(ground) as (world, papers):
        with closing(ground.full_raw()) as plain:
            for name, play in all_plays().items():
                ours[name] = await _slowest(world, steps_of(play, papers, count))
                raw += _plain_views(plain, ground.corpus.days[-count:])
    plain_ms = percentile(raw, 99)
    rows = [Row(f"command {name}", took, "ms", plain_ms, below=_GOAL) for name, took in ours.items()]
    rows.sort(key=lambda row: -row.value)
    return [Row("command", rows[0].value, "ms", plain_ms, below=_GOAL), *rows]


async def _slowest(world: World, steps: Sequence[Step]) -> float:
    """Return the p99 in milliseconds; the first step is made once before, because a bot is warm.

    The garbage collector's pauses are in it, and longer here than in a bot, which carries less than the bench does.
    """
    took = []
    for step in (steps[0], *steps):
        if step.before:
            await typed(world, step.before, step.channel)
        took.append(await async_seconds(typed(world, step.typed, step.channel)) * 1000)
        if step.after:
            await typed(world, step.after, step.channel)
    return percentile(took[1:], 99)


def _plain_views(plain: RawStore, days: Collection[dt.date]) -> list[float]:
    return [seconds(plain.day, day) * 1000 for day in days]


@asynccontextmanager
async def peopled_world(ground: Ground) -> AsyncIterator[tuple[World, list[Paper]]]:
    """Open the full store with somebody in it who follows, votes, saves and has a digest; and papers of many days."""
    async with open_world(await ground.full(), ground.clock, [TerminalMessenger(Console(file=io.StringIO()))]) as world:
        papers = await _spread_papers(world, ground.corpus.days)
        votes = [f"{verb} {paper.id.value}" for paper in papers for verb in ("vote", "save")]
        for line in (*SET_UP, *votes):
            await typed(world, line)
        yield world, papers


async def _spread_papers(world: World, days: Sequence[dt.date]) -> list[Paper]:
    """Return a paper of each of up to twenty days, the newest first."""
    async with world.store.read() as session:
        listed = [await session.papers.listed(day, day) for day in days[:: -max(1, len(days) // _CALLS)][:_CALLS]]
    return [papers[0] for papers in listed]


async def typed(world: World, line: str, channel: str = "#papers") -> Reply:
    """Type a line and return the answer."""
    return await answer(world, Who("terminal", "bench", channel, "me", may_configure=True), line)
