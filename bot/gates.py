"""Gates: how politely the services that papers come from are asked, by all replicas together."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final, Protocol

FIRST_BACK_OFF: Final = dt.timedelta(minutes=10)
LONGEST_BACK_OFF: Final = dt.timedelta(hours=2)
"""A service that is busy, and does not say for how long, is left alone for so long at first, and at most."""

LONGEST_PAUSE: Final = dt.timedelta(days=1)
"""No service is left alone for longer; a pause that seems to be longer is from before the clock was put back."""

_SPREAD = 0.2


@dataclass(frozen=True, slots=True)
class Gate:
    """The one way to a group of hosts: requests start `apart` at least, and `at_once` are under way at most.

    `name` is what people are told, and by which the replicas meet. `hiccups`: whether a server error there may
    be over in seconds, so that it is worth another try.
    """

    name: str
    apart: dt.timedelta
    at_once: int = 1
    hiccups: bool = False


@dataclass(frozen=True, slots=True)
class GateState:
    """What is remembered of a gate: the last start, until when it is shut and why, and how often in a row a
    service there was too busy to answer."""

    last_start: dt.datetime | None = None
    not_before: dt.datetime | None = None
    failures: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """A request may not start before `until`, for a reason where a service caused it; None: before another ended."""

    until: dt.datetime | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """A service was too busy to answer: in words, and how long to leave it alone, None where it did not say.

    `spread`, from 0 to 1, lengthens a wait of our own choice, lest everybody comes back at once.
    """

    reason: str
    wait: dt.timedelta | None
    spread: float = 0.0


def put_right(state: GateState, now: dt.datetime) -> GateState:
    """Return the state as it counts now: a last start later than now is from before the clock was put back, or from
    a replica whose clock is ahead, and counts as one of this moment."""
    return replace(state, last_start=now) if state.last_start and state.last_start > now else state


def wait_at(gate: Gate, state: GateState, now: dt.datetime) -> Wait | None:
    """Return what a request that would start now has to wait for; None where it may."""
    if state.not_before and now < state.not_before <= now + LONGEST_PAUSE:
        return Wait(state.not_before, state.reason)
    if state.last_start and now < state.last_start + gate.apart:
        return Wait(state.last_start + gate.apart)
    return None


def after(gate: Gate, state: GateState, started: dt.datetime, ended: dt.datetime, busy: Busy | None) -> GateState:
    """Return the state after a request. Several at once that meet a busy service count as one failure."""
    # When a request arrives, only the service knows; of one that is alone, that it had arrived when it ended. Held
    # against that, no delay on the way brings the next one too near.
    arrived = ended if gate.at_once == 1 else started
    state = replace(state, last_start=max(arrived, state.last_start or arrived))
    under_way_before = state.not_before is not None and started < state.not_before
    if busy is None:  # it says nothing about a pause that was asked for meanwhile
        return state if under_way_before else replace(state, not_before=None, failures=0, reason=None)
    counts = busy.wait is None and not under_way_before
    state = replace(state, failures=state.failures + counts)
    until = ended + min(back_off(state.failures, busy.spread) if busy.wait is None else busy.wait, LONGEST_PAUSE)
    if state.not_before and until <= state.not_before <= ended + LONGEST_PAUSE:
        return state
    return replace(state, not_before=until, reason=busy.reason)


def back_off(failures: int, spread: float) -> dt.timedelta:
    """Return how long a service is left alone after so many failures in a row: twice as long each time."""
    longer = FIRST_BACK_OFF * float(1 << min(max(failures - 1, 0), 10))
    return min(longer, LONGEST_BACK_OFF) * (1 + _SPREAD * spread)


class Gates(Protocol):
    """The gates' states, and the requests that are under way."""

    async def enter(self, gate: Gate, holder: str, now: dt.datetime, until: dt.datetime) -> Wait | None:
        """Let a request start now, which counts as under way until it leaves, and until then at most; or say what
        it has to wait for."""
        ...

    async def leave(
        self, gate: Gate, holder: str, started: dt.datetime | None, now: dt.datetime, busy: Busy | None = None
    ) -> None:
        """End a request, which really began at `started`; None where it never did. One that is long over counts too:
        it frees no other's place."""
        ...

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Forget gates that nobody used since then and that are not shut, at most `limit`; return how many."""
        ...
