"""Clocks: the system's, and one that stands where it was put."""

import datetime as dt
import time
from dataclasses import dataclass


class SystemClock:
    """The time of this machine."""

    def now(self) -> dt.datetime:
        """Return the time, in UTC."""
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        """Return this machine's seconds since some moment."""
        return time.monotonic()


@dataclass(slots=True)
class SetClock:
    """A clock that stands still until it is moved: for `--now`, the demo, and tests."""

    time: dt.datetime

    def now(self) -> dt.datetime:
        """Return the time it was put to, in UTC."""
        return self.time.astimezone(dt.UTC)

    def monotonic(self) -> float:
        """Return the seconds by which it was moved, if only forwards."""
        return self.time.timestamp()


def parse_instant(typed: str) -> dt.datetime:
    """Return the time that an ISO date or time names, in UTC where it names no zone. Raises ValueError."""
    instant = dt.datetime.fromisoformat(typed.strip())
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
