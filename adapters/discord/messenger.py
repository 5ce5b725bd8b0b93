"""Posts digests to Discord, and reads them back.

A post carries a nonce that follows from its key, and asks Discord to refuse a second message with it: so for some
minutes a repeated post is none. After that the key counts, which is in the custom id of each button.
https://docs.discord.com/developers/resources/message#create-message
"""

import base64
import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import discord

from adapters.discord.abstracts import ROOM, abstracts_message
from adapters.discord.answers import THREAD_EXISTS, UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, finding_of, posting_of, unsent
from adapters.discord.buttons import Elsewhere
from adapters.discord.digest import digest_message
from adapters.discord.message import Message
from adapters.discord.names import PLATFORM, is_own
from adapters.discord.permissions import RefusedError, value_of
from adapters.discord.reading import MAY_NOT_READ, Reader
from adapters.discord.remembering import Remembering
from adapters.discord.render import reply_view
from adapters.discord.rest import BROKEN, Answer, Rest
from bot.errors import StoreError
from bot.ports import Finding, Posting
from bot.reply import AbstractsPost, DigestPost, Post, Reply

Remember = Callable[[str], Remembering]
"""Gives where a team's long commands are kept."""

KindOf = Callable[[str], int | None]
"""Gives the kind of a channel, as far as it is known without asking."""

FORUMS = frozenset({discord.ChannelType.forum.value, discord.ChannelType.media.value})
THREADS = frozenset(
    kind.value
    for kind in (discord.ChannelType.news_thread, discord.ChannelType.public_thread, discord.ChannelType.private_thread)
)
_MISSING_PERMISSIONS = 50013
_MAY_NOT_OPEN = "the bot may not open threads there; let it Create Public Threads"
_MAY_NOT_WRITE = "the bot may not post in threads there; let it Send Messages in Threads"
_TWIN = Posting("refused", reason="a message of the same digest was deleted there a moment ago; it comes in minutes")


