"""Text as Discord takes it: nothing in it pings anybody, forms a link, or changes the look.

Discord's markdown: https://support.discord.com/hc/en-us/articles/210298617. A backslash before a mark shows the mark
itself, but not in a masked link, where the backslash shows, too, and where an emoji, an address or a mention undoes
the whole link (https://github.com/discord/discord-api-docs/issues/6185, 7673 and 7721).
"""

import re
from typing import Final

from bot import text

_NOTHING: Final = "\u200b"
"""A zero-width space: it shows as nothing, and parts what would else be read as one."""

_MARKS: Final = {ord(mark): f"\\{mark}" for mark in "\\*_~|`[<"}
_SEEMING: Final = re.compile(
    r":(?=//|[^\s:]+:)"  # an address; an emoji's name
    r"|(?<=discord)\.(?=gg|com|new)"  # an invitation, which needs no https:// to unfurl
    r"|^[#>+-]",  # a heading, a quote, a list
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(r"^([0-9]+)(?=\.(?:\s|$))")
_MENTION: Final = re.compile(r"@(?=everyone|here|[!&]?\d)", re.IGNORECASE)
_EMOJI: Final = (
    "\u203c\u2049\u20e3\u2139\u2194-\u2199\u21a9\u21aa\u231a-\u23ff\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe"
    "\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff"
)
_UNLINKABLE: Final = re.compile(
    r"[\\`~|]|\*.*\*|_.*_|\]\(|<[^>]+>|://|:[^\s:]+:|@(?:everyone|here)|discord\.(?:gg|com|new)"
    r"|^(?:-?#{1,3}|>{1,3}|[*+-]|[0-9]+\.)\s"
    rf"|[{_EMOJI}]",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]+)?(?:[/?#][^\s\x00-\x1f]*)?", re.IGNORECASE)
_IN_ADDRESS: Final = {ord(letter): f"%{ord(letter):02X}" for letter in "()<>[]{}\\|*~`\"'^"}
_MOST_OF_ADDRESS: Final = 400
_BRACKETS: Final = re.compile(r"\[[^\[\]]*\]")
_CHANNEL: Final = re.compile(r"(?<![\w@#&!<:.\u200b-])[0-9]{17,20}(?![\w>])")


def escaped(words: str, limit: int = 2_000) -> str:
    """Return foreign words as markdown that shows them as they are, in at most so many characters."""
    words = text.cut(text.clean(words), limit)
    shown = _escaped(words)
    if len(shown) <= limit:
        return shown
    low, high = 0, len(words)  # backslashes make it longer: find the longest cut that fits
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(_escaped(text.cut(words, middle))) <= limit else (low, middle - 1)
    return _escaped(text.cut(words, low)) if low else ""


def plain(words: str, limit: int) -> str:
    """Return words for a field without markdown, such as a button's label, in at most so many characters."""
    return text.cut(_unpinged(text.clean(words)), limit)


def link(url: str | None, words: str, limit: int = 500) -> str:
    """Return a link on the words, the words in at most so many characters.

    Words that no link can hold as they are stand before it: "A 🎉 title ([open](<address>))". The words alone where
    the address is none that can be linked.
    """
    address = _address(url)
    label = text.cut(text.clean(words), limit)
    if not address or not label:
        return escaped(words, limit)
    if _linkable(label):
        return f"[{label}](<{address}>)"
    return f"{escaped(words, limit)} ([open](<{address}>))"


def heading(words: str, level: int, limit: int = 300) -> str:
    """Return foreign words as a heading of level 1 to 3, empty where there are none."""
    shown = escaped(words, limit)
    end = _NOTHING if shown.endswith("#") else ""  # marks at the end would be taken off: C#
    return f"{'#' * level} {shown}{end}" if shown else ""


def code(words: str, limit: int = 500) -> str:
    """Return words as something to be typed."""
    shown = _unpinged(text.cut(text.clean(words), limit).replace("`", "'"))
    return f"`{shown}`" if shown else ""


def with_channels(markup: str) -> str:
    """Return our own markdown with channels' ids as links, which show the channels' names; they notify nobody."""
    return _CHANNEL.sub(lambda found: f"<#{found[0]}>", markup)


def _escaped(words: str) -> str:
    marked = _SEEMING.sub(r"\\\g<0>", words.translate(_MARKS))
    return _unpinged(_NUMBERED.sub(r"\1\\", marked) if marked[:1].isdigit() else marked)


def _unpinged(words: str) -> str:
    """Discord looks for mentions in what was sent, whatever stands before them."""
    return _MENTION.sub(f"@{_NOTHING}", words) if "@" in words else words


def _address(url: str | None) -> str | None:
    """Return an address without letters that would end a link, None for one that is no link."""
    if not url or not _ADDRESS.fullmatch(url):
        return None
    address = url.translate(_IN_ADDRESS)
    return address if len(address) <= _MOST_OF_ADDRESS else None


def _linkable(label: str) -> bool:
    """Return whether a link shows those words as they are."""
    bare = _BRACKETS.sub("", label)  # brackets may stand in it in pairs, one within another may not
    return "[" not in bare and "]" not in bare and not _UNLINKABLE.search(label)
