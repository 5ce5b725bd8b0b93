"""Turns at what one replica does at a time: a row of the store says whose turn it is, and until when."""

import datetime as dt
import os
import socket
import uuid
from dataclasses import dataclass

from bot.ports import World


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that was taken; nobody else has one of that name until it ends."""

    name: str
    holder: str
    began: dt.datetime

    async def keep(self, world: World, until: dt.datetime) -> None:
        """Let it last till then: the next turn is not before. Somebody else's, once this one has ended, stays."""
        async with world.store.write() as session:
            await session.leases.take(self.name, self.holder, world.clock.now(), until)


async def take_turn(world: World, name: str, lasts: dt.timedelta) -> Turn | None:
    """Take a turn for that long; None where one has not ended yet, here or in another process."""
    now = world.clock.now()
    # Every turn has a holder of its own, or the one who had the last would take the next before its time.
    turn = Turn(name, f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex[:8]}", now)
    async with world.store.write() as session:
        return turn if await session.leases.take(name, turn.holder, now, now + lasts) else None
