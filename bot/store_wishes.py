"""What the core needs of a store for wishes: who has them, and when each was last granted by which source."""

import datetime as dt
from collections.abc import Collection
from typing import Protocol

from bot.query import Kind


class Wishes(Protocol):
    """What rules name that a source is asked for, by its key (`bot.wishes`)."""

    async def rules_naming(self, kind: Kind) -> list[str]:
        """Return the rules, as typed, of follows and digests that are at work and name something of that kind.

        CATEGORY, AUTHOR, VENUE and PAPER are such kinds; KeyError for another.
        """
        ...

    async def granted(self, source: str) -> dict[str, dt.datetime]:
        """Return when each wish was last granted by the source."""
        ...

    async def was_granted(self, source: str, wish: str) -> bool:
        """Return whether the source has ever granted that wish."""
        ...

    async def grant(self, source: str, wishes: Collection[str], now: dt.datetime) -> None:
        """Note that they were granted now."""
        ...

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Forget those that were not granted since then, at most `limit`; return how many."""
        ...
