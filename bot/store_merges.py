"""What the core needs of a store when papers turn out to be one work, or to be two; and what happens to papers."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from bot.merging import Merge, PaperEvent
from bot.paper import Paper
from bot.paper_ids import PaperId


class Merges(Protocol):
    """Which papers were taken for one, and which are kept apart."""

    async def note(self, merges: Sequence[Merge]) -> None:
        """Remember merges, of which `before` is stored; the newest of a name stands."""
        ...

    async def get(self, name: PaperId) -> Merge | None:
        """Return the merge that made this name another paper's."""
        ...

    async def join(self, pairs: Sequence[tuple[PaperId, PaperId]]) -> None:
        """Let each second stored paper (main ids) become a part of the first: its names, listings, votes and saves, and
        the memory of the channels that have had it, go over; what both have stays the first one's."""
        ...

    async def part(self, kept: Paper, gone: Paper, now: dt.datetime) -> None:
        """Undo a merge: store both as given, each under its own names, and keep them apart from now on."""
        ...

    async def kept_apart(self, names: Collection[PaperId]) -> set[frozenset[PaperId]]:
        """Return the pairs of names that are kept apart, of which one is among these."""
        ...


class Events(Protocol):
    """What happened to papers after they were first seen."""

    async def add(self, events: Sequence[PaperEvent]) -> None:
        """Note events of stored papers; one that is there already stays as it is."""
        ...

    async def of(self, papers: Collection[PaperId], since: dt.datetime) -> list[PaperEvent]:
        """Return what happened to those papers (any of their names) since then, the newest first.

        Of the papers that cite one, the newest stands for all of them.
        """
        ...
