"""How the composition root builds Slack from the settings: its messenger, its listeners, and how events arrive."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.listener.asyncio_runner import AsyncioListenerRunner
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.cli.settings import Settings, SettingsError
from adapters.slack.answers import error_of
from adapters.slack.app import make_app
from adapters.slack.context import Slack, SlackSettings
from adapters.slack.messenger import SlackMessenger
from adapters.slack.oauth import Installer
from adapters.slack.serve import Door, socket
from adapters.slack.tokens import ManyTeams, OneTeam, Tokens
from adapters.slack.vote_edits import VoteEdits
from bot.ports import World
from storage.vault import SealedVault

_AGAIN_AFTER = (5.0, 30.0, 120.0, 600.0)
"""Seconds until Slack is tried again, where it can't be connected to; the last repeats."""

_LISTENERS_END = 5.0
"""Seconds that a stop waits for answers that are under way."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SlackSide:
    """Slack at work: the world with its messenger, what the web side has to serve for it, and how events arrive."""

    world: World
    routes: tuple[web.RouteDef, ...]
    how: str


def slack_settings(settings: Settings) -> SlackSettings:
    """Return how Slack is reached. Raises SettingsError, in one line, where settings lack or contradict each other."""
    found = SlackSettings(
        bot_token=settings.slack_bot_token.get_secret_value(),
        app_token=settings.slack_app_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
        api_url=settings.slack_api_url.rstrip("/") + "/",
        public_url=settings.public_url,
    )
    if fault := _fault(found, settings):
        raise SettingsError(fault)
    return found


def _fault(found: SlackSettings, settings: Settings) -> str | None:
    """Return what is wrong with settings that are to be used together."""
    many = bool(found.client_id or found.client_secret)
    given = {
        "PAPERROUND_SLACK_CLIENT_ID": found.client_id,
        "PAPERROUND_SLACK_CLIENT_SECRET": found.client_secret,
        "PAPERROUND_ENCRYPTION_KEYS": settings.keys,
        "PAPERROUND_PUBLIC_URL": found.public_url,
    }
    if many and found.bot_token:
        return (
            "PAPERROUND_SLACK_BOT_TOKEN is for a single workspace, PAPERROUND_SLACK_CLIENT_ID and _SECRET are for many;"
            " set one or the other."
        )
    if many and (missing := [name for name, value in given.items() if not value]):
        return f"for many Slack workspaces, {' and '.join(missing)} must be set, too."
    if not many and not found.bot_token:
        return "PAPERROUND_SLACK_BOT_TOKEN is missing: it begins with xoxb-, and is on the app's page “OAuth”."
    if found.app_token and found.signing_secret:
        return (
            "PAPERROUND_SLACK_APP_TOKEN is for Socket Mode, PAPERROUND_SLACK_SIGNING_SECRET for requests over HTTP;"
            " set one or the other."
        )
    if not found.app_token and not found.signing_secret:
        return (
            "Slack is half set: PAPERROUND_SLACK_APP_TOKEN (for Socket Mode, without an address of your own) or"
            " PAPERROUND_SLACK_SIGNING_SECRET (for requests to the web side) is missing."
        )
    return _mixed_up(found)


def _mixed_up(found: SlackSettings) -> str | None:
    """Return which token is of another kind than its setting."""
    if found.bot_token and not found.bot_token.startswith("xoxb-"):
        return "PAPERROUND_SLACK_BOT_TOKEN is no bot's token: those begin with xoxb-."
    if found.app_token and not found.app_token.startswith("xapp-"):
        return "PAPERROUND_SLACK_APP_TOKEN is no app's token: those begin with xapp-."
    return None


@asynccontextmanager
async def open_slack(settings: Settings, world: World) -> AsyncIterator[SlackSide]:
    """Within the block, Slack is served: the yielded world posts there, and what happens there is answered.

    Raises SettingsError, and StoreError for an encryption key that is none.
    """
    chosen = slack_settings(settings)
    client = AsyncWebClient(base_url=chosen.api_url, retry_handlers=[])
    teams = ManyTeams(SealedVault(world.store, world.clock, settings.keys)) if chosen.client_id else None
    tokens: Tokens = teams or OneTeam(chosen.bot_token, client)
    limit = world.timings.request.total_seconds()
    messenger = SlackMessenger(tokens, chosen.api_url, limit)
    served = replace(world, messengers={**world.messengers, messenger.platform: messenger})
    async with VoteEdits(served, messenger).at_work() as edits:
        slack = Slack(served, chosen, tokens, client, edits)
        app = make_app(slack)
        routes = Installer(slack, teams, settings.slack_with_history).routes() if teams else []
        try:
            if chosen.app_token:
                async with _listening(app, slack):
                    yield SlackSide(served, tuple(routes), "Socket Mode")
            else:
                routes += Door(app, chosen.signing_secret).routes()
                yield SlackSide(served, tuple(routes), "HTTP")
        finally:
            await _answers_under_way()


@asynccontextmanager
async def _listening(app: AsyncApp, slack: Slack) -> AsyncIterator[None]:
    """Within the block, keep Socket Mode connected; digests are posted meanwhile, whether it is or not."""
    listening = asyncio.create_task(_listen(app, slack))
    try:
        yield
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(app: AsyncApp, slack: Slack) -> None:
    """Connect; where that fails, again and again. Once connected, the library keeps it so."""
    tries = 0
    while True:
        try:
            async with socket(app, slack):
                log.info("Slack is connected", by="Socket Mode")
                await asyncio.Event().wait()
        except SlackApiError as refused:
            reason = error_of(refused) or str(refused.response.status_code)
        except (aiohttp.ClientError, TimeoutError, OSError) as broken:
            reason = str(broken) or type(broken).__name__
        wait = _AGAIN_AFTER[min(tries, len(_AGAIN_AFTER) - 1)]
        log.warning("Slack can't be connected to; it is tried again", reason=reason, seconds=wait)
        tries += 1
        await asyncio.sleep(wait)


async def _answers_under_way() -> None:
    """Wait for what bolt does after it has acknowledged: it keeps no list of it."""
    runner = AsyncioListenerRunner.run.__qualname__
    under_way = [task for task in asyncio.all_tasks() if str(_name_of(task)).startswith(f"{runner}.")]
    if under_way:
        _, late = await asyncio.wait(under_way, timeout=_LISTENERS_END)
        for task in late:
            task.cancel()


def _name_of(task: "asyncio.Task[object]") -> str | None:
    return getattr(task.get_coro(), "__qualname__", None)


def manifest_of(settings: Settings, with_history: bool) -> tuple[Mapping[str, object], str]:
    """Return the manifest for these settings, and the address at which Slack makes an app from it.

    Over HTTP where the service has a public address and no app token, else by Socket Mode.
    """
    from adapters.slack.manifest import creation_link, manifest
    from bot.commands.dispatch import TABLE

    url = "" if settings.slack_app_token.get_secret_value() else settings.public_url
    made = manifest(TABLE, url, with_history or settings.slack_with_history, bool(settings.public_url))
    return made, creation_link(made)
