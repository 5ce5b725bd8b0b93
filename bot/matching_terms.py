"""Which terms of any rule a paper holds: for each kind of term a table from what papers have to the terms' numbers.

The meaning of each kind is that of `bot.evaluation`.
"""

import re
from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from bot import text
from bot.arxiv_categories import archive_of
from bot.evaluation import Evaluated, paper_id_of
from bot.matching_phrases import PhraseBook
from bot.names import Name, has_initials, parse_name, same_author
from bot.query import Kind

Ints = npt.NDArray[np.int64]
New = Callable[[], int]
"""Gives a number that no other term has."""

Measure = TypeVar("Measure", int, str)


class Terms(Protocol):
    """The terms of one kind."""

    def number(self, value: str, new: New) -> int:
        """Return the number of the term of that value; values that mean the same share one."""
        ...

    def find(self, papers: Sequence[Evaluated]) -> tuple[Ints, Ints]:
        """Return the numbers of the terms that papers hold, and for each the paper's place; some repeatedly."""
        ...


class _Looked(ABC):
    """Terms that are looked up paper by paper."""

    def find(self, papers: Sequence[Evaluated]) -> tuple[Ints, Ints]:
        """As in Terms."""
        held = [list(self.held_by(paper)) for paper in papers]
        numbers = np.array([number for found in held for number in found], dtype=np.int64)
        return numbers, np.repeat(np.arange(len(held)), [len(found) for found in held])

    @abstractmethod
    def held_by(self, paper: Evaluated) -> Iterable[int]:
        """Return the numbers of the terms that the paper holds."""


class Exact(_Looked):
    """Terms that a paper holds when one of its keys is the term's."""

    def __init__(self, key_of: Callable[[str], Hashable], keys_of: Callable[[Evaluated], Iterable[Hashable]]) -> None:
        self._key_of, self._keys_of = key_of, keys_of
        self._numbers: dict[Hashable, int] = {}

    def number(self, value: str, new: New) -> int:
        """As in Terms."""
        key = self._key_of(value)
        return self._numbers.get(key) or self._numbers.setdefault(key, new())

    def held_by(self, paper: Evaluated) -> Iterator[int]:
        """As in _Looked."""
        return (self._numbers[key] for key in self._keys_of(paper) if key in self._numbers)


class UpTo(_Looked, Generic[Measure]):
    """Terms that a paper holds when its measure reaches the term's value."""

    def __init__(self, read: Callable[[str], Measure], measure: Callable[[Evaluated], Measure | None]) -> None:
        self._read: Callable[[str], Measure] = read
        self._measure: Callable[[Evaluated], Measure | None] = measure
        self._values: list[Measure] = []
        self._numbers: list[int] = []

    def number(self, value: str, new: New) -> int:
        """As in Terms."""
        read = self._read(value)
        at = bisect_left(self._values, read)
        if self._values[at : at + 1] != [read]:
            self._values.insert(at, read)
            self._numbers.insert(at, new())
        return self._numbers[at]

    def held_by(self, paper: Evaluated) -> list[int]:
        """As in _Looked."""
        measure = self._measure(paper)
        return [] if measure is None else self._reached(bisect_right(self._values, measure))

    def _reached(self, cut: int) -> list[int]:
        return self._numbers[:cut]


class Above(UpTo[Measure]):
    """Terms that a paper holds when its measure is less than the term's value."""

    def _reached(self, cut: int) -> list[int]:
        return self._numbers[cut:]


class Phrases:
    """Terms that a paper holds when the term's words stand next to each other in one of its texts."""

    def __init__(
        self, analyse: Callable[[str], Sequence[str]], texts_of: Callable[[Evaluated], Iterable[Sequence[str]]]
    ) -> None:
        self._analyse, self._texts_of = analyse, texts_of
        self._book = PhraseBook()

    def number(self, value: str, new: New) -> int:
        """As in Terms."""
        words = self._analyse(value)
        return self._book.number(words, new) if words else new()  # no words are found nowhere

    def find(self, papers: Sequence[Evaluated]) -> tuple[Ints, Ints]:
        """As in Terms."""
        return self._book.find((place, words) for place, paper in enumerate(papers) for words in self._texts_of(paper))


