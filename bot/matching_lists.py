"""Many lists of integers in one array, each growing in place: numpy gathers from thousands of them at once."""

from array import array
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class IntLists:
    """Lists named by numbers. Each lies in a block as large as the next power of two: growing is amortised O(1).

    Blocks that were left are used again. An array that was handed out is only good until the next change.
    """

    def __init__(self, typecode: Literal["i", "q"]) -> None:
        self._typecode: Literal["i", "q"] = typecode
        self._values = array(typecode, [0])  # never empty, for numpy refuses to look at an empty one
        self._starts = array("q", [0])
        self._sizes = array("q", [0])
        self._left: defaultdict[int, list[int]] = defaultdict(list)  # starts of unused blocks by their size

    def put(self, number: int, values: Iterable[int]) -> None:
        """Make a list of that number, which must be empty so far; numbers go up one by one."""
        if number >= len(self._starts):
            self._starts.append(0)
            self._sizes.append(0)
        held = array(self._typecode, values)
        start = self._take(1 << (len(held) - 1).bit_length()) if held else 0
        self._values[start : start + len(held)] = held
        self._starts[number], self._sizes[number] = start, len(held)

    def append(self, number: int, value: int) -> None:
        """Add a value at the end of a list."""
        size = self._sizes[number]
        if size & (size - 1) == 0:  # its block is full
            self._move(number, size * 2 or 1)
        self._values[self._starts[number] + size] = value
        self._sizes[number] = size + 1

    def remove(self, number: int, value: int) -> bool:
        """Remove one occurrence of the value, and return whether there was one; the order may change."""
        start, size = self._starts[number], self._sizes[number] - 1
        places = np.flatnonzero(_view(self._values)[start : start + size + 1] == value)
        if not len(places):
            return False
        self._values[start + int(places[0])] = self._values[start + size]
        self._sizes[number] = size
        if size & (size - 1) == 0:  # the upper half of its block is unused now
            self._left[size or 1].append(start + size)
        return True

    def drop(self, number: int) -> None:
        """Make a list empty."""
        if size := self._sizes[number]:
            self._left[1 << (size - 1).bit_length()].append(self._starts[number])
        self._sizes[number] = 0

    def size(self, number: int) -> int:
        """How many values the list has."""
        return self._sizes[number]

    def sizes(self, numbers: Ints) -> Ints:
        """How many values each of the lists has."""
        found: Ints = _view(self._sizes)[numbers]
        return found

    def at(self, numbers: Ints, place: int) -> Ints:
        """The value in that place of each of the lists, all of which must be longer."""
        found: Ints = _view(self._values)[_view(self._starts)[numbers] + place]
        return found

    def joined(self, numbers: Ints, sizes: Ints) -> Ints:
        """The lists one after the other; `sizes` are theirs."""
        before = np.cumsum(sizes) - sizes
        places = np.repeat(_view(self._starts)[numbers] - before, sizes)
        places += np.arange(len(places))
        found: Ints = _view(self._values)[places]
        return found

    def _take(self, block: int) -> int:
        if left := self._left.get(block):
            return left.pop()
        start = len(self._values)
        self._values.frombytes(bytes(block * self._values.itemsize))
        return start

    def _move(self, number: int, block: int) -> None:
        start, size = self._starts[number], self._sizes[number]
        moved = self._take(block)
        if size:
            self._values[moved : moved + size] = self._values[start : start + size]
            self._left[size].append(start)
        self._starts[number] = moved


def _view(values: "array[int]") -> npt.NDArray[Any]:
    return np.frombuffer(values, dtype=np.dtype(values.typecode))
