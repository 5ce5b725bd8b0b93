"""A service at work: what is due is posted once, however it is woken, or not at all; old rows go."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.cli import service
from adapters.cli.clock import SetClock
from adapters.cli.housekeeping import keep_house
from adapters.cli.lock import one_service
from adapters.cli.run import open_world
from adapters.cli.sample import SOURCE, sample_days
from adapters.cli.service import Rhythm, Service
from adapters.cli.settings import Settings
from adapters.cli.wakeups import LocalWakeups
from bot.commands.dispatch import answer
from bot.digest import Composed, DigestSettings
from bot.errors import SourceError, StoreError
from bot.ingest import ingest
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch, Finding, Posting, Source, World
from bot.query_parser import parse_rules
from bot.reply import DigestPost, Post, Reply
from bot.schedule import WEEKDAYS, Schedule
from bot.team import Who
from storage.database import SqlStore

THURSDAY = dt.datetime(2025, 6, 5, 14, tzinfo=dt.UTC)
FRIDAY = dt.datetime(2025, 6, 6, 9, tzinfo=dt.UTC)
ALICE = Who("terminal", "lab", "#papers", "alice", may_configure=True)
SOON = dt.timedelta(milliseconds=50)
NEVER = dt.timedelta(hours=1)
BRISK = Rhythm(due=SOON, sweep=SOON, audit=SOON, index=SOON, inbox=SOON, polls=SOON, housekeeping=SOON)


@dataclass(slots=True)
class Wall:
    """A messenger that keeps what was posted and told; it can be told to refuse."""

    platform: str = "terminal"
    thread_room: int = 0
    posts: list[str] = field(default_factory=list)
    notes: list[tuple[str, Reply]] = field(default_factory=list)
    answers: list[Posting] = field(default_factory=list)

    async def post(self, team: str, channel: str, post: Post, key: str, thread: str | None = None) -> Posting:
        """Keep the post, unless the next answer is another than accepted."""
        posting = self.answers.pop(0) if self.answers else Posting("accepted", message_id=key)
        if posting.outcome == "accepted":
            self.posts.append(key)
        return posting

    async def find(self, team: str, channel: str, key: str, since: dt.datetime, thread: str | None = None) -> Finding:
        """Find what was posted with that key."""
        return Finding("read", tuple(each for each in self.posts if each == key))

    async def delete(self, team: str, channel: str, message_id: str, thread: str | None = None) -> Posting:
        """Nothing is ever posted twice here."""
        raise AssertionError(f"{message_id} would be deleted")

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Nothing is changed."""
        return Posting("accepted", message_id=message_id)

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Keep the note."""
        self.notes.append((member, note))
        return Posting("accepted")


class Deaf:
    """Wake-ups that are all lost."""

    def wake(self) -> None:
        """Lose it."""

    async def wait(self, at_most: dt.timedelta) -> None:
        """Wait that long."""
        await asyncio.sleep(at_most.total_seconds())


class Overheard(LocalWakeups):
    """Wake-ups of which is known how long somebody wanted to wait for them at most."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[dt.timedelta] = []

    async def wait(self, at_most: dt.timedelta) -> None:
        """Note it, and wait."""
        self.waits.append(at_most)
        await super().wait(at_most)


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
async def world(tmp_path: Path, wall: Wall) -> AsyncIterator[World]:
    """The bundled papers on a Thursday afternoon, and a digest that comes on Friday morning."""
    clock = SetClock(THURSDAY)
    async with open_world(Settings(data_dir=tmp_path, database_url=""), clock, [wall], index_later=True) as opened:
        for _, batch in list(sample_days())[-2:]:
            await ingest(opened.store, SOURCE, batch, clock.now())
        await type_(opened, "digest on 09:00 UTC")
        yield opened


async def type_(world: World, line: str) -> None:
    reply = await answer(world, ALICE, line)
    assert reply.ok, reply.notice


def put_clock(world: World, time: dt.datetime) -> None:
    assert isinstance(world.clock, SetClock)
    world.clock.time = time


@asynccontextmanager
async def serving(
    world: World, rhythm: Rhythm = BRISK, sources: Mapping[str, Source] | None = None
) -> AsyncIterator[Service]:
    """Serve within the block."""
    at_work = Service(world, sources or {}, rhythm=rhythm)
    task = asyncio.create_task(at_work.serve())
    try:
        yield at_work
    finally:
        at_work.stopping.set()
        async with asyncio.timeout(20):
            await task


async def until(done: Callable[[], bool]) -> None:
    """Wait until it is done, for some seconds."""
    async with asyncio.timeout(10):
        while not done():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_a_digest_is_posted_when_its_time_comes_and_once(world: World, wall: Wall) -> None:
    async with serving(world):
        await asyncio.sleep(0.2)
        assert wall.posts == []
        put_clock(world, FRIDAY)
        await until(lambda: bool(wall.posts))
        await asyncio.sleep(0.2)
    assert len(wall.posts) == 1


