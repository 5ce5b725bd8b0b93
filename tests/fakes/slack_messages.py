"""Slack's messages: posting, changing, deleting, and reading them back."""

import time

from aiohttp import web

from tests.fakes.slack_state import READING, RefusedError, State
from tests.fakes.slack_workspace import Channel, Json, Workspace


class Messages(State):
    """`chat.*`, `conversations.history` and `conversations.replies`."""

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
            return limited(max(1, round(channel.next_free - now)))
        channel.next_free = now + self.pace
        message = self._message(workspace, args)
        if message.get("thread_ts") not in {one["ts"] for one in channel.messages}:
            message.pop("thread_ts", None)  # as the real one does: it posts it in the channel, without a word
        channel.messages.append(message)
        self._tell()
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
        self._tell()
        return {"ok": True, "message_ts": message["ts"]}

    def _chat_update(self, workspace: Workspace, args: Json) -> Json:
        message = self._found(self._place(workspace, args["channel"]), args["ts"])
        self._check(args)
        message |= {name: args[name] for name in ("text", "blocks", "metadata") if name in args}
        message["edits"] = message.get("edits", 0) + 1
        self._tell()
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
        return self._page(workspace, channel, args, [one for one in channel.messages if not is_reply(one)])

    def _conversations_replies(self, workspace: Workspace, args: Json) -> Json:
        channel = self._place(workspace, args["channel"])
        if all(one["ts"] != args["ts"] for one in channel.messages):
            raise RefusedError("thread_not_found")
        thread = [one for one in channel.messages if args["ts"] in (one["ts"], one.get("thread_ts"))]
        return self._page(workspace, channel, args, thread)

    def _page(self, workspace: Workspace, channel: Channel, args: Json, messages: list[Json]) -> Json:
        kind = READING.get(channel.id[0], "channels")
        if f"{kind}:history" not in workspace.scopes:
            raise RefusedError("missing_scope", needed=f"{kind}:history", provided=",".join(sorted(workspace.scopes)))
        if workspace.bot_user not in channel.members:
            raise RefusedError("not_in_channel")
        oldest, latest = float(args.get("oldest", 0)), float(args.get("latest", "inf"))
        seen = time.monotonic() - self.history_lag
        found = [one for one in messages if oldest <= float(one["ts"]) <= latest and one["_at"] <= seen]
        with_metadata = str(args.get("include_all_metadata", "")).lower() in ("true", "1")
        hidden = {"_at"} if with_metadata else {"_at", "metadata"}
        shown = [{key: value for key, value in one.items() if key not in hidden} for one in reversed(found)]
        start, limit = int(args.get("cursor") or 0), int(args.get("limit", 100))
        more = len(shown) > start + limit
        answer: Json = {"ok": True, "messages": shown[start : start + limit], "has_more": more}
        return answer | {"response_metadata": {"next_cursor": str(start + limit) if more else ""}}


def is_reply(message: Json) -> bool:
    """Return whether a message stands in a thread, and is not the one that it belongs to."""
    return bool(message.get("thread_ts", message["ts"]) != message["ts"])


def limited(seconds: int) -> web.Response:
    """Return Slack's answer to who asks too often."""
    answer = {"ok": False, "error": "ratelimited"}
    return web.json_response(answer, status=429, headers={"Retry-After": str(seconds)})
