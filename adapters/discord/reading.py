"""Reads channels back: the messages of ours with a key, in a channel, a thread, or among a forum's posts."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import discord

from adapters.discord.answers import UNKNOWN_CHANNEL
from adapters.discord.digest import key_of
from adapters.discord.permissions import RefusedError, allowed_in, value_of
from adapters.discord.rest import Rest
from bot.ports import Finding

_PAGE = 100
_PAGES = 10
MAY_NOT_READ = "the bot may not read the channel's history; let it Read Message History"
_TOO_MUCH = "too much was written in the channel since to be read back"


class Reader:
    """Finds messages. Its calls raise RefusedError and `BROKEN`."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def in_channel(self, team: str, channel: str, key: str, since: dt.datetime) -> Finding:
        """Find the messages with that key since then."""
        found: list[str] = []
        first, query = discord.utils.time_snowflake(since), {"limit": str(_PAGE)}
        for page in range(_PAGES):
            messages = value_of(await self._rest.ask("GET", f"/channels/{channel}/messages", query=query), list)
            ids = [int(each["id"]) for each in messages]
            found += [str(each["id"]) for each in messages if int(each["id"]) > first and key_of(each) == key]
            if not messages and page == 0 and not await self._is_readable(team, channel):
                return Finding("unreadable", reason=MAY_NOT_READ)
            if len(messages) < _PAGE or min(ids) <= first:
                return Finding("read", tuple(sorted(found, key=int)))
            query["before"] = str(min(ids))  # the newest come first
        if found:
            return Finding("read", tuple(sorted(found, key=int)))
        return Finding("unreadable", reason=_TOO_MUCH)

    async def in_thread(self, team: str, thread: str, key: str, since: dt.datetime) -> Finding:
        """Find the messages with that key in a thread; where there is no such thread yet, none."""
        try:
            return await self.in_channel(team, thread, key, since)
        except RefusedError as refused:
            if refused.answer.code == UNKNOWN_CHANNEL:
                return Finding("read")
            raise

    async def in_forum(self, team: str, forum: str, key: str, since: dt.datetime) -> Finding:
        """Find a forum's posts by the key in the message with which each began."""
        first = discord.utils.time_snowflake(since)
        posts = {str(each["id"]) async for each in self._posts(team, forum, since) if int(each["id"]) > first}
        if len(posts) > _PAGE:
            return Finding("unreadable", reason=_TOO_MUCH)
        found = []
        for post in sorted(posts, key=int):
            began = await self._rest.ask("GET", f"/channels/{post}/messages/{post}")
            if began.status != 404 and key_of(value_of(began)) == key:
                found.append(post)
        return Finding("read", tuple(found))

    async def _posts(self, team: str, forum: str, since: dt.datetime) -> AsyncIterator[Any]:
        """Yield a forum's posts, open ones and those that were archived since then, some perhaps twice."""
        active = value_of(await self._rest.ask("GET", f"/guilds/{team}/threads/active"))
        for each in active["threads"]:
            if each.get("parent_id") == forum:
                yield each
        query = {"limit": str(_PAGE)}
        while True:
            told = value_of(await self._rest.ask("GET", f"/channels/{forum}/threads/archived/public", query=query))
            for each in told["threads"]:
                yield each
            last = told["threads"][-1]["thread_metadata"]["archive_timestamp"] if told["threads"] else ""
            if not told.get("has_more") or not last or dt.datetime.fromisoformat(last) < since:
                return
            query["before"] = last

    async def _is_readable(self, team: str, channel: str) -> bool:
        """Return whether the history may be read: where it may not, Discord answers with no messages at all.

        https://docs.discord.com/developers/resources/message#get-channel-messages
        """
        place = value_of(await self._rest.ask("GET", f"/channels/{channel}"))
        return (await allowed_in(self._rest, team, place)).read_message_history
