"""What `paperround doctor` asks Slack: whether the token is good, what it may do, and whether it is where it posts."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.answers import error_of, gone_words
from adapters.slack.manifest import HISTORY_SCOPES, SCOPES

_ADDRESS = "check the network, and PAPERROUND_SLACK_API_URL where it is set"


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
        yield _refused("slack token", refused, "set PAPERROUND_SLACK_BOT_TOKEN anew, from the app's page “OAuth”")
        return
    except (aiohttp.ClientError, TimeoutError, OSError) as broken:
        yield _unreached("slack", broken)
        return
    yield Check("slack token", "ok", f"it speaks as {told.get('user')} in {told.get('team')}")
    yield _scopes(str(told.headers.get("x-oauth-scopes", "")))
    for channel in channels:
        yield await _channel(client, token, channel)


async def socket_check(client: AsyncWebClient, app_token: str) -> Check:
    """Check that Socket Mode takes the app's token."""
    try:
        await client.apps_connections_open(app_token=app_token)
    except SlackApiError as refused:
        how = "make a token with the scope connections:write on the app's page “Basic Information”, and turn"
        return _refused("slack app token", refused, f"{how} Socket Mode on; set it as PAPERROUND_SLACK_APP_TOKEN")
    except (aiohttp.ClientError, TimeoutError, OSError) as broken:
        return _unreached("slack app token", broken)
    return Check("slack app token", "ok", "Socket Mode takes it")


def _refused(what: str, refused: SlackApiError, fix: str) -> Check:
    error = error_of(refused)
    if not error or refused.response.status_code >= 500:
        return Check(what, "fail", f"what answers is not well: status {refused.response.status_code}", _ADDRESS)
    return Check(what, "fail", gone_words(error), fix)


def _unreached(what: str, broken: BaseException) -> Check:
    return Check(what, "fail", f"Slack can't be reached: {broken or type(broken).__name__}", _ADDRESS)


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
        return _refused(what, refused, "invite the bot there, or turn its digest off")
    except (aiohttp.ClientError, TimeoutError, OSError) as broken:
        return _unreached(what, broken)
    if told.get("is_archived"):
        return Check(what, "fail", f"#{told.get('name')} is archived", "un-archive it, or turn its digest off")
    if not told.get("is_member"):
        return Check(what, "fail", f"the bot is not in #{told.get('name')}", "type there: /invite @papers")
    return Check(what, "ok", f"the bot is in #{told.get('name')}")
