"""A workspace with our bot in it: the fake Slack, the real bolt, the bundled papers, and people who type."""

import asyncio
import datetime as dt
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.cli.clock import SetClock
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.slack.app import make_app
from adapters.slack.context import Slack, SlackSettings
from adapters.slack.messenger import SlackMessenger
from adapters.slack.serve import Door
from adapters.slack.tokens import OneTeam
from bot.delivery import run_due
from bot.ports import World
from tests.fakes.sample import LAST_DAY, make_sample
from tests.fakes.slack import FakeSlack, Json, Workspace
from tests.fakes.slack_door import served
from tests.fakes.slack_people import SECRET, Person


@dataclass(slots=True)
class Office:
    """The workspace, its people, and the bot."""

    fake: FakeSlack
    workspace: Workspace
    world: World
    clock: SetClock
    door: Door
    slack: Slack
    url: str
    session: aiohttp.ClientSession = field(repr=False)

    def person(self, user: str = "U1", channel: str = "C0PAPERS01") -> Person:
        """Return somebody in a channel."""
        return Person(self.fake, self.workspace, user, channel, self.url, self.session)

    async def answers(self, person: Person, count: int = 1) -> list[Json]:
        """Return what was answered to what a person did last, once so much has come (or none came in 5 s)."""
        await self.until(lambda: len(self.fake.answers_to(person.last_url)) >= count)
        return self.fake.answers_to(person.last_url)

    async def asks(self, line: str, user: str = "U1", channel: str = "C0PAPERS01") -> Json:
        """Let somebody type a slash command; return the answer."""
        person = self.person(user, channel)
        assert await person.types(line) == 200
        return (await self.answers(person))[-1]

    async def until(self, true: Callable[[], object], seconds: float = 5) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110 - it happens in another process's stead, and sets no event
                await asyncio.sleep(0.005)

    async def wait_until(self, day: int, hour: int) -> list[Json]:
        """Let the clock go to a time of June 2025 (UTC); return what was posted in #papers on the way."""
        channel = self.workspace.channels["C0PAPERS01"]
        before = len(channel.messages)
        self.clock.time = dt.datetime(2025, 6, day, hour, tzinfo=dt.UTC)
        await run_due(self.world)
        return channel.messages[before:]


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the bundled papers, to be copied."""
    return make_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture
async def office(tmp_path: Path, sample_folder: Path) -> AsyncIterator[Office]:
    """The bot in a workspace, reached over HTTP."""
    folder = shutil.copytree(sample_folder, tmp_path / "data")
    clock = SetClock(LAST_DAY)
    async with FakeSlack().serving() as fake, aiohttp.ClientSession() as session:
        workspace = fake.workspace()
        client = AsyncWebClient(base_url=fake.api_url, retry_handlers=[])
        tokens = OneTeam(workspace.token, client)
        messenger = SlackMessenger(tokens, fake.api_url)
        async with open_world(Settings(data_dir=folder, database_url=""), clock, [messenger]) as world:
            slack = Slack(world, SlackSettings(signing_secret=SECRET, api_url=fake.api_url), tokens, client)
            door = Door(make_app(slack), SECRET)
            async with served(door) as url:
                yield Office(fake, workspace, world, clock, door, slack, url, session)
