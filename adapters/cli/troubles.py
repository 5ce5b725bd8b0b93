"""Tells the log of what fails again and again: once, not every second."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from bot.errors import PaperRoundError

REMINDED = dt.timedelta(minutes=10)
"""After that long, a failure that goes on is told once more."""

log = structlog.get_logger()


@dataclass(slots=True)
class _Trouble:
    """What goes wrong: since when, how often, and when each failure was told last (monotonic seconds)."""

    since: float
    times: int = 0
    told: dict[str, float] = field(default_factory=dict)


class Troubles:
    """What fails at present, by the name of what was tried. `seconds` is a monotonic clock."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._present: dict[str, _Trouble] = {}

    async def watch(self, what: str, work: Awaitable[object]) -> None:
        """Await it; a failure is told to the log, and goes no further: the next turn may do better."""
        try:
            await work
        except Exception as failure:  # noqa: BLE001 - one failure, foreseen or not, must not end the service
            self.failed(what, failure)
        else:
            self.went_well(what)

    def failed(self, what: str, failure: Exception) -> None:
        """Tell of a failure, unless the same was told a short while ago; what nobody foresaw, with its traceback."""
        reason = str(failure) or type(failure).__name__
        times = self._to_be_told(what, reason)
        if times and isinstance(failure, PaperRoundError):
            log.warning(f"{what} failed; it is tried again", reason=reason, times=times)
        elif times:
            told = f"{what} failed in a way that nobody foresaw; it is tried again, please report it"
            log.error(told, reason=reason, times=times, exc_info=failure)

    def slow(self, what: str, seconds: float) -> None:
        """Tell that it has been at work for so long, unless that was told a short while ago."""
        if self._to_be_told(what, "slow"):
            log.warning(f"{what} takes long", seconds=round(seconds))

    def went_well(self, what: str) -> bool:
        """Tell once that it works again; return whether it did not before."""
        trouble = self._present.pop(what, None)
        if trouble:
            passed = self._seconds() - trouble.since
            log.warning(f"{what} works again", times=trouble.times, seconds=round(passed, 1))
        return trouble is not None

    def _to_be_told(self, what: str, reason: str) -> int:
        """Count it; return how often that was, or 0 where the same was told a short while ago."""
        now = self._seconds()
        trouble = self._present.setdefault(what, _Trouble(now))
        trouble.times += 1
        if now - trouble.told.get(reason, float("-inf")) < REMINDED.total_seconds():
            return 0
        trouble.told[reason] = now
        return trouble.times
