"""The fake Discord's gateway by itself: what a client that breaks its rules is told."""

import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_wire import SQUEEZES
from tests.fakes.discord_world import Json


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as discord:
        discord.add_guild("Lab")
        yield discord


class Wire:
    """A connection made by hand, uncompressed."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def told(self) -> Json:
        message: Json = await self.socket.receive_json(timeout=5)
        return message

    async def says(self, opcode: int, data: Any) -> None:
        await self.socket.send_json({"op": opcode, "d": data})

    async def ended(self) -> int | None:
        """Return the code of the close that comes next, after whatever else comes."""
        while (await self.socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            pass
        return self.socket.close_code


@asynccontextmanager
async def connected(fake: FakeDiscord, query: str = "?v=10&encoding=json") -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session, session.ws_connect(fake.gateway_url + query) as socket:
        yield Wire(socket)


@pytest.fixture
async def wire(fake: FakeDiscord) -> AsyncIterator[Wire]:
    async with connected(fake) as made:
        assert (await made.told())["op"] == 10
        yield made


def _identity(fake: FakeDiscord, **other: Any) -> Json:
    return {"token": fake.token, "intents": 1, "properties": {}} | other


async def test_who_identifies_is_told_of_its_guilds(fake: FakeDiscord, wire: Wire) -> None:
    await wire.says(2, _identity(fake))
    ready, guild = await wire.told(), await wire.told()
    assert (ready["t"], ready["s"], guild["t"], guild["s"]) == ("READY", 1, "GUILD_CREATE", 2)
    assert ready["d"]["guilds"] == [{"id": guild["d"]["id"], "unavailable": True}]
    assert guild["d"]["unavailable"] is False
    await wire.says(1, 2)
    assert (await wire.told())["op"] == 11
    await wire.says(2, _identity(fake))
    assert await wire.ended() == 4005


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"token": "another"}, 4004),
        ({"shard": [2, 2]}, 4010),
        ({"intents": 1 << 30}, 4013),
        ({"intents": 3}, 4014),
    ],
)
async def test_a_wrong_identity_is_closed(fake: FakeDiscord, wire: Wire, said: Json, code: int) -> None:
    await wire.says(2, _identity(fake, **said))
    assert await wire.ended() == code


async def test_a_large_bot_needs_shards(fake: FakeDiscord, wire: Wire) -> None:
    fake.gateway.shards_wanted = 2
    await wire.says(2, _identity(fake))
    assert await wire.ended() == 4011


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not json", 4002),
        ("[]", 4002),
        (json.dumps({"op": 1, "d": "x" * 4096}), 4002),
        (json.dumps({"op": 99, "d": None}), 4001),
        (json.dumps({"op": 3, "d": None}), 4003),
    ],
)
async def test_what_makes_no_sense_is_closed(wire: Wire, text: str, code: int) -> None:
    await wire.socket.send_str(text)
    assert await wire.ended() == code


async def test_who_sends_too_much_is_closed(wire: Wire) -> None:
    for _ in range(121):
        await wire.says(1, None)
    assert await wire.ended() == 4008


async def test_a_version_that_is_not_spoken_is_closed(fake: FakeDiscord) -> None:
    async with connected(fake, "?v=6&encoding=json") as wire:
        assert await wire.ended() == 4012


async def test_a_resume_needs_a_session_and_a_number_that_was_sent(fake: FakeDiscord, wire: Wire) -> None:
    await wire.says(6, {"token": fake.token, "session_id": "none", "seq": 1})
    assert await wire.told() == {"op": 9, "d": False}
    await wire.says(2, _identity(fake))
    session_id = (await wire.told())["d"]["session_id"]
    fake.gateway.reset()
    assert await wire.ended() == 1006
    resume = {"token": fake.token, "session_id": session_id, "seq": 1}
    async with connected(fake) as again:
        await again.told()
        await again.says(6, resume)
        assert [(await again.told())["t"] for _ in range(2)] == ["GUILD_CREATE", "RESUMED"]
    async with connected(fake) as again:  # the close with 1000 gave the session up
        await again.told()
        await again.says(6, resume)
        assert await again.told() == {"op": 9, "d": False}


async def test_a_number_that_was_never_sent_is_closed(fake: FakeDiscord, wire: Wire) -> None:
    await wire.says(2, _identity(fake))
    session_id = (await wire.told())["d"]["session_id"]
    fake.gateway.reset()
    async with connected(fake) as again:
        await again.says(6, {"token": fake.token, "session_id": session_id, "seq": 99})
        assert await again.ended() == 4007


async def test_two_identifies_in_five_seconds_are_one_too_many(fake: FakeDiscord, wire: Wire) -> None:
    fake.gateway.identify_pace = 5.0
    await wire.says(2, _identity(fake, shard=[0, 2]))
    assert (await wire.told())["t"] == "READY"
    async with connected(fake) as other:
        await other.told()
        await other.says(2, _identity(fake, shard=[1, 2]))
        assert await other.told() == {"op": 9, "d": False}


async def test_a_stream_is_compressed_as_one(fake: FakeDiscord) -> None:
    async with connected(fake, "?v=10&encoding=json&compress=zlib-stream") as wire:
        stream = zlib.decompressobj()
        hello = await wire.socket.receive_bytes(timeout=5)
        assert hello.endswith(b"\x00\x00\xff\xff")
        assert json.loads(stream.decompress(hello))["op"] == 10
        await wire.says(1, None)
        assert json.loads(stream.decompress(await wire.socket.receive_bytes(timeout=5)))["op"] == 11


def test_zstandard_is_spoken_where_the_library_would_ask_for_it() -> None:
    zstandard = pytest.importorskip("zstandard", reason="discord.py asks for zstd only where zstandard is installed")
    stream, read = SQUEEZES["zstd-stream"](), zstandard.ZstdDecompressor().decompressobj()
    assert [read.decompress(stream.message(text)) for text in ("one", "two" * 99)] == [b"one", b"two" * 99]
