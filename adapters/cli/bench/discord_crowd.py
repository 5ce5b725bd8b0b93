"""A crowd in a made Discord, in a process of its own beside the bot that is measured; and the plainest bot there is.

What stands for Discord, its gateway and its limits included, is the one that the tests use: it comes with the project's
checkout, but not with an installed wheel.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

from adapters.discord.client import INTENTS, reach
from adapters.discord.context import DiscordSettings

TOO_LATE_MS = 3_000.0
"""What an interaction counts that had no response: Discord waits so long, and then says that the app is broken."""

Typed = tuple[str, dict[str, str]]
"""A slash command, as people see it, and its options."""

_CHECKOUT = Path(__file__).parents[3]
_PROGRAM = "from tests.fakes.discord_crowd import main; main()"
_GUILDS_WITHIN = 0.05
_READY_WITHIN = 60
_PATIENCE = 180


@dataclass(frozen=True, slots=True)
class Waits:
    """How many milliseconds each waited for the first response and for the answer, and how much else was posted."""

    acks: list[float]
    answers: list[float]
    posted: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people, each in a guild of their own, and where their Discord is."""

    settings: DiscordSettings
    process: asyncio.subprocess.Process

    async def settle(self, guilds: int) -> list[tuple[str, str]]:
        """Make guilds with somebody in each; return the ids of each and of its channel."""
        return [(guild, channel) for guild, channel in (await self._does("guilds", count=guilds))["guilds"]]

    async def types(self, seconds: float, per_second: int, commands: Sequence[Typed]) -> Waits:
        """Let people type these in turn, at their times, whether earlier ones are answered or not."""
        return self._waits(await self._does("type", seconds=seconds, per_second=per_second, commands=commands))

    async def is_suggested(self, seconds: float, per_second: int, commands: Sequence[Typed]) -> Waits:
        """The same for what is typed into the first option of each, which Discord wants suggestions for."""
        return self._waits(await self._does("suggest", seconds=seconds, per_second=per_second, commands=commands))

    async def broken(self) -> list[str]:
        """Return which of Discord's rules were broken."""
        return list((await self._does("posted"))["broken"])

    def _waits(self, told: dict[str, Any]) -> Waits:
        late = [TOO_LATE_MS] * told["failed"]
        return Waits([*told["acks"], *late], [*told["answers"], *late], told["posted"])

    async def _does(self, what: str, **how: object) -> dict[str, Any]:
        assert self.process.stdin is not None  # both are pipes
        self.process.stdin.write(json.dumps({"do": what, **how}).encode() + b"\n")
        return await _told(self.process)


def is_at_hand() -> bool:
    """Return whether this is a checkout, which has what stands for Discord."""
    return (_CHECKOUT / "tests" / "fakes" / "discord_crowd.py").exists()


@asynccontextmanager
async def crowd() -> AsyncIterator[Crowd]:
    """Start the crowd's process; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PROGRAM),
        cwd=_CHECKOUT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=64 * 1024 * 1024,
    )
    assert process.stdin is not None
    try:
        where = await _told(process)
        settings = DiscordSettings(where["token"], where["api_url"], where["gateway_url"], guilds_within=_GUILDS_WITHIN)
        yield Crowd(settings, process)
    finally:
        process.stdin.close()
        async with asyncio.timeout(10):
            await process.wait()


async def _told(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    async with asyncio.timeout(_PATIENCE):
        line = await process.stdout.readline()
    if not line:
        raise RuntimeError("the crowd has gone")
    found: dict[str, Any] = json.loads(line)
    return found


@asynccontextmanager
async def connected(client: discord.Client, token: str) -> AsyncIterator[None]:
    """Within the block, a client is connected, and has been told of its guilds."""
    running = asyncio.create_task(client.start(token))
    ready = asyncio.create_task(client.wait_until_ready())
    try:
        await asyncio.sleep(0)  # only once it logs in can it be waited for
        await asyncio.wait([running, ready], timeout=_READY_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            raise RuntimeError(f"the bot is not connected: {running.done() and running.exception()}")
        yield
    finally:
        await client.close()
        for task in (running, ready):
            task.cancel()
        await asyncio.gather(running, ready, return_exceptions=True)


PLAIN: Sequence[Typed] = [("plain", {"word": "diffusion"})]
"""What the plain bot understands."""


@asynccontextmanager
async def plain_bot(settings: DiscordSettings) -> AsyncIterator[None]:
    """Within the block, the plainest bot of discord.py is served: it answers and suggests with the word it is given."""
    reach(settings)
    client = discord.AutoShardedClient(intents=INTENTS, max_messages=None, guild_ready_timeout=_GUILDS_WITHIN)
    tree = app_commands.CommandTree(client)

    @tree.command(name="plain", description="Says a word again")
    async def plain(interaction: discord.Interaction, word: str) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(content=word)

    @plain.autocomplete("word")
    async def suggest(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:  # noqa: ARG001
        return [app_commands.Choice(name=typed, value=typed)]

    async with connected(client, settings.token):
        await tree.sync()
        yield
