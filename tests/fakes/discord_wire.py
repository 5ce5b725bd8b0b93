"""A connection to the fake Discord's gateway: what is written to it, compressed as the client asked."""

import asyncio
import importlib
import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from tests.fakes.discord_world import Json


class Squeezed(Protocol):
    """A transport compression: one stream for a connection's whole life."""

    def message(self, text: str) -> bytes:
        """Return a message's bytes, complete by themselves on the wire."""


class _Zlib:
    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    def message(self, text: str) -> bytes:
        return self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class _Zstd:
    """With the library that discord.py asks zstd for (`zstandard`): it asks for it only where that is installed."""

    def __init__(self) -> None:
        zstandard: Any = importlib.import_module("zstandard")
        self._flush_block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        self._stream = zstandard.ZstdCompressor().compressobj()

    def message(self, text: str) -> bytes:
        return bytes(self._stream.compress(text.encode()) + self._stream.flush(self._flush_block))


SQUEEZES: dict[str, Callable[[], Squeezed]] = {"zlib-stream": _Zlib, "zstd-stream": _Zstd}


@dataclass(slots=True, eq=False)
class Connection:
    """One websocket of a client."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    squeezed: Squeezed | None
    outgoing: "asyncio.Queue[Json | int | None]" = field(default_factory=asyncio.Queue)
    session: "Session | None" = None
    received: list[float] = field(default_factory=list)

    def tell(self, payload: Json) -> None:
        """Queue a payload."""
        self.outgoing.put_nowait(payload)

    def end(self, code: int) -> None:
        """Close with a code, after all that is queued."""
        self.outgoing.put_nowait(code)

    async def write(self) -> None:
        """Send what is queued, in order, until the connection ends."""
        while (payload := await self.outgoing.get()) is not None:
            if isinstance(payload, int):
                await self.socket.close(code=payload)
                return
            text = json.dumps(payload)
            with suppress(ConnectionError, RuntimeError):  # a client that went away is noticed by the reader
                if self.squeezed is None:
                    await self.socket.send_str(text)
                else:
                    await self.socket.send_bytes(self.squeezed.message(text))


@dataclass(slots=True, eq=False)
class Session:
    """What a client identified for. `sent` holds every dispatch, so that a resume can send again what was missed."""

    id: str
    shard: tuple[int, int]
    intents: int
    sent: list[Json] = field(default_factory=list)
    connection: Connection | None = None

    def dispatch(self, name: str, data: Any) -> None:
        """Send an event, or keep it until the client resumes."""
        self.sent.append({"op": 0, "t": name, "s": len(self.sent) + 1, "d": data})
        if self.connection is not None:
            self.connection.tell(self.sent[-1])

    def covers(self, guild_id: int | None) -> bool:
        """Whether a guild's events belong to this shard; those without a guild go to shard 0."""
        return ((guild_id or 0) >> 22) % self.shard[1] == self.shard[0]
