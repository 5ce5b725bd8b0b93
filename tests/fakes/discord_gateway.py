"""The fake Discord's gateway: sessions that outlive their connections, so that a client can resume what it missed.

https://docs.discord.com/developers/events/gateway, and .../topics/opcodes-and-status-codes for opcodes and codes.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord_wire import SQUEEZES, Connection, Session
from tests.fakes.discord_world import Json

PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15)  # members, presences, message content
KNOWN_INTENTS = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25
PAYLOAD, PER_MINUTE = 4096, 120  # "Payload size", "Rate Limiting" of the gateway's page
ENDS_SESSION = (1000, 1001, 4003, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014)


class Gateway:
    """The gateway as tests steer it.

    `refuse_with`: the close code of every connection that identifies. `is_deaf`: heartbeats stay unanswered.
    `identify_pace`: seconds between two IDENTIFYs of the same concurrency key, as Discord's 5; 0 asks nothing.
    """

    def __init__(self, token: str, first_events: Callable[[Session], list[tuple[str, Any]]]) -> None:
        self.token = token
        self.first_events = first_events
        self.heartbeat_ms = 41250
        self.privileged_allowed = 0
        self.shards_wanted = 1
        self.max_concurrency = 1
        self.identify_pace = 0.0
        self.refuse_with: int | None = None
        self.is_deaf = False
        self.sessions: dict[str, Session] = {}
        self.connections: list[Connection] = []
        self.identifies: list[Json] = []
        self.resumes: list[Json] = []
        self.heartbeats = 0
        self.queries: list[dict[str, str]] = []
        self._last_identify: dict[int, float] = {}
        self._numbers = itertools.count(1)

    # What tests do

    def dispatch(self, name: str, data: Any, guild_id: int | None = None) -> bool:
        """Send an event to whom it concerns; return whether any session takes it."""
        concerned = [session for session in self.sessions.values() if session.covers(guild_id)]
        for session in concerned:
            session.dispatch(name, data)
        return bool(concerned)

    @property
    def live(self) -> list[Session]:
        """The sessions that have a connection now."""
        return [session for session in self.sessions.values() if session.connection is not None]

    def close(self, code: int) -> None:
        """Close every connection with a code, as Discord does; some codes end the session too."""
        for connection in list(self.connections):
            if connection.session and code in ENDS_SESSION:
                self.sessions.pop(connection.session.id, None)
            self._detach(connection)
            connection.end(code)

    def reset(self) -> None:
        """Cut every connection without a word."""
        for connection in list(self.connections):
            self._detach(connection)
            if connection.transport is not None:
                connection.transport.abort()

    def ask_to_reconnect(self) -> None:
        """Ask every client to reconnect and resume (opcode 7)."""
        for connection in self.connections:
            connection.tell({"op": 7, "d": None})

    def invalidate(self, resumable: bool) -> None:
        """Tell every client that its session is invalid (opcode 9); unless resumable, it is forgotten."""
        for connection in self.connections:
            if not resumable and connection.session:
                self.sessions.pop(connection.session.id, None)
            connection.tell({"op": 9, "d": resumable})

    # What clients do

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection."""
        socket = web.WebSocketResponse(max_msg_size=0, compress=False)
        await socket.prepare(request)
        self.queries.append(dict(request.query))
        squeeze = SQUEEZES.get(request.query.get("compress", ""))
        connection = Connection(socket, request.transport, squeeze() if squeeze else None)
        writing = asyncio.ensure_future(connection.write())
        self.connections.append(connection)
        try:
            await self._converse(connection, request)
        finally:
            self._gone(connection)
            connection.outgoing.put_nowait(None)
            await writing
        return socket

    async def _converse(self, connection: Connection, request: web.Request) -> None:
        if request.query.get("v") != "10" or request.query.get("encoding") != "json":
            connection.end(4012)
        else:
            connection.tell({"op": 10, "d": {"heartbeat_interval": self.heartbeat_ms, "_trace": []}})
        async for message in connection.socket:
            if message.type is WSMsgType.TEXT and (code := self._received(connection, message.data)):
                connection.end(code)

    def _received(self, connection: Connection, text: str) -> int | None:
        """Act on what a client sent; return the code to close with, if it broke a rule."""
        now = time.monotonic()
        connection.received = [at for at in connection.received if at > now - 60] + [now]
        if len(connection.received) > PER_MINUTE:
            return 4008
        try:
            sent = json.loads(text)
        except ValueError:
            return 4002
        if len(text.encode()) > PAYLOAD or not isinstance(sent, dict) or "op" not in sent:
            return 4002
        return self._act(connection, sent["op"], sent.get("d"))

    def _act(self, connection: Connection, opcode: int, data: Any) -> int | None:
        if opcode == 1:
            self.heartbeats += 1
            if not self.is_deaf:
                connection.tell({"op": 11, "d": None})
            return None
        if opcode == 2:
            return 4005 if connection.session else self._identify(connection, data)
        if opcode == 6:
            return 4005 if connection.session else self._resume(connection, data)
        if opcode in (3, 4, 8, 31):
            return None if connection.session else 4003
        return 4001

    def _identify(self, connection: Connection, data: Json) -> int | None:
        self.identifies.append(data)
        if self.refuse_with is not None:
            return self.refuse_with
        index, count = data.get("shard") or (0, 1)
        intents = data.get("intents", -1)
        if data.get("token") != self.token:
            return 4004
        if not 0 <= index < count:
            return 4010
        if count < self.shards_wanted:
            return 4011
        if intents < 0 or intents & ~KNOWN_INTENTS:
            return 4013
        if intents & PRIVILEGED & ~self.privileged_allowed:
            return 4014
        key, now = index % self.max_concurrency, time.monotonic()
        if now - self._last_identify.get(key, -1e9) < self.identify_pace:
            connection.tell({"op": 9, "d": False})
            return None
        self._last_identify[key] = now
        session = Session(f"session{next(self._numbers)}", (index, count), intents, connection=connection)
        self.sessions[session.id] = connection.session = session
        for name, event in self.first_events(session):
            session.dispatch(name, event)
        return None

    def _resume(self, connection: Connection, data: Json) -> int | None:
        self.resumes.append(data)
        session = self.sessions.get(data.get("session_id", ""))
        if data.get("token") != self.token:
            return 4004
        if session is None:
            connection.tell({"op": 9, "d": False})
            return None
        if not 0 <= (data.get("seq") or 0) <= len(session.sent):
            return 4007
        if session.connection is not None:  # the old one hangs: a session has one connection
            session.connection.session = None
        connection.session, session.connection = session, connection
        for missed in session.sent[data["seq"] :]:
            connection.tell(missed)
        session.dispatch("RESUMED", {"_trace": []})
        return None

    def _gone(self, connection: Connection) -> None:
        """A client that closes with 1000 or 1001 gives its session up."""
        session = connection.session
        self._detach(connection)
        if session is not None and connection.socket.close_code in (1000, 1001):
            self.sessions.pop(session.id, None)

    def _detach(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
        if connection.session is not None:
            connection.session.connection = None
            connection.session = None
