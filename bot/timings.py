"""How long delivery waits, for what: all in one value, which tests shrink."""

import datetime as dt
from dataclasses import dataclass

BACK_OFF = tuple(dt.timedelta(seconds=count) for count in (5, 30, 120, 600, 1800, 3600))


@dataclass(frozen=True, slots=True)
class DeliveryTimings:
    """The waits of the delivery protocol.

    `request`: how long one call to a platform may take. `settling`: how long a message that was accepted may
    take until it can be read back. `lease`: how long a claim is its claimer's. `back_off`: how long a post that
    was surely refused waits before the next try, by the number of tries; the last repeats. `audit_after`: when
    a delivery that took more than one try is read back once more. `restored`: how far back all is read back
    after a backup was put back. `stop`: how long a stop waits for what is in hand.
    """

    request: dt.timedelta = dt.timedelta(seconds=15)
    settling: dt.timedelta = dt.timedelta(seconds=60)
    lease: dt.timedelta = dt.timedelta(seconds=90)
    back_off: tuple[dt.timedelta, ...] = BACK_OFF
    audit_after: dt.timedelta = dt.timedelta(minutes=10)
    restored: dt.timedelta = dt.timedelta(hours=48)
    stop: dt.timedelta = dt.timedelta(seconds=10)

    def __post_init__(self) -> None:
        if self.lease < self.request + self.settling:
            raise ValueError("a lease must outlast a request and the settling of what it left behind")

    def back_off_after(self, attempts: int) -> dt.timedelta:
        """Return how long to wait after so many tries."""
        return self.back_off[min(max(attempts, 1), len(self.back_off)) - 1]
