"""What people do in the fake Slack: they type, press, mention and open; signed, as Slack sends it on."""

import hashlib
import hmac
import itertools
import json
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.fakes.slack import FakeSlack, Json, Workspace

SECRET = "test-signing-secret"
_numbers = itertools.count(1)


def signed(body: str, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """Return the headers that Slack sends with a body (https://docs.slack.dev/authentication/verifying-requests)."""
    stamp = str(int(time.time() if at is None else at))
    mac = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}


@dataclass(slots=True)
class Person:
    """Somebody in a workspace, whose doings arrive at the bot over HTTP (`url`), or by Socket Mode without one."""

    slack: FakeSlack
    workspace: Workspace
    user: str = "U1"
    channel: str = "C0PAPERS01"
    url: str | None = None
    session: aiohttp.ClientSession | None = None
    last_url: str = field(default="")

    async def types(self, line: str) -> int:
        """Type a slash command; return the status of the acknowledgement."""
        return await self._send("slash_commands", self.command(line))

    def command(self, line: str) -> Json:
        """Return the payload of a slash command."""
        self.last_url = self.slack.response_url(self.workspace, self.channel, self.user)
        return self._who() | {
            "command": "/papers",
            "text": line,
            "response_url": self.last_url,
            "trigger_id": self.slack.trigger(),
            "user_name": "x",
            "channel_name": "papers",
            "api_app_id": "A1",
        }

    async def presses(self, element: Json, message: Json | None = None, action_ts: str | None = None) -> int:
        """Press a button (or choose the first entry of a menu) of a message; return the acknowledgement's status."""
        return await self._send("interactive", self.press(element, message, action_ts))

    def press(self, element: Json, message: Json | None = None, action_ts: str | None = None) -> Json:
        """Return the payload of a press."""
        self.last_url = self.slack.response_url(self.workspace, self.channel, self.user)
        action: Json = {key: element[key] for key in ("type", "action_id", "value") if key in element}
        if element["type"] == "overflow":
            action["selected_option"] = element["options"][0]
        ts = (message or {}).get("ts", "1700000000.000100")
        is_private = message is None or message in self.workspace.ephemeral
        return {
            "type": "block_actions",
            "user": self.who(),
            "team": {"id": self.workspace.team, "enterprise_id": self.workspace.enterprise},
            "enterprise": {"id": self.workspace.enterprise} if self.workspace.enterprise else None,
            "api_app_id": "A1",
            "channel": {"id": self.channel, "name": "papers"},
            "container": {"type": "message", "message_ts": ts, "channel_id": self.channel, "is_ephemeral": is_private},
            "message": None if is_private else message,
            "trigger_id": self.slack.trigger(),
            "response_url": self.last_url,
            "actions": [action | {"block_id": "b", "action_ts": action_ts or f"{time.time():.6f}"}],
        }

    async def mentions(self, line: str, thread: str | None = None, event_id: str | None = None) -> int:
        """Mention the bot in the channel, or in a thread of it."""
        event = {"type": "app_mention", "user": self.user, "text": f"<@{self.workspace.bot_user}> {line}"}
        event |= {"channel": self.channel, "ts": f"{time.time():.6f}", "event_ts": f"{time.time():.6f}"}
        return await self.happens(event | ({"thread_ts": thread} if thread else {}), event_id)

    async def writes(self, line: str) -> int:
        """Write to the bot directly."""
        channel = f"D{self.user}"
        if channel not in self.workspace.channels:
            self.workspace.add_channel(channel, "").members.add(self.user)
        event = {"type": "message", "channel_type": "im", "user": self.user, "text": line, "channel": channel}
        return await self.happens(event | {"ts": f"{time.time():.6f}", "event_ts": f"{time.time():.6f}"})

    async def happens(self, event: Json, event_id: str | None = None) -> int:
        """Let an event arrive."""
        return await self._send("events_api", self.event(event, event_id))

    def event(self, event: Json, event_id: str | None = None) -> Json:
        """Return the payload of an event."""
        told = {"type": "event_callback", "team_id": self.workspace.team, "enterprise_id": self.workspace.enterprise}
        authorised = {"team_id": self.workspace.team, "enterprise_id": self.workspace.enterprise, "is_bot": True}
        authorised |= {"user_id": self.workspace.bot_user, "is_enterprise_install": False}
        return told | {
            "api_app_id": "A1",
            "event": event,
            "event_id": event_id or f"Ev{next(_numbers)}",
            "event_time": int(time.time()),
            "authorizations": [authorised],
        }

    def who(self) -> Json:
        """Return the person as a payload names them: with the workspace that they belong to."""
        known = self.workspace.users.get(self.user)
        return {"id": self.user, "team_id": (known and known.team_id) or self.workspace.team}

    def _who(self) -> Json:
        told: Json = {"team_id": self.workspace.team, "user_id": self.user, "channel_id": self.channel}
        return told | ({"enterprise_id": self.workspace.enterprise} if self.workspace.enterprise else {})

    async def exchanges(self, kind: str, payload: Json) -> tuple[int, Json]:
        """Send a payload; return the acknowledgement's status, and what came with it."""
        if self.url is None:
            acknowledged = await self.slack.deliver(kind, payload)
            return 200, acknowledged.get("payload") or {}
        status, text = await self._post(body_of(kind, payload), "json" if kind == "events_api" else "form")
        return status, json.loads(text) if text.startswith("{") else {}

    async def _send(self, kind: str, payload: Json) -> int:
        return (await self.exchanges(kind, payload))[0]

    async def posts(self, body: str, kind: str = "form", headers: dict[str, str] | None = None) -> int:
        """Send a body to the bot as Slack would, or with other headers; return the status."""
        return (await self._post(body, kind, headers))[0]

    async def _post(self, body: str, kind: str = "form", headers: dict[str, str] | None = None) -> tuple[int, str]:
        assert self.session is not None
        assert self.url is not None
        types = {"form": "application/x-www-form-urlencoded", "json": "application/json"}
        sent = {"Content-Type": types[kind], **(signed(body) if headers is None else headers)}
        async with self.session.post(self.url, data=body.encode(), headers=sent) as answer:
            return answer.status, await answer.text()


def body_of(kind: str, payload: Json) -> str:
    """Return the body in which Slack sends a payload over HTTP."""
    if kind == "events_api":
        return json.dumps(payload)
    if kind == "slash_commands":
        return urllib.parse.urlencode(_flat(payload))
    return urllib.parse.urlencode({"payload": json.dumps(payload)})


def _flat(payload: Json) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if value is not None}
