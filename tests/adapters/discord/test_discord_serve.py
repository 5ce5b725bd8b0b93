"""Staying connected: what Discord and the network do to a connection, and what is told of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.cli.clock import SystemClock
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.discord import serve
from adapters.discord.context import Discord, DiscordSettings
from adapters.discord.serve import Gateway, GatewayError, gateway
from bot.ports import World
from tests.fakes.discord import FakeDiscord

SOON = (0.05,)


class Told:
    """What was told of the connection."""

    def __init__(self) -> None:
        self.all: list[Exception | None] = []

    def __call__(self, failure: Exception | None) -> None:
        self.all.append(failure)

    @property
    def failures(self) -> list[str]:
        """The failures, in words."""
        assert all(isinstance(each, GatewayError | None) for each in self.all), self.all
        return [str(each) for each in self.all if each]

    @property
    def stands(self) -> bool:
        """Whether the connection stands, as far as was told."""
        return bool(self.all) and self.all[-1] is None


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world without papers."""
    async with open_world(Settings(data_dir=tmp_path, database_url=""), SystemClock()) as opened:
        yield opened


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    """Discord; its commands are not held against its description here."""
    async with FakeDiscord(spec=None) as discord:
        with discord.library():
            discord.add_guild("Lab")
            yield discord


def shared(world: World, fake: FakeDiscord, **of: object) -> Discord:
    """Return what the listeners are given."""
    settings = {"token": fake.token, "api_url": fake.api_url, "gateway_url": fake.gateway_url, "guilds_within": 0.05}
    return Discord(world, DiscordSettings(**settings | of))  # type: ignore[arg-type]


async def until(true: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - it happens in the client's stead, and sets no event
            await asyncio.sleep(0.005)


async def test_a_token_that_discord_refuses_is_told_with_what_to_do_and_rarely_tried(
    world: World, fake: FakeDiscord
) -> None:
    told = Told()
    async with gateway(shared(world, fake, token="AB.CD.EF"), told, SOON):
        await until(lambda: told.failures)
        await asyncio.sleep(0.3)
    assert len(told.failures) == 1
    assert "PAPERROUND_DISCORD_TOKEN" in told.failures[0]
    assert fake.invalid_requests == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (4004, "PAPERROUND_DISCORD_TOKEN"),
        (4010, "PAPERROUND_DISCORD_SHARD_IDS"),
        (4011, "PAPERROUND_DISCORD_SHARD_IDS"),
        (4012, "4012"),
        (4013, "intents"),
        (4014, "intents"),
    ],
)
async def test_a_close_for_good_is_told_with_what_to_do_and_rarely_tried(
    world: World, fake: FakeDiscord, code: int, words: str
) -> None:
    told, fake.gateway.refuse_with = Told(), code
    async with gateway(shared(world, fake), told, SOON):
        await until(lambda: told.failures)
        await asyncio.sleep(0.2)
    assert [words in each for each in told.failures] == [True]


async def test_what_people_mend_is_tried_again_by_itself(
    world: World, fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "REFUSED_WAIT", 0.1)
    told, fake.gateway.refuse_with = Told(), 4014
    async with gateway(shared(world, fake), told, SOON):
        await until(lambda: told.failures)
        fake.gateway.refuse_with = None
        await until(lambda: told.stands)


@pytest.mark.parametrize("code", [4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009, 1000, 1001])
async def test_after_any_other_close_the_bot_is_connected_again(world: World, fake: FakeDiscord, code: int) -> None:
    told = Told()
    async with gateway(shared(world, fake), told, SOON):
        await until(lambda: told.stands)
        before = len(fake.gateway.resumes) + len(fake.gateway.identifies)
        fake.gateway.close(code)
        await until(lambda: len(fake.gateway.resumes) + len(fake.gateway.identifies) > before, seconds=20)
        await until(lambda: fake.gateway.live)
    assert told.failures == [] or code in (1000, 1001)


async def test_a_connection_that_broke_is_told_again_once_it_is_mended(world: World, fake: FakeDiscord) -> None:
    told = Told()
    async with gateway(shared(world, fake), told, SOON):
        await until(lambda: told.stands)
        logging.getLogger("discord.shard").error("Attempting a reconnect for shard ID 0 in 1.00s")
        assert (len(told.failures), told.stands) == (1, False)
        fake.gateway.reset()
        await until(lambda: told.stands, seconds=20)
        assert fake.gateway.resumes


async def test_the_bot_starts_while_discord_is_away_and_connects_when_it_is_back(
    world: World, fake: FakeDiscord, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told()
    with fake.failing("drop before"):
        async with gateway(shared(world, fake), told, SOON):
            await until(lambda: len(told.failures) > 1, seconds=20)
            for fault in fake.rest.faults:
                fault.stop()
            await until(lambda: told.stands, seconds=20)
    assert "could not be reached" in told.failures[0]
    assert [record for record in caplog.records if record.exc_info] == [], "no trace of 40 lines each time"


async def test_a_gateway_that_can_not_be_reached_is_told_and_stopping_does_not_wait_for_it(
    world: World, fake: FakeDiscord, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told()
    settings = {"gateway_url": "ws://127.0.0.1:9/", "shard_ids": (0,), "shard_count": 1}
    began = asyncio.get_running_loop().time()
    with caplog.at_level(logging.WARNING):
        async with gateway(shared(world, fake, **settings), told, SOON):
            await until(lambda: told.failures)
    assert "PAPERROUND_DISCORD_GATEWAY_URL" in told.failures[0]
    assert [record.name for record in caplog.records if record.name.startswith("discord")] == []
    assert asyncio.get_running_loop().time() - began < 5


async def test_a_connection_that_never_holds_is_begun_ever_more_rarely(
    world: World, fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord takes 1,000 identifications a day."""
    tried = []

    async def session(_: Gateway) -> Exception:
        tried.append(1)
        return GatewayError("it broke at once")

    monkeypatch.setattr(Gateway, "_session", session)
    async with gateway(shared(world, fake), Told(), (0.01, 0.02, 60)):
        await asyncio.sleep(0.3)
    assert len(tried) == 3
    assert 24 * 3600 / serve.WAITS[-1] < 1_000


async def test_shards_are_those_that_are_set(world: World, fake: FakeDiscord) -> None:
    told = Told()
    async with gateway(shared(world, fake, shard_ids=(1,), shard_count=4), told, SOON):
        await until(lambda: told.stands)
    assert [each["shard"] for each in fake.gateway.identifies] == [[1, 4]]
