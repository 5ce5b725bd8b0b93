"""What Discord's answers mean for a message: it is there; surely not there, for now or for good; or nobody knows.

https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from adapters.discord.rest import Answer
from bot.ports import Finding, Posting

UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
THREAD_EXISTS = 160004

_MAY_NOT = "the bot may not post there; let it View Channel and Send Messages"
_REFUSED_TOKEN = "Discord does not take the bot's token; set PAPERROUND_DISCORD_TOKEN anew, and start the service again"

GONE = {
    10003: "the channel is gone",
    10004: "the server is gone, or has removed the bot; invite it again",
    10008: "the message is gone",
    10013: "that member is gone",
    40067: "the forum wants a tag with each post; let it take posts without one",
    50001: _MAY_NOT,
    50007: "that member takes no messages from the bot",
    50008: "that channel takes no messages",
    50013: _MAY_NOT,
    50024: "that channel takes no such message",
    50033: "that member is gone",
    50083: "the thread is archived",
    160002: "the bot may not read the channel's history; let it Read Message History",
    160005: "the thread is locked",
}
"""Errors that stay until somebody mends them, and how, by Discord's code."""

_STATUS = {403: _MAY_NOT, 404: GONE[UNKNOWN_CHANNEL]}
_PASSES = frozenset(
    {40333}
)  # "internal network error", Cloudflare's: https://github.com/discord/discord-api-docs/issues/6473
_LATER = {40003: "Discord wants fewer direct messages at a time"}
"""Errors that pass by themselves, though Discord refuses with 403, and does not say when to come again.

https://github.com/davidhozic/discord-advertisement-framework/issues/82
"""


def posting_of(answer: Answer, message_id: str | None = None) -> Posting:
    """Return what an answer says of the message that was sent; `message_id` is its id, where that is known."""
    if answer.ok:
        found = message_id or answer.text_of("id")
        return Posting("accepted", found) if found else Posting("unclear", reason="Discord's answer makes no sense")
    if answer.status in (401, 429):
        # A refused token is the operator's to mend: until then all waits, and no channel's digest is stopped.
        reason = _REFUSED_TOKEN if answer.status == 401 else "Discord asked for a pause"
        return Posting("refused", reason=reason, retry_after=answer.retry_after, everywhere=answer.everywhere)
    if answer.status >= 500 or answer.status < 400:
        return Posting("unclear", reason=f"Discord failed: {answer.status}")
    if answer.code in _LATER:
        return Posting("refused", reason=_LATER[answer.code])
    if _is_not_discords(answer):
        return Posting("refused", reason=f"what stands before Discord refuses this machine: {answer.status}")
    return Posting("refused", reason=gone_words(answer), permanent=True)


def unsent(posting: Posting) -> Posting:
    """Return what became of a message, where what had to be done before it came to this: it was not sent."""
    return Posting("refused", None, posting.reason, posting.permanent, posting.retry_after, posting.everywhere)


def finding_of(answer: Answer) -> Finding:
    """Return why a channel can't be read back: by its refusal for good, or not now."""
    if answer.status in (403, 404) and not _is_not_discords(answer):
        return Finding("unreadable", reason=gone_words(answer))
    return Finding("failed", reason=posting_of(answer).reason)


def gone_words(answer: Answer) -> str:
    """Return a lasting refusal in words."""
    known = GONE.get(answer.code) or _STATUS.get(answer.status)
    return known or f"Discord does not take the message: {answer.message or answer.status}"


def _is_not_discords(answer: Answer) -> bool:
    """Return whether a refusal is none of Discord's own, which has a code: it says nothing of the channel."""
    return not isinstance(answer.value, dict) or answer.code in _PASSES
