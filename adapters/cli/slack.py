"""How the composition root builds Slack from the settings: its messenger, its listeners, and how events arrive."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.listener.asyncio_runner import AsyncioListenerRunner
from slack_sdk.web.async_client import AsyncWebClient

from adapters.cli.settings import Settings, SettingsError
from adapters.cli.troubles import REMINDED
from adapters.slack.app import make_app
from adapters.slack.context import Slack, SlackSettings
from adapters.slack.manifest import creation_link, manifest
from adapters.slack.messenger import SlackMessenger
from adapters.slack.oauth import Installer
from adapters.slack.quiet import LIBRARY
from adapters.slack.responding import connections
from adapters.slack.serve import Door, socket
from adapters.slack.tokens import ManyTeams, OneTeam, Tokens
from bot.commands.dispatch import TABLE
from bot.ports import World
from bot.vote_edits import VoteEdits
from storage.vault import SealedVault

_LISTENERS_END = 5.0
"""Seconds that a stop waits for answers that are under way."""

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SlackSide:
    """Slack at work: the world with its messenger, what the web side has to serve for it, and how events arrive.

    `connected` says whether they do at present.
    """

    world: World
    routes: tuple[web.RouteDef, ...]
    how: str
    connected: Callable[[], bool] = lambda: True


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
    return _mixed_up(found) or (_insecure(found.public_url) if many or not found.app_token else None)


def _insecure(public_url: str) -> str | None:
    """Return what is wrong with an address at which Slack, or whoever installs the app, is to reach us.

    Slack takes https alone, for its requests (https://docs.slack.dev/interactivity/implementing-slash-commands) as for
    installing (https://docs.slack.dev/authentication/installing-with-oauth); this machine's own address is for trying.
    """
    try:
        asked = urlsplit(public_url)
    except ValueError:
        return "PAPERROUND_PUBLIC_URL is no web address; write it like https://papers.example.org."
    if asked.scheme != "http" or asked.hostname in _THIS_MACHINE:
        return None
    return (
        "PAPERROUND_PUBLIC_URL begins with http://, and Slack sends nothing but to https://; write it with https."
        " For a single workspace, Socket Mode (PAPERROUND_SLACK_APP_TOKEN) needs no address at all."
    )


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
    limit = world.timings.request.total_seconds()
    async with connections() as answering, connections(limit) as posting:
        client = AsyncWebClient(base_url=chosen.api_url, session=answering, logger=LIBRARY, retry_handlers=[])
        async with _listening(settings, chosen, world, client, posting) as side:
            yield side


@asynccontextmanager
async def _listening(
    settings: Settings, chosen: SlackSettings, world: World, client: AsyncWebClient, posting: aiohttp.ClientSession
) -> AsyncIterator[SlackSide]:
    teams = ManyTeams(SealedVault(world.store, world.clock, settings.keys)) if chosen.client_id else None
    tokens: Tokens = teams or OneTeam(chosen.bot_token, client)
    messenger = SlackMessenger(tokens, chosen.api_url, session=posting)
    served = replace(world, messengers={**world.messengers, messenger.platform: messenger})
    async with VoteEdits(served, messenger).at_work() as edits:
        slack = Slack(served, chosen, tokens, client, edits)
        app = make_app(slack)
        routes = Installer(slack, teams, settings.slack_with_history).routes() if teams else []
        try:
            if chosen.app_token:
                with _told_rarely(app.logger, world.clock.monotonic) as rarely:
                    async with socket(app, slack, tell=rarely.connected) as connected:
                        yield SlackSide(served, tuple(routes), "Socket Mode", connected)
            else:
                routes += Door(app, chosen.signing_secret).routes()
                yield SlackSide(served, tuple(routes), "HTTP")
        finally:
            await _answers_under_way()


_NO_CONNECTION = ("Failed to connect", "Failed to retrieve")
_LOOK = "Check the network, and the tokens with: paperround doctor"


class ToldRarely(logging.Filter):
    """Passes on what the library says of a connection that fails again and again: once in ten minutes, in a line.

    Tells the log, too, that the connection stands: the first time, and after each failure.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        super().__init__()
        self._seconds = seconds
        self._told: dict[str, float] = {}
        self._lost = True

    def connected(self) -> None:
        """Tell that the connection stands, unless that is known."""
        if self._lost:
            log.info("Slack is connected")
        self._lost = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether it is to be told."""
        message = record.getMessage()
        if not message.startswith("Failed to "):
            return True
        self._lost = self._lost or message.startswith(_NO_CONNECTION)
        record.exc_info = None  # a traceback of 40 lines through the library, every five seconds
        now, kind = self._seconds(), " ".join(message.split(" ")[:4])
        if now - self._told.get(kind, float("-inf")) < REMINDED.total_seconds():
            return False
        self._told[kind] = now
        said = message.removesuffix("; Retrying...")
        record.msg, record.args = f"Slack is not connected, and tried again every few seconds: {said}. {_LOOK}", ()
        return True


@contextmanager
def _told_rarely(library: logging.Logger, seconds: Callable[[], float]) -> Iterator[ToldRarely]:
    rarely = ToldRarely(seconds)
    library.addFilter(rarely)
    try:
        yield rarely
    finally:
        library.removeFilter(rarely)


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

    Over HTTP where the service has a public address and no app token, else by Socket Mode. Raises SettingsError for
    an address that Slack would refuse.
    """
    history, by_socket = with_history or settings.slack_with_history, bool(settings.slack_app_token.get_secret_value())
    many = bool(settings.slack_client_id) or not settings.slack_bot_token.get_secret_value()
    if (many or not by_socket) and (fault := _insecure(settings.public_url)):
        raise SettingsError(fault)
    made = manifest(TABLE, settings.public_url, history, redirect=many, socket_mode=by_socket)
    return made, creation_link(made)
