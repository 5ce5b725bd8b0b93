"""What the service serves beside its store: the chat platforms that are set, and the web side."""

from collections.abc import AsyncIterator, Callable
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
    """The world with every platform's messenger, and the web side's address, where there is one."""

    world: World
    web: str | None = None
    _sides: list[tuple[str, str, Callable[[], bool]]] = field(default_factory=list)

    def add(self, platform: str, how: str, connected: Callable[[], bool]) -> None:
        """Note that a platform is served, how, and what says whether it is connected."""
        self._sides.append((platform, how, connected))

    def serves(self) -> list[str]:
        """Return what is served, how, and what is not connected at present."""
        chats = [f"{name} ({how if stands() else f'{how}, connecting'})" for name, how, stands in self._sides]
        return [*(name for name in self.world.messengers if name not in {side[0] for side in self._sides}), *chats]


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
    served = Served(world)
    routes: list[web.RouteDef] = []
    async with AsyncExitStack() as opened:
        if settings.has_slack:
            from adapters.cli.slack import open_slack

            slack = await opened.enter_async_context(open_slack(settings, world))
            served.world = slack.world
            served.add("slack", slack.how, slack.connected)
            routes += slack.routes
        if settings.has_discord:
            from adapters.cli.discord import open_discord

            discord = await opened.enter_async_context(open_discord(settings, served.world))
            served.world = discord.world
            served.add("discord", discord.how, discord.connected)
        served.web = await _serve_web(opened, settings, served, routes)
        yield served


async def _serve_web(
    opened: AsyncExitStack, settings: Settings, served: Served, routes: "list[web.RouteDef]"
) -> str | None:
    """Serve the web side; None where nobody needs it and another service on this machine has its usual address."""
    from adapters.web.server import WebError, serving

    try:
        return await opened.enter_async_context(serving(settings.http_bind, routes, served.world, served.serves))
    except WebError as taken:
        if routes or "http_bind" in settings.model_fields_set:
            raise
        log.warning("the web side is not served", reason=str(taken))
        return None
