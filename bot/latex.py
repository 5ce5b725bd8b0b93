"""LaTeX in titles, names and abstracts, as people read it: accents, Greek and simple formulas in Unicode.

For display alone: what a source wrote is what is stored. What can't be told is left as it was written, dollars
and all. (pylatexenc, tried first, drops `&` and macros that it doesn't know, and takes a bare `%` for a comment.)
"""

import html
import re
import unicodedata
from functools import lru_cache

from bot import latex_symbols as symbols
from bot.latex_reader import Reader, UntoldError

_MARKS = ("\\", "$", "{", "^", "_", "~", "``", "&", "<")  # no text without any of these is changed
_SHORT = 400  # characters of what is remembered: titles, which lists show again and again

# Pandoc's rule for what is a formula and what an amount of money: no space inside the dollars and no digit behind.
# Where a formula is written with spaces, its macros tell it.
_FORMULA = re.compile(
    r"(?<!\\)(\${1,2})(?=[^\s$])((?:[^$\\]|\\.)*?)(?<!\s)\1(?![0-9])"
    r"|(?<!\\)\$((?=[^$]*[\\^_])(?:[^$\\]|\\.)+)\$(?![0-9])|\\\(((?:[^\\]|\\[^()])+)\\\)",
    re.DOTALL,
)
_TWO_WAYS = re.compile(r"\\texorpdfstring\{(?:[^{}]|\{[^{}]*\})*\}\{((?:[^{}]|\{[^{}]*\})*)\}")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos|nbsp);")
_TAG = re.compile(r"</?(?:br|i|b|em|sub|sup|inf|tt)\s*/?>", re.IGNORECASE)
_TIE = re.compile(r"(?<=[\w.])~(?=\w)")
_SPACES = re.compile(r" {2,}")


def readable(text: str) -> str:
    """Return the text with its LaTeX in Unicode, in one line where it was one; other text as it is, at once."""
    for mark in _MARKS:
        if mark in text:
            return _remembered(text) if len(text) <= _SHORT else _readable(text)
    return text


def readable_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return authors' names without LaTeX, which few sources leave in them."""
    return tuple(map(readable, names)) if any("\\" in name for name in names) else names


def _readable(text: str) -> str:
    plain = text
    if "&" in text or "<" in text:
        plain = _TAG.sub(" ", _ENTITY.sub(lambda found: html.unescape(found[0]), text))
    if "texorpdf" in plain:
        plain = _TWO_WAYS.sub(r"\1", plain)
    pieces, at = [], 0
    for found in _FORMULA.finditer(plain):
        pieces += [_words(plain[at : found.start()]), _formula(found)]
        at = found.end()
    pieces.append(_words(plain[at:]))
    shown = unicodedata.normalize("NFC", "".join(pieces))
    return _SPACES.sub(" ", shown).strip() if shown != text else text


_remembered = lru_cache(maxsize=4_096)(_readable)


def _words(text: str) -> str:
    quoted = text.replace("``", "“").replace("''", "”") if "``" in text else text
    return _converted(_TIE.sub(" ", quoted), formula=False)


def _formula(found: re.Match[str]) -> str:
    """Return a formula without its dollars, or as it is written where it holds what has no equal in Unicode."""
    try:
        shown = _converted(found[2] or found[3] or found[4] or "", formula=True)
    except UntoldError:
        return found[0]
    return shown.strip() or found[0]


def _converted(text: str, *, formula: bool) -> str:
    if not any(mark in text for mark in "\\{^_"):
        return text
    try:
        return Reader(text, formula).whole()
    except UntoldError:
        if formula:
            raise
        return text


_ACCENTED = re.compile(
    r"\\(?:([`'^~=.\"])\s*|([urHvdckb])(?:\s+|(?=[{\\])))"
    r"(?:\{\s*(?:\\([ij])\s?|([A-Za-z]))\s*\}|\\([ij])(?![A-Za-z])\s?|([A-Za-z]))"
)
_LETTER = re.compile(r"\\(l|L|o|O|ss|ae|AE|oe|OE|aa|AA|i|j|dh|DH|dj|DJ|th|TH)(?![A-Za-z])(?:\{\}| )?")
_LONE = re.compile(r"\{([^\W\x00-\x7f][\u0300-\u036f]?)\}")


def letters(text: str) -> str:
    """Return the text with LaTeX's accents and letters alone in Unicode: what a search needs of it.

    The name of a sign stays a word to be found by: `$\\alpha$` by "alpha".
    """
    if "\\" not in text:
        return text
    accented = _ACCENTED.sub(_with_mark, text)
    return _LONE.sub(r"\1", _LETTER.sub(lambda found: symbols.LETTERS[found[1]], accented))


def _with_mark(found: re.Match[str]) -> str:
    letter = found[3] or found[4] or found[5] or found[6]
    return unicodedata.normalize("NFC", letter + symbols.ACCENTS[found[1] or found[2]])
