"""A guild with our bot in it: the fake Discord, the real discord.py, the bundled papers, and people who type."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.cli.clock import SetClock
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.discord.client import PaperRound, make_client
from adapters.discord.context import Discord, DiscordSettings
from adapters.discord.syncing import in_sync
from bot.ports import World
from bot.vote_edits import VoteEdits
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_people import Person
from tests.fakes.discord_seen import Seen
from tests.fakes.discord_world import Channel, Guild, Permission
from tests.fakes.sample import LAST_DAY, make_sample


@dataclass(slots=True)
class Lab:
    """The guild, its people, and the bot. Alice manages its channels, bob does not."""

    fake: FakeDiscord
    guild: Guild
    world: World
    clock: SetClock
    shared: Discord = field(repr=False)
    client: PaperRound = field(repr=False)

    @property
    def papers(self) -> Channel:
        """The guild's first channel."""
        return self.guild.channel("papers")

    def person(self, name: str = "alice", channel: Channel | None = None) -> Person:
        """Return somebody in a channel."""
        may = Permission.MANAGE_CHANNELS if name == "alice" else Permission.NONE
        return self.fake.person(name, channel or self.papers, may=may)

    async def asks(self, line: str, name: str = "alice", channel: Channel | None = None) -> Seen:
        """Let somebody type any line; return what they saw."""
        return await self.person(name, channel).types("papers ask", line=line)

    async def until(self, true: Callable[[], object], seconds: float = 5) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110 - it happens in the client's stead, and sets no event
                await asyncio.sleep(0.005)


@pytest.fixture(scope="session")
def discord_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the bundled papers, to be copied."""
    return make_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture
def discord_folder(tmp_path: Path, discord_sample: Path) -> Path:
    """A data folder of one's own."""
    return Path(shutil.copytree(discord_sample, tmp_path / "data"))


@asynccontextmanager
async def connected(
    world: World, fake: FakeDiscord, edits: VoteEdits | None = None
) -> AsyncIterator[tuple[Discord, PaperRound]]:
    """Within the block, the bot is logged in, and Discord knows its commands."""
    settings = DiscordSettings(fake.token, fake.api_url, fake.gateway_url, guilds_within=0.05)
    shared = Discord(world, settings, edits)
    client = make_client(shared)
    running = asyncio.create_task(client.start(fake.token))
    try:
        async with asyncio.timeout(10):
            while not (client.is_ready() and await in_sync(world, client.tree)):
                assert not running.done(), running.exception()
                await asyncio.sleep(0.005)
        yield shared, client
    finally:
        await client.close()
        with suppress(asyncio.CancelledError):
            await running


@pytest.fixture
async def lab(discord_folder: Path) -> AsyncIterator[Lab]:
    """The bot in a guild."""
    clock = SetClock(LAST_DAY)
    async with FakeDiscord() as fake:
        with fake.library():
            guild = fake.add_guild("Lab")
            # To hold 50 commands against Discord's description takes 0.5 s; test_discord_lifecycle does it.
            spec, fake.rest.spec = fake.rest.spec, None
            async with (
                open_world(Settings(data_dir=discord_folder, database_url=""), clock) as world,
                connected(world, fake) as (shared, client),
            ):
                fake.rest.spec = spec
                yield Lab(fake, guild, world, clock, shared, client)
