"""Text as Slack takes it: nothing in it pings anybody, forms a link, or changes the look.

Slack's rules: https://docs.slack.dev/messaging/formatting-message-text (only & < > are escaped, as entities).
"""

import re

from bot import text

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKS = re.compile(r"(?<![^\W_])[*_~`]|[*_~`](?![^\W_])")
"""Marks at a word's edge: within a word, as in America/New_York, they mark nothing."""
_BARE_MENTION = re.compile(r"@(?=channel|here|everyone)", re.IGNORECASE)
_SPECIAL = re.compile("[*_~`@&<>]")
"""Words without any of these, which is the rule, are shown as they are: ten times as fast."""
_NOTHING = "\u200b"
"""A zero-width space: beside a mark, it is no word's edge any more, and so no formatting begins or ends there."""


def mrkdwn(words: str, limit: int = 3_000) -> str:
    """Return foreign words for a mrkdwn field, to be shown as they are, in at most so many characters."""
    shown = _escaped(text.clean(words))
    if len(shown) <= limit:
        return shown
    low, high = 0, len(words)  # entities make it longer: find the longest cut that fits
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(_escaped(text.cut(words, middle))) <= limit else (low, middle - 1)
    return _escaped(text.cut(words, low)) if low else ""


def plain(words: str, limit: int) -> str:
    """Return words for a plain-text field, in at most so many characters."""
    return text.cut(_unpinged(text.clean(words)), limit)


def link(url: str | None, words: str, limit: int = 2_000) -> str:
    """Return a mrkdwn link, or the words alone where the address is none that can be linked."""
    label = mrkdwn(words, limit)
    if not url or not url.startswith(("https://", "http://")) or re.search(r"[\s<>|]", url) or len(url) > 1_000:
        return label
    return f"<{url.translate(_ENTITIES)}|{label}>"


def code(words: str, limit: int = 500) -> str:
    """Return words as something to be typed, in mrkdwn: nothing unseen is in them."""
    shown = _unpinged(text.cut(text.clean(words), limit).replace("`", "'"))
    return f"`{shown.translate(_ENTITIES)}`" if shown else ""


def _escaped(words: str) -> str:
    if not _SPECIAL.search(words):
        return words
    marked = _MARKS.sub(lambda mark: f"{_NOTHING}{mark[0]}{_NOTHING}", words)
    return _unpinged(marked).translate(_ENTITIES)


def _unpinged(words: str) -> str:
    """Old clients made mentions of these three words even without brackets."""
    if "@" not in words:
        return words
    return _BARE_MENTION.sub(f"@{_NOTHING}", words)


_CHANNEL = re.compile(r"“[^”]*”|\b([CG](?=[A-Z]*[0-9])[A-Z0-9]{8,20})\b")
"""Without a digit it is a word in capitals, such as COMPRESSION; in quotation marks, somebody's words."""


def with_channels(markup: str) -> str:
    """Return our own mrkdwn with channels' ids as links, which show the channels' names; they notify nobody."""
    return _CHANNEL.sub(lambda found: f"<#{found[1]}>" if found[1] else found[0], markup)
