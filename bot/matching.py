"""Matches very many standing rules at once against new papers, with exactly the meaning of `bot.evaluation`.

Rules that mean the same are one rule with many owners. All distinct rules are tried with numpy on 64 papers at a
time (`bot.matching_conditions`), so most of the time goes into reading the papers, which
is done once for all rules, and into writing down the matches.
"""

import threading
from array import array
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bot.evaluation import Evaluated
from bot.matching_conditions import AT_ONCE, NEVER, Conditions, Masks
from bot.matching_lists import IntLists
from bot.query import Rule

Ints = npt.NDArray[np.int64]

_OWNER_BITS = 57  # an owner and a paper's place among 64 are sorted as one number
MAX_OWNER = (1 << _OWNER_BITS) - 1

_MANY = 1 << 22
"""Matches from which on papers are taken one by one, to need no more than 100 MB beside the result."""


class Matcher:
    """Standing rules and their owners (ids of follows, mutes, digests: from 0 to MAX_OWNER).

    A change counts from the next call of `match`; one that comes from another thread meanwhile, from the next 64
    papers on. It takes microseconds; only the memory of words and names that no rule uses any more stays taken.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._conditions = Conditions()
        self._slots: dict[bytes, int] = {}  # a rule's conditions -> where it is kept
        self._unused: list[int] = []
        self._rarest = array("q")  # of each slot the condition to try first
        self._all = IntLists("i")  # of each slot the conditions
        self._owners = IntLists("q")

    def __len__(self) -> int:
        """How many distinct rules there are."""
        return len(self._slots)

    def add(self, rule: Rule, owner: int) -> None:
        """Match that rule for the owner, too. What was added twice has to be removed twice."""
        if not 0 <= owner <= MAX_OWNER:
            raise ValueError(f"an owner is a number from 0 to {MAX_OWNER}, not {owner}")
        with self._lock:
            conditions = array("i", self._conditions.of(rule))
            slot = self._slots.get(key := conditions.tobytes())
            if slot is None:
                slot = self._slots[key] = self._new_slot(conditions)
            self._owners.append(slot, owner)

    def remove(self, rule: Rule, owner: int) -> None:
        """Match that rule for the owner no more. KeyError where it was not added."""
        with self._lock:
            key = array("i", self._conditions.of(rule)).tobytes()
            slot = self._slots.get(key)
            if slot is None or not self._owners.remove(slot, owner):
                raise KeyError(f"{owner} has no rule {rule}")
            if not self._owners.size(slot):
                del self._slots[key]
                self._rarest[slot] = NEVER
                self._all.drop(slot)
                self._unused.append(slot)

    def match(self, papers: Sequence[Evaluated]) -> list[Ints]:
        """Return for each paper the owners of the rules that match it: in order, each once, though several may match.

        `bot.evaluation.evaluate` says why, for a paper and a rule. Takes milliseconds and more: call it in a thread.
        """
        owners: list[Ints] = []
        for at in range(0, len(papers), AT_ONCE):
            owners += self._match(papers[at : at + AT_ONCE])
        return owners

    def _match(self, papers: Sequence[Evaluated]) -> list[Ints]:
        """Return the same for at most 64 papers."""
        with self._lock:
            slots, masks = self._matching(self._conditions.met(papers))
            matches = self._owners.sizes(slots) @ np.bitwise_count(masks).astype(np.int64)
            step = len(papers) if matches < _MANY else 1
            parts = [((1 << step) - 1) << first for first in range(0, len(papers), step)]
            found = np.concatenate([self._owned(slots, masks & np.uint64(part)) for part in parts])
        ends = np.searchsorted(found, np.arange(1, len(papers)) << _OWNER_BITS).tolist()
        found &= MAX_OWNER
        return [found[start:end] for start, end in pairwise([0, *ends, len(found)])]

    def _new_slot(self, conditions: "array[int]") -> int:
        if self._unused:
            slot = self._unused.pop()
            self._rarest[slot] = conditions[0]
        else:
            slot = len(self._rarest)
            self._rarest.append(conditions[0])
        self._all.put(slot, conditions)
        self._owners.put(slot, ())
        return slot

    def _matching(self, met: Masks) -> tuple[Ints, Masks]:
        """Return the slots of the rules that match any of the papers, and the mask of those papers for each."""
        left = met[np.frombuffer(self._rarest, dtype=np.int64)] if self._rarest else met[:0]
        slots = np.flatnonzero(left)
        masks, sizes, place = left[slots], self._all.sizes(slots), 1
        done_slots, done_masks = [], []
        while len(slots):
            more = sizes > place
            done_slots.append(slots[~more])
            done_masks.append(masks[~more])
            slots, masks, sizes = slots[more], masks[more], sizes[more]
            masks &= met[self._all.at(slots, place)]
            slots, masks, sizes = slots[masks > 0], masks[masks > 0], sizes[masks > 0]
            place += 1
        if not done_slots:
            return slots, masks
        return np.concatenate(done_slots), np.concatenate(done_masks)

    def _owned(self, slots: Ints, masks: Masks) -> Ints:
        """Return place << 57 | owner for each paper and owner of a rule that matches it, in order, each once."""
        bits = np.unpackbits(masks.astype("<u8").view(np.uint8), bitorder="little")
        pairs = np.flatnonzero(bits)
        matched, places = slots[pairs >> 6], pairs & 63
        sizes = self._owners.sizes(matched)
        found = self._owners.joined(matched, sizes)
        found |= np.repeat(places << _OWNER_BITS, sizes)
        found.sort()
        repeated = np.flatnonzero(found[1:] == found[:-1])
        return np.delete(found, repeated) if len(repeated) else found
