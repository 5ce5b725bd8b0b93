"""How Slack reaches us: by Socket Mode, or over HTTP within the service's web side.

Every request is checked here, before anything reads it: signed, and not older than five minutes. What is refused
leaves nothing behind but a count.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Protocol

from aiohttp import WSMessage, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.context import Slack

EVENTS = "/slack/events"


class Door:
    """Lets Slack's requests in, and counts what it refused, by reason."""

    def __init__(self, app: AsyncApp, signing_secret: str) -> None:
        self.refused: Counter[str] = Counter()
        self._app = app
        self._verifier = SignatureVerifier(signing_secret)

    def routes(self) -> list[web.RouteDef]:
        """Return what the web side serves."""
        return [web.post(EVENTS, self.enter)]

    async def enter(self, request: web.Request) -> web.Response:
        """Answer a request of Slack's; 401 to anybody else's."""
        body = await request.text()
        if reason := self._wrong(request, body):
            self.refused[reason] += 1
            return web.Response(status=401, text="unauthorised")
        answer = await self._app.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answer)

    def _wrong(self, request: web.Request, body: str) -> str | None:
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not stamp or not signature:
            return "unsigned"
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 15):  # the verifier raises ValueError there
            return "a time that is none"
        return None if self._verifier.is_valid(body, stamp, signature) else "wrongly signed, or too old"


class Connects(Protocol):
    """What bolt's handler of the socket does; bolt itself leaves its methods without types."""

    client: SocketModeClient

    def connect_async(self) -> Coroutine[Any, Any, None]:
        """Connect, and stay connected."""
        ...

    def close_async(self) -> Coroutine[Any, Any, None]:
        """Close the connection."""
        ...


@asynccontextmanager
async def socket(
    app: AsyncApp, slack: Slack, ping: float = 5.0, tell: Callable[[], None] = lambda: None
) -> AsyncIterator[Callable[[], bool]]:
    """Within the block, what happens in Slack arrives by Socket Mode; a lost connection is made anew.

    Yields what says whether it is connected now; `tell` is called whenever a connection was made. `ping` is how many
    seconds lie between two looks at the connection, and between two attempts to make one. Nothing waits for the first,
    for it may take as long as Slack is away.
    """
    client = AsyncWebClient(token=slack.settings.app_token, base_url=slack.settings.api_url, logger=app.logger)
    handler: Connects = AsyncSocketModeHandler(app, slack.settings.app_token, web_client=client, ping_interval=ping)
    handler.client.on_message_listeners.append(_greeted(handler.client, tell))
    connecting = asyncio.create_task(handler.connect_async())
    try:
        yield partial(_connected, handler.client)
    finally:
        connecting.cancel()
        with suppress(asyncio.CancelledError):
            await connecting
        await handler.close_async()
        await _ended(handler.client)


def _greeted(client: SocketModeClient, tell: Callable[[], None]) -> Callable[[WSMessage], Awaitable[None]]:
    """Return a listener that tells of the first message of each connection: Slack begins with "hello"."""
    greeted: list[object] = [None]

    async def hear(_: WSMessage) -> None:
        if client.current_session is not greeted[0]:
            greeted[0] = client.current_session
            tell()

    return hear


def _connected(client: SocketModeClient) -> bool:
    return not client.closed and client.current_session is not None and not client.current_session.closed


async def _ended(client: SocketModeClient) -> None:
    """Wait for the tasks that the library cancels and forgets: one may be making a connection that nobody closes."""
    tasks = (client.message_processor, client.current_session_monitor, client.message_receiver)
    await asyncio.gather(*filter(None, tasks), return_exceptions=True)
