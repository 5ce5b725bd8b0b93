"""The doctor's look at Discord: the token, how events arrive, the commands, and the channels that have digests."""

from collections.abc import AsyncIterator
from functools import partial

from adapters.cli.discord import discord_settings
from adapters.cli.settings import Settings
from adapters.discord.checks import ADDRESS, Check, app_checks, channel_check, token_check
from adapters.discord.client import make_client
from adapters.discord.context import Discord, DiscordSettings
from adapters.discord.names import PLATFORM
from adapters.discord.permissions import RefusedError
from adapters.discord.rest import BROKEN, Rest
from adapters.discord.syncing import in_sync
from bot.ports import World

_MOST_CHANNELS = 50
"""Channels that are looked at, where more have digests."""


async def discord_checks(settings: Settings, world: World | None, limit: float) -> AsyncIterator[Check]:
    """Yield what Discord says of us. Each of its answers is waited for `limit` seconds at most."""
    chosen = discord_settings(settings)
    async with Rest(chosen.token, chosen.api_url, max(1.0, limit / 2)) as rest:
        token = await token_check(rest)
        yield token
        if token.state == "fail":
            return
        try:
            async for each in _of_app(rest, chosen, world):
                yield each
        except RefusedError as refused:
            yield Check("discord", "fail", f"what answers is not well: status {refused.answer.status}", ADDRESS)
        except BROKEN as broken:
            yield Check("discord", "fail", f"Discord can't be reached: {broken or type(broken).__name__}", ADDRESS)


async def _of_app(rest: Rest, chosen: DiscordSettings, world: World | None) -> AsyncIterator[Check]:
    if world is None:
        return
    client = make_client(Discord(world, chosen), at_work=False)
    commands = [command.name for command in client.tree.get_commands()]
    async for each in app_checks(rest, chosen.shard_count, commands, partial(in_sync, world, client.tree)):
        yield each
    channels = await _channels(world)
    for team, channel in channels[:_MOST_CHANNELS]:
        yield await channel_check(rest, team, channel)
    if len(channels) > _MOST_CHANNELS:
        yield Check("discord channels", "ok", f"the first {_MOST_CHANNELS} of {len(channels)} were looked at")


async def _channels(world: World) -> list[tuple[str, str]]:
    """Return the guilds and channels that have digests."""
    async with world.store.read() as session:
        teams = await session.teams.of_platform(PLATFORM)
        found = [(team.key, channel.key) for team in teams for channel, _ in await session.digests.of_team(team.id)]
    return list(dict.fromkeys(found))
