"""What rules are made of: terms, excluded terms and alternatives, each a condition with a number.

A rule is a few numbers, all of whose conditions a paper must meet. For up to 64 papers a condition is one 64-bit
mask, so that numpy tries a rule on all of them with one AND for each condition.
"""

from array import array
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from bot.evaluation import Evaluated
from bot.matching_terms import Terms, all_kinds
from bot.query import Kind, Rule

AT_ONCE = 64
"""How many papers are looked at together: the bits of a mask."""

NEVER = 0
"""The condition that no paper meets."""

Masks = npt.NDArray[np.uint64]


class Conditions:
    """Every condition of any rule that was ever asked for."""

    def __init__(self) -> None:
        self._count = NEVER + 1
        self._kinds = all_kinds()
        self._used: dict[Kind, Terms] = {}
        self._opposites: dict[int, int] = {}
        self._opposed, self._opposing = array("q"), array("q")
        self._choices: dict[tuple[int, ...], int] = {}
        self._chosen, self._options, self._first_options = array("q"), array("q"), array("q")
        self._masks: Masks = np.zeros(1 << 10, dtype=np.uint64)
        self._term = lru_cache(maxsize=1 << 17)(self._term_of)

    def of(self, rule: Rule) -> tuple[int, ...]:
        """Return the conditions that a paper must meet, the same for rules that mean the same; the rarest first.

        Frequent words are followed early, so of two numbers the higher one stands for what is rarer; and nearly
        every paper meets an exclusion, so they come last.
        """
        wanted, excluded = set[int](), set[int]()
        facets: dict[Kind, set[int]] = {}
        for term in rule.terms:
            number = self._term(term.kind, term.value)
            if term.excluded:
                excluded.add(self._opposite(number))
            elif term.kind is Kind.TEXT:
                wanted.add(number)
            else:
                facets.setdefault(term.kind, set()).add(number)
        for options in facets.values():
            wanted.add(self._choice(options))
        found = *sorted(wanted, reverse=True), *sorted(excluded)
        return found or (self._opposite(NEVER),)

    def met(self, papers: Sequence[Evaluated]) -> Masks:
        """Return the mask of each condition, bit i for the i-th of at most 64 papers; good until the next call.

        Bits beyond the last paper mean nothing.
        """
        masks = self._cleared_masks()
        for terms in self._used.values():
            numbers, places = terms.find(papers)
            np.bitwise_or.at(masks, numbers, np.uint64(1) << places.astype(np.uint64))
        if self._choices:
            options, firsts = _view(self._options), _view(self._first_options)
            masks[_view(self._chosen)] = np.bitwise_or.reduceat(masks[options], firsts)
        if self._opposites:
            masks[_view(self._opposing)] = ~masks[_view(self._opposed)]
        return masks

    def _term_of(self, kind: Kind, value: str) -> int:
        return self._used.setdefault(kind, self._kinds[kind]).number(value, self._new)

    def _opposite(self, number: int) -> int:
        if number not in self._opposites:
            self._opposites[number] = self._new()
            self._opposed.append(number)
            self._opposing.append(self._opposites[number])
        return self._opposites[number]

    def _choice(self, numbers: set[int]) -> int:
        """The condition that one of these is met."""
        if len(numbers) == 1:
            return next(iter(numbers))
        options = tuple(sorted(numbers))
        if options not in self._choices:
            self._choices[options] = self._new()
            self._chosen.append(self._choices[options])
            self._first_options.append(len(self._options))
            self._options.extend(options)
        return self._choices[options]

    def _new(self) -> int:
        self._count += 1
        return self._count - 1

    def _cleared_masks(self) -> Masks:
        if self._count > len(self._masks):
            self._masks = np.empty(self._count * 2, dtype=np.uint64)
        masks = self._masks[: self._count]
        masks.fill(0)
        return masks


def _view(numbers: "array[int]") -> npt.NDArray[np.int64]:
    return np.frombuffer(numbers, dtype=np.int64)
