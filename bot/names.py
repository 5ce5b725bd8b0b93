"""Author names: when two spellings may be one person's, and which names are near a misspelt one.

Every decision reads a folded `Name`. Its parse depends on nothing but the folded words, so a folded
spelling parses to itself. LaTeX's accents are read.
"""

import heapq
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import dropwhile

from rapidfuzz import fuzz, process

from bot.latex import letters
from bot.text import UNDECOMPOSED

_GERMANIC_PARTICLES = {"van", "von", "der", "den", "ter", "ten", "auf", "zu", "zum", "zur", "af"}
_ROMANCE_PARTICLES = {"de", "la", "le", "di", "da", "del", "della", "dello", "dos", "das", "do", "du", "san"}
_OTHER_PARTICLES = {"el", "al", "bin", "ben", "ibn", "abu", "mac", "mc", "st"}
_FAMILY_PARTICLES = frozenset(_GERMANIC_PARTICLES | _ROMANCE_PARTICLES | _OTHER_PARTICLES)
# "Ben Krause", "Di Jin", "Le Song", "De Cai": in arXiv's lists a particle that comes first is a given name.
_NEVER_GIVEN = frozenset({"von", "der", "den", "dos", "della"})
_FIRST_OF_A_CHAIN = _NEVER_GIVEN | {"van", "de"}
# None is longer than three letters: _resolve_hyphens makes only longer words, so it never makes a suffix.
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd"})
_COLLECTIVES = frozenset({"team", "collaboration", "consortium", "group", "project", "institute"})

_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
# Apostrophes, soft hyphens and invisible characters; U+02B9 to U+02BF count as letters, but are apostrophes.
_UNHEARD = re.compile("['`´\u2018\u2019\u201b\u02b9-\u02bf\u2032\u00ad\u200b-\u200f\u2060\ufeff]+")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_NOTE = re.compile(r"\([^()]*\)")
_PHD = re.compile(r"\bph\.\s?d\b")
_ASCII_NOISE = re.compile(r"[^a-z0-9,\-]+")
_PLAIN = re.compile("[A-Z]?[a-z]+(?: [A-Z]?[a-z]+)*")  # nothing to fold, to part or to put in order: most names are so
_RUN_OF_INITIALS = re.compile(r"^\s*([A-Z]{2,3})(?=\s)|(?<=,)\s*([A-Z]{2,3})\s*$")

_SURE = 95.0
_FAMILY_ALONE = 0.97  # just below a full match; two letters changed places in six ("Bengoi") stay near
_NEAR_ENOUGH = 80.0
_MUCH_FARTHER = 10.0
_CANDIDATES = 200
_COARSE = 60.0


@dataclass(frozen=True, slots=True)
class Name:
    """A folded name: a family without spaces, and given names or single-letter initials in order."""

    family: str
    given: tuple[str, ...]


@lru_cache(maxsize=1 << 17)
def parse_name(text: str) -> Name:
    """The name that any text spells; its family is empty when the text has no letter or digit."""
    tokens = _tokens(text)
    if not tokens:
        return Name("", ())
    if tokens[-1] in _COLLECTIVES:
        return Name("".join(tokens[1:] if tokens[0] == "the" else tokens), ())
    start = _family_start(tokens)
    return Name("".join(tokens[start:]), tuple(tokens[:start]))


def fold_name(text: str) -> str:
    """The one spelling that equal names share: "yann lecun" for "LeCun, Yann" and "Yann Le Cun"."""
    name = parse_name(text)
    return " ".join((*name.given, name.family))


def is_family_only(text: str) -> bool:
    """Whether the text is a lone family name, as "LeCun" or "van der Maaten" (or a collaboration)."""
    name = parse_name(text)
    return bool(name.family) and not name.given


