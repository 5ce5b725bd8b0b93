"""What the core needs of a store for the lists of several days, which hold too many papers to load them all."""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from bot.tally import Picking, Tally


class Spans(Protocol):
    """Papers with a listing on one of some days, the first and the last included."""

    async def tallies(self, first: dt.date, last: dt.date, picking: Picking) -> Sequence[Tally]:
        """Return the tallies of the papers with such a listing on one of the days, in no promised order."""
        ...

    async def count(self, first: dt.date, last: dt.date) -> int:
        """Return how many papers any source listed on one of the days."""
        ...

    async def team_votes(self, team_id: int, first: dt.date, last: dt.date) -> dict[str, int]:
        """Return the team's votes on papers listed on one of the days, by key; those without are left out."""
        ...
