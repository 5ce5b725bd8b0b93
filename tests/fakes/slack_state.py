"""What the fake Slack's parts share: its workspaces, what was called, what goes wrong, and its rules.

Each part of the Web API is a class of its own on top of this one; `tests.fakes.slack.FakeSlack` is all of them.
"""

import asyncio
import itertools
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tests.fakes.slack_rules import faults_of, pings_of
from tests.fakes.slack_views import faults_of_view
from tests.fakes.slack_workspace import Channel, Json, User, Workspace

Fault = Literal[
    "reset before", "reset after", "500 before", "500 after", "429", "hang", "silent after", "slow", "garbage"
]

READING = {"C": "channels", "G": "groups", "D": "im"}
"""The noun of the scopes under which a channel is read, by the first letter of its id."""

TRIGGER_LIVES = 3.0


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


class State:
    """The platform's memory, the same for all parts."""

    def __init__(self, pace: float = 0.0) -> None:
        self.pace = pace
        self.history_lag = 0.0
        self.workspaces: dict[str, Workspace] = {}
        self.calls: list[Called] = []
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.errors: defaultdict[str, deque[str]] = defaultdict(deque)
        self.early: list[Called] = []
        self.triggers: dict[str, float] = {}
        self.codes: dict[str, Json] = {}
        self.url = ""
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()

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

    async def until(self, true: Callable[[], object], seconds: float = 5) -> None:
        """Wait until something is so that a message, an answer or a form can make so."""
        async with asyncio.timeout(seconds):
            while not true():
                await self._news.wait()

    def _tell(self) -> None:
        """Let those look again who wait for something."""
        self._news.set()
        self._news = asyncio.Event()

    def _place(self, workspace: Workspace, channel: str) -> Channel:
        if channel in workspace.users:
            channel = self._direct(workspace, channel)
        if channel not in workspace.channels:
            raise RefusedError("channel_not_found")
        return workspace.channels[channel]

    def _direct(self, workspace: Workspace, user: str) -> str:
        """Return the id of somebody's own talk with the bot, which there is from the first time on."""
        if user not in workspace.users:
            raise RefusedError("user_not_found")
        channel_id = f"D{user}"
        if channel_id not in workspace.channels:
            workspace.add_channel(channel_id, "").members.add(user)
        return channel_id

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
