"""No paper that ends in its day's top is missed, replayed with votes that come early, steadily, or late in bursts.

A source is read twice a day. A paper *enters for good* at the first reading from which on it is among the top five
of its day's list until the end. From then on, but not before that day's list is settled (a digest of a later date),
a digest of five has two digests to bring it: it is missed if the channel does not have it by the second.

Each paper turns up when its source listed it. Its votes rise from 0 to the recorded number within a week, in one of
several shapes, and go through ingest; recorded answers only tell where they ended.
"""

import datetime as dt
import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from adapters.cli.clock import SetClock
from adapters.cli.wakeups import LocalWakeups
from adapters.sources.huggingface import read_file
from bot.composing import compose_due
from bot.digest import DigestSettings
from bot.ingest import ingest
from bot.ledger import Settlement
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch, World
from bot.schedule import WEEKDAYS, Schedule, next_slot
from storage.database import SqlStore
from storage.search_index import TantivyIndex
from tests.fakes.stores import only_on_sqlite

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "hf_daily"
FIRST_RECORDED = "2025-04-01"

TOP = 5
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
READINGS = (dt.time(6, tzinfo=dt.UTC), dt.time(21, tzinfo=dt.UTC))
WEEK = 168.0  # hours
SETTLED = 9 * DAY
"""After that, a day's votes change no more."""

SCHEDULES = {
    "daily": Schedule(dt.time(9), "Europe/Berlin", WEEKDAYS),
    "weekdays": Schedule(dt.time(18), "America/New_York", WEEKDAYS[:5]),
}

Share = Callable[[float], float]
"""How much of its votes a paper has, so many hours after it was listed: rising from 0 to 1 within a week."""


def made_share(chance: random.Random) -> Share:
    """Return one of the shapes in which votes come."""
    shape = chance.choice(("early", "steady", "burst", "bursts"))
    if shape == "early":
        return lambda hours: 1 - math.exp(-hours / 6)
    if shape == "steady":
        takes = chance.uniform(24, WEEK)
        return lambda hours: hours / takes
    first, *others = sorted(chance.uniform(12, WEEK) for _ in range(1 if shape == "burst" else 3))
    before = chance.uniform(0, 0.6)
    steps = [first, *others]
    return lambda hours: before * min(1, hours / 12) + (1 - before) * sum(hours >= at for at in steps) / len(steps)


@dataclass(slots=True)
class History:
    """A paper, when it is listed, and how its votes come."""

    paper: Paper
    listing: Listing
    at: dt.datetime
    share: Share

    def votes(self, now: dt.datetime) -> int:
        """Return its votes at a time: all of them after a week."""
        hours = (now - self.at) / HOUR
        part = 1.0 if hours >= WEEK else min(1.0, self.share(hours))
        return int((self.listing.votes or 0) * part)

    def seen(self, now: dt.datetime) -> Paper:
        """Return the paper as its source shows it then."""
        return replace(self.paper, listings=(replace(self.listing, votes=self.votes(now)),))


def histories_of(papers: Iterable[Paper], seed: int) -> list[History]:
    chance = random.Random(seed)
    found = []
    for paper in papers:
        (listing,) = paper.listings
        at = listing.listed_at or dt.datetime.combine(listing.day, dt.time(), dt.UTC)
        found.append(History(paper, listing, at, made_share(chance)))
    return sorted(found, key=lambda each: each.at)


