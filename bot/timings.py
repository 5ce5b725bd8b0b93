"""How long delivery waits, for what: all in one value, which tests shrink."""

import datetime as dt
import zlib
from dataclasses import dataclass

BACK_OFF = tuple(dt.timedelta(seconds=count) for count in (5, 30, 120, 600, 1800, 3600))


@dataclass(frozen=True, slots=True)
class DeliveryTimings:
    """The waits of the delivery protocol.

    `request`: how long one call to a platform may take. `settling`: how long a message that was accepted may
    take until it can be read back. `lease`: how long a claim is its claimer's. `back_off`: how long a post that
    was surely refused waits before the next try, by the number of tries; the last repeats. `most_tries`: after
    how many of them a row of which nobody knows whether it arrived is left to a person. `audit_after`: when a
    delivery that took more than one try is read back once more. `skew`: by how much a platform's clock may be
    behind ours, which may be wrong by a day. `restored`: how far back all is read back after a backup was put
    back. `stop`: how long a stop waits for what is in hand.
    """

    request: dt.timedelta = dt.timedelta(seconds=15)
    settling: dt.timedelta = dt.timedelta(seconds=60)
    lease: dt.timedelta = dt.timedelta(seconds=120)
    back_off: tuple[dt.timedelta, ...] = BACK_OFF
    most_tries: int = 20
    audit_after: dt.timedelta = dt.timedelta(minutes=10)
    skew: dt.timedelta = dt.timedelta(hours=25)
    restored: dt.timedelta = dt.timedelta(hours=48)
    stop: dt.timedelta = dt.timedelta(seconds=10)

    def __post_init__(self) -> None:
        if self.lease < 2 * self.request + self.settling:
            raise ValueError("a lease must outlast reading back, a post, and the settling of what that left behind")

    def back_off_after(self, attempts: int) -> dt.timedelta:
        """Return how long to wait after so many tries."""
        return self.back_off[min(max(attempts, 1), len(self.back_off)) - 1]

    def unsure_after(self, attempts: int) -> dt.timedelta:
        """Return how long to wait before reading back what so many tries left unclear."""
        return max(self.settling, self.back_off_after(attempts))

    def lease_of(self, attempts: int, delivery_id: str) -> dt.timedelta:
        """Return how long a claim lasts that is a row's so many-th.

        A repeated one lasts longer each time, so that a row whose sender dies of it does not come back for ever
        at once; and each row's for another time, so that those that died along with it come back without it.
        """
        if attempts <= 1:
            return self.lease
        spread = 1 + zlib.crc32(f"{delivery_id} {attempts}".encode()) / 2**32
        return max(self.lease, self.back_off_after(attempts)) * spread

    @property
    def longest_lease(self) -> dt.timedelta:
        """Return the time that no lease is longer than."""
        return 2 * max(self.lease, self.settling, *self.back_off)
