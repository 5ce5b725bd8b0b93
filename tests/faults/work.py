"""What a worker of the fault tests is given to do, and what is to happen to it."""

import datetime as dt
from dataclasses import dataclass

from bot.timings import DeliveryTimings

STEPS = (
    "while composing",
    "after composing",
    "before claim",
    "while claiming",
    "after claim",
    "before reading back",
    "after reading back",
    "before post",
    "after post",
    "while settling",
    "after settling",
    "before deleting",
    "after deleting",
    "while auditing",
)
"""Where a worker can be killed or stopped, by name; `while` is within a transaction that is not committed yet."""


def fast(scale: float = 1) -> DeliveryTimings:
    """Return delivery's waits, in tenths of seconds instead of minutes."""

    def seconds(count: float) -> dt.timedelta:
        return dt.timedelta(seconds=count * scale)

    return DeliveryTimings(
        request=seconds(0.4),
        settling=seconds(0.5),
        lease=seconds(1.5),
        back_off=(seconds(0.03), seconds(0.06), seconds(0.1)),
        audit_after=seconds(1.5),
        stop=seconds(2),
    )


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is to do, and what is to happen to it; `board` is the address of the platform's far end.

    `die_at` and `stop_at` name a step, and `nth` when: at its how many-th passage. `fresh`: rows that were due
    before the start are read back first, as in a store that may be a backup. `clock` is a file with the seconds
    by which the worker's clock is ahead, and `pages` one with the most pages that an SQLite store may have.
    """

    store: str
    board: str
    log: str
    platform: str = "board"
    seconds: float = 600
    scale: float = 1
    reconcile: bool = True
    audit: bool = True
    fresh: bool = False
    clock: str | None = None
    pages: str | None = None
    die_at: str | None = None
    stop_at: str | None = None
    nth: int = 1
