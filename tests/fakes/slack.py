"""Slack on loopback: its Web API as our bot meets it, with its rules, its limits, and its faults.

What the workspace holds can be looked at from outside: messages, private answers, views, and every call.
"""

import asyncio
import itertools
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import WSMsgType, web

from tests.fakes.slack_rules import faults_of, pings_of
from tests.fakes.slack_views import faults_of_view, shown

Json = dict[str, Any]
Fault = Literal["reset before", "reset after", "500 before", "500 after", "429", "hang", "slow", "garbage"]

SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.unfurl": "links:write",
    "conversations.open": "im:write",
    "users.info": "users:read",
}
READING = {"C": "channels", "G": "groups", "D": "im"}
TRIGGER_LIVES = 3.0
RESPONSE_USES = 5


@dataclass(slots=True)
class User:
    """A person of a workspace, as `users.info` tells."""

    id: str
    name: str
    tz: str | None = "Europe/Berlin"
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_admin: bool = False
    team_id: str | None = None
    """Their own workspace, where it is another one than that of the channel (Slack Connect)."""


@dataclass(slots=True)
class Channel:
    """A channel, who is in it, and its messages, the oldest first."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    archived: bool = False
    messages: list[Json] = field(default_factory=list)
    next_free: float = 0.0


@dataclass(slots=True)
class Workspace:
    """A workspace with our app in it."""

    team: str = "T1"
    enterprise: str | None = None
    token: str = "xoxb-test-token-1"
    bot_user: str = "UBOT"
    scopes: set[str] = field(default_factory=set)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    ephemeral: list[Json] = field(default_factory=list)
    home: dict[str, Json] = field(default_factory=dict)
    modals: list[Json] = field(default_factory=list)
    unfurls: list[Json] = field(default_factory=list)
    revoked: bool = False

    def add_user(self, user: User, *channels: str) -> User:
        """Let somebody join the workspace, and channels of it."""
        self.users[user.id] = user
        for channel in channels:
            self.channels[channel].members.add(user.id)
        return user

    def add_channel(self, channel_id: str, name: str, with_bot: bool = True) -> Channel:
        """Make a channel."""
        channel = self.channels[channel_id] = Channel(channel_id, name)
        if with_bot:
            channel.members.add(self.bot_user)
        return channel


@dataclass(frozen=True, slots=True)
class Called:
    """A call of the Web API that arrived."""

    method: str
    args: Json
    at: float


class RefusedError(Exception):
    """Slack's `ok: false`."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.answer = {"ok": False, "error": error, **more}


