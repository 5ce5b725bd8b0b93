"""What the service serves beside its store: the chat platforms that are set, and the web side."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from adapters.cli.settings import Settings
from bot.ports import World

if TYPE_CHECKING:
    from aiohttp import web

log = structlog.get_logger()


@dataclass(slots=True)
class Served:
    """The world with every platform's messenger, how each is served, and the web side's address, where there is one."""

    world: World
    how: list[str] = field(default_factory=list)
    web: str | None = None


def check(settings: Settings) -> None:
    """Raise SettingsError where the settings of a platform lack something, or contradict each other."""
    if settings.has_slack:
        from adapters.cli.slack import slack_settings  # slack_bolt takes 0.2 s, and who has no token needs none

        slack_settings(settings)
    if settings.has_discord:
        from adapters.cli.discord import discord_settings  # discord.py takes 0.2 s

        discord_settings(settings)


@asynccontextmanager
async def open_platforms(settings: Settings, world: World) -> AsyncIterator[Served]:
    """Within the block, the platforms that are set and the web side are served.

    Raises SettingsError, StoreError, and WebError where the address can't be had.
    """
    served = Served(world, list(world.messengers))
    routes: list[web.RouteDef] = []
    async with AsyncExitStack() as opened:
        if settings.has_slack:
            from adapters.cli.slack import open_slack

            slack = await opened.enter_async_context(open_slack(settings, world))
            served.world = slack.world
            served.how.append(f"slack ({slack.how})")
            routes += slack.routes
        if settings.has_discord:
            from adapters.cli.discord import open_discord

            discord = await opened.enter_async_context(open_discord(settings, served.world))
            served.world = discord.world
            served.how.append(f"discord ({discord.how})")
        served.web = await _serve_web(opened, settings, served, routes)
        yield served


async def _serve_web(
    opened: AsyncExitStack, settings: Settings, served: Served, routes: "list[web.RouteDef]"
) -> str | None:
    """Serve the web side; None where nobody needs it and another service on this machine has its usual address."""
    from adapters.web.server import WebError, serving

    try:
        return await opened.enter_async_context(serving(settings.http_bind, routes, served.world, served.how))
    except WebError as taken:
        if routes or "http_bind" in settings.model_fields_set:
            raise
        log.warning("the web side is not served", reason=str(taken))
        return None
