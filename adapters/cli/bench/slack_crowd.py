"""A crowd that types in Slack, and what stands for Slack itself: a process of its own, beside the bot that is measured.

It prints its address; for each line "SECONDS ADDRESS" that it reads, it sends signed commands there for so long, and
prints how many milliseconds each waited for its acknowledgement, and for its answer where answers are to come.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import sys
import time
import urllib.parse
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

SECRET, TEAM = "bench", "T1"
PER_SECOND = 200

_ANSWERED = 60
"""Seconds until an answer that has not come is missed."""

_LINES = ("today", "search diffusion", "trending", "search model", "help")


@dataclass(slots=True)
class Times:
    """When each command was sent, acknowledged, and answered, by its response address; and how much was posted."""

    sent: dict[str, float] = field(default_factory=dict)
    acknowledged: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    posted: int = 0
    keys: Iterator[str] = field(default_factory=lambda: (f"command-{number}" for number in itertools.count()))
    """A key for each command: one that came before would be taken for a command that Slack sends again."""
    came: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever an answer comes."""

    def forget(self) -> None:
        """Begin anew, with the next commands."""
        for known in (self.sent, self.acknowledged, self.answered):
            known.clear()

    async def all_answered(self) -> None:
        """Wait until all are answered, for a minute at most; each is noted when it comes, not when it is looked for."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_ANSWERED):
                while len(self.answered) < len(self.sent):
                    self.came.clear()
                    await self.came.wait()

    def waits(self, ends: dict[str, float]) -> list[float]:
        """Return how long each command waited, in milliseconds. RuntimeError where one was never reached."""
        if missing := self.sent.keys() - ends.keys():
            raise RuntimeError(f"{len(missing)} of {len(self.sent)} commands had no answer")
        return [(ends[key] - began) * 1000 for key, began in self.sent.items()]


@asynccontextmanager
async def _accepting() -> AsyncIterator[tuple[Times, str]]:
    """Serve what stands for Slack: it knows everybody, takes every message, and notes when an answer comes."""
    times = Times()
    numbers = itertools.count(1)

    async def call(request: web.Request) -> web.Response:
        await request.read()
        method = request.match_info["method"]
        times.posted += method == "chat.postMessage"
        told = {"ok": True, "ts": f"{next(numbers)}.000100", "team_id": TEAM, "user_id": "UBOT", "bot_id": "B1"}
        return web.json_response(told | {"user": {"id": "U1", "team_id": TEAM, "tz": "Europe/Berlin"}})

    async def take(request: web.Request) -> web.Response:
        if b"Sorry" in await request.read():
            raise RuntimeError("a command failed")
        times.answered[request.match_info["key"]] = time.perf_counter()
        times.came.set()
        return web.Response(text="ok")

    async def nothing(request: web.Request) -> web.Response:
        await request.read()
        return web.Response()

    app = web.Application()
    app.add_routes(
        [web.route("*", "/api/{method}", call), web.post("/answer/{key}", take), web.post("/nothing", nothing)]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host, port = runner.addresses[0][:2]
        yield times, f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def _type_for(seconds: int, address: str, platform: str, times: Times) -> None:
    """Send commands at their times, whether earlier ones are answered or not."""
    began = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session, asyncio.TaskGroup() as tasks:
        for number in range(PER_SECOND * seconds):
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
            tasks.create_task(_type(session, number, address, platform, times))


async def _type(session: aiohttp.ClientSession, number: int, address: str, platform: str, times: Times) -> None:
    key = next(times.keys)
    body = urllib.parse.urlencode(
        {
            "command": "/papers",
            "text": _LINES[number % len(_LINES)],
            "team_id": TEAM,
            "channel_id": f"C{number % 20:09}",
            "user_id": "U1",
            "trigger_id": key,
            "response_url": f"{platform}/answer/{key}",
        }
    )
    stamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={mac}",
    }
    times.sent[key] = time.perf_counter()
    async with session.post(address, data=body, headers=headers) as answer:
        if answer.status != 200:
            raise RuntimeError(f"a command was answered with {answer.status}")
        await answer.read()
    times.acknowledged[key] = time.perf_counter()


async def serve() -> None:
    """Stand for Slack, and type whenever a line says so, until there are no more lines."""
    async with _accepting() as (times, platform):
        _tell(platform)
        while line := await asyncio.to_thread(sys.stdin.readline):
            seconds, address = line.split()
            times.forget()
            before = times.posted
            await _type_for(int(seconds), address if address != "nothing" else f"{platform}/nothing", platform, times)
            during = times.posted - before
            waits = {"acks": times.waits(times.acknowledged), "posted": during}
            if address != "nothing":
                await times.all_answered()
                waits["answers"] = times.waits(times.answered)
            _tell(waits)


def _tell(found: object) -> None:
    """Tell the bench, which reads a line of JSON."""
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run until the standard input ends."""
    asyncio.run(serve())