class FakeSlack:
    """The platform. `faults` holds, for a method, what happens to its next calls; `pace` is seconds a message."""

    def __init__(self, pace: float = 0.0) -> None:
        self.pace = pace
        self.history_lag = 0.0
        self.workspaces: dict[str, Workspace] = {}
        self.calls: list[Called] = []
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.errors: defaultdict[str, deque[str]] = defaultdict(deque)
        self.early: list[Called] = []
        self.triggers: dict[str, float] = {}
        self.responses: dict[str, Json] = {}
        self.codes: dict[str, Json] = {}
        self.sockets: list[web.WebSocketResponse] = []
        self.transports: dict[int, asyncio.Transport] = {}
        self.acknowledged: dict[str, asyncio.Future[Json]] = {}
        self.url = ""
        self._numbers = itertools.count(1)
        self._held = asyncio.Event()

    # Where it is served

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

    def workspace(self, **of: Any) -> Workspace:
        """Make a workspace with Alice, Bob, a guest, and the channel #papers (C0PAPERS01)."""
        made = Workspace(**of)
        made.scopes = made.scopes or {
            "app_mentions:read", "chat:write", "commands", "im:history", "im:write", "links:read", "links:write",
            "users:read", "channels:read", "groups:read",
        }  # fmt: skip
        self.workspaces[made.token] = made
        made.add_channel("C0PAPERS01", "papers")
        made.add_user(User(made.bot_user, "paperround", is_bot=True))
        made.add_user(User("U1", "alice"), "C0PAPERS01")
        made.add_user(User("U2", "bob", tz="America/New_York"), "C0PAPERS01")
        made.add_user(User("UGUEST", "gina", is_restricted=True), "C0PAPERS01")
        return made

    # What comes in

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args = await _args_of(request)
        self.calls.append(Called(method, args, time.monotonic()))
        fault = self.faults[method].popleft() if self.faults[method] else None
        if fault == "reset before":
            return _reset(request)
        if fault == "500 before":
            return web.Response(status=500, text="upstream error")
        if fault == "429":
            return _limited(1)
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
        if fault == "reset after":
            return _reset(request)
        if fault == "500 after":
            return web.Response(status=500, text="upstream error")
        workspace = self.workspaces.get(_token_of(request, args))
        scopes = ",".join(sorted(workspace.scopes)) if workspace else ""
        return web.json_response(answer, headers={"x-oauth-scopes": scopes})

    def _carry_out(self, method: str, args: Json, request: web.Request) -> Json | web.Response:
        if self.errors[method]:
            raise RefusedError(self.errors[method].popleft())
        name = "_" + method.replace(".", "_")
        handler = getattr(self, name, None)
        if handler is None:
            raise RefusedError("unknown_method")
        if method in ("oauth.v2.access", "apps.connections.open"):
            return handler(args)  # type: ignore[no-any-return]
        workspace = self.workspaces.get(_token_of(request, args))
        if workspace is None:
            raise RefusedError("invalid_auth")
        if workspace.revoked:
            raise RefusedError("token_revoked")
        needed = SCOPES.get(method)
        if needed and needed not in workspace.scopes:
            raise RefusedError("missing_scope", needed=needed, provided=",".join(sorted(workspace.scopes)))
        return handler(workspace, args)  # type: ignore[no-any-return]

    # Its methods

    def _auth_test(self, workspace: Workspace, args: Json) -> Json:
        return {
            "ok": True, "url": f"{self.url}/", "team": workspace.team, "team_id": workspace.team,
            "enterprise_id": workspace.enterprise, "user": "paperround", "user_id": workspace.bot_user, "bot_id": "B1",
        }  # fmt: skip

    def _chat_postMessage(self, workspace: Workspace, args: Json) -> Json | web.Response:  # noqa: N802 - Slack's
        channel = self._place(workspace, args["channel"])
        if workspace.bot_user not in channel.members and not channel.id.startswith("D"):
            raise RefusedError("not_in_channel")
        if channel.archived:
            raise RefusedError("is_archived")
        self._check(args)
        now = time.monotonic()
        if self.pace and now < channel.next_free:
            self.early.append(self.calls[-1])
            return _limited(max(1, round(channel.next_free - now)))
        channel.next_free = now + self.pace
        message = self._message(workspace, args)
        channel.messages.append(message)
        return {"ok": True, "channel": channel.id, "ts": message["ts"], "message": message}

    def _chat_postEphemeral(self, workspace: Workspace, args: Json) -> Json:  # noqa: N802 - Slack's
        channel = self._place(workspace, args["channel"])
        if workspace.bot_user not in channel.members:
            raise RefusedError("not_in_channel")
        if args["user"] not in channel.members:
            raise RefusedError("user_not_in_channel")
        self._check(args)
        message = self._message(workspace, args) | {"channel": channel.id, "user": args["user"]}
        workspace.ephemeral.append(message)
        return {"ok": True, "message_ts": message["ts"]}

    def _chat_update(self, workspace: Workspace, args: Json) -> Json:
        message = self._found(self._place(workspace, args["channel"]), args["ts"])
        self._check(args)
        message |= {name: args[name] for name in ("text", "blocks", "metadata") if name in args}
        message["edits"] = message.get("edits", 0) + 1
        return {"ok": True, "channel": args["channel"], "ts": args["ts"], "text": message["text"]}

    def _chat_delete(self, workspace: Workspace, args: Json) -> Json:
        channel = self._place(workspace, args["channel"])
        channel.messages.remove(self._found(channel, args["ts"]))
        return {"ok": True, "channel": channel.id, "ts": args["ts"]}

    def _chat_unfurl(self, workspace: Workspace, args: Json) -> Json:
        workspace.unfurls.append(args)
        return {"ok": True}

    def _conversations_history(self, workspace: Workspace, args: Json) -> Json:
        channel = self._place(workspace, args["channel"])
        kind = READING.get(channel.id[0], "channels")
        if f"{kind}:history" not in workspace.scopes:
            raise RefusedError("missing_scope", needed=f"{kind}:history", provided=",".join(sorted(workspace.scopes)))
        if workspace.bot_user not in channel.members:
            raise RefusedError("not_in_channel")
        oldest, latest = float(args.get("oldest", 0)), float(args.get("latest", "inf"))
        seen = time.monotonic() - self.history_lag
        found = [one for one in channel.messages if oldest <= float(one["ts"]) <= latest and one["_at"] <= seen]
        with_metadata = str(args.get("include_all_metadata", "")).lower() in ("true", "1")
        hidden = {"_at"} if with_metadata else {"_at", "metadata"}
        shown = [{key: value for key, value in one.items() if key not in hidden} for one in reversed(found)]
        start, limit = int(args.get("cursor") or 0), int(args.get("limit", 100))
        more = len(shown) > start + limit
        answer: Json = {"ok": True, "messages": shown[start : start + limit], "has_more": more}
        return answer | {"response_metadata": {"next_cursor": str(start + limit) if more else ""}}

    def _conversations_info(self, workspace: Workspace, args: Json) -> Json:
        channel = self._place(workspace, args["channel"])
        kind = READING.get(channel.id[0], "channels")
        if f"{kind}:read" not in workspace.scopes:
            raise RefusedError("missing_scope", needed=f"{kind}:read", provided=",".join(sorted(workspace.scopes)))
        told = {"id": channel.id, "name": channel.name, "is_archived": channel.archived}
        return {"ok": True, "channel": told | {"is_member": workspace.bot_user in channel.members}}

    def _conversations_members(self, workspace: Workspace, args: Json) -> Json:
        channel = self._place(workspace, args["channel"])
        if f"{READING.get(channel.id[0], 'channels')}:read" not in workspace.scopes:
            raise RefusedError("missing_scope", needed="channels:read", provided=",".join(sorted(workspace.scopes)))
        return {"ok": True, "members": sorted(channel.members), "response_metadata": {"next_cursor": ""}}

    def _conversations_open(self, workspace: Workspace, args: Json) -> Json:
        user = str(args["users"])
        if user not in workspace.users:
            raise RefusedError("user_not_found")
        channel_id = f"D{user}"
        if channel_id not in workspace.channels:
            workspace.add_channel(channel_id, "").members.add(user)
        return {"ok": True, "channel": {"id": channel_id}}

    def _users_info(self, workspace: Workspace, args: Json) -> Json:
        user = workspace.users.get(str(args["user"]))
        if user is None:
            raise RefusedError("user_not_found")
        told = {name: getattr(user, name) for name in User.__slots__}
        profile = {"real_name": user.name.title(), "display_name": user.name}
        told["team_id"] = user.team_id or workspace.team
        return {"ok": True, "user": told | {"profile": profile, "deleted": False}}

    def _views_open(self, workspace: Workspace, args: Json) -> Json:
        self._spend(args.get("trigger_id", ""))
        self._check_view(args["view"])
        view = shown({**args["view"], "id": f"V{next(self._numbers)}"}, f"{next(self._numbers)}.h")
        workspace.modals.append(view)
        return {"ok": True, "view": view}

    def _views_update(self, workspace: Workspace, args: Json) -> Json:
        self._check_view(args["view"])
        for place, view in enumerate(workspace.modals):
            if view["id"] == args["view_id"]:
                if args.get("hash") not in (None, view["hash"]):
                    raise RefusedError("hash_conflict")
                changed = {**args["view"], "id": view["id"]}
                workspace.modals[place] = shown(changed, f"{next(self._numbers)}.h", view)
                return {"ok": True, "view": workspace.modals[place]}
        raise RefusedError("not_found")

    def _views_publish(self, workspace: Workspace, args: Json) -> Json:
        self._check_view(args["view"])
        workspace.home[args["user_id"]] = args["view"]
        return {"ok": True, "view": {**args["view"], "id": f"V{next(self._numbers)}"}}

    def _apps_connections_open(self, args: Json) -> Json:
        return {"ok": True, "url": f"{self.url.replace('http', 'ws')}/socket"}

    def _oauth_v2_access(self, args: Json) -> Json:
        answer = self.codes.pop(str(args.get("code")), None)
        if answer is None:
            raise RefusedError("invalid_code")
        return {"ok": True, **answer}

    # Its rules

    def _place(self, workspace: Workspace, channel: str) -> Channel:
        if channel in workspace.users:
            channel = self._conversations_open(workspace, {"users": channel})["channel"]["id"]
        if channel not in workspace.channels:
            raise RefusedError("channel_not_found")
        return workspace.channels[channel]

    def _check(self, args: Json) -> None:
        if not args.get("text") and not args.get("blocks"):
            raise RefusedError("no_text")
        if wrong := faults_of(args.get("blocks") or []):
            raise RefusedError("msg_blocks_too_long" if wrong[0].startswith("msg_") else "invalid_blocks", errors=wrong)
        if pings := pings_of(args):
            raise AssertionError(f"this message would ping: {pings}")

    def _check_view(self, view: Json) -> None:
        if wrong := faults_of_view(view):
            raise RefusedError("invalid_arguments", errors=wrong)

    def _found(self, channel: Channel, ts: str) -> Json:
        for message in channel.messages:
            if message["ts"] == ts:
                return message
        raise RefusedError("message_not_found")

    def _message(self, workspace: Workspace, args: Json) -> Json:
        kept: Json = {name: args[name] for name in ("text", "blocks", "metadata", "thread_ts") if name in args}
        ts = f"{time.time():.6f}"[:-2] + f"{next(self._numbers) % 100:02}"
        kept |= {"type": "message", "user": workspace.bot_user, "bot_id": "B1", "ts": ts, "_at": time.monotonic()}
        return kept

    def trigger(self) -> str:
        """Return a trigger id, which lives 3 s and opens one view."""
        key = f"{time.time_ns()}.{next(self._numbers)}"
        self.triggers[key] = time.monotonic()
        return key

    def _spend(self, key: str) -> None:
        made = self.triggers.pop(key, None)
        if made is None:
            raise RefusedError("invalid_trigger_id")
        if time.monotonic() - made > TRIGGER_LIVES:
            raise RefusedError("expired_trigger_id")

    # Response addresses, for answers to what somebody did

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
        return web.Response(text="ok")

    # Socket Mode

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


def _limited(seconds: int) -> web.Response:
    answer = {"ok": False, "error": "ratelimited"}
    return web.json_response(answer, status=429, headers={"Retry-After": str(seconds)})
