"""Wakes the deliverers of one process."""

import asyncio
import datetime as dt
from contextlib import suppress


class LocalWakeups:
    """An event: whoever waits is woken, and a hint that comes while nobody waits is kept for the next."""

    def __init__(self) -> None:
        self._hint = asyncio.Event()

    def wake(self) -> None:
        """Wake whoever waits."""
        self._hint.set()

    async def wait(self, at_most: dt.timedelta) -> None:
        """Wait until woken, or that long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most.total_seconds()):
                await self._hint.wait()
        self._hint.clear()
