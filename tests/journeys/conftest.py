"""A small world for journeys: the bundled papers, a clock that can be moved, and people who type.

Each journey is played on every platform (`tests.journeys.platforms`), on a stage of its own.
"""

import datetime as dt
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.cli.clock import SetClock
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from bot.delivery import run_due
from bot.ports import World
from bot.reply import DigestPost, Reply
from bot.team import Who
from tests.fakes.sample import LAST_DAY, make_sample
from tests.journeys.platforms import STAGES, platforms_of
from tests.journeys.stage import Stage, Wall

TEAM, PAPERS = "lab", "#papers"


@dataclass(slots=True)
class Person:
    """Somebody who types in a channel."""

    stage: Stage
    who: Who

    async def __call__(self, typed: str) -> Reply:
        """Type something; it must be understood."""
        reply = await self.says(typed)
        assert reply.ok, reply.notice
        return reply

    async def wrong(self, typed: str) -> str:
        """Type something that must be refused; return what is told."""
        reply = await self.says(typed)
        assert not reply.ok, reply
        assert reply.notice
        return reply.notice

    async def says(self, typed: str) -> Reply:
        """Type something, or press the button for it that is there; return the answer."""
        return await self.stage.says(self.who, typed)


@dataclass(slots=True)
class Scene:
    """The world, its clock and wall, and Alice, Bob and Charlie."""

    world: World
    clock: SetClock
    wall: Wall

    def person(self, name: str, channel: str = PAPERS, team: str = TEAM, may_configure: bool = True) -> Person:
        """Return somebody in a channel of a team."""
        return Person(self.wall.stage, self.wall.stage.who(name, channel, team, may_configure))

    @property
    def alice(self) -> Person:
        """She may configure the channel."""
        return self.person("alice")

    @property
    def bob(self) -> Person:
        """He may not."""
        return self.person("bob", may_configure=False)

    @property
    def papers(self) -> str:
        """How the platform calls the channel #papers."""
        return self.channel(PAPERS)

    def channel(self, name: str) -> str:
        """Return how the platform calls a channel."""
        return self.wall.stage.channel(name)

    def member(self, name: str) -> str:
        """Return how the platform calls somebody."""
        return self.wall.stage.member(name)

    async def wait_until(self, day: int, hour: int, minute: int = 0) -> list[DigestPost]:
        """Let the clock go to a time of June 2025 (UTC), and return what was posted on the way."""
        before = len(self.wall.posts)
        self.clock.time = dt.datetime(2025, 6, day, hour, minute, tzinfo=dt.UTC)
        await run_due(self.world)
        assert self.wall.wrong == []
        return [post for _, post, _ in self.wall.posts[before:]]


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the bundled papers, to be copied."""
    return make_sample(tmp_path_factory.mktemp("sample"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Play each journey on the platforms on which it is to be played."""
    if "scene" in metafunc.fixturenames:
        played = platforms_of(metafunc.definition.path.name, metafunc.definition.originalname)
        metafunc.parametrize("scene", played, indirect=True)


@pytest.fixture
async def scene(request: pytest.FixtureRequest, tmp_path: Path, sample_folder: Path) -> AsyncIterator[Scene]:
    """The world on the sample's last day."""
    folder = shutil.copytree(sample_folder, tmp_path / "data")
    clock = SetClock(LAST_DAY)
    async with STAGES[request.param]() as stage:
        wall = Wall(stage)
        settings = Settings(data_dir=folder, database_url="")
        async with open_world(settings, clock, [wall]) as world, stage.playing(world) as wall.messenger:
            yield Scene(world, clock, wall)
        assert wall.wrong == []
