"""The service's web side: its health, and the routes that chat platforms bring."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from bot.errors import PaperRoundError, StoreError
from bot.ports import World

HEALTH = "/health"

log = structlog.get_logger()

_STORE_ANSWERS = 2.0
"""Seconds within which a store in reach answers."""

_REQUESTS_END = 5.0
"""Seconds that a stop waits for requests that are in hand."""


class WebError(PaperRoundError):
    """The web side can't be served; the message says why, and how to mend it."""


@asynccontextmanager
async def serving(
    bind: str, routes: Iterable[web.RouteDef], world: World, serves: Callable[[], Sequence[str]] = list
) -> AsyncIterator[str]:
    """Within the block, serve at `bind` ("host:port"; port 0 takes a free one); yield the address.

    `serves` says what the health names as served. Raises WebError where the address can't be had.
    """
    app = web.Application()
    app.add_routes([web.get(HEALTH, _Health(world, serves).answer), *routes])
    # No access log: paths of an installation hold codes, and requests of a health check are noise.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_REQUESTS_END, handler_cancellation=False)
    await runner.setup()
    try:
        host, port = parted(bind)
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise WebError(
                f"Nothing can be served at {bind}: {os.strerror(error.errno) if error.errno else error};"
                " stop what uses that address, or set PAPERROUND_HTTP_BIND to another."
            ) from None
        shown, taken = runner.addresses[0][:2]
        yield f"http://{f'[{shown}]' if ':' in shown else shown}:{taken}"
    finally:
        await runner.cleanup()


def parted(bind: str) -> tuple[str, int]:
    """Return host and port of "host:port", or of "[::1]:port". Raises WebError."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise WebError(f"PAPERROUND_HTTP_BIND is wrong: write host:port, for example 127.0.0.1:8585, not {bind!r}.")
    return host.removeprefix("[").removesuffix("]"), int(port)


class _Health:
    """Answers whether the service does what it is for: 200, or 503 where its store is out of reach."""

    def __init__(self, world: World, serves: Callable[[], Sequence[str]]) -> None:
        self._world = world
        self._serves = serves

    async def answer(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's
        """Return the health as JSON."""
        try:
            async with asyncio.timeout(_STORE_ANSWERS), self._world.store.read() as session:
                waiting = await session.deliveries.unsettled()
        except (StoreError, TimeoutError) as failure:
            return _ill(str(failure) or f"no answer within {_STORE_ANSWERS:g} s")
        except Exception as unforeseen:
            log.exception("the health could not be seen")
            return _ill(f"it failed in a way that nobody foresaw ({type(unforeseen).__name__}); the log says more")
        return web.json_response({"state": "ok", "serves": list(self._serves()), "open_deliveries": waiting})


def _ill(reason: str) -> web.Response:
    return web.json_response({"state": "fail", "store": reason}, status=503)
