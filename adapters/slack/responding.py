"""How answers reach the address that Slack gives with what somebody does: over connections that are kept.

Bolt's own `respond` opens a session and a connection for each answer, which took 1.5 ms of the processor's time more.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import aiohttp
from slack_bolt.error import BoltError
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient
from slack_sdk.webhook.webhook_response import WebhookResponse

from adapters.slack.blocks import Block
from adapters.slack.quiet import LIBRARY

LIMIT = 30.0
"""Seconds within which Slack answers; slack_sdk's own limit, which a session of ours has to bring along."""

_KEPT = 4.0
"""Seconds for which a connection is kept. Servers close idle ones after 5 s at the earliest; if they did it first, a
request could meet the closing, and nobody would know whether it was taken."""


@asynccontextmanager
async def connections(seconds: float = LIMIT) -> AsyncIterator[aiohttp.ClientSession]:
    """Within the block, hold connections to Slack that clients share; each request may take so long.

    No cookie passes from one request to another.
    """
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEPT),
        timeout=aiohttp.ClientTimeout(total=seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield session


class Respond:
    """Answers at one address; listeners are given it as `respond`."""

    def __init__(self, address: str | None, session: aiohttp.ClientSession | None) -> None:
        self._address = address
        self._session = session

    async def __call__(
        self,
        text: str,
        *,
        blocks: Sequence[Block] | None = None,
        response_type: str | None = None,
        replace_original: bool | None = None,
    ) -> WebhookResponse:
        """Send an answer. BoltError where Slack gave no address; raises what aiohttp raises."""
        if self._address is None:
            raise BoltError("Slack gave no address for an answer")
        client = AsyncWebhookClient(self._address, session=self._session, logger=LIBRARY)
        return await client.send(
            text=text, blocks=blocks or None, response_type=response_type, replace_original=replace_original
        )


class Responding(AsyncMiddleware):
    """Gives each request a `respond` of ours; bolt takes it for its own, which it would make where there is none."""

    def __init__(self, session: aiohttp.ClientSession | None) -> None:
        self._session = session

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - bolt gives all three, by these names
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - the name is bolt's
    ) -> BoltResponse | None:
        """Go on with the request."""
        req.context["respond"] = Respond(req.context.response_url, self._session)
        return await next()
