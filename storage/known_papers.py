"""Papers and tallies as they were last read: lists show the same ones again and again.

A paper is known by its row and its number in the change sequence, which every change of it raises (`paper_saving`),
so that what is known is what is stored; the tallies of some days stand until any paper is changed. Only what is
committed is kept: a number that is rolled back is given again.

On SQLite it is the rows that cost, more than what is in them: sqlite3 lets go of Python's lock for each, and while the
event loop is busy, it has to wait to get it back. With 200 commands a second, 140 rows of trending papers took a third
of the processor's time.
"""

import datetime as dt
import threading
from collections import OrderedDict

from bot.paper import Paper
from bot.tally import Picking, Tally

_MOST = 2_000
"""Papers, of about 5 kB: what is shown of many lists, and all that arXiv announces on three days."""

_MOST_TALLIES = 50_000
"""Of about 200 bytes: two months of all that arXiv announces."""

Span = tuple[dt.date, dt.date, Picking]
"""The first day and the last, and what brings papers on the list."""


class KnownPapers:
    """Keeps the papers that were read last. Any thread may ask."""

    def __init__(self, most: int = _MOST) -> None:
        self.tallies = KnownTallies()
        self._most = most
        self._papers: OrderedDict[int, tuple[int, Paper]] = OrderedDict()
        self._lock = threading.Lock()

    def as_of(self, row: int, sequence: int) -> Paper | None:
        """Return the paper of a row as that change left it, if it is known."""
        with self._lock:
            kept = self._papers.get(row)
            if kept is None or kept[0] != sequence:
                return None
            self._papers.move_to_end(row)
            return kept[1]

    def keep(self, row: int, sequence: int, paper: Paper) -> None:
        """Know the paper of a row as that change left it."""
        with self._lock:
            self._papers[row] = (sequence, paper)
            self._papers.move_to_end(row)
            while len(self._papers) > self._most:
                self._papers.popitem(last=False)


class KnownTallies:
    """Keeps the tallies of the days that were asked for last. Any thread may ask."""

    def __init__(self, most: int = _MOST_TALLIES) -> None:
        self._most = most
        self._spans: OrderedDict[Span, tuple[int, tuple[Tally, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def as_of(self, span: Span, change: int) -> tuple[Tally, ...] | None:
        """Return the tallies of those days while that is the last change of any paper, if they are known."""
        with self._lock:
            kept = self._spans.get(span)
            if kept is None or kept[0] != change:
                return None
            self._spans.move_to_end(span)
            return kept[1]

    def keep(self, span: Span, change: int, tallies: tuple[Tally, ...]) -> None:
        """Know the tallies of those days as that change left them."""
        with self._lock:
            self._spans[span] = (change, tallies)
            self._spans.move_to_end(span)
            while sum(len(kept) + 1 for _, kept in self._spans.values()) > self._most:
                self._spans.popitem(last=False)
