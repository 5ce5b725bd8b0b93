"""Authors as arXiv writes them: in one line with affiliations in brackets, or in parts; a name for each.

Names are what people are followed by, so each comes out in one spelling, whichever way arXiv told it: in Unicode,
without affiliation, collaborations as authors of their own. Affiliations are dropped.
"""

import re
from collections.abc import Iterable, Iterator

from bot import text
from bot.latex import readable
from bot.mojibake import mended

_MOST = 6_000  # the longest list that arXiv has holds 3,303
_LONGEST = 300  # characters of a name
_LONGEST_LINE = 400_000

_SEPARATOR = re.compile(r"\s*(?:[,;]|(?<![^\s,;])(?:and|&)(?=\s)|:(?=\s|$)|\n\n)\s*")
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?\s?d)\.?", re.IGNORECASE)
_BEHALF = re.compile(r"(?:^|\s+)(?:(?:on\s+)?behalf\s+of|for)\s+(?:the\s+)?(?=\S)", re.IGNORECASE)
_COLLECTIVE = re.compile(r"\b(?:collaborations?|consortium|team|group|project|working group)\b", re.IGNORECASE)
_THE = re.compile(r"^the\s+(?=.*\b(?:collaboration|consortium|team|group|project)s?\b)", re.IGNORECASE)
_FOOTNOTE = re.compile(r"(?<=[a-z])[0-9]{1,2}$")
_ET_AL = re.compile(r"\s+et\.?\s+al\.?$|\s+\*.*$", re.IGNORECASE)
_ENYE = re.compile(r"(?<=[a-z])~n(?=[a-z])")  # "Mu~noz"; elsewhere it is LaTeX's space: "Mostafa~Derakhtian"
_SPACES = str.maketrans("~_", "  ")
_NOBODY = re.compile(r"et\.?\s+al\.?|others|[0-9]+\s+\w+|editors?|eds?\.?", re.IGNORECASE)


def from_line(authors: str) -> tuple[str, ...]:
    """Return the names of a line like `A. Ng (MIT, USA), B. Lee (1) and X Collaboration ((1) ENS)`, in order."""
    shown = _clean(authors[:_LONGEST_LINE])
    return from_names(_SEPARATOR.split(_without_brackets(shown)))


def from_parts(keyname: str, forenames: str = "", suffix: str = "") -> str:
    """Return the name of an author whom OAI-PMH gives in parts, as `from_names` takes it."""
    return " ".join(filter(None, map(str.strip, (forenames, keyname, suffix))))


def from_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return clean names of a list of authors, in order: nobody left out, nothing in that is no name."""
    found: list[str] = []
    for name in names:
        bare = _without_brackets(_clean(name[: 4 * _LONGEST])).strip(" ,;:*")
        if _SUFFIX.fullmatch(bare) and found:
            found[-1] = f"{found[-1]} {bare}"
        else:
            found.extend(_people(bare))
        if len(found) >= _MOST:
            break
    return tuple(found[:_MOST])


def _people(name: str) -> Iterator[str]:
    """Yield the person, and the collaboration for which somebody speaks."""
    person, *collaborations = _BEHALF.split(name, maxsplit=1)
    if collaborations and not _COLLECTIVE.search(collaborations[0]):
        person, collaborations = name, []
    for each in (person, *collaborations):
        one = _FOOTNOTE.sub("", _ET_AL.sub("", _THE.sub("", each.strip(" ,;:*"))))
        if any(map(str.isalpha, one)) and not _NOBODY.fullmatch(one):
            yield text.cut(one, _LONGEST)


def _clean(name: str) -> str:
    whole = _ENYE.sub("ñ", mended(name)) if "~" in name else mended(name)
    return text.clean(readable(whole).translate(_SPACES))


def _without_brackets(line: str) -> str:
    """Return the line without what stands in round brackets, one within another; an open one ends at the next comma."""
    if "(" not in line and ")" not in line:
        return line
    closing = _closings(line)
    kept: list[str] = []
    at = 0
    while at < len(line):
        sign = line[at]
        if sign == "(":
            kept.append(" ")
            at = closing[at] + 1 if at in closing else _open_end(line, at)
            continue
        if sign != ")":
            kept.append(sign)
        at += 1
    return text.clean("".join(kept))


def _closings(line: str) -> dict[int, int]:
    """Return where each bracket that is closed opens and closes."""
    opened: list[int] = []
    closings = {}
    for at, sign in enumerate(line):
        if sign == "(":
            opened.append(at)
        elif sign == ")" and opened:
            closings[opened.pop()] = at
    return closings


def _open_end(line: str, at: int) -> int:
    """Return where a bracket ends that is never closed: a list of institutes takes all that follows."""
    comma = line.find(",", at)
    return len(line) if comma < 0 or line.startswith("((", at) else comma