class DiscordMessenger:
    """Implements `bot.ports.Messenger` with the REST API. In a forum, each digest is a post of its own.

    A digest that is set in a thread has its abstracts there, too: a thread has none within.
    """

    platform = PLATFORM
    thread_room = ROOM

    def __init__(self, rest: Rest, remember: Remember, kind_of: KindOf = lambda _: None) -> None:
        self._rest = rest
        self._reader = Reader(rest)
        self._remember = remember
        self._kind_of = kind_of
        self._kinds: dict[str, int] = {}

    async def post(self, team: str, channel: str, post: Post, key: str, thread: str | None = None) -> Posting:
        """Post once: to the channel, as a post of a forum, or in the thread of a message, which is made if need be."""
        if isinstance(post, AbstractsPost):
            return await self._told(self._post(team, channel, abstracts_message(post, key), key, thread))
        message = digest_message(post, key, post.mention)
        return await self._told(self._post(team, channel, message, key, thread, post.mention))

    async def find(self, team: str, channel: str, key: str, since: dt.datetime, thread: str | None = None) -> Finding:
        """Find the messages with that key among those since then: of the channel, or of a forum's posts."""
        try:
            kind = await self._kind(channel)
            if thread and kind not in THREADS:
                return await self._reader.in_thread(team, thread, key, since)
            if kind in FORUMS:
                return await self._reader.in_forum(team, channel, key, since)
            return await self._reader.in_channel(team, channel, key, since)
        except RefusedError as refused:
            if refused.answer.code == _MISSING_PERMISSIONS:
                return Finding("unreadable", reason=MAY_NOT_READ)
            return finding_of(refused.answer)
        except BROKEN as broken:
            return Finding("failed", reason=_broke(broken))

    async def delete(self, team: str, channel: str, message_id: str, thread: str | None = None) -> Posting:  # noqa: ARG002 - a channel's id is enough
        """Delete a message of our own, in a forum the whole post; one that is gone already counts as accepted."""
        return await self._told(self._delete(channel, message_id, thread))

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Put another post in a message's place; whom it mentions is not notified again."""
        return await self._told(self._update(team, channel, message_id, digest_message(post, key, post.mention)))

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Send a member a direct message, whose buttons act in the channel that it is about."""
        elsewhere = Elsewhere(team, about) if about and not is_own(team) else None
        return await self._told(self._tell(team, member, reply_view(note, elsewhere=elsewhere)))

    async def _post(
        self, team: str, channel: str, message: Message, key: str, thread: str | None, role: str | None = None
    ) -> Posting:
        kind = await self._kind(channel)
        place = channel if thread is None or kind in THREADS else thread
        body = _request(message, role if role != team else None)
        if thread and (refused := await self._thread_ready(channel, kind, thread, message.text)):
            return refused
        await self._remember(team).keep(message.long_commands)
        if thread is None and kind in FORUMS:
            made = {"name": message.text, "message": body}
            return posting_of(await self._rest.ask("POST", f"/channels/{channel}/threads", made))
        body |= {"nonce": nonce_of(key), "enforce_nonce": True}
        answer = await self._rest.ask("POST", f"/channels/{place}/messages", body)
        if answer.code == UNKNOWN_MESSAGE:
            return _TWIN  # what had the nonce before was deleted: https://github.com/discord/discord-api-docs/pull/6647
        return _named(answer, _MAY_NOT_WRITE) if thread or kind in THREADS else posting_of(answer)

    async def _thread_ready(self, channel: str, kind: int, message_id: str, name: str) -> Posting | None:
        """See that the message is there, and its thread, which has its id; None if so, else what the post comes to.

        A forum's post is a thread already, and stays one where the message with which it began is gone.
        """
        made = kind not in FORUMS | THREADS
        place = message_id if kind in FORUMS else channel
        message = f"/channels/{place}/messages/{message_id}"
        try:
            if made:
                answer = await self._rest.ask("POST", f"{message}/threads", {"name": name})
            else:
                answer = await self._rest.ask("GET", message)
        except BROKEN as broken:
            return Posting("refused", reason=_broke(broken))
        there = answer.ok or (answer.code == THREAD_EXISTS if made else answer.status == 403)
        return None if there else unsent(_named(answer, _MAY_NOT_OPEN) if made else posting_of(answer))

    async def _delete(self, channel: str, message_id: str, thread: str | None) -> Posting:
        kind = await self._kind(channel)
        if thread is None and kind in FORUMS:
            return await self._delete_post(message_id)
        place = channel if thread is None or kind in THREADS else thread
        answer = await self._rest.ask("DELETE", f"/channels/{place}/messages/{message_id}")
        if answer.code == UNKNOWN_MESSAGE or (place == thread and answer.code == UNKNOWN_CHANNEL):
            return Posting("accepted", message_id)
        return posting_of(answer, message_id)

    async def _delete_post(self, post: str) -> Posting:
        """Delete a forum's post, which takes leave to manage threads; without it, what it says, and put it away."""
        answer = await self._rest.ask("DELETE", f"/channels/{post}")
        if answer.status == 403:
            answer = await self._rest.ask("DELETE", f"/channels/{post}/messages/{post}")
            if answer.ok:
                await self._rest.ask("PATCH", f"/channels/{post}", {"archived": True})
        if answer.code in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL):
            return Posting("accepted", post)
        return posting_of(answer, post)

    async def _update(self, team: str, channel: str, message_id: str, message: Message) -> Posting:
        place = message_id if await self._kind(channel) in FORUMS else channel
        await self._remember(team).keep(message.long_commands)
        answer = await self._rest.ask("PATCH", f"/channels/{place}/messages/{message_id}", _request(message))
        return posting_of(answer, message_id if answer.ok else None)

    async def _tell(self, team: str, member: str, message: Message) -> Posting:
        try:
            opened = await self._rest.ask("POST", "/users/@me/channels", {"recipient_id": member})
        except BROKEN as broken:
            return Posting("refused", reason=_broke(broken))
        talk = opened.text_of("id")
        if not opened.ok or not talk:
            return unsent(posting_of(opened))
        await self._remember(team).keep(message.long_commands)
        return posting_of(await self._rest.ask("POST", f"/channels/{talk}/messages", _request(message)))

    async def _kind(self, channel: str) -> int:
        """Return a channel's kind, asked once: a channel never becomes a forum or a thread, nor ceases to be one."""
        known = self._kinds[channel] if channel in self._kinds else self._kind_of(channel)
        if known is None:
            try:
                told = await self._rest.ask("GET", f"/channels/{channel}")
            except BROKEN as broken:
                raise _UnsentError(_broke(broken)) from broken
            known = int(value_of(told).get("type", 0))
        self._kinds[channel] = known
        return known

    async def _told(self, sending: Awaitable[Posting]) -> Posting:
        """Return what came of a request; every way in which it can fail is an outcome."""
        try:
            return await sending
        except RefusedError as before:  # what was asked first; nothing was sent
            return unsent(posting_of(before.answer))
        except (StoreError, _UnsentError) as failure:  # nothing was sent
            return Posting("refused", reason=str(failure))
        except aiohttp.ClientConnectorError as unreached:  # nothing was sent
            return Posting("refused", reason=f"Discord could not be reached: {unreached.os_error}")
        except BROKEN as broken:
            return Posting("unclear", reason=_broke(broken))


class _UnsentError(OSError):
    """The connection broke before anything was sent."""


def _request(message: Message, role: str | None = None) -> dict[str, Any]:
    """Return the request for a message that notifies that role alone, whatever is written in it; without one, nobody.

    https://docs.discord.com/developers/resources/message#allowed-mentions-object
    """
    allowed: dict[str, Any] = {"parse": []}
    return message.payload | {"allowed_mentions": allowed | ({"roles": [role]} if role else {})}


def _named(answer: Answer, lacks: str) -> Posting:
    """Return what an answer says of a message. Discord says that a permission is missing, not which: `lacks` does."""
    posting = posting_of(answer)
    return replace(posting, reason=lacks) if answer.code == _MISSING_PERMISSIONS else posting


def _broke(broken: BaseException) -> str:
    return f"the connection to Discord broke: {broken or type(broken).__name__}"


def nonce_of(key: str) -> str:
    """Return the nonce of a delivery: the same for each of its tries; at most 25 characters."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())[:22].decode()