async def test_a_digest_is_posted_at_the_next_sweep_where_every_wake_up_is_lost(world: World, wall: Wall) -> None:
    put_clock(world, FRIDAY)
    async with serving(replace(world, wakeups=Deaf())):
        await until(lambda: bool(wall.posts))


async def test_a_digest_is_posted_at_once_where_the_next_sweep_is_far(world: World, wall: Wall) -> None:
    async with serving(world, replace(BRISK, sweep=NEVER)):
        await asyncio.sleep(0.2)
        put_clock(world, FRIDAY)
        await until(lambda: bool(wall.posts))


async def test_a_hundred_wake_ups_at_once_post_a_digest_once(world: World, wall: Wall) -> None:
    put_clock(world, FRIDAY)
    async with serving(world), serving(world):
        for _ in range(100):
            world.wakeups.wake()
            await asyncio.sleep(0)
        await until(lambda: bool(wall.posts))
        for _ in range(100):
            world.wakeups.wake()
            await asyncio.sleep(0)
        await asyncio.sleep(0.2)
    assert len(wall.posts) == 1


@dataclass(slots=True)
class LateList:
    """A source that lists one paper for Thursday, once it is let."""

    name: str = "lists"
    failure: SourceError | None = None
    listed: asyncio.Event = field(default_factory=asyncio.Event)

    async def daily(self, day: dt.date) -> AsyncIterator[Batch]:
        """Yield the paper."""
        await self.listed.wait()
        if self.failure:
            raise self.failure
        listing = Listing(source=self.name, day=THURSDAY.date(), votes=999)
        paper = Paper(PaperId.parse("arxiv:2506.99999"), "Listed while it was down", (), "", listings=(listing,))
        yield Batch("lists", (paper,), {})


async def test_a_digest_that_is_due_at_the_start_has_what_was_listed_meanwhile(world: World, wall: Wall) -> None:
    put_clock(world, FRIDAY)
    lists = LateList()
    async with serving(world, sources={"lists": lists}):
        await asyncio.sleep(0.3)
        assert wall.posts == []
        lists.listed.set()
        await until(lambda: bool(wall.posts))
    async with world.store.read() as session:
        row = await session.deliveries.get(wall.posts[0])
    assert row is not None
    assert row.payload.papers[0].title == "Listed while it was down"


async def test_a_digest_that_is_due_at_the_start_does_not_wait_for_a_source_that_is_down(
    world: World, wall: Wall
) -> None:
    put_clock(world, FRIDAY)
    lists = LateList(failure=SourceError("It is away."))
    lists.listed.set()
    async with serving(world, sources={"lists": lists}):
        await until(lambda: bool(wall.posts))


async def test_a_digest_that_is_due_at_the_start_does_not_wait_long_for_a_source_that_hangs(
    world: World, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "READ_FIRST", 0.3)
    put_clock(world, FRIDAY)
    async with serving(world, sources={"lists": LateList()}):
        await until(lambda: bool(wall.posts))


async def test_a_wake_up_that_comes_while_nobody_waits_is_kept() -> None:
    wakeups = LocalWakeups()
    wakeups.wake()
    async with asyncio.timeout(5):
        await wakeups.wait(NEVER)
    began = asyncio.get_running_loop().time()
    await wakeups.wait(SOON)
    assert asyncio.get_running_loop().time() - began >= 0.04, "it is there once"


async def test_what_was_refused_is_tried_again_when_its_time_has_come(world: World, wall: Wall) -> None:
    wall.answers = [Posting("refused", reason="busy", retry_after=dt.timedelta(minutes=3))]
    put_clock(world, FRIDAY)
    async with serving(world):
        await until(lambda: not wall.answers)
        await asyncio.sleep(0.2)
        assert wall.posts == []
        put_clock(world, FRIDAY + dt.timedelta(minutes=3, seconds=1))
        await until(lambda: bool(wall.posts))


async def test_what_is_to_be_tried_again_before_the_next_sweep_does_not_wait_for_it(world: World, wall: Wall) -> None:
    a_second, asleep = dt.timedelta(seconds=1), Overheard()
    wall.answers = [Posting("refused", reason="slow down", retry_after=a_second)]
    put_clock(world, FRIDAY)
    async with serving(replace(world, wakeups=asleep), replace(BRISK, sweep=NEVER)):
        await until(lambda: a_second in asleep.waits)


async def test_the_maker_of_a_digest_is_told_that_its_channel_is_gone(world: World, wall: Wall) -> None:
    wall.answers = [Posting("refused", reason="the channel is gone", permanent=True)]
    put_clock(world, FRIDAY)
    async with serving(world):
        await until(lambda: bool(wall.notes))
        await asyncio.sleep(0.2)
    ((member, note),) = wall.notes
    assert (member, "the channel is gone" in (note.notice or "")) == ("alice", True)


