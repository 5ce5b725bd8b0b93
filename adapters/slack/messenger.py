"""Posts digests to Slack, and reads them back.

The posting client has none of slack_sdk's retries: after a reset they post once more, and the caller sees one
success. Waiting and trying again is the ledger's.
"""

import datetime as dt
import time
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.abstracts import ROOM, abstracts_message
from adapters.slack.answers import GONE, error_of, gone_words, posting_of
from adapters.slack.buttons import placed
from adapters.slack.digest import digest_message
from adapters.slack.message import Message
from adapters.slack.pauses import Pauses
from adapters.slack.quiet import LIBRARY
from adapters.slack.render import reply_message
from adapters.slack.tokens import PLATFORM, Installation, Tokens
from bot.errors import PaperRoundError
from bot.ports import Finding, Posting
from bot.reply import AbstractsPost, DigestPost, Post, Reply

EVENT_TYPE = "paperround_digest"
"""What our messages' metadata is called; other apps of the workspace can read it, so it holds an opaque key alone."""

_PAGE = 200
_PAGES = 5
_PAUSED = "Slack asked for a pause"
_NOT_INSTALLED = Posting("refused", reason="Paper Round is not installed in this workspace any more", permanent=True)

_NO_THREAD = Posting("refused", reason="the message of its thread is gone", permanent=True)


class SlackMessenger:
    """Implements `bot.ports.Messenger` with the Web API."""

    platform = PLATFORM
    thread_room = ROOM

    def __init__(
        self,
        tokens: Tokens,
        api_url: str,
        request_limit: float = 15,
        seconds: Callable[[], float] = time.monotonic,
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        self._tokens = tokens
        self._pauses = Pauses(seconds)
        limit = round(request_limit) or 1  # a session has its own
        self._client = AsyncWebClient(
            base_url=api_url, timeout=limit, session=session, logger=LIBRARY, retry_handlers=[]
        )

    async def post(self, team: str, channel: str, post: Post, key: str, thread: str | None = None) -> Posting:
        """Post once, with the key in the message's metadata."""
        message = abstracts_message(post) if isinstance(post, AbstractsPost) else digest_message(post, key)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}}
        place = {"thread_ts": thread} if thread else {}
        return await self._sent(team, "chat.postMessage", _args(channel, message) | place | {"metadata": metadata})

    async def find(self, team: str, channel: str, key: str, since: dt.datetime, thread: str | None = None) -> Finding:
        """Find the messages with that key; unreadable without the scope for the channel's history."""
        method, of = ("conversations.replies", {"ts": thread}) if thread else ("conversations.history", {})
        try:
            installed = await self._tokens.of(team)
        except PaperRoundError as unknown:
            return Finding("failed", reason=str(unknown))
        if installed is None:
            return Finding("unreadable", reason=_NOT_INSTALLED.reason)
        if self._pauses.left(team, method):
            return Finding("failed", reason=_PAUSED)
        asked: dict[str, Any] = {"channel": channel, **of, "oldest": f"{since.timestamp():.6f}", "limit": _PAGE}
        found: list[str] = []
        for _ in range(_PAGES):
            try:
                told = await self._call(installed, method, asked | {"include_all_metadata": True})
            except SlackApiError as refused:
                if error_of(refused) == "thread_not_found":
                    return await self.find(team, channel, key, since)  # it may have gone astray
                self._pause(team, method, refused)
                return _unread(refused)
            except (aiohttp.ClientError, TimeoutError, OSError) as broken:
                return Finding("failed", reason=f"Slack could not be reached: {broken or type(broken).__name__}")
            found += [str(message["ts"]) for message in told["messages"] if _key_of(message) == key]
            cursor = (told.get("response_metadata") or {}).get("next_cursor")
            if not told.get("has_more") or not cursor:
                return Finding("read", tuple(sorted(found, key=float)))
            asked["cursor"] = cursor
        if found:
            return Finding("read", tuple(sorted(found, key=float)))
        return Finding("unreadable", reason="too much was written in the channel since to be read back")

    async def delete(self, team: str, channel: str, message_id: str, thread: str | None = None) -> Posting:  # noqa: ARG002 - found by its id alone
        """Delete a message of our own; one that is gone already counts as accepted."""
        done = await self._sent(team, "chat.delete", {"channel": channel, "ts": message_id})
        return Posting("accepted", message_id) if done.reason == gone_words("message_not_found") else done

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Put another post in a message's place."""
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}}
        args = _args(channel, digest_message(post, key)) | {"ts": message_id, "metadata": metadata}
        return await self._sent(team, "chat.update", args)

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Send a member a direct message, whose buttons act in the channel that it is about."""
        message = reply_message(note)
        asked = _args(member, Message(message.text, placed(message.blocks, about)))
        return await self._sent(team, "chat.postMessage", asked)

    async def _sent(self, team: str, method: str, args: dict[str, Any]) -> Posting:
        if wait := self._pauses.left(team, method):
            return Posting("refused", reason=_PAUSED, retry_after=wait)
        try:
            installed = await self._tokens.of(team)
        except PaperRoundError as unknown:  # nothing was sent
            return Posting("refused", reason=str(unknown))
        if installed is None:
            return _NOT_INSTALLED
        try:
            told = await self._call(installed, method, args)
        except SlackApiError as refused:
            return self._pause(team, method, refused)
        except aiohttp.ClientConnectorError as unreached:  # nothing was sent
            return Posting("refused", reason=f"Slack could not be reached: {unreached.os_error}")
        except (aiohttp.ClientError, TimeoutError, OSError) as broken:
            return Posting("unclear", reason=f"the connection to Slack broke: {broken or type(broken).__name__}")
        message_id = str(told.get("ts") or args.get("ts") or "")
        if _is_astray(told, args):
            await self.delete(team, str(args["channel"]), message_id)
            return _NO_THREAD
        return Posting("accepted", message_id=message_id)

    def _pause(self, team: str, method: str, refused: SlackApiError) -> Posting:
        """Return what a refusal means, and keep the pause that Slack asks for in it."""
        posting = posting_of(refused)
        if posting.retry_after:
            self._pauses.begin(team, method, posting.retry_after)
        return posting

    async def _call(self, installed: Installation, method: str, args: dict[str, Any]) -> AsyncSlackResponse:
        return await self._client.api_call(method, json=args, headers={"Authorization": f"Bearer {installed.token}"})


def _is_astray(told: AsyncSlackResponse, args: Mapping[str, Any]) -> bool:
    """Whether a reply is in the channel itself: where the message is deleted, Slack posts it there, and says so by
    telling of no thread (seen in https://github.com/slack-go/slack/issues/1571)."""
    message = told.get("message") or {}
    return "thread_ts" in args and "ts" in message and "thread_ts" not in message


def _args(channel: str, message: Message) -> dict[str, Any]:
    quiet = {"unfurl_links": False, "unfurl_media": False}
    return {"channel": channel, "text": message.text, "blocks": message.blocks, **quiet}


def _key_of(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    key = (metadata.get("event_payload") or {}).get("key")
    return None if key is None else str(key)


def _unread(refused: SlackApiError) -> Finding:
    error = error_of(refused)
    if error == "missing_scope":
        return Finding("unreadable", reason="the app has no permission to read the channel's history")
    if error in GONE:
        return Finding("unreadable", reason=gone_words(error))
    return Finding("failed", reason=posting_of(refused).reason)
