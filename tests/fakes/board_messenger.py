"""A messenger for the board: the model of how an adapter tells surely posted, surely not, and nobody knows."""

import dataclasses
import datetime as dt
import json
from types import TracebackType
from typing import Any

import aiohttp

from bot.ports import Finding, Posting
from bot.reply import DigestPost, Post, Reply

PLATFORM = "board"
FOR_GOOD = {
    "channel_not_found": "the channel is gone",
    "is_archived": "the channel is archived",
    "not_in_channel": "the bot was removed from the channel",
    "no_such_thread": "the message of the thread is gone",
    "token_revoked": "the bot's access was revoked",
    "missing_scope": "the bot may not read the channel's history",
}
"""What the platform says when trying again does not help, in words."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Answer:
    """What came of one request: what the platform said, or why nobody knows, or why it was surely not done."""

    outcome: str
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    error: str = ""
    retry_after: dt.timedelta | None = None

    @property
    def permanent(self) -> bool:
        return self.error in FOR_GOOD

    @property
    def reason(self) -> str | None:
        return FOR_GOOD.get(self.error, self.error) or None


class BoardMessenger:
    """Speaks HTTP to the board, one request a call; use it as a context manager."""

    platform = PLATFORM
    thread_room = 2_000

    def __init__(self, url: str, seconds: float = 10) -> None:
        self._url = url
        self._limit = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "BoardMessenger":
        # POST throughout: aiohttp repeats a GET by itself when a kept connection turns out to be closed.
        self._session = aiohttp.ClientSession(timeout=self._limit)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session
        await self._session.close()

    async def post(self, team: str, channel: str, post: Post, key: str, thread: str | None = None) -> Posting:
        """Post once, under the delivery's key."""
        sent = dataclasses.asdict(post)
        return _posting(await self._ask(team, "post", channel=channel, key=key, thread=thread, post=sent))

    async def find(self, team: str, channel: str, key: str, since: dt.datetime, thread: str | None = None) -> Finding:
        """Find the channel's messages with that key, the earliest first."""
        since_then = since.timestamp()
        answer = await self._ask(team, "history", channel=channel, key=key, thread=thread, since=since_then)
        if answer.outcome == "accepted":
            found = sorted(answer.body["messages"], key=lambda message: float(message["at"]))
            return Finding("read", tuple(message["id"] for message in found))
        return Finding("unreadable" if answer.permanent else "failed", reason=answer.reason)

    async def delete(self, team: str, channel: str, message_id: str, thread: str | None = None) -> Posting:
        """Delete a message; one that is gone already counts as accepted."""
        answer = await self._ask(team, "delete", channel=channel, id=message_id)
        return Posting("accepted", message_id) if answer.error == "message_not_found" else _posting(answer)

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Put another post in a message's place."""
        asked = self._ask(team, "update", channel=channel, id=message_id, key=key, post=dataclasses.asdict(post))
        return _posting(await asked)

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Tell a member something."""
        return _posting(await self._ask(team, "tell", member=member, note=dataclasses.asdict(note)))

    async def _ask(self, team: str, call: str, **body: Any) -> _Answer:
        """Send one request, and tell what is known of it."""
        assert self._session
        sent = json.dumps(body, default=str)
        headers = {"Content-Type": "application/json"}
        try:
            async with self._session.post(f"{self._url}/{team}/{call}", data=sent, headers=headers) as response:
                return _answer(response, await response.read())
        except aiohttp.ClientConnectorError as unreachable:  # not a byte was sent
            return _Answer("refused", error=f"the board can't be reached: {unreachable.strerror}")
        except (aiohttp.ClientError, OSError, TimeoutError) as broken:
            return _Answer("unclear", error=f"the board's answer did not arrive: {type(broken).__name__}")


def _answer(response: aiohttp.ClientResponse, raw: bytes) -> _Answer:
    try:
        body = json.loads(raw)
    except ValueError:
        return _Answer("unclear", error=f"the board's answer of {response.status} is not JSON")
    if response.status >= 500:
        return _Answer("unclear", error=f"the board failed with {response.status}")
    if response.status == 429:
        wait = dt.timedelta(seconds=float(response.headers["Retry-After"]))
        return _Answer("refused", error="the board asks to wait", retry_after=wait)
    if response.status >= 400:
        return _Answer("refused", error=body["error"])
    return _Answer("accepted", body)


def _posting(answer: _Answer) -> Posting:
    if answer.outcome == "accepted":
        return Posting("accepted", message_id=answer.body.get("id"))
    if answer.outcome == "refused":
        return Posting("refused", reason=answer.reason, permanent=answer.permanent, retry_after=answer.retry_after)
    return Posting("unclear", reason=answer.reason)
