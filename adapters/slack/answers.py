"""What Slack's errors mean for a message: surely not there, for now or for good; or nobody knows.

https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

import datetime as dt

from slack_sdk.errors import SlackApiError

from bot.ports import Posting

_INVITE = "the bot is not in the channel; invite it there with /invite"
_INSTALL = "Slack does not take the bot's token any more; install the app again"

GONE = {
    "channel_not_found": "the channel is gone, or private and the bot is not in it; invite it there with /invite",
    "not_in_channel": _INVITE,
    "is_archived": "the channel is archived; un-archive it, or choose another",
    "account_inactive": _INSTALL,
    "invalid_auth": _INSTALL,
    "not_authed": _INSTALL,
    "token_revoked": _INSTALL,
    "token_expired": _INSTALL,
    "missing_scope": "the app lacks a permission; install it again with the permissions of its manifest",
    "restricted_action": "the workspace does not let apps post there; ask its administrators",
    "restricted_action_read_only_channel": "only some may post in this channel; ask its administrators",
    "team_access_not_granted": "the app has no access to this workspace any more; install it again",
    "user_not_found": "that member is gone",
    "cannot_dm_bot": "that member is a bot",
    "message_not_found": "the message is gone",
}
"""Errors that stay until somebody mends them, and how."""

NO_TOKEN = frozenset(error for error, mended in GONE.items() if mended == _INSTALL)
"""Errors that say that a token is good for nothing any more."""

_UNKNOWN = ("fatal_error", "internal_error", "request_timeout")
"""Slack: "it's possible some aspect of the operation succeeded before the error was raised"."""

_FOR_NOW = ("ratelimited", "rate_limited", "service_unavailable", "team_added_to_org")


def posting_of(refused: SlackApiError) -> Posting:
    """Return what an error of Slack's says of the message that was sent."""
    answer, error = refused.response, error_of(refused)
    if answer.status_code == 429 or error in ("ratelimited", "rate_limited"):
        seconds = str(answer.headers.get("Retry-After", "30"))
        wait = dt.timedelta(seconds=int(seconds) if seconds.isdigit() else 30)
        return Posting("refused", reason="Slack asked for a pause", retry_after=wait)
    if answer.status_code >= 500 or error in _UNKNOWN or not error:
        return Posting("unclear", reason=f"Slack failed: {error or answer.status_code}")
    if error in _FOR_NOW:
        return Posting("refused", reason=f"Slack did not take it now: {error}")
    return Posting("refused", reason=gone_words(error), permanent=True)


def error_of(refused: SlackApiError) -> str:
    """Return the name of Slack's error; nothing where what answered was not Slack."""
    data = refused.response.data
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def gone_words(error: str) -> str:
    """Return a lasting error in words."""
    return GONE.get(error, f"Slack does not take the message: {error}")
