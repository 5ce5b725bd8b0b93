"""A service that reads arXiv at a time that is moved, and what it has stored."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.cli.arxiv import ArxivOfTeams
from adapters.cli.clock import SetClock
from adapters.cli.polls import Poll
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.sources.fetcher import Fetcher
from bot.commands.dispatch import answer
from bot.paper import Paper
from bot.ports import World
from bot.reply import Reply, StatusLine
from bot.store_sources import SourceRun
from bot.team import Who
from tests.fakes.arxiv_days import NEW_YORK, ArxivDays, Work

ALICE = Who("test", "lab", "#papers", "alice", may_configure=True)
_DAY = dt.timedelta(days=1)


def new_york(day: str, hour: int, minute: int = 0) -> dt.datetime:
    """Return a time in New York."""
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour, minute), NEW_YORK)


def announced(first: str, last: str, categories: tuple[str, ...] = ("cs.CL",), per_day: int = 7) -> list[Work]:
    """Return papers for each weekday from one to the other."""
    begin, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    days = [begin + passed * _DAY for passed in range((end - begin).days + 1)]
    weekdays = [day for day in days if day.weekday() < 5]
    subject = sum(map(ord, categories[0])) % 9
    return [
        Work(f"{day:%y%m}.{day.day:02}{subject}{number:02}", day, categories)
        for day in weekdays
        for number in range(per_day)
    ]


@dataclass(slots=True)
class Bot:
    """A service's polls, at a time that is moved; it can be off."""

    world: World
    clock: SetClock
    arxiv: ArxivDays
    source: ArxivOfTeams
    polls: list[Poll] = field(default_factory=list)

    def start(self) -> None:
        """Begin anew, as a process does."""
        self.polls = [Poll(self.world, self.source)]

    async def on_until(self, time: dt.datetime, every: dt.timedelta = dt.timedelta(minutes=15)) -> None:
        """Let the service look every so often until then."""
        self.start()
        while self.clock.time < time:
            for poll in self.polls:
                await poll()
            self.clock.time += every

    async def off_until(self, time: dt.datetime) -> None:
        """Let time pass without it."""
        self.clock.time = time

    async def says(self, typed: str) -> Reply:
        """Type something."""
        return await answer(self.world, ALICE, typed)

    async def status(self) -> StatusLine:
        """Return what `status` says of arXiv."""
        (line,) = [line for line in (await self.says("status")).status or () if line.what == "source arxiv"]
        return line

    async def run(self) -> SourceRun:
        """Return arXiv's diary."""
        async with self.world.store.read() as session:
            run = await session.source_runs.of("arxiv")
        assert run is not None
        return run

    async def papers(self) -> dict[str, Paper]:
        """Return all stored papers, by arXiv's id."""
        async with self.world.store.read() as session:
            return {paper.id.value: paper for _, paper in await session.papers.changed_since(0, 100_000)}


def listed_days(papers: dict[str, Paper]) -> dict[str, list[dt.date]]:
    return {key: [listing.day for listing in paper.listings] for key, paper in papers.items()}


async def assert_all_there_once(bot: Bot) -> None:
    """Every paper is stored, and listed on its own day alone."""
    assert listed_days(await bot.papers()) == {key: [day] for key, day in bot.arxiv.days.items()}


@asynccontextmanager
async def reading(folder: Path, now: dt.datetime, store_url: str = "") -> AsyncIterator[Bot]:
    """Start a bot that wants cs.CL."""
    clock = SetClock(now)
    arxiv = ArxivDays(clock)
    async with arxiv.served(), Fetcher("alice@example.org") as fetcher:
        settings = Settings(
            data_dir=folder, database_url=store_url, arxiv_categories="cs.CL", arxiv_rss_url=arxiv.url,
            arxiv_oai_url=arxiv.url, arxiv_api_url=arxiv.url,
        )  # fmt: skip
        async with open_world(settings, clock) as world:
            yield Bot(world, clock, arxiv, ArxivOfTeams(fetcher, world.store, clock, settings))
