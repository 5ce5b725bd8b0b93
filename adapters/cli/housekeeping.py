"""Housekeeping: what nobody needs any more is deleted, by one replica at a time, a little in each transaction."""

import datetime as dt
from collections.abc import Awaitable, Callable

import structlog

from adapters.cli.turns import take_turn
from bot.ports import World
from bot.store import Session

KEPT = dt.timedelta(days=90)
"""How long the ledger remembers what was sent, and a digest its slots."""

LEASES_KEPT = dt.timedelta(days=7)
ARRIVALS_KEPT = dt.timedelta(days=7)
"""How long it is remembered what a platform sent; what is sent again is sent within hours."""

ANSWERS_KEPT = dt.timedelta(days=30)
"""How long a source's answer is known again, and the gate of a site that nobody asks is remembered."""

TEXTS_KEPT = dt.timedelta(days=180)
"""How long a remembered text is kept after it was last put: a button's command is, whenever the button is sent."""

EVERY = dt.timedelta(hours=1)

_AT_ONCE = 1_000

log = structlog.get_logger()


async def keep_house(world: World) -> None:
    """Delete what is old, unless somebody did within the hour."""
    if await take_turn(world, "housekeeping", EVERY * 0.9) is None:
        return
    now = world.clock.now()
    deleted = {
        "deliveries": await _all(world, lambda session: session.deliveries.prune(now - KEPT, _AT_ONCE)),
        "slots": await _all(world, lambda session: session.digests.prune(now - KEPT, _AT_ONCE)),
        "leases": await _all(world, lambda session: session.leases.prune(now - LEASES_KEPT, _AT_ONCE)),
        "remembered": await _all(world, lambda session: session.remembered.prune(now - TEXTS_KEPT, _AT_ONCE)),
        "arrivals": await _all(world, lambda session: session.arrivals.prune(now - ARRIVALS_KEPT)),
        "wishes": await _all(world, lambda session: session.wishes.prune(now - KEPT, _AT_ONCE)),
        "gates": await _all(world, lambda session: session.gates.prune(now - ANSWERS_KEPT, _AT_ONCE)),
        "answers": await _all(world, lambda session: session.known_answers.prune(now - ANSWERS_KEPT, _AT_ONCE)),
    }
    if any(deleted.values()):
        log.info("old rows were deleted", **deleted)


async def _all(world: World, prune: Callable[[Session], Awaitable[int]]) -> int:
    """Prune until little is left; return how many rows that was."""
    total = 0
    while True:
        async with world.store.write() as session:
            gone = await prune(session)
        total += gone
        if gone < _AT_ONCE:
            return total
