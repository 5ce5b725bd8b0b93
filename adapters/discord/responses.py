"""Sends what answers an interaction, in two light requests.

discord.py's own ask Discord for each message back, make objects of it that nobody looks at, and hold a view of it in
memory. Neither request takes the bot's token, nor counts towards its 50 requests a second.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import discord
import yarl

from adapters.discord.rest import AGENT, BROKEN, Answer, answer_of

Interaction = discord.Interaction[Any]

ANSWERED = 40060
"""Discord's error for an interaction that has its first response already."""

LIMIT = 10.0
"""Seconds for one request."""

_PAUSES = (0.0, 0.5, 1.0, 3.0, 5.0)
"""Seconds before each further try, where nobody knows what became of the one before: both requests can be repeated."""


class Responses:
    """Answers interactions. Close it after use; it opens again by itself."""

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def first(self, interaction: Interaction, kind: int, data: Mapping[str, Any] | None, until: float) -> bool:
        """Send the first response, of a type; return False where Discord has another one already.

        It is tried until then, in the event loop's time. Raises discord.HTTPException, and `BROKEN` where nobody knows
        whether it arrived.
        """
        path = f"/interactions/{interaction.id}/{quote(interaction.token, safe='')}/callback"
        return await self._ask("POST", path, {"type": kind} if data is None else {"type": kind, "data": data}, until)

    async def edit(self, interaction: Interaction, data: Mapping[str, Any], until: float) -> None:
        """Put a message in place of the first response: once put off, it is there then. Tries and raises as `first`."""
        token = quote(interaction.token, safe="")
        await self._ask("PATCH", f"/webhooks/{interaction.application_id}/{token}/messages/@original", data, until)

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session:
            await session.close()

    async def _ask(self, method: str, path: str, body: Mapping[str, Any], until: float) -> bool:
        """Return whether one of the tries did it."""
        seconds, pauses = asyncio.get_running_loop().time, iter(_PAUSES)
        url = yarl.URL(f"{self._api_url}{path}", encoded=True)
        content = json.dumps(body, separators=(",", ":")).encode()
        maybe_heard = False
        while True:
            failure: Exception
            wait = next(pauses, None)
            try:
                response, answer = await self._once(method, url, content)
            except BROKEN as broken:
                failure, maybe_heard = broken, True
            else:
                if answer.ok or (answer.code == ANSWERED and maybe_heard):
                    return True
                if answer.code == ANSWERED:
                    return False
                failure = discord.HTTPException(response, answer.value if isinstance(answer.value, dict) else None)
                maybe_heard = maybe_heard or answer.status >= 500
                wait = wait if wait is None else _wait(answer, wait)
            if wait is None or seconds() + wait > until:
                raise failure
            await asyncio.sleep(wait)

    async def _once(self, method: str, url: yarl.URL, content: bytes) -> tuple[aiohttp.ClientResponse, Answer]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": AGENT, "Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=LIMIT),
            )
        async with self._session.request(method, url, data=content) as response:
            body = await response.read()
            if response.status < 300:
                return response, Answer(response.status, None)  # a message back is of no use
            return response, answer_of(response.headers, response.status, body)


def _wait(answer: Answer, pause: float) -> float | None:
    """Return after how many seconds what Discord did not do may be asked again; None where that is of no use."""
    if answer.status == 429 and isinstance(answer.value, dict) and answer.retry_after:
        return answer.retry_after.total_seconds()  # another body than JSON is Cloudflare's, which shut us out
    return pause if answer.status >= 500 else None
