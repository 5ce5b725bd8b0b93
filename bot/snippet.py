"""The passage of a paper that shows why a search found it, with the words marked.

Words are matched as everywhere (`bot.text`): "plans" marks "planning", and "naive" marks "naïve".
"""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from bot import text
from bot.latex import readable
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
    return _found(title, abstract, query)


@lru_cache(maxsize=2_000)  # what many look for is looked for again; each takes 0.1 ms, and a page has ten
def _found(title: str, abstract: str, query: Query) -> Snippet:
    anywhere = _wanted(query, (Kind.TEXT,))
    for passage, wanted in ((abstract, anywhere), (title, anywhere | _wanted(query, (Kind.TITLE,)))):
        whole = text.clean(readable(passage))
        if wanted and (marks := sorted(_marks(whole, sorted(wanted)), key=lambda mark: mark.start)):
            return _cut_out(whole, *_densest(marks, sorted(wanted)), marks)
    return ()


def _wanted(query: Query, kinds: Iterable[Kind]) -> set[tuple[str, ...]]:
    return {tuple(text.stems(value)) for rule in query for kind in kinds for value in rule.wanted(kind)} - {()}


def _marks(passage: str, wanted: Sequence[tuple[str, ...]]) -> list[_Mark]:
    folded, place = _letters(passage)
    words = text.words(folded) if folded.isascii() and "\\" not in folded else _WORD.findall(folded)
    stems_of = list(map(text.word_stems, words))
    stems = list(chain.from_iterable(stems_of))
    found = [(at, at + len(run) - 1, number) for number, run in enumerate(wanted) for at in _places(stems, run)]
    if not found:
        return []
    word_of: Sequence[int] = range(len(words))
    if len(stems) != len(words):
        word_of = [number for number, of_word in enumerate(stems_of) for _ in of_word]
    starts = _starts(folded, words, {word_of[at] for first, last, _ in found for at in (first, last)})
    return [
        _Mark(
            place[starts[word_of[first]]],
            place[starts[word_of[last]] + len(words[word_of[last]]) - 1] + 1,
            number,
        )
        for first, last, number in found
    ]


def _places(stems: list[str], run: tuple[str, ...]) -> Iterator[int]:
    at, length = -1, len(run)
    for _ in range(stems.count(run[0])):
        at = stems.index(run[0], at + 1)
        if length == 1 or tuple(stems[at : at + length]) == run:
            yield at


def _starts(folded: str, words: Sequence[str], asked: Set[int]) -> dict[int, int]:
    """Return where those words begin, by their numbers. To find all words' would take longer than all the rest."""
    alike = {words[number] for number in asked}
    starts: dict[int, int] = {}
    end = 0
    for number, word in enumerate(words):
        if word in alike:
            start = _start(folded, word, end)
            starts[number], end = start, start + len(word)
    return starts


def _start(folded: str, word: str, after: int) -> int:
    """Return where a word stands next, and not only as a part of another."""
    while True:
        start = folded.index(word, after)
        after = start + len(word)
        if not (folded[start - 1 : start].isalnum() or folded[after : after + 1].isalnum()):
            return start
        after = start + 1


def _letters(passage: str) -> tuple[str, Sequence[int]]:
    """Return a text folded as `text.words` does it, and where each of its letters stands in the text."""
    if passage.isascii():
        return passage.lower(), range(len(passage))  # of plain letters, each stays one
    folded = [_folded(letter) for letter in passage]
    return "".join(folded), [at for at, letters in enumerate(folded) for _ in letters]


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
