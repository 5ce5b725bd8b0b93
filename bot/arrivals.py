"""What a platform sends counts once, though it sends again what it believes lost: the store is asked who is first.

Each question is a commit, which waits for the disk; all that come during one are asked together in the next. With one
each, a disk that takes 8 ms would let 125 commands a second through.
"""

import asyncio
import hashlib

from bot.ports import World

_AT_ONCE = 1_000
"""SQLite takes 32,766 values in a statement; each event has three."""

_LONGEST = 200
"""Characters of an event; one may hold a whole command, and an index of PostgreSQL takes 2,700 bytes."""


class Arrivals:
    """Notes what arrives from one platform."""

    def __init__(self, world: World, platform: str) -> None:
        self._world = world
        self._platform = platform
        self._waiting: list[tuple[str, asyncio.Future[bool]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def first(self, event: str) -> bool:
        """Return whether an event arrived for the first time. Raises StoreError."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((_short(event), answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await answer

    async def forget(self, event: str) -> None:
        """Let an event count as new once more, for what was to be done for it failed. Raises StoreError."""
        async with self._world.store.write() as session:
            await session.arrivals.forget(self._platform, _short(event))

    async def _ask(self) -> None:
        """Ask for all who wait, until nobody does."""
        try:
            while self._waiting:
                asked, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
                try:
                    firsts = await self._first_of([event for event, _ in asked])
                except Exception as failure:  # noqa: BLE001 - it is theirs who asked
                    for _, answer in asked:
                        if not answer.done():
                            answer.set_exception(failure)
                    continue
                for event, answer in asked:
                    if not answer.done():
                        answer.set_result(event in firsts)
                    firsts.discard(event)  # it may have come twice at once
        finally:
            self._asking = None

    async def _first_of(self, events: list[str]) -> set[str]:
        async with self._world.store.write() as session:
            return await session.arrivals.first_of(self._platform, events, self._world.clock.now())


def _short(event: str) -> str:
    """Return what stands for an event: itself, or of a long one its SHA-256."""
    return event if len(event) <= _LONGEST else hashlib.sha256(event.encode()).hexdigest()
