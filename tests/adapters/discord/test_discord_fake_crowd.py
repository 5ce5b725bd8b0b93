"""The crowd that a bench lets type in the fake Discord, from a process of its own."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.fakes.discord_client import PlainClient, until

ROOT = Path(__file__).parents[3]


async def test_a_crowd_types_from_another_process() -> None:
    crowd = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from tests.fakes.discord_crowd import main; main()",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert crowd.stdin is not None
    assert crowd.stdout is not None
    to_crowd, from_crowd = crowd.stdin, crowd.stdout

    async def told(**what: Any) -> dict[str, Any]:
        if what:
            to_crowd.write(json.dumps(what).encode() + b"\n")
        async with asyncio.timeout(30):
            answer: dict[str, Any] = json.loads(await from_crowd.readline())
        return answer

    where = await told()
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = where["api_url"], yarl.URL(where["gateway_url"])
    client = PlainClient()
    running: asyncio.Task[None] | None = None

    @client.tree.command(description="Look for papers")
    async def search(interaction: discord.Interaction, words: str) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await interaction.edit_original_response(content=words)

    @search.autocomplete("words")
    async def suggest(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=typed, value=typed)]

    try:
        guilds = (await told(do="guilds", count=2))["guilds"]
        running = asyncio.create_task(client.start(where["token"]))
        await until(client.is_ready)
        assert [str(guild.id) for guild in client.guilds] == [guild for guild, _ in guilds]
        await client.tree.sync()
        some = {"seconds": 0.1, "per_second": 100, "commands": [["search", {"words": "diffusion"}]]}
        typed = await told(do="type", **some)
        assert (len(typed["acks"]), len(typed["answers"]), typed["failed"], typed["posted"]) == (10, 10, 0, 0)
        assert all(ack <= answer for ack, answer in zip(sorted(typed["acks"]), sorted(typed["answers"]), strict=True))
        assert len((await told(do="suggest", **some))["acks"]) == 10
        await client.get_partial_messageable(int(guilds[0][1])).send("x")
        assert await told(do="posted") == {"posted": 1, "broken": []}
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
        await client.close()
        if running is not None:
            await running
        to_crowd.close()
        async with asyncio.timeout(10):
            await crowd.wait()
    assert crowd.returncode == 0
