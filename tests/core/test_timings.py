"""Delivery's waits fit together."""

import dataclasses
import datetime as dt

import pytest

from bot.timings import DeliveryTimings

HOUR = dt.timedelta(hours=1)
LEASE = DeliveryTimings().lease.total_seconds()
SETTLING = DeliveryTimings().settling.total_seconds()


def test_a_lease_outlasts_all_that_it_is_for() -> None:
    with pytest.raises(ValueError, match="outlast"):
        DeliveryTimings(lease=dt.timedelta(seconds=89))


def test_no_lease_is_longer_than_the_longest() -> None:
    timings = DeliveryTimings()
    leases = [timings.lease_of(attempts, f"{row}") for attempts in range(30) for row in range(50)]
    assert timings.longest_lease >= max(*leases, *(timings.unsure_after(attempts) for attempts in range(30)))
    assert min(leases) == timings.lease
    assert dataclasses.replace(timings, lease=2 * HOUR).longest_lease == 4 * HOUR
