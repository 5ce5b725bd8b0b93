"""Socket Mode, and the addresses at which Slack takes answers to what somebody did."""

import asyncio
import json
from contextlib import suppress
from typing import Literal

from aiohttp import WSMsgType, web

from tests.fakes.slack_state import RefusedError, State
from tests.fakes.slack_workspace import Json, Workspace

RESPONSE_USES = 5


class Responses(State):
    """Addresses for answers: five each."""

    def __init__(self, pace: float = 0.0) -> None:
        super().__init__(pace)
        self.responses: dict[str, Json] = {}

    def response_url(self, workspace: Workspace, channel: str, user: str) -> str:
        """Return an address that takes five answers."""
        key = f"r{next(self._numbers)}"
        self.responses[key] = {"uses": 0, "workspace": workspace, "channel": channel, "user": user, "answers": []}
        return f"{self.url}/response/{key}"

    def answers_to(self, url: str) -> list[Json]:
        """Return what was answered at a response address."""
        answers: list[Json] = self.responses[url.rsplit("/", 1)[1]]["answers"]
        return answers

    async def _respond(self, request: web.Request) -> web.Response:
        kept = self.responses.get(request.match_info["key"])
        if kept is None or kept["uses"] >= RESPONSE_USES:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        kept["uses"] += 1
        answer = json.loads(await request.text())
        try:
            if not answer.get("delete_original"):
                self._check(answer)
        except RefusedError as refused:
            return web.json_response(refused.answer, status=400)
        kept["answers"].append(answer)
        message = self._message(kept["workspace"], answer) | {"channel": kept["channel"], "user": kept["user"]}
        if answer.get("response_type") == "in_channel":
            kept["workspace"].channels[kept["channel"]].messages.append(message)
        else:
            kept["workspace"].ephemeral.append(message)
        self._tell()
        return web.Response(text="ok")


class Sockets(State):
    """Socket Mode."""

    def __init__(self, pace: float = 0.0) -> None:
        super().__init__(pace)
        self.sockets: list[web.WebSocketResponse] = []
        self.transports: dict[int, asyncio.Transport] = {}
        self.acknowledged: dict[str, asyncio.Future[Json]] = {}

    def _apps_connections_open(self, args: Json) -> Json:
        return {"ok": True, "url": f"{self.url.replace('http', 'ws')}/socket"}

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert request.transport is not None
        self.transports[id(socket)] = request.transport
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                acknowledgement = json.loads(message.data)
                waiting = self.acknowledged.get(acknowledgement.get("envelope_id", ""))
                if waiting and not waiting.done():
                    waiting.set_result(acknowledgement)
        with suppress(ValueError):
            self.sockets.remove(socket)
        return socket

    async def drop(self, how: Literal["closed", "reset", "refreshed"]) -> None:
        """End the connection: with a word, without one, or by asking for a new one, as Slack does every few hours."""
        old = self.sockets[-1]
        if how == "refreshed":
            await old.send_json({"type": "disconnect", "reason": "refresh_requested"})
            return
        self.sockets.remove(old)
        if how == "closed":
            await old.close()
        else:
            self.transports[id(old)].abort()

    async def deliver(self, kind: str, payload: Json, envelope_id: str | None = None) -> Json:
        """Deliver an envelope by Socket Mode; return what acknowledged it, within 3 s."""
        envelope_id = envelope_id or f"e{next(self._numbers)}"
        self.acknowledged[envelope_id] = asyncio.get_running_loop().create_future()
        envelope = {"envelope_id": envelope_id, "type": kind, "payload": payload, "accepts_response_payload": True}
        await self.sockets[-1].send_json(envelope)
        async with asyncio.timeout(3):
            return await self.acknowledged[envelope_id]