class Authors(_Looked):
    """Terms that name a person: those with a key of the author's, compared as `same_author` does.

    `block_keys` would do, too, but "wang|y" is so many people that a paper of thousands of them took seconds.
    """

    def __init__(self) -> None:
        self._numbers: dict[Name, int] = {}
        self._filed: defaultdict[_NameKey, list[tuple[str, int]]] = defaultdict(list)
        self._endings: set[str] = set()  # of the families, down to the last letter

    def number(self, value: str, new: New) -> int:
        """As in Terms."""
        name = parse_name(value)
        if name not in self._numbers:
            self._numbers[name] = new()
            self._endings.update(name.family[at:] for at in range(len(name.family)))
            for key in _keys_of_typed(name):
                self._filed[key].append((value, self._numbers[name]))
        return self._numbers[name]

    def held_by(self, paper: Evaluated) -> Iterator[int]:
        """As in _Looked."""
        for name in filter(self._may_be_meant, paper.paper.authors):
            for key in _keys_of_author(name):
                for typed, number in self._filed.get(key, ()):
                    if same_author(typed, name):
                        yield number

    def _may_be_meant(self, name: str) -> bool:
        """False where no word of the name ends a typed family, which spares parsing it: 10 us for a new name.

        Every family, and what is one when swapped, ends with a word; but "YL" may be two words.
        """
        return _NO_PLAIN_WORDS.search(name) is not None or not self._endings.isdisjoint(text.words(name))


_NO_PLAIN_WORDS = re.compile(r"[A-Z]{2}|[^\x00-\x7f]")
_NameKey = tuple[str, str]


def _keys_of_typed(name: Name) -> set[_NameKey]:
    """Keys of a typed name; some of `_keys_of_author` is among them for whoever may be that person."""
    if not name.given:
        return {(name.family, "")}
    first, whole = name.given[0], "".join(name.given)
    return {(name.family, first), (name.family, whole), (name.family, f"{first[0]}*")}


def _keys_of_author(author: str) -> set[_NameKey]:
    """By the family alone, by the first given name or its initial, by all given names, and with both swapped."""
    name = parse_name(author)
    if not name.given:
        return {(name.family, "")}
    first, whole = name.given[0], "".join(name.given)
    keys = {"", first, first[0], whole, f"{first}*" if has_initials(author) else first}
    return {(whole, name.family), *((name.family, key) for key in keys)}


def all_kinds() -> dict[Kind, Terms]:
    """Return empty tables for every kind of term."""
    return {
        Kind.TEXT: Phrases(text.stems, lambda paper: (paper.title, paper.abstract)),
        Kind.TITLE: Phrases(text.stems, lambda paper: (paper.title,)),
        Kind.AUTHOR: Authors(),
        Kind.CATEGORY: Exact(str, _categories),
        Kind.ORGANISATION: Phrases(text.words, _organisations),
        Kind.VENUE: Phrases(text.words, _venues),
        Kind.SOURCE: Exact(str, lambda paper: {listing.source for listing in paper.paper.listings}),
        Kind.SUBMITTER: Exact(_submitter, _submitters),
        Kind.PAPER: Exact(paper_id_of, lambda paper: (paper.paper.id, *paper.paper.other_ids)),
        Kind.HAS: Exact(str, lambda paper: paper.paper.has),
        Kind.VOTES: UpTo(int, lambda paper: paper.paper.votes),
        Kind.AFTER: UpTo(str, _day),
        Kind.BEFORE: Above(str, _day),
    }


def _categories(paper: Evaluated) -> set[str]:
    held = paper.paper.categories
    return {*held, *map(archive_of, held)}


def _organisations(paper: Evaluated) -> Iterator[list[str]]:
    return (text.words(name) for name in {listing.organisation for listing in paper.paper.listings} if name)


def _venues(paper: Evaluated) -> list[list[str]]:
    return [text.words(paper.paper.venue)] if paper.paper.venue else []


def _submitter(value: str) -> tuple[str, str]:
    return ("saved", text.fold(value[1:])) if value.startswith("@") else ("submitted", text.fold(value))


def _submitters(paper: Evaluated) -> set[tuple[str, str]]:
    submitted = {("submitted", text.fold(listing.submitter)) for listing in paper.paper.listings if listing.submitter}
    return submitted | {("saved", text.fold(name)) for name in paper.saved_by}


def _day(paper: Evaluated) -> str | None:
    day = paper.paper.date
    return day.isoformat() if day else None
