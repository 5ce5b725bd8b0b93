"""What the core needs of a store so that something is done once: leases, and events that count once."""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol


class Leases(Protocol):
    """Who does what only one process may do at a time."""

    async def take(self, name: str, holder: str, now: dt.datetime, until: dt.datetime) -> bool:
        """Take a lease, or keep one's own for longer; False where it is another's till later than now."""
        ...

    async def give_back(self, name: str, holder: str) -> None:
        """End one's own lease."""
        ...

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Delete leases that ended before then, at most `limit`; return how many."""
        ...


class Arrivals(Protocol):
    """What a platform sent us: it sends some things again, and each counts once."""

    async def first(self, platform: str, event: str, now: dt.datetime) -> bool:
        """Note that an event arrived; False where it had before."""
        ...

    async def first_of(self, platform: str, events: Sequence[str], now: dt.datetime) -> set[str]:
        """Note that several arrived; return those that had not before."""
        ...

    async def forget(self, platform: str, event: str) -> None:
        """Let an event count as new once more, for what was to be done for it failed."""
        ...

    async def prune(self, before: dt.datetime) -> int:
        """Forget what arrived before then; return how much that was."""
        ...
