"""A ledger, a platform and processes that deliver; each can be stopped or killed at any step."""

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from adapters.cli.wakeups import LocalWakeups
from bot.audit import run_audits
from bot.delivery import post_open
from bot.digest import DigestSettings
from bot.errors import StoreError
from bot.ledger import Delivery, Entry
from bot.ports import SearchIndex, World
from bot.reply import DigestPost
from bot.schedule import Schedule
from bot.store import Session
from bot.timings import DeliveryTimings
from storage.database import SqlStore
from tests.fakes.scripted_messenger import ScriptedMessenger, Wall

MORNING = dt.datetime(2025, 6, 12, 7, tzinfo=dt.UTC)
POST = DigestPost("Daily papers", (), 0, "daily")


@dataclass(slots=True)
class Clock:
    """A clock that can be put back, beside seconds that only pass."""

    time: dt.datetime = MORNING
    passed: dt.timedelta = dt.timedelta()

    def now(self) -> dt.datetime:
        """What the machine believes."""
        return self.time

    def true_now(self) -> dt.datetime:
        """What the platform knows."""
        return MORNING + self.passed

    def monotonic(self) -> float:
        """Seconds that only pass."""
        return self.passed.total_seconds()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.time += dt.timedelta(seconds=seconds)
        self.passed += dt.timedelta(seconds=seconds)

    def put(self, by: dt.timedelta) -> None:
        """Put the time of day forwards or back."""
        self.time += by


@dataclass(slots=True)
class Door:
    """A process's way to the store, which can be shut: for some times, or for good."""

    store: SqlStore
    shut: int = 0
    read: Any = None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """Open a transaction, unless the store can't be reached."""
        if self.shut:
            self.shut -= 1
            raise StoreError("the store is out of reach")
        async with self.store.write() as session:
            yield session


@dataclass(slots=True)
class Process:
    """Somebody who delivers. Where it is to freeze, it waits there until it is thawed, or is dead for good."""

    world: World
    door: Door
    messengers: list[ScriptedMessenger]
    freeze_at: str | None = None
    frozen: asyncio.Event = field(default_factory=asyncio.Event)
    thawed: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    async def hook(self, step: str) -> None:
        """Pass a step, or freeze there, and with it all that the process has in hand."""
        if step == self.freeze_at or (self.frozen.is_set() and not self.thawed.is_set()):
            self.frozen.set()
            await self.thawed.wait()
            self.freeze_at = None

    async def run_until_frozen(self, at: str | None = None) -> None:
        """Post what is open, until all is done or the step is reached."""
        self.freeze_at, task = at, asyncio.create_task(post_open(self.world))
        self.tasks.append(task)
        frozen = asyncio.create_task(self.frozen.wait())
        await asyncio.wait({task, frozen}, return_when=asyncio.FIRST_COMPLETED)
        frozen.cancel()
        if task.done():
            await task

    async def thaw(self) -> None:
        """Let it go on, to the end."""
        self.thawed.set()
        await asyncio.gather(*self.tasks)

    async def audit(self) -> int:
        """Read back what is to be read back by now."""
        return await run_audits(self.world)

    def kill(self) -> None:
        """Let it never do anything any more."""
        self.door.shut = 1_000_000


@dataclass(slots=True)
class Office:
    """The store with a digest for each channel, the wall, and whoever delivers."""

    store: SqlStore
    clock: Clock
    wall: Wall
    timings: DeliveryTimings = field(default_factory=DeliveryTimings)
    processes: list[Process] = field(default_factory=list)

    async def digest(self, channel: str = "#papers", platform: str = "slack") -> DigestSettings:
        """Return a channel's digest, made if it is not there."""
        async with self.store.write() as session:
            alice = await session.teams.welcome(platform, "Acme", channel, "Alice")
            for known in await session.digests.of_channel(alice.channel.id):
                return known
            return await session.digests.put(
                DigestSettings(
                    id=0,
                    channel_id=alice.channel.id,
                    name="daily",
                    schedule=Schedule(dt.time(9), "Europe/Berlin", ("mon",)),
                    top=5,
                    rule=None,
                    created_by=alice.member.id,
                    created_at=MORNING,
                    since=MORNING.date(),
                    next_due_at=MORNING + dt.timedelta(days=7),
                )
            )

    async def enter(
        self,
        channel: str = "#papers",
        slot: str = "2025-06-12",
        part: int = 0,
        platform: str = "slack",
        due_at: dt.datetime | None = None,
    ) -> str:
        """Enter a message that is due now into the ledger; return its delivery's id."""
        digest = await self.digest(channel, platform)
        async with self.store.write() as session:
            assert await session.deliveries.add([Entry(digest.id, slot, part, POST, due_at or self.clock.now())]) == 1
        return str(uuid.uuid5(self.store.store_id, f"{digest.id} {slot} {part}"))

    async def row(self, delivery_id: str) -> Delivery:
        """Return a row as it stands."""
        async with self.store.read() as session:
            row = await session.deliveries.get(delivery_id)
        assert row
        return row

    def process(self, platforms: Iterable[str] = ("slack",), since: dt.datetime | None = None) -> Process:
        """Start somebody who delivers."""
        door = Door(self.store)
        door.read = self.store.read
        messengers = [ScriptedMessenger(self.wall, platform) for platform in platforms]
        world = World(
            cast(Any, door),
            cast(SearchIndex, None),  # nothing in delivery searches
            self.clock,
            messengers={messenger.platform: messenger for messenger in messengers},
            wakeups=LocalWakeups(),
            since=since or MORNING,
            timings=self.timings,
        )
        process = Process(world, door, messengers)
        for messenger in messengers:
            messenger.hook = process.hook
        self.processes.append(process)
        return process

    async def close(self) -> None:
        """Kill whoever still delivers."""
        for process in self.processes:
            process.kill()
            for task in process.tasks:
                task.cancel()
            await asyncio.gather(*process.tasks, return_exceptions=True)


@asynccontextmanager
async def open_office(store: SqlStore, timings: DeliveryTimings | None = None) -> AsyncIterator[Office]:
    """Open an office on an empty store; at the end, everybody in it is killed."""
    clock = Clock()
    office = Office(store, clock, Wall(clock.true_now), timings or DeliveryTimings())
    try:
        yield office
    finally:
        await office.close()