async def test_a_store_that_is_out_of_reach_for_a_while_ends_nothing(world: World, wall: Wall) -> None:
    lost = [True]

    class Away:
        """A store that can't be reached."""

        def read(self) -> object:
            """Read, or fail."""
            return self._open(world.store.read)

        def write(self) -> object:
            """Write, or fail."""
            return self._open(world.store.write)

        def _open(self, opened: Callable[[], object]) -> object:
            if lost[0]:
                raise StoreError("The database is away.")
            return opened()

    put_clock(world, FRIDAY)
    with capture_logs() as lines:
        async with serving(replace(world, store=Away())):  # type: ignore[arg-type] # it gives what the store gives
            await asyncio.sleep(0.3)
            lost[0] = False
            await until(lambda: bool(wall.posts))
            await until(lambda: any(line["event"] == "posting works again" for line in lines))
    failed = [line["event"] for line in lines if line.get("reason") == "The database is away."]
    assert len(failed) == len(set(failed)), "each is told once"
    assert "posting failed; it is tried again" in failed


async def test_new_papers_can_be_found_while_it_serves(world: World) -> None:
    assert await world.index.behind() > 0
    async with serving(world):
        async with asyncio.timeout(10):
            while await world.index.behind():  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)
        assert (await world.index.search(parse_rules("reasoning"), limit=1)).total > 0


async def test_old_rows_are_deleted_and_newer_ones_stay(world: World, wall: Wall) -> None:
    async def ledger() -> list[str]:
        async with world.store.read() as session:
            rows = [await session.deliveries.get(key) for key in wall.posts]
        return [row.slot for row in rows if row]

    await type_(world, "digest on daily")
    put_clock(world, FRIDAY)
    async with serving(world):
        await until(lambda: bool(wall.posts))
    for _, batch in list(sample_days())[:1]:
        await ingest(world.store, SOURCE, batch, world.clock.now())
    put_clock(world, FRIDAY + dt.timedelta(days=89))
    await keep_house(world)
    assert await ledger() == ["2025-06-06"]
    put_clock(world, FRIDAY + dt.timedelta(days=89, minutes=30))
    async with world.store.write() as session:
        await session.leases.take("long gone", "somebody", FRIDAY, FRIDAY)
    put_clock(world, FRIDAY + dt.timedelta(days=91))
    with capture_logs() as lines:
        await keep_house(world)
        await keep_house(world)
    assert await ledger() == []
    (line,) = lines
    assert (line["deliveries"], line["slots"], line["leases"] >= 1) == (1, 1, True)
    async with world.store.write() as session:
        assert await session.leases.take("long gone", "another", FRIDAY, FRIDAY)


async def test_old_slots_leases_and_arrivals_go_from_either_database(store: SqlStore) -> None:
    old, new = THURSDAY - dt.timedelta(days=1), THURSDAY + dt.timedelta(days=1)
    async with store.write() as session:
        caller = await session.teams.welcome("terminal", "lab", "#papers", "alice")
        schedule = Schedule(dt.time(9), "UTC", WEEKDAYS)
        settings = await session.digests.put(
            DigestSettings(
                0, caller.channel.id, "daily", schedule, 5, None, caller.member.id, old, old.date(), THURSDAY
            )
        )
        await session.digests.compose([Composed(settings, "2025-06-04", None)], old)
        await session.digests.compose([Composed(settings, "2025-06-06", None)], new)
        for name, until in (("old", old), ("new", new)):
            await session.leases.take(name, "somebody", THURSDAY, until)
            await session.arrivals.first("terminal", name, until)
    async with store.write() as session:
        assert await session.digests.prune(THURSDAY, 10) == 1
        assert await session.leases.prune(THURSDAY, 10) == 1
        assert await session.arrivals.prune(THURSDAY) == 1
    async with store.write() as session:
        assert not await session.leases.take("new", "another", THURSDAY, new)
        composed = await session.digests.composed_at([settings.id], dt.date.min)
        assert list(composed[settings.id]) == [dt.date(2025, 6, 6)]


async def test_one_replica_keeps_house_within_an_hour(world: World) -> None:
    async with world.store.write() as session:
        await session.leases.take("old", "somebody", THURSDAY, THURSDAY - dt.timedelta(days=8))
    put_clock(world, THURSDAY)
    with capture_logs() as lines:
        await asyncio.gather(keep_house(world), keep_house(world))
    assert [line["leases"] for line in lines] == [1]


def test_only_sqlite_files_are_locked(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/papers.db"
    with one_service(url), pytest.raises(StoreError, match=r"a service runs on .*papers\.db already"), one_service(url):
        pass
    with one_service(url):
        assert (tmp_path / "new" / "papers.db.lock").exists()
    for shared in ("postgresql://localhost/papers", "postgresql+psycopg://localhost/papers", "no address at all"):
        with one_service(shared), one_service(shared):
            pass


def test_a_lock_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="can't be made"), one_service(f"sqlite:///{tmp_path}/file/papers.db"):
        pass
