"""A platform in memory that answers posts as a script says, and whose history may lag, fail or be closed."""

import asyncio
import datetime as dt
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from bot.ports import Finding, Posting
from bot.reply import DigestPost, Post, Reply

Answer = Literal[
    "accept", "refuse", "refuse for good", "accept, but nobody hears", "lose, and nobody hears", "hang", "break"
]
History = Literal["read", "unreadable", "failed", "broken"]
Hook = Callable[[str], Awaitable[None]]


async def go_on(step: str) -> None:
    """The hook of somebody to whom nothing happens."""


@dataclass(slots=True)
class Message:
    """A message in a channel; `at` is by the platform's own clock."""

    id: str
    channel: str
    key: str
    at: dt.datetime
    thread: str | None = None


@dataclass(slots=True)
class Wall:
    """What the platform has: messages, by its own clock, which no process can put back."""

    now: Callable[[], dt.datetime]
    messages: list[Message] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    script: deque[Answer | dt.timedelta] = field(default_factory=deque)
    history: History = "read"
    lag: dt.timedelta = dt.timedelta()
    deleting: Posting = field(default_factory=lambda: Posting("accepted"))
    calls: Counter[str] = field(default_factory=Counter)
    at_once: int = 0
    most_at_once: int = 0

    def take(self, channel: str, key: str, thread: str | None = None) -> str:
        """Put a message into a channel, or into a thread there; return its id."""
        self.taken[key] += 1
        self.messages.append(Message(f"m{self.taken.total()}", channel, key, self.now(), thread))
        return self.messages[-1].id

    def visible(self, key: str) -> list[str]:
        """The ids of the messages with a key."""
        return [message.id for message in self.messages if message.key == key]


@dataclass(slots=True)
class ScriptedMessenger:
    """One process's way to the wall. `hook` is awaited before and after whatever the wall does."""

    wall: Wall
    platform: str = "slack"
    thread_room: int = 3_000
    hook: Hook = go_on

    async def post(self, team: str, channel: str, post: Post, key: str, thread: str | None = None) -> Posting:
        """Answer as the script's next line says, or accept; a time is how long the platform wants to be left alone."""
        wall = self.wall
        wall.calls["post"] += 1
        wall.at_once += 1
        wall.most_at_once = max(wall.most_at_once, wall.at_once)
        try:
            await self.hook("before post")
            answer = wall.script.popleft() if wall.script else "accept"
            message = wall.take(channel, key, thread) if answer in ("accept", "accept, but nobody hears") else None
            await self.hook("after post")
            return await _posting(answer, message)
        finally:
            wall.at_once -= 1

    async def find(self, team: str, channel: str, key: str, since: dt.datetime, thread: str | None = None) -> Finding:
        """Read the channel's history, as far as it can be seen by now."""
        wall = self.wall
        wall.calls["find"] += 1
        await self.hook("before find")
        if wall.history == "broken":
            raise RuntimeError("the history could not be parsed")
        if wall.history != "read":
            return Finding(wall.history, reason=f"the history is {wall.history}")
        seen = [message for message in wall.messages if since <= message.at <= wall.now() - wall.lag]
        found = tuple(
            message.id for message in seen if (message.channel, message.key, message.thread) == (channel, key, thread)
        )
        await self.hook("after find")
        return Finding("read", found)

    async def delete(self, team: str, channel: str, message_id: str, thread: str | None = None) -> Posting:
        """Delete a message, or answer otherwise if told to."""
        self.wall.calls["delete"] += 1
        await self.hook("before delete")
        if self.wall.deleting.outcome == "accepted":
            self.wall.messages = [message for message in self.wall.messages if message.id != message_id]
        return self.wall.deleting

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Nothing is changed here."""
        raise AssertionError

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Nobody is told anything here."""
        raise AssertionError


async def _posting(answer: Answer | dt.timedelta, message: str | None) -> Posting:
    if isinstance(answer, dt.timedelta):
        return Posting("refused", reason="too many requests", retry_after=answer)
    match answer:
        case "accept":
            return Posting("accepted", message_id=message)
        case "refuse":
            return Posting("refused", reason="not now")
        case "refuse for good":
            return Posting("refused", reason="the channel is archived", permanent=True)
        case "hang":
            await asyncio.Event().wait()
        case "break":
            raise RuntimeError("the digest could not be rendered")
    return Posting("unclear", reason="the connection was reset")
