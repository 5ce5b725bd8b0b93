"""The fake Discord's REST API: who asks, how often, what goes wrong, and what is answered."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.discord_faults import Buckets, Fault, FaultKind
from tests.fakes.discord_places import Places
from tests.fakes.discord_posting import RefusedError, invalid
from tests.fakes.discord_spec import Spec
from tests.fakes.discord_world import Json

BASE = "/api/v10"
VIA = {"Via": "1.1 google"}  # without it the library takes a 429 for a ban by Cloudflare
_OUTAGES: dict[str, int] = {"500": 500, "502": 502, "503": 503, "504": 504, "502 after": 502}


@dataclass(slots=True)
class Asked:
    """A request that arrived: its method, its route as the documentation writes it, and what it carries."""

    method: str
    route: str
    path: str
    params: dict[str, str]
    query: dict[str, str]
    body: Any
    files: list[Json]
    has_token: bool
    at: float = field(default_factory=time.monotonic)
    status: int = 0


Answer = tuple[int, Any]
Handler = Callable[[Places, Asked], Answer]


class Rest:
    """The API. `calls` holds every request that came; `invalid_requests` counts 401, 403 and 429 as Discord does."""

    def __init__(self, places: Places, handlers: dict[tuple[str, str], Handler], spec: Spec | None) -> None:
        self.places = places
        self.handlers = handlers
        self.spec = spec
        self.buckets = Buckets()
        self.faults: list[Fault] = []
        self.calls: list[Asked] = []
        self.invalid_requests = 0

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to serve."""
        known = [web.route(method, BASE + route, self._serving(method, route)) for method, route in self.handlers]
        return [*known, web.route("*", "/api/{rest:.*}", self._unknown)]

    def fail(
        self, kind: FaultKind, method: str = "*", path: str = "", times: int | None = 1, seconds: float = 0.05
    ) -> Fault:
        """Let the next requests of a method, whose path holds a pattern, go wrong; times=None: until `stop()`."""
        fault = Fault(kind, method, re.compile(path), times, seconds)
        self.faults.append(fault)
        return fault

    @contextmanager
    def failing(self, kind: FaultKind, method: str = "*", path: str = "", seconds: float = 0.05) -> Iterator[Fault]:
        """Let all such requests go wrong within."""
        fault = self.fail(kind, method, path, times=None, seconds=seconds)
        try:
            yield fault
        finally:
            fault.stop()

    def called(self, method: str = "*", path: str = "") -> list[Asked]:
        """Return the requests of a method whose path holds a pattern."""
        return [one for one in self.calls if method in ("*", one.method) and re.search(path, one.path)]

    def _serving(self, method: str, route: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            asked = await self._asked(request, method, route)
            self.calls.append(asked)
            response = await self._answer(request, asked)
            asked.status = response.status
            self.invalid_requests += response.status in (401, 403, 429)
            return response

        return serve

    async def _asked(self, request: web.Request, method: str, route: str) -> Asked:
        body: Any = None
        files: list[Json] = []
        if request.content_type == "multipart/form-data":
            for name, part in (await request.post()).items():
                if name == "payload_json":
                    body = json.loads(str(part))
                elif isinstance(part, web.FileField):
                    files.append(_attachment(self.places.new_id(), part))
        elif text := await request.text():
            body = json.loads(text)
        has_token = request.headers.get("Authorization") == f"Bot {self.places.token}"
        path = request.path.removeprefix(BASE)
        return Asked(method, route, path, dict(request.match_info), dict(request.query), body, files, has_token)

    async def _answer(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        headers, early = self._count(asked)
        fault = next((one for one in self.faults if one.takes(asked.method, asked.path)), None)
        if fault is not None and (spoilt := await self._before(fault, request)) is not None:
            return spoilt
        if early:
            return early
        try:
            self._check_request(asked)
            status, body = self.handlers[asked.method, asked.route](self.places, asked)
        except RefusedError as refused:
            status, body = refused.status, refused.body
        if fault is not None and fault.kind == "drop after":
            return _cut(request)
        if fault is not None and fault.kind == "502 after":
            return web.Response(status=502, text="upstream error")
        if self.spec is not None and (faults := self.spec.faults_of_answer(asked.method, asked.route, status, body)):
            self.places.broken += [f"the fake's answer to {asked.method} {asked.route}: {one}" for one in faults]
        return _json(status, body, headers)

    def _check_request(self, asked: Asked) -> None:
        needs_token = not asked.route.startswith(("/webhooks/", "/interactions/"))
        if needs_token and not asked.has_token:
            raise RefusedError(401, 0, "401: Unauthorized")
        if self.spec is not None and (faults := self.spec.faults_of_request(asked.method, asked.route, asked.body)):
            raise invalid(self.places, [f"{asked.method} {asked.route}: {one}" for one in faults])

    def _count(self, asked: Asked) -> tuple[dict[str, str], web.Response | None]:
        """Count the request in its bucket; return the headers, and the refusal if it came too early."""
        route = f"{asked.method} {asked.route}"
        major = "/".join(asked.params.get(key, "") for key in ("channel_id", "guild_id", "webhook_token"))
        window, now = self.buckets.of(route, major), self.buckets.monotonic()
        early = window.take(now)
        headers = window.headers(route.replace(" ", ""), now)
        if early:
            return headers, _limited(early, headers)
        if not asked.route.startswith("/interactions/") and (early := self.buckets.take_global(now)):
            return headers, _limited(early, headers, everywhere=True)
        return headers, None

    async def _before(self, fault: Fault, request: web.Request) -> web.StreamResponse | None:
        """Let happen what happens before a request is looked at."""
        if fault.kind == "drop before":
            return _cut(request)
        if fault.kind in ("500", "502", "503", "504"):
            return web.Response(status=_OUTAGES[fault.kind], text="upstream error")
        if fault.kind in ("429", "429 global"):
            return _limited(fault.seconds, {}, everywhere=fault.kind == "429 global")
        if fault.kind == "banned":
            return web.Response(status=429, text="error code: 1015", headers={"Retry-After": "600"})
        if fault.kind == "garbage":
            return web.Response(text="<html>It works!</html>", content_type="text/html")
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault.kind in _REFUSALS:
            status, code, message = _REFUSALS[fault.kind]
            return _json(status, {"code": code, "message": message}, {})
        return None

    async def _unknown(self, request: web.Request) -> web.Response:
        self.places.broken.append(f"the fake has no {request.method} {request.path}")
        return _json(404, {"code": 0, "message": "404: Not Found"}, {})


_REFUSALS: dict[str, tuple[int, int, str]] = {
    "missing access": (403, 50001, "Missing Access"),
    "missing permissions": (403, 50013, "Missing Permissions"),
    "unknown": (404, 10003, "Unknown Channel"),
    "too many talks": (403, 40003, "You are opening direct messages too fast."),
}


def _json(status: int, body: Any, headers: dict[str, str]) -> web.Response:
    """An answer whose Content-Type is exactly application/json: discord.py reads any other as text."""
    if body is None:
        return web.Response(status=status, headers=headers)
    content = json.dumps(body).encode()
    return web.Response(status=status, body=content, headers=headers | {"Content-Type": "application/json"})


def _limited(seconds: float, headers: dict[str, str], everywhere: bool = False) -> web.Response:
    body = {"message": "You are being rate limited.", "code": 0, "retry_after": seconds, "global": everywhere}
    scope = {"X-RateLimit-Global": "true"} if everywhere else {}
    told = {"Retry-After": str(int(seconds) + 1), "X-RateLimit-Scope": "global" if everywhere else "user"}
    return _json(429, body, headers | VIA | scope | told)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _attachment(number: int, part: web.FileField) -> Json:
    content = part.file.read()
    url = f"https://cdn.discordapp.com/attachments/{number}/{part.filename}"
    told = {"id": str(number), "filename": part.filename, "size": len(content), "url": url, "proxy_url": url}
    return told | {"content_type": "application/octet-stream", "ephemeral": False}
