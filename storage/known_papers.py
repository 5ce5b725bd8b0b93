"""Papers as they were last read: lists show the same ones again and again.

A paper is known by its row and its number in the change sequence, which every change of it raises (`paper_saving`),
so that what is known is what is stored. Only what is committed is kept: a number that is rolled back is given again.

On SQLite it is the rows that cost, more than what is in them: sqlite3 lets go of Python's lock for each, and while the
event loop is busy, it has to wait to get it back. With 200 commands a second, 140 rows of trending papers took a third
of the processor's time.
"""

import threading
from collections import OrderedDict

from bot.paper import Paper

_MOST = 2_000
"""Papers, of about 5 kB: the lists of a month."""


class KnownPapers:
    """Keeps the papers that were read last. Any thread may ask."""

    def __init__(self, most: int = _MOST) -> None:
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