def block_keys(text: str) -> frozenset[str]:
    """Index keys "family|initial"; texts of the same person share one (none for text without a name).

    A name in full words has a second key, its whole swapped; a lone family name has only "family|".
    """
    name = parse_name(text)
    if not name.family:
        return frozenset()
    if not name.given:
        return frozenset({f"{name.family}|"})
    key = f"{name.family}|{name.given[0][0]}"
    if not _is_swappable(name):
        return frozenset({key})
    return frozenset({key, f"{''.join(name.given)}|{name.family[0]}"})


def same_person(a: str, b: str) -> bool:
    """Whether both spellings may be one person's; not transitive: "M. Jordan" may be either Michael."""
    x, y = parse_name(a), parse_name(b)
    if not x.family or bool(x.given) != bool(y.given):
        return False
    return (x.family == y.family and _are_compatible(x.given, y.given)) or _are_swapped(x, y)


def same_author(typed: str, name: str) -> bool:
    """Whether the author `name` may be whom a rule's `typed` name means; a family name alone means all of it."""
    wanted = parse_name(typed)
    if wanted.family and not wanted.given:
        return wanted.family == parse_name(name).family
    return same_person(typed, name)


def has_initials(text: str) -> bool:
    """Whether the first given name is an initial: such a name may be several people's."""
    return any(map(_is_initial, parse_name(text).given[:1]))


def likeness(a: str, b: str) -> float:
    """How near two spellings are, 0 to 100; at least 95 when they may be one person's."""
    x, y = parse_name(a), parse_name(b)
    if not x.family or not y.family:
        return 0.0
    if x == y:
        return 100.0
    folded = fold_name(a), fold_name(b)
    score = max(fuzz.ratio(*folded), fuzz.token_sort_ratio(*folded), _family_likeness(x, y), _family_likeness(y, x))
    return max(score, _SURE) if same_person(a, b) else score


def suggest(text: str, names: Iterable[str], limit: int = 5) -> list[str]:
    """At most `limit` of the names, nearest first; none when none is near, none much farther than the first.

    A coarse likeness of the plain letters picks the few that are worth parsing. For 100,000 names: call it in
    a thread.
    """
    distinct = list(dict.fromkeys(names))
    coarse = process.extract(
        _fold(text), distinct, scorer=fuzz.WRatio, processor=str.lower, limit=_CANDIDATES, score_cutoff=_COARSE
    )
    scored = [(likeness(text, name), name) for name, _, _ in coarse]
    nearest = heapq.nlargest(limit, scored, key=lambda pair: pair[0])
    floor = max(_NEAR_ENOUGH, nearest[0][0] - _MUCH_FARTHER) if nearest else _NEAR_ENOUGH
    return [name for score, name in nearest if score >= floor]


def _family_likeness(lone: Name, other: Name) -> float:
    """How near the first, if it may be a lone family name ("van Rossum" is), is to the other's family."""
    if not _FAMILY_PARTICLES.issuperset(lone.given):
        return 0.0
    return _FAMILY_ALONE * fuzz.ratio("".join(lone.given) + lone.family, other.family)


