"""Who asks, and what Slack allows them."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.names import team_key
from adapters.slack.tokens import PLATFORM
from bot.commands.dispatch import find_command
from bot.errors import UserError
from bot.team import Who

Body = Mapping[str, Any]

_KEPT_FOR = 600.0
"""Seconds for which what Slack told of somebody is believed."""

_MOST = 10_000


class Askers:
    """Asks Slack about people, and remembers its answers for a while."""

    def __init__(self) -> None:
        self._people: OrderedDict[tuple[str, str], tuple[float, Body]] = OrderedDict()

    async def who(self, client: AsyncWebClient, team: str, channel: str, user: str, line: str) -> Who:
        """Return who typed a line, and where; whether they may configure the channel is asked where it matters.

        Any full member of the channel may; guests, bots, and who is not in the channel may not.
        """
        person = await self._person(client, team, user)
        full = bool(person) and not any(person.get(mark) for mark in ("is_bot", "is_restricted", "is_ultra_restricted"))
        may_configure = full and _configures(line) and await _is_in(client, channel, user)
        return Who(PLATFORM, team, channel, user, may_configure, zone=person.get("tz") or None)

    async def is_bot(self, client: AsyncWebClient, team: str, user: str) -> bool:
        """Return whether that is a bot, or nobody."""
        person = await self._person(client, team, user)
        return not person or bool(person.get("is_bot"))

    async def _person(self, client: AsyncWebClient, team: str, user: str) -> Body:
        """Return what Slack tells of somebody; nothing where it tells nothing, and who is unknown may little."""
        now = time.monotonic()
        kept = self._people.get((team, user))
        if kept and now - kept[0] < _KEPT_FOR:
            return kept[1]
        try:
            told = await client.users_info(user=user)
        except SlackApiError:
            return {}
        person: Body = told.get("user") or {}
        self._people[team, user] = (now, person)
        while len(self._people) > _MOST:
            self._people.popitem(last=False)
        return person


def _configures(line: str) -> bool:
    try:
        command, _ = find_command(line)
    except UserError:
        return False
    return command.configures


async def _is_in(client: AsyncWebClient, channel: str, user: str) -> bool:
    """Return whether somebody is a member of the channel: a button may be pressed by who only looks in."""
    cursor = ""
    while True:
        try:
            told = await client.conversations_members(channel=channel, limit=1000, cursor=cursor)
        except SlackApiError:
            return False
        if user in told["members"]:
            return True
        cursor = (told.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return False


def team_of(body: Body) -> str:
    """Return the key of the team in which something happened."""
    team: Body = body.get("team") or {}
    enterprise: Body = body.get("enterprise") or {}
    return team_key(
        body.get("enterprise_id") or enterprise.get("id") or team.get("enterprise_id"),
        body.get("team_id") or team.get("id"),
    )


def user_of(body: Body) -> str:
    """Return the id of who did something."""
    user = body.get("user_id") or body.get("user") or (body.get("event") or {}).get("user") or ""
    return str(user["id"] if isinstance(user, Mapping) else user)


def channel_of(body: Body) -> str:
    """Return the id of the channel in which it happened; that of the person's own talk with us where it has none."""
    channel = body.get("channel_id") or body.get("channel") or (body.get("event") or {}).get("channel") or ""
    found = str(channel.get("id", "") if isinstance(channel, Mapping) else channel)
    return found or f"@{user_of(body)}"


def event_of(body: Body) -> str:
    """Return what tells this arrival from all others: Slack's id of the event, or of what somebody did."""
    if event := body.get("event_id"):
        return str(event)
    pressed: Body = next(iter(body.get("actions") or []), {})
    if pressed:
        return f"{user_of(body)} {pressed.get('action_ts', '')} {pressed.get('action_id', '')}"
    return str(body.get("trigger_id") or "")
