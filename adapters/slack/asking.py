"""Who asks, and what Slack allows them."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import aiohttp
import structlog
from slack_bolt.request.internals import extract_enterprise_id, extract_team_id
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.answers import error_of
from adapters.slack.context import Slack
from adapters.slack.names import ids_of, team_key
from adapters.slack.tokens import PLATFORM
from bot.commands.dispatch import find_command
from bot.errors import UserError
from bot.reply import Reply
from bot.team import Who

Body = Mapping[str, Any]

_KEPT_FOR = 600.0
"""Seconds for which what Slack told of somebody is believed."""

_MOST = 10_000
_NOBODY: Body = {"is_bot": True}
"""Whom Slack does not know: may as little as a bot."""

log = structlog.get_logger()


class Askers:
    """Carries out what people ask, within what Slack allows them; it is asked about them, and its answers are kept."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._people: OrderedDict[tuple[str, str], tuple[float, Body]] = OrderedDict()

    async def ask(self, client: AsyncWebClient, body: Body, line: str, channel: str | None = None) -> Reply:
        """Carry out a line for whoever did what `body` tells of, there or in another channel; bots get nothing."""
        if await self.is_bot(client, body):
            return Reply(notice="Only people can use me, and Slack says that you are a bot.", ok=False)
        return await self._slack.answer(await self.who(client, body, line, channel), line)

    async def who(self, client: AsyncWebClient, body: Body, line: str, channel: str | None = None) -> Who:
        """Return who typed a line, and where; whether they may configure the channel is asked where it matters.

        Any full member of the channel may; guests, bots, people of another workspace (in a channel that is shared
        with it), and who is not in the channel may not.
        """
        place, user = channel or channel_of(body), user_of(body)
        person = await self._person(client, team_of(body), user)
        full = bool(person) and not any(person.get(mark) for mark in ("is_bot", "is_restricted", "is_ultra_restricted"))
        own = full and not _is_stranger(body, person)
        may_configure = own and _configures(line) and await is_in(client, place, user)
        return Who(PLATFORM, team_of(body), place, user, may_configure, zone=person.get("tz") or None)

    async def is_bot(self, client: AsyncWebClient, body: Body) -> bool:
        """Return whether that is a bot, or nobody that Slack knows."""
        return bool((await self._person(client, team_of(body), user_of(body))).get("is_bot"))

    def zone_known(self, body: Body) -> str | None:
        """Return the zone of whoever did something, if Slack was asked of late; nothing is awaited for it."""
        _, person = self._people.get((team_of(body), user_of(body)), (0.0, {}))
        return person.get("tz") or None

    async def zone(self, client: AsyncWebClient, body: Body) -> str | None:
        """Return the zone in which somebody lives, as Slack tells it."""
        return (await self._person(client, team_of(body), user_of(body))).get("tz") or None

    async def _person(self, client: AsyncWebClient, team: str, user: str) -> Body:
        """Return what Slack tells of somebody; nothing where it tells nothing, and then they may little."""
        now = time.monotonic()
        kept = self._people.get((team, user))
        if kept and now - kept[0] < _KEPT_FOR:
            return kept[1]
        try:
            person: Body = (await client.users_info(user=user)).get("user") or {}
        except SlackApiError as refused:
            if error_of(refused) not in ("user_not_found", "user_not_visible"):
                reason = error_of(refused) or refused.response.status_code  # what answered may not be Slack
                log.warning("Slack tells nothing of a member", team=team, reason=reason)
                return {}
            person = _NOBODY
        except (aiohttp.ClientError, TimeoutError) as failure:
            log.warning("Slack tells nothing of a member", team=team, reason=type(failure).__name__)
            return {}
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


def _is_stranger(body: Body, person: Body) -> bool:
    """Return whether somebody belongs to another workspace than the one that has the app.

    Slack says so of the person, and in what they do: in a button's user, in an event's sender.
    """
    enterprise, team = ids_of(team_of(body))
    ours = {enterprise, team} - {None}
    of_person = {person.get("team_id"), (person.get("enterprise_user") or {}).get("enterprise_id")} - {None}
    event: Body = body.get("event") or {}
    user = body.get("user")
    sent_from = event.get("user_team") or event.get("team") or (user.get("team_id") if isinstance(user, dict) else None)
    is_elsewhere = bool(person.get("is_stranger")) or bool(of_person and not of_person & ours)
    return is_elsewhere or bool(enterprise is None and sent_from and sent_from not in ours)


async def is_in(client: AsyncWebClient, channel: str, user: str) -> bool:
    """Return whether somebody is a member of the channel: a button may be pressed by who only looks in.

    False as well where the channel is private, and the bot is not in it. A talk with the bot has but the two of them,
    and to ask who is in it would need one more scope (im:read).
    """
    if channel.startswith("D"):
        return True
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


async def may_post(client: AsyncWebClient, channel: str) -> bool:
    """Return whether the bot is in a channel, which it must be to post there."""
    try:
        told = await client.conversations_info(channel=channel)
    except SlackApiError:
        return False
    return bool((told.get("channel") or {}).get("is_member"))


def team_of(body: Body) -> str:
    """Return the key of the team in which something happened: the one that has the app, also in a shared channel."""
    return team_key(extract_enterprise_id(dict(body)), extract_team_id(dict(body)))


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