@dataclass(slots=True)
class Ranks:
    """The reference: who is in each day's top, and since which reading without a break."""

    days: dict[dt.date, dict[PaperId, tuple[int, int, dt.datetime, str]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    entered: dict[dt.date, dict[PaperId, dt.datetime]] = field(default_factory=lambda: defaultdict(dict))

    def read(self, history: History, now: dt.datetime) -> None:
        """Note a paper's votes, and when it was first seen."""
        day = self.days[history.listing.day]
        first = day[history.paper.id][2] if history.paper.id in day else now
        day[history.paper.id] = (
            -history.votes(now), -(history.listing.comments or 0), first, str(history.paper.id)
        )  # fmt: skip

    def rank(self, day: dt.date, now: dt.datetime) -> None:
        """Find who is in the day's top at this reading."""
        top = sorted(self.days[day], key=self.days[day].__getitem__)[:TOP]
        before = self.entered[day]
        self.entered[day] = {paper: before.get(paper, now) for paper in top}


@dataclass(slots=True)
class Replay:
    """A store into which papers come as time goes by, and the digests of two channels."""

    store: SqlStore
    folder: Path
    histories: Sequence[History]
    ranks: Ranks = field(default_factory=Ranks)
    digests: dict[str, DigestSettings] = field(default_factory=dict)
    composed: dict[str, dict[dt.date, dt.datetime]] = field(default_factory=lambda: defaultdict(dict))
    brought: dict[str, dict[str, dt.datetime]] = field(default_factory=lambda: defaultdict(dict))
    sizes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    async def run(self) -> None:
        """Let all of it happen, from the first day to ten days after the last."""
        days = [history.listing.day for history in self.histories]
        first, last = min(days), max(days)
        await self._set_digests(first)
        clock = SetClock(dt.datetime.combine(first, dt.time(), dt.UTC))
        world = World(self.store, TantivyIndex(self.folder, self.store), clock, {}, LocalWakeups(), clock.now())
        for passed in range((last - first).days + 10):
            today = first + passed * DAY
            for moment in sorted((*READINGS, *self._due_times(today))):
                clock.time = dt.datetime.combine(today, moment)
                if moment in READINGS:
                    await self._read(clock.now())
                else:
                    await self._compose(world)

    async def _set_digests(self, first: dt.date) -> None:
        async with self.store.write() as session:
            for name, schedule in SCHEDULES.items():
                caller = await session.teams.welcome("slack", "Acme", f"#{name}", "Alice")
                slot = next_slot(schedule, dt.datetime.combine(first + DAY, dt.time(), dt.UTC))
                self.digests[name] = await session.digests.put(
                    DigestSettings(
                        0, caller.channel.id, name, schedule, TOP, None, 1, slot.due_at, first, slot.due_at
                    )
                )  # fmt: skip

    def _due_times(self, today: dt.date) -> list[dt.time]:
        start = dt.datetime.combine(today, dt.time(), dt.UTC)
        due = {next_slot(schedule, start).due_at for schedule in SCHEDULES.values()}
        return [at.timetz() for at in due if at < start + DAY]

    async def _read(self, now: dt.datetime) -> None:
        in_sight = [each for each in self.histories if each.at <= now < each.at + SETTLED + DAY]
        papers = tuple(each.seen(now) for each in in_sight)
        await ingest(self.store, "huggingface", Batch(str(now), papers, {}), now)
        for each in in_sight:
            self.ranks.read(each, now)
        for day in {each.listing.day for each in in_sight}:
            self.ranks.rank(day, now)

    async def _compose(self, world: World) -> None:
        now = world.clock.now()
        await compose_due(world)
        async with self.store.write() as session:
            for name, settings in self.digests.items():
                stored = await session.digests.get(settings.id)
                assert stored
                if stored.last_slot:
                    self.composed[name].setdefault(stored.last_slot, now)
            posted = await session.deliveries.claim(now, 10, {"slack"}, HOUR)
            for delivery in posted:
                await session.deliveries.settle(delivery, Settlement("sent"), now)
                name = delivery.channel.key.removeprefix("#")
                lines = delivery.payload.papers
                assert not self.brought[name].keys() & {line.id for line in lines}, "a paper came twice"
                self.brought[name] |= {line.id: now for line in lines}
                self.sizes[name].append(len(lines))

    def missed(self, name: str) -> list[str]:
        """Return the papers that the digest missed, each with its day."""
        found = []
        for day, top in self.ranks.entered.items():
            for paper, entered in top.items():
                chances = [at for slot, at in self.composed[name].items() if slot > day and at >= entered][:2]
                assert len(chances) == 2, "the replay ends too early"
                came = self.brought[name].get(str(paper))
                if came is None or came > chances[1]:
                    found.append(f"{paper} of {day}, in the top since {entered}, came {came}")
        return found


async def replayed(store: SqlStore, folder: Path, papers: Iterable[Paper], seed: int) -> Replay:
    """Let papers come, and check that neither digest misses one."""
    replay = Replay(store, folder, histories_of(papers, seed))
    await replay.run()
    judged = sum(map(len, replay.ranks.entered.values()))
    assert judged >= 4 * len(replay.ranks.entered)
    for name in SCHEDULES:
        assert replay.missed(name) == []
        assert max(replay.sizes[name]) <= 2 * TOP
    return replay


def recorded_papers(first: str, last: str) -> list[Paper]:
    if not RECORDED.is_dir():
        pytest.skip("the recorded days (../shared/data/hf_daily) are not beside this checkout")
    files = [path for path in sorted(RECORDED.glob("*.json")) if first <= path.stem <= last]
    found: dict[PaperId, Paper] = {}
    for path in files:
        for paper in read_file(path).papers:
            found.setdefault(paper.id, paper)
    return list(found.values())


@only_on_sqlite
@pytest.mark.parametrize("seed", [1, 2])
async def test_made_papers_that_end_in_the_top_come_within_two_digests(
    store: SqlStore, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    papers = []
    for passed in range(16):
        day = dt.date(2025, 6, 2) + passed * DAY
        for place in range(12 if day.weekday() < 5 else 1):
            at = dt.datetime.combine(day, dt.time(chance.randrange(24), chance.randrange(60)), dt.UTC)
            listing = Listing("huggingface", day, votes=int(chance.paretovariate(1)) % 300, listed_at=at)
            number = 100 * passed + place
            papers.append(
                Paper(PaperId.parse(f"arxiv:2506.{number:05}"), f"Paper number {number}", listings=(listing,))
            )
    await replayed(store, tmp_path / "index", papers, seed)


@only_on_sqlite
async def test_recorded_papers_of_two_months_that_end_in_the_top_come_within_two_digests(
    store: SqlStore, tmp_path: Path
) -> None:
    replay = await replayed(store, tmp_path / "index", recorded_papers("2025-06-01", "2025-07-31"), seed=1)
    assert len(replay.ranks.entered) > 30
    sizes = replay.sizes["daily"]
    assert sum(sizes) / len(sizes) < TOP + 1


@pytest.mark.long
@only_on_sqlite
@pytest.mark.parametrize("seed", range(3))
async def test_all_recorded_papers_since_april_2025_that_end_in_the_top_come_within_two_digests(
    store: SqlStore, tmp_path: Path, seed: int
) -> None:
    replay = await replayed(store, tmp_path / "index", recorded_papers(FIRST_RECORDED, "9999"), seed)
    assert len(replay.ranks.entered) > 150
