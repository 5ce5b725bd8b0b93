"""Time that passes when everybody sleeps: a clock, and a sleep that takes none of the test's own time."""

import asyncio
import datetime as dt
import heapq
from dataclasses import dataclass, field
from itertools import count


@dataclass(slots=True)
class PassingTime:
    """A clock whose time is that of the sleeper who wakes next; sleepers wake in the order of their times."""

    at: dt.datetime = dt.datetime(2025, 6, 12, 14, tzinfo=dt.UTC)
    slept: list[float] = field(default_factory=list)
    _sleepers: list[tuple[dt.datetime, int]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    def now(self) -> dt.datetime:
        """Return the time."""
        return self.at

    def monotonic(self) -> float:
        """Return it in seconds."""
        return self.at.timestamp()

    def pass_by(self, **how_much: float) -> None:
        """Let time pass."""
        self.at += dt.timedelta(**how_much)

    async def sleep(self, seconds: float) -> None:
        """Sleep until nobody has to wake before; whoever is awake has a moment to go on."""
        self.slept.append(seconds)
        place = (self.at + dt.timedelta(seconds=seconds), next(self._numbers))
        heapq.heappush(self._sleepers, place)
        try:
            await asyncio.sleep(0.001)
            while self._sleepers[0] != place:  # noqa: ASYNC110 - in the order of times, not of calls
                await asyncio.sleep(0.001)
            self.at = max(self.at, place[0])
        finally:
            self._sleepers.remove(place)
            heapq.heapify(self._sleepers)
