"""Text with markup in it, as publishers send it (JATS, HTML, MathML), as plain text.

Every expression here takes time in proportion to the text, whatever stands in it.
"""

import html
import re
from functools import cache

from bot import text
from bot.mojibake import mended

_MOST = 8  # characters of markup for one of text

# https://jats.nlm.nih.gov: what stands on lines of its own; the rest is within a sentence.
_BLOCKS = re.compile(
    r"</?(?:jats:)?(?:p|sec|title|list|list-item|disp-formula|br|div|ul|ol|li|h[1-6]|tr|blockquote)\b[^<>]*>",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"<(?:jats:)?title\b[^<>]*>([^<>]{0,80})</(?:jats:)?title>(?:\s*<(?:jats:)?p\b[^<>]*>)?", re.IGNORECASE
)
_NO_HEADINGS = frozenset({"", "abstract", "summary"})
_TAG = re.compile(r"</?[a-zA-Z][\w:.-]*(?:\s[^<>]*)?/?>|<[!?][a-zA-Z\[-][^<>]*>")  # "a < b" stays
_BROKEN_TAG = re.compile(r"<[a-zA-Z][\w:-]*\s[^<>=]*=[^<>]*\Z")

# What is no text though it stands between tags. Of a formula in two languages MathML stays: its text reads as is.
_UNREAD = re.compile(r"<(script|style|(?:mml:)?annotation|(?:jats:)?tex-math)\b|<!--", re.IGNORECASE)
_MATHML = re.compile(r"<(?:mml:)?math\b", re.IGNORECASE)
_ESCAPED_TWICE = re.compile(r"&amp;(?=#?\w{2,8};)")
_ROUNDS = 3  # feeds escape HTML for XML, and some do so twice


def one_line(marked: str, limit: int) -> str:
    """Return marked-up text in one clean line of at most `limit` characters."""
    return text.cut(text.clean(_plain(marked[: _MOST * limit], " ")), limit)


def paragraphs(marked: str, limit: int) -> str:
    """Return marked-up text in clean paragraphs, without a heading that says "Abstract"."""
    return text.cut(text.clean_paragraphs(_plain(marked[: _MOST * limit], "\n\n")).strip(), limit)


def _plain(marked: str, between: str) -> str:
    """Take tags away and references apart, until nothing is left of either."""
    for _ in range(_ROUNDS):
        before = marked
        if "<" in marked:
            marked = _without_tags(marked, between)
        marked = html.unescape(_ESCAPED_TWICE.sub("&", marked))
        if marked == before:
            break
    return mended(_without_tags(marked, between) if "<" in marked else marked)


def _without_tags(marked: str, between: str) -> str:
    parted = _BLOCKS.sub(between, _HEADING.sub(_heading, _readable(marked)))
    return _BROKEN_TAG.sub("", _TAG.sub("", parted))


def _heading(found: re.Match[str]) -> str:
    words = found[1].strip().rstrip(":.")
    return "\n\n" if words.lower() in _NO_HEADINGS else f"\n\n{words}: "


def _readable(marked: str) -> str:
    """Leave out scripts, comments and formulas told a second time, each with all that is in it."""
    kept, at, twice = [], 0, bool(_MATHML.search(marked))
    while found := _UNREAD.search(marked, at):
        kept.append(marked[at : found.start()])
        if not twice and (found[1] or "").lower().endswith("tex-math"):
            kept.append(found[0])
            at = found.end()
            continue
        ends = _end_of(found[1]).search(marked, found.end())
        if not ends:
            return "".join(kept)
        at = ends.end()
    return "".join([*kept, marked[at:]])


@cache
def _end_of(element: str | None) -> re.Pattern[str]:
    return re.compile(f"</{re.escape(element)}[^<>]*>" if element else "-->", re.IGNORECASE)
