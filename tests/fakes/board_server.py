"""A messenger platform on loopback, in a process of its own: a killed bot takes nothing of it along.

Run as `python -m tests.fakes.board_server LOG SECONDS FAULTS`; it prints its port, and stops by itself after so
many seconds. Its log, one JSON object a line, is the truth by which deliveries are judged.
"""

import argparse
import asyncio
import json
import random
import socket
import struct
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TextIO

from aiohttp import web

GONE = {
    "gone": (404, "channel_not_found"),
    "archived": (403, "is_archived"),
    "kicked": (403, "not_in_channel"),
    "revoked": (401, "token_revoked"),
}
"""What is wrong with a channel (or, where it is revoked, with the team), and how the platform says so."""


@dataclass(slots=True)
class Faults:
    """How the platform misbehaves; times in seconds.

    `before` and `after`: the chance, with which a post fails before or after it was accepted, in one of the ways
    of `ways_before` and `ways_after`; at most `in_a_row` times running for one key. `next`: ways in which the
    next calls fail, whatever they are. `lag`: how long an accepted message can't be read back. `late`: a late
    post is accepted when another one with its key was, or after so long. `slow`: the longest that an answer takes.
    `silent`: how long nothing comes. `broken`: what is wrong with which channel, or which team. `blind`: nobody
    may read a history. `ahead`: by how much its clock is ahead of this machine's.
    """

    seed: int = 0
    before: float = 0
    after: float = 0
    ways_before: tuple[str, ...] = ("429", "500 before", "reset before")
    ways_after: tuple[str, ...] = ("500 after", "reset after", "silent after")
    in_a_row: int = 3
    next: tuple[str, ...] = ()
    retry_after: tuple[float, float] = (0.05, 0.2)
    lag: float = 0
    late: float = 0.5
    slow: float = 0
    silent: float = 5
    broken: dict[str, str] = field(default_factory=dict)
    blind: bool = False
    ahead: float = 0


@dataclass(slots=True)
class Message:
    """A message on the board."""

    id: str
    team: str
    channel: str
    key: str
    post: Any
    at: float
    thread: str | None = None
    deleted: bool = False


Handler = Callable[[dict[str, Any]], Awaitable[web.Response]]


