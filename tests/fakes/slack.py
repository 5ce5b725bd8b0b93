"""Slack on loopback: its Web API as our bot meets it, with its rules, its limits, and its faults.

What the workspace holds can be looked at from outside: messages, private answers, views, and every call.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes.slack_delivery import RESPONSE_USES, Responses, Sockets
from tests.fakes.slack_directory import Directory, Views
from tests.fakes.slack_messages import Messages, limited
from tests.fakes.slack_state import READING, TRIGGER_LIVES, Called, Fault, RefusedError
from tests.fakes.slack_workspace import Channel, Json, User, Workspace

__all__ = [
    "READING",
    "RESPONSE_USES",
    "SCOPES",
    "TRIGGER_LIVES",
    "Called",
    "Channel",
    "FakeSlack",
    "Fault",
    "Json",
    "RefusedError",
    "User",
    "Workspace",
]

SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.unfurl": "links:write",
    "conversations.open": "im:write",
    "users.info": "users:read",
}


class FakeSlack(Messages, Directory, Views, Responses, Sockets):
    """The platform. `faults` holds, for a method, what happens to its next calls; `pace` is seconds a message."""

    def __init__(self, pace: float = 0.0) -> None:
        super().__init__(pace)
        self._held = asyncio.Event()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["FakeSlack"]:
        """Serve on a free port of 127.0.0.1."""
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_post("/response/{key}", self._respond)
        app.router.add_get("/socket", self._socket)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        try:
            yield self
        finally:
            self._held.set()
            await runner.cleanup()
            await asyncio.sleep(0.01)  # connections that were cut are closed in the loop's next turns

    @property
    def api_url(self) -> str:
        """The base of the Web API."""
        return f"{self.url}/api/"

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args = await _args_of(request)
        self.calls.append(Called(method, args, time.monotonic()))
        fault = self._fault_of(method, args)
        if fault == "reset before":
            return _reset(request)
        if fault == "500 before":
            return web.Response(status=500, text="upstream error")
        if fault == "429":
            return limited(1)
        if fault == "garbage":
            return web.Response(text="<html>It works!</html>", content_type="text/html")
        if fault == "hang":
            await self._held.wait()
        if fault == "slow":
            await asyncio.sleep(0.2)
        try:
            answer = self._carry_out(method, args, request)
        except RefusedError as refused:
            answer = refused.answer
        if isinstance(answer, web.Response):
            return answer
        if fault == "silent after":
            await self._held.wait()
        if fault in ("reset after", "silent after"):
            return _reset(request)
        if fault == "500 after":
            return web.Response(status=500, text="upstream error")
        workspace = self.workspaces.get(_token_of(request, args))
        scopes = ",".join(sorted(workspace.scopes)) if workspace else ""
        return web.json_response(answer, headers={"x-oauth-scopes": scopes})

    def _fault_of(self, method: str, args: Json) -> Fault | None:
        """Return how a call is to fail; None where it is not to."""
        return self.faults[method].popleft() if self.faults[method] else None

    def _carry_out(self, method: str, args: Json, request: web.Request) -> Json | web.Response:
        if self.errors[method]:
            raise RefusedError(self.errors[method].popleft())
        name = "_" + method.replace(".", "_")
        handler = getattr(self, name, None)
        if handler is None:
            raise RefusedError("unknown_method")
        if method in ("oauth.v2.access", "apps.connections.open"):
            return handler(args)  # type: ignore[no-any-return]  # found by its name
        workspace = self.workspaces.get(_token_of(request, args))
        if workspace is None:
            raise RefusedError("invalid_auth")
        if workspace.revoked:
            raise RefusedError("token_revoked")
        needed = SCOPES.get(method)
        if needed and needed not in workspace.scopes:
            raise RefusedError("missing_scope", needed=needed, provided=",".join(sorted(workspace.scopes)))
        return handler(workspace, args)  # type: ignore[no-any-return]  # found by its name


async def _args_of(request: web.Request) -> Json:
    """Return a call's arguments, however they were sent."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        args |= json.loads(await request.text() or "{}")
    elif request.method == "POST":
        args |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    for name in ("blocks", "metadata", "view", "unfurls"):
        if isinstance(args.get(name), str):
            args[name] = json.loads(args[name])
    return args


def _token_of(request: web.Request, args: Mapping[str, Any]) -> str:
    said = request.headers.get("Authorization", "")
    return said.removeprefix("Bearer ") if said else str(args.get("token", ""))


def _reset(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
