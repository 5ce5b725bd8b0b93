"""A plain discord.py client in front of the fake Discord: ready when entered, gone when left."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands

from tests.fakes.discord import FakeDiscord


async def until(is_so: Callable[[], object], within: float = 5.0) -> None:
    """Wait until something holds, by looking. TimeoutError where it doesn't within so many seconds."""
    async with asyncio.timeout(within):
        while not is_so():  # noqa: ASYNC110 - what is waited for happens inside the library
            await asyncio.sleep(0.005)


class PlainClient(discord.AutoShardedClient):
    """A client with a command tree, which notes what happens to it; it doesn't wait 5 s before an IDENTIFY."""

    def __init__(self, **options: Any) -> None:
        told: dict[str, Any] = {"intents": discord.Intents(guilds=True), "guild_ready_timeout": 0.05} | options
        super().__init__(**told)
        self.tree = app_commands.CommandTree(self)
        self.happened: list[str] = []
        self.presses: Callable[[discord.Interaction], Any] | None = None

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once: the fake sets no pace unless a test does."""

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Note what happens."""
        self.happened.append(event)
        super().dispatch(event, *args, **kwargs)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Let a test answer what isn't a command."""
        kinds = (discord.InteractionType.component, discord.InteractionType.modal_submit)
        if interaction.type in kinds and self.presses is not None:
            await self.presses(interaction)


@asynccontextmanager
async def running(fake: FakeDiscord, client: PlainClient | None = None) -> AsyncIterator[PlainClient]:
    """Log a client in; yield it when it's ready; close it. What ended it early is raised."""
    client = client or PlainClient()
    with fake.library():
        task = asyncio.create_task(client.start(fake.token))
        try:
            await until(lambda: client.is_ready() or task.done(), within=10)
            if task.done():
                task.result()
            yield client
            if task.done():
                task.result()
        finally:
            await client.close()
            await asyncio.wait([task], timeout=5)