class Board:
    """The platform's memory, its log, and its whims."""

    def __init__(self, log: TextIO, faults: Faults) -> None:
        self.messages: dict[str, Message] = {}
        self.faults = faults
        self._log = log
        self._random = random.Random(faults.seed)
        self._running: Counter[str] = Counter()
        self._left_alone_until: dict[tuple[str, str, str], float] = defaultdict(float)
        self._arrived: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._late: set[asyncio.Task[None]] = set()

    def app(self) -> web.Application:
        """Return what answers requests."""
        app = web.Application()
        for name in ("post", "history", "delete", "update", "tell"):
            app.router.add_post(f"/{{team}}/{name}", self._called)
        app.router.add_post("/faults", self._set_faults)
        return app

    async def _set_faults(self, request: web.Request) -> web.Response:
        """Change some of the faults."""
        for name, value in (await request.json()).items():
            setattr(self.faults, name, tuple(value) if isinstance(value, list) else value)
        return web.json_response(asdict(self.faults))

    async def _called(self, request: web.Request) -> web.StreamResponse:
        """Answer one call, or fail in the way that it is its turn to."""
        body: dict[str, Any] = await request.json()
        team, what = request.match_info["team"], request.path.rpartition("/")[2]
        self._note("request", call=what, team=team, **{name: body.get(name) for name in ("channel", "key", "id")})
        body["team"] = team
        self._watch_retry_after(what, body)
        if self.faults.slow:
            await asyncio.sleep(self._random.uniform(0, self.faults.slow))
        if (refusal := self._refusal(what, body)) is not None:
            return refusal
        way = self._way(what, body)
        return await self._fail(request, what, body, way) if way else await self._carry_out(what, body)

    def _watch_retry_after(self, what: str, body: dict[str, Any]) -> None:
        place = (what, body["team"], str(body.get("channel") or body.get("member")))
        if time.monotonic() < self._left_alone_until[place]:
            self._note("early", call=what, team=body["team"], channel=place[2], key=body.get("key"))

    def _refusal(self, what: str, body: dict[str, Any]) -> web.Response | None:
        broken = self.faults.broken.get(body["team"]) or self.faults.broken.get(str(body.get("channel")))
        if broken:
            return _error(*GONE[broken])
        if what == "history" and self.faults.blind:
            return _error(403, "missing_scope")
        return None

    def _way(self, what: str, body: dict[str, Any]) -> str | None:
        """Return the way in which this call fails, None where it does not."""
        if self.faults.next:
            way, *rest = self.faults.next
            self.faults.next = tuple(rest)
            return way
        if what != "post":
            return None
        key, chance = body["key"], self._random.random()
        if chance >= self.faults.before + self.faults.after or self._running[key] >= self.faults.in_a_row:
            self._running[key] = 0
            return None
        self._running[key] += 1
        return self._random.choice(self.faults.ways_before if chance < self.faults.before else self.faults.ways_after)

    async def _fail(self, request: web.Request, what: str, body: dict[str, Any], way: str) -> web.StreamResponse:
        fault, _, moment = way.partition(" ")
        self._note("fault", way=way, call=what, key=body.get("key"))
        if moment == "after":
            await self._carry_out(what, body)
        if fault == "429":
            return self._too_many(what, body)
        if fault == "late":
            task = asyncio.create_task(self._accept_late(what, body))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            fault = "silent"
        if fault == "silent":
            await asyncio.sleep(self.faults.silent)
        if fault in ("reset", "silent"):
            return _reset(request)
        if fault == "garbage":
            return web.Response(text="<html>Back soon</html>", content_type="text/html")
        return _error(int(fault), f"error_{fault}")

    def _too_many(self, what: str, body: dict[str, Any]) -> web.Response:
        wait = round(self._random.uniform(*self.faults.retry_after), 3)
        place = (what, body["team"], str(body.get("channel") or body.get("member")))
        self._left_alone_until[place] = time.monotonic() + wait
        return _error(429, "rate_limited", {"Retry-After": str(wait)})

    async def _accept_late(self, what: str, body: dict[str, Any]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.faults.late):
                await self._arrived[str(body.get("key"))].wait()
        await self._carry_out(what, body)

    async def _carry_out(self, what: str, body: dict[str, Any]) -> web.Response:
        calls: dict[str, Handler] = {
            "post": self._post,
            "history": self._history,
            "delete": self._delete,
            "update": self._update,
            "tell": self._tell,
        }
        return await calls[what](body)

    async def _post(self, body: dict[str, Any]) -> web.Response:
        thread = body.get("thread")
        if thread and (thread not in self.messages or self.messages[thread].deleted):
            return _error(404, "no_such_thread")
        place = body["team"], body["channel"]
        message = Message(f"m{len(self.messages) + 1}", *place, body["key"], body["post"], self._now(), thread)
        self.messages[message.id] = message
        self._arrived[message.key].set()
        self._note("accepted", **asdict(message))
        return web.json_response({"id": message.id})

    async def _history(self, body: dict[str, Any]) -> web.Response:
        readable = self._now() - self.faults.lag
        found = [
            {"id": each.id, "at": each.at}
            for each in self.messages.values()
            if (each.team, each.channel, each.key) == (body["team"], body["channel"], body["key"])
            and each.thread == body.get("thread")
            and not each.deleted
            and body["since"] <= each.at <= readable
        ]
        return web.json_response({"messages": found[::-1]})  # the newest first, as chats show them

    async def _delete(self, body: dict[str, Any]) -> web.Response:
        message = self._own(body)
        if message is None:
            return _error(404, "message_not_found")
        message.deleted = True
        self._note("deleted", id=message.id, key=message.key, channel=message.channel)
        return web.json_response({})

    async def _update(self, body: dict[str, Any]) -> web.Response:
        message = self._own(body)
        if message is None:
            return _error(404, "message_not_found")
        message.post = body["post"]
        self._note("updated", **asdict(message))
        return web.json_response({"id": message.id})

    async def _tell(self, body: dict[str, Any]) -> web.Response:
        self._note("told", team=body["team"], member=body["member"], note=body["note"])
        return web.json_response({})

    def _own(self, body: dict[str, Any]) -> Message | None:
        message = self.messages.get(body["id"])
        is_there = message and not message.deleted
        return message if is_there and message and message.channel == body["channel"] else None

    def _now(self) -> float:
        return time.time() + self.faults.ahead

    def _note(self, what: str, **facts: Any) -> None:
        self._log.write(json.dumps({"what": what, "now": time.time(), **facts}) + "\n")
        self._log.flush()


def _error(status: int, error: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": error}, status=status, headers=headers)


def _reset(request: web.Request) -> web.Response:
    """End the connection with a reset: lingering for no time makes the kernel send one."""
    if request.transport is not None:
        own: socket.socket = request.transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()


async def serve(log: Path, seconds: float, faults: Faults) -> None:
    """Serve on a free port of 127.0.0.1, print that, and stop after so many seconds."""
    with log.open("a", encoding="utf-8") as lines:
        runner = web.AppRunner(Board(lines, faults).app(), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        sys.stdout.write(f"{runner.addresses[0][1]}\n")
        sys.stdout.flush()
        await asyncio.sleep(seconds)
        await runner.cleanup()


def main() -> None:
    """Read what is wanted, and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path)
    parser.add_argument("seconds", type=float)
    parser.add_argument("faults", type=json.loads)
    given = parser.parse_args()
    known = {each.name for each in fields(Faults)}
    unknown = set(given.faults) - known
    if unknown:
        parser.error(f"there are no faults {unknown}")
    faults: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.faults.items()
    }
    asyncio.run(serve(given.log, given.seconds, Faults(**faults)))


if __name__ == "__main__":
    main()
