"""The bot's own web side on loopback, to which the fake Slack's requests go."""

import asyncio

from aiohttp import web
from slack_bolt.listener.asyncio_runner import AsyncioListenerRunner

from adapters.slack.serve import EVENTS, Door


class served:  # noqa: N801 - used like a function
    """Within the block, the bot's door is open at an address."""

    def __init__(self, door: Door) -> None:
        app = web.Application()
        app.add_routes(door.routes())
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def __aenter__(self) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}{EVENTS}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await answers_under_way()


async def answers_under_way() -> None:
    """Wait for what bolt does after it has acknowledged, which may speak to Slack: while that is there still."""
    runner = AsyncioListenerRunner.run.__qualname__
    tasks = [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__qualname__", "").startswith(runner)]
    if tasks:
        await asyncio.wait(tasks, timeout=1)
