"""Keeps the bot connected: discord.py resumes and reconnects by itself, and where it gives up, this begins anew.

Nothing here ends the service: digests are posted by the REST API, and other platforms are others' affair.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Literal

import aiohttp
import discord

from adapters.discord.client import PaperRound, make_client
from adapters.discord.context import Discord
from bot.errors import PaperRoundError, StoreError

WAITS = (5.0, 15.0, 60.0, 120.0)
"""Seconds until the connection is begun anew, by how often that failed; the last repeats. Discord takes 1,000
identifications a day, and resets the token of whoever tries more.

https://docs.discord.com/developers/events/gateway#session-start-limit
"""

REFUSED_WAIT = 600.0
"""The same where Discord refuses us: only people can mend that."""

HELD = 600.0
"""Seconds after which a connection that ends counts as one that stood, and not as one that failed again."""

_TOKEN = (
    "Discord does not take the bot's token; reset it on the app's page “Bot”, set it as PAPERROUND_DISCORD_TOKEN, and"
    " start the service again"
)
_SHARDS = (
    "Discord does not take the shards ({code}); set PAPERROUND_DISCORD_SHARD_IDS right, or leave it out: then Discord"
    " says how many there are"
)
_INTENTS = (
    "Discord refuses the intents ({code}), though none that is asked for is privileged; see on the app's page “Bot”"
    " whether the app is restricted"
)
_REFUSALS = {4004: _TOKEN, 4010: _SHARDS, 4011: _SHARDS, 4013: _INTENTS, 4014: _INTENTS}
_ADDRESS = "check the network, and PAPERROUND_DISCORD_API_URL and PAPERROUND_DISCORD_GATEWAY_URL where they are set"
_BROKEN = (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError, TimeoutError)
_LIBRARY = ("discord.client", "discord.shard")
_AGAIN = ("Attempting a reconnect", "Failed to connect")


class GatewayError(PaperRoundError):
    """The bot is not connected; the message says why, and what to do. `refused`: it is for people to mend."""

    def __init__(self, why: str, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


Tell = Callable[[Exception | None], None]
"""Is told each failure, and None whenever the connection stands."""


class Gateway:
    """The connection, and the client that has it now."""

    def __init__(self, shared: Discord, tell: Tell, waits: tuple[float, ...] = WAITS) -> None:
        self.client: PaperRound | None = None
        self._shared = shared
        self._tell = tell
        self._waits = waits

    async def serve(self) -> None:
        """Be connected until cancelled."""
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            failure = await self._session()
            failures = 1 if asyncio.get_running_loop().time() - began > HELD else failures + 1
            self._tell(failure)
            refused = isinstance(failure, GatewayError) and failure.refused
            await asyncio.sleep(REFUSED_WAIT if refused else self._waits[min(failures, len(self._waits)) - 1])

    async def _session(self) -> Exception:
        """Connect until the library gives up; return why it did."""
        client = self.client = make_client(self._shared)
        failure: Exception = GatewayError("the connection was closed")
        try:
            await client.login(self._shared.settings.token)
            ready = asyncio.create_task(self._told_ready(client))
            try:
                await client.connect()
            finally:
                ready.cancel()
                await asyncio.gather(ready, return_exceptions=True)
        except Exception as end:  # noqa: BLE001 - whatever it is must not end the service; it is told
            failure = told(end)
        finally:
            await client.close()
        return failure

    async def _told_ready(self, client: PaperRound) -> None:
        await client.wait_until_ready()
        self._tell(None)
        async with asyncio.TaskGroup() as listening:
            listening.create_task(self._told_again(client, "shard_resumed"))
            listening.create_task(self._told_again(client, "shard_connect"))

    async def _told_again(self, client: PaperRound, event: Literal["shard_resumed", "shard_connect"]) -> None:
        """Tell whenever the library has mended the connection by itself."""
        while True:
            await client.wait_for(event)
            self._tell(None)


def told(failure: BaseException) -> Exception:
    """Return a failure of the connection in words that say what to do; one that nobody foresaw as it is."""
    if isinstance(failure, discord.LoginFailure):
        return GatewayError(_TOKEN, refused=True)
    if isinstance(failure, discord.PrivilegedIntentsRequired):
        return GatewayError(_INTENTS.format(code=4014), refused=True)
    if isinstance(failure, discord.ConnectionClosed):
        words = _REFUSALS.get(failure.code, "Discord closed the connection for good ({code})")
        return GatewayError(words.format(code=failure.code), refused=True)
    if isinstance(failure, StoreError):
        return failure
    if isinstance(failure, _BROKEN):
        return GatewayError(f"Discord could not be reached: {failure or type(failure).__name__}; {_ADDRESS}")
    return failure if isinstance(failure, Exception) else GatewayError(type(failure).__name__)


@asynccontextmanager
async def gateway(shared: Discord, tell: Tell, waits: tuple[float, ...] = WAITS) -> AsyncIterator[Gateway]:
    """Within the block, what happens in Discord arrives. Nothing waits for the connection to stand."""
    serving = Gateway(shared, tell, waits)
    with _told_by(tell):
        task = asyncio.create_task(serving.serve())
        try:
            yield serving
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


class _Retold(logging.Filter):
    """Takes what the library says of a connection that it tries again: each time a trace of 40 lines through it."""

    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self._tell = tell

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the library is to say it itself."""
        if not record.getMessage().startswith(_AGAIN):
            return True
        failure = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        self._tell(told(failure) if failure else GatewayError(f"the connection broke; {_ADDRESS}"))
        return False


@contextmanager
def _told_by(tell: Tell) -> Iterator[None]:
    retold = _Retold(tell)
    loggers = [logging.getLogger(name) for name in _LIBRARY]
    for each in loggers:
        each.addFilter(retold)
    try:
        yield
    finally:
        for each in loggers:
            each.removeFilter(retold)
