"""A small world for journeys: the bundled papers, a clock that can be moved, and people who type."""

import datetime as dt
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.cli.clock import SetClock
from adapters.cli.run import open_world
from adapters.cli.sample import SOURCE, sample_days
from adapters.cli.settings import Settings
from bot.commands.dispatch import answer
from bot.delivery import run_due
from bot.ingest import ingest
from bot.ports import Finding, Messenger, Posting, World
from bot.reply import DigestPost, Reply
from bot.team import Who

LAST_DAY = dt.datetime(2025, 6, 5, 14, tzinfo=dt.UTC)
"""The sample's last day, a Thursday, in the afternoon."""


@dataclass(slots=True)
class Wall:
    """A messenger that keeps what was posted, and answers as it was told to."""

    platform: str = "terminal"
    posts: list[tuple[str, DigestPost, str]] = field(default_factory=list)
    answers: list[Posting] = field(default_factory=list)
    notes: list[tuple[str, Reply]] = field(default_factory=list)
    told: list[Posting] = field(default_factory=list)

    async def post(self, team: str, channel: str, post: DigestPost, key: str) -> Posting:
        """Keep the post, unless the next answer is another than accepted."""
        posting = self.answers.pop(0) if self.answers else Posting("accepted", message_id=f"wall-{len(self.posts)}")
        if posting.outcome == "accepted":
            self.posts.append((channel, post, key))
        return posting

    async def find(self, team: str, channel: str, key: str, since: dt.datetime) -> Finding:
        """Find what was posted with that key."""
        return Finding("read", tuple(f"wall-{place}" for place, post in enumerate(self.posts) if post[2] == key))

    async def delete(self, team: str, channel: str, message_id: str) -> Posting:
        """Nothing is ever posted twice here."""
        raise AssertionError(f"{message_id} would be deleted")

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Put another post in a message's place."""
        self.posts[int(message_id.removeprefix("wall-"))] = (channel, post, key)
        return Posting("accepted", message_id=message_id)

    async def tell(self, team: str, member: str, note: Reply) -> Posting:
        """Keep the note; accepted, unless the next answer in `told` is another."""
        self.notes.append((member, note))
        return self.told.pop(0) if self.told else Posting("accepted")


@dataclass(slots=True)
class Person:
    """Somebody who types in a channel."""

    world: World
    who: Who

    async def __call__(self, typed: str) -> Reply:
        """Type something; it must be understood."""
        reply = await answer(self.world, self.who, typed)
        assert reply.ok, reply.notice
        return reply

    async def wrong(self, typed: str) -> str:
        """Type something that must be refused; return what is told."""
        reply = await answer(self.world, self.who, typed)
        assert not reply.ok, reply
        assert reply.notice
        return reply.notice


@dataclass(slots=True)
class Scene:
    """The world, its clock and wall, and Alice, Bob and Charlie."""

    world: World
    clock: SetClock
    wall: Wall

    def person(self, name: str, channel: str = "#papers", team: str = "lab", may_configure: bool = True) -> Person:
        """Return somebody in a channel of a team."""
        return Person(self.world, Who("terminal", team, channel, name, may_configure))

    @property
    def alice(self) -> Person:
        """She may configure the channel."""
        return self.person("alice")

    @property
    def bob(self) -> Person:
        """He may not."""
        return self.person("bob", may_configure=False)

    async def wait_until(self, day: int, hour: int, minute: int = 0) -> list[DigestPost]:
        """Let the clock go to a time of June 2025 (UTC), and return what was posted on the way."""
        before = len(self.wall.posts)
        self.clock.time = dt.datetime(2025, 6, day, hour, minute, tzinfo=dt.UTC)
        await run_due(self.world)
        return [post for _, post, _ in self.wall.posts[before:]]


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the bundled papers, to be copied."""
    import asyncio

    folder = tmp_path_factory.mktemp("sample")

    async def load() -> None:
        clock = SetClock(LAST_DAY)
        async with open_world(Settings(data_dir=folder, database_url=""), clock) as world:
            for day, batch in sample_days():
                clock.time = dt.datetime.combine(day, dt.time(14), dt.UTC)
                await ingest(world.store, SOURCE, batch, clock.now())
            await world.index.catch_up()

    asyncio.run(load())
    return folder


@pytest.fixture
async def scene(tmp_path: Path, sample_folder: Path) -> AsyncIterator[Scene]:
    """The world on the sample's last day."""
    folder = tmp_path / "data"
    shutil.copytree(sample_folder, folder)
    clock, wall = SetClock(LAST_DAY), Wall()
    messengers: list[Messenger] = [wall]
    async with open_world(Settings(data_dir=folder, database_url=""), clock, messengers) as world:
        yield Scene(world, clock, wall)
