"""What `paperround doctor` asks Slack: whether the token is good, what it may do, and whether it is where it posts."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.answers import error_of, gone_words
from adapters.slack.manifest import HISTORY_SCOPES, SCOPES


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: how it is, and, where it is not well, how to mend it."""

    check: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    fix: str = ""


async def token_checks(client: AsyncWebClient, token: str, channels: Sequence[str]) -> AsyncIterator[Check]:
    """Check a workspace's token, its scopes, and each channel that has a digest (by Slack's id)."""
    try:
        told = await client.auth_test(token=token)
    except SlackApiError as refused:
        yield Check("slack token", "fail", gone_words(error_of(refused)), "set PAPERROUND_SLACK_BOT_TOKEN anew")
        return
    except (aiohttp.ClientError, TimeoutError, OSError) as broken:
        yield Check(
            "slack", "fail", f"it can't be reached: {broken}", "check the network, and PAPERROUND_SLACK_API_URL"
        )
        return
    yield Check("slack token", "ok", f"it speaks as {told.get('user')} in {told.get('team')}")
    yield _scopes(str(told.headers.get("x-oauth-scopes", "")))
    for channel in channels:
        yield await _channel(client, token, channel)


def _scopes(header: str) -> Check:
    given = {scope.strip() for scope in header.split(",") if scope.strip()}
    lacking = sorted(set(SCOPES) - given)
    if lacking:
        why = "; ".join(f"{scope} ({SCOPES[scope]})" for scope in lacking)
        return Check("slack scopes", "fail", f"missing: {why}", "paste the manifest anew, and install the app again")
    if not given.issuperset(HISTORY_SCOPES):
        return Check(
            "slack scopes",
            "ok",
            "all that are needed; without the history of channels, whoever set a digest up is asked about unsure ones",
        )
    return Check("slack scopes", "ok", "all that are needed, and the history of channels")


async def _channel(client: AsyncWebClient, token: str, channel: str) -> Check:
    what = f"slack channel {channel}"
    try:
        told = (await client.conversations_info(token=token, channel=channel))["channel"]
    except SlackApiError as refused:
        return Check(what, "fail", gone_words(error_of(refused)), "invite the bot there, or digest off")
    if told.get("is_archived"):
        return Check(what, "fail", "it is archived", "un-archive it, or turn its digest off")
    if not told.get("is_member"):
        return Check(what, "fail", f"the bot is not in #{told.get('name')}", "type there: /invite @papers")
    return Check(what, "ok", f"the bot is in #{told.get('name')}")
