"""The passage of a paper that shows why a search found it, with the words marked.

Words are matched as everywhere (`bot.text`): "plans" marks "planning", and "naive" marks "naïve".
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot import text
from bot.query import Kind, Query

Snippet = tuple[tuple[str, bool], ...]
"""Pieces of text in order, each with whether it is marked."""

LENGTH = 160
_LEAD = 40  # characters of context before the first marked word
_WORD = re.compile(r"[^\W_]+")
_ELLIPSIS = "…"
_SENTENCE = re.compile(r"[.!?] (?=[A-Z])")


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where something wanted stands in a text: characters, and which of the wanted it is."""

    start: int
    end: int
    wanted: int


def snippet(title: str, abstract: str, query: Query) -> Snippet:
    """Return the passage of the abstract, else of the title, that holds most of what the query looks for.

    At most about 160 characters, cut between words, with an ellipsis where something is left out; empty where
    neither holds any of the words.
    """
    anywhere = _wanted(query, (Kind.TEXT,))
    for passage, wanted in ((abstract, anywhere), (title, anywhere | _wanted(query, (Kind.TITLE,)))):
        whole = text.clean(passage)
        if wanted and (marks := sorted(_marks(whole, sorted(wanted)), key=lambda mark: mark.start)):
            return _cut_out(whole, *_densest(marks, sorted(wanted)), marks)
    return ()


def _wanted(query: Query, kinds: Iterable[Kind]) -> set[tuple[str, ...]]:
    return {tuple(text.stems(value)) for rule in query for kind in kinds for value in rule.wanted(kind)} - {()}


def _marks(passage: str, wanted: Sequence[tuple[str, ...]]) -> Iterator[_Mark]:
    words = _words(passage)
    stems = [stem for stem, _, _ in words]
    for number, run in enumerate(wanted):
        for at in _places(stems, run):
            yield _Mark(words[at][1], words[at + len(run) - 1][2], number)


def _places(stems: list[str], run: tuple[str, ...]) -> Iterator[int]:
    at = -1
    while run[0] in stems[at + 1 :]:
        at = stems.index(run[0], at + 1)
        if tuple(stems[at : at + len(run)]) == run:
            yield at


def _words(passage: str) -> list[tuple[str, int, int]]:
    """Return the stems of a text, each with the place of its word: the same as `text.stems` finds."""
    folded: Sequence[str] = passage.lower()  # of plain letters, each stays one
    place: Sequence[int] = range(len(passage))
    if not passage.isascii():
        folded = [_folded(letter) for letter in passage]
        place = [at for at, letters in enumerate(folded) for _ in letters]
    spans = ((found[0], place[found.start()], place[found.end() - 1] + 1) for found in _WORD.finditer("".join(folded)))
    return [(stem, start, end) for word, start, end in spans for stem in text.word_stems(word)]


@lru_cache(maxsize=4_096)
def _folded(letter: str) -> str:
    return text.fold(letter)


def _densest(marks: Sequence[_Mark], wanted: Sequence[tuple[str, ...]]) -> tuple[int, int]:
    """Return where the best passage begins and ends: with the most of what is wanted, most often, and then the first.

    A phrase counts as many as its words.
    """
    best, span = (0, 0), (0, 0)
    for first, mark in enumerate(marks):
        within = [other for other in marks[first:] if other.end - mark.start <= LENGTH - _LEAD] or [mark]
        worth = sum(len(wanted[number]) for number in {other.wanted for other in within}), len(within)
        if worth > best:
            best, span = worth, (mark.start, max(other.end for other in within))
    return span


def _cut_out(whole: str, first: int, last: int, marks: Sequence[_Mark]) -> Snippet:
    start = _beginning(whole, first, last)
    end = _ending(whole, start, last)
    pieces: list[tuple[str, bool]] = [(_ELLIPSIS, False)] if start else []
    at = start
    for mark in marks:
        if at <= mark.start and mark.end <= end:
            pieces += [(whole[at : mark.start], False), (whole[mark.start : mark.end], True)]
            at = mark.end
    rest = whole[at:end]
    pieces.append((rest.rstrip(" ,.;:") + _ELLIPSIS if end < len(whole) else rest, False))
    return _joined(pieces)


def _beginning(whole: str, first: int, last: int) -> int:
    """Return where the passage begins: with the text or the sentence where that is near, else a few words before."""
    if last <= LENGTH:
        return 0
    earliest = max(0, first - min(_LEAD, LENGTH - (last - first)))
    if sentences := [found.end() for found in _SENTENCE.finditer(whole, earliest, first)]:
        return sentences[-1]
    space = whole.find(" ", earliest, first)
    return space + 1 if space >= 0 else first


def _ending(whole: str, start: int, last: int) -> int:
    """Return where it ends: behind the last word that fits, and never before the last mark."""
    if len(whole) - start <= LENGTH:
        return len(whole)
    space = whole.rfind(" ", last, start + LENGTH)
    return space if space >= 0 else last


def _joined(pieces: Iterable[tuple[str, bool]]) -> Snippet:
    """Return the pieces without empty ones, neighbours of one kind as one."""
    joined: list[tuple[str, bool]] = []
    for piece, marked in pieces:
        if joined and joined[-1][1] == marked and not marked:
            joined[-1] = joined[-1][0] + piece, marked
        elif piece:
            joined.append((piece, marked))
    return tuple(joined)