def _are_compatible(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Each given name agrees with the one in its place; "Hai-Peng" also agrees with "Haipeng"."""
    return all(map(_agree, a, b)) or "".join(a) == "".join(b)


def _agree(a: str, b: str) -> bool:
    return a == b or (_is_initial(a) and b[0] == a) or (_is_initial(b) and a[0] == b)


def _are_swapped(a: Name, b: Name) -> bool:
    """Whether one is the other with the family first, both in full: "Zhang Yi" and "Yi Zhang"."""
    return a.family == "".join(b.given) and b.family == "".join(a.given) and _is_swappable(a) and _is_swappable(b)


def _is_swappable(name: Name) -> bool:
    return bool(name.given) and not any(map(_is_initial, name.given))


def _is_initial(token: str) -> bool:
    """A single letter of a script that has capitals; one Chinese character is a name in full."""
    return len(token) == 1 and token != token.upper()


def _tokens(text: str) -> list[str]:
    """Folded words in the order "given family", suffixes dropped and trailing initials put first."""
    if _PLAIN.fullmatch(text):
        return _settle_the_tail(text.lower().split(" "))  # what the steps below come to, in a quarter of the time
    folded = _PHD.sub("phd", _fold(_spread_initials(letters(text))))
    words = _words_in_order(_NOTE.sub(" ", folded)) or _words_in_order(folded)
    return _resolve_hyphens(_settle_the_tail(words))


def _spread_initials(text: str) -> str:
    """ "YL Zhang" and "Zhang, YL" with their initials apart; capitals in a name of capitals tell nothing."""
    if text.isupper() or not (run := _RUN_OF_INITIALS.search(text)):
        return text
    letters = run[1] or run[2]
    if letters.lower() in _SUFFIXES or text.lower().split()[-1] in _COLLECTIVES:
        return text
    return f"{text[: run.start()]} {' '.join(letters)} {text[run.end() :]}"


def _fold(text: str) -> str:
    """Lower case without accents and apostrophes, every dash a hyphen."""
    if text.isascii():
        return _UNHEARD.sub("", text.lower())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())
    folded = _UNHEARD.sub("", _ACCENTS.sub("", folded)).translate(UNDECOMPOSED)
    return _DASHES.sub("-", unicodedata.normalize("NFC", folded))


def _words_in_order(folded: str) -> list[str]:
    """The words, those before the first comma last: "lecun, yann" and "yann lecun" are the same list."""
    parts = [words for part in folded.split(",") if (words := _words(part))]
    if not parts:
        return []
    family, *rest = parts
    return [word for part in rest if not _SUFFIXES.issuperset(part) for word in part] + family


def _words(part: str) -> list[str]:
    """Words with their inner hyphens, but "j.-b." in two: a hyphen next to a single letter only parts."""
    if part.isascii():
        spaced = _ASCII_NOISE.sub(" ", part)
    else:
        spaced = "".join(c if c == "-" or c.isalnum() or _is_mark(c) else " " for c in part)
    words: list[str] = []
    for word in spaced.split():
        pieces = [bare for piece in word.split("-") if (bare := _without_leading_marks(piece))]
        words += ["-".join(pieces)] if pieces and all(len(piece) > 1 for piece in pieces) else pieces
    return words


def _without_leading_marks(word: str) -> str:
    return "".join(dropwhile(_is_mark, word))


def _is_mark(character: str) -> bool:
    """A vowel sign or the like, part of the word before it in many scripts (Hindi, Arabic, Thai)."""
    return not character.isascii() and unicodedata.category(character)[0] == "M"


def _settle_the_tail(words: list[str]) -> list[str]:
    """Drops "jr" where two names stay, and puts trailing initials first: "kumar b" is "b kumar"."""
    head, initials = list(words), list[str]()
    while head:
        if head[-1] in _SUFFIXES and len("-".join(head + initials).split("-")) > 2:
            head.pop()
        elif _is_initial(head[-1]) and not all(map(_is_initial, head)):
            initials.insert(0, head.pop())
        else:
            break
    return initials + head


def _resolve_hyphens(words: list[str]) -> list[str]:
    """Given names part ("jean-baptiste"); a family name joins, so does "xiao-di": its "di" is no particle."""
    tokens: list[str] = []
    for place, word in enumerate(words, start=1):
        pieces = word.split("-")
        joins = place == len(words) or not _FAMILY_PARTICLES.isdisjoint(pieces)
        tokens += ["".join(pieces)] if joins else pieces
    return tokens


def _family_start(tokens: list[str]) -> int:
    """Where the family begins: at the particles before the last word, but seldom at the very first word."""
    last = len(tokens) - 1
    start = last
    while start > 0 and tokens[start - 1] in _FAMILY_PARTICLES:
        start -= 1
    if start == 0 and last > 0:
        chain_leads = tokens[0] in _NEVER_GIVEN or (last > 1 and tokens[0] in _FIRST_OF_A_CHAIN)
        return 0 if chain_leads else 1
    return start
