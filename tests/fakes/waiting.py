"""Waiting for what another process does: bounded, and by looking."""

import time
from collections.abc import Callable


def wait_until(is_so: Callable[[], object], what: str, seconds: float = 60, every: float = 0.02) -> None:
    """Wait until something holds. Raises AssertionError, with `what`, when it does not in time."""
    give_up_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up_at, f"after {seconds:g} s still not: {what}"
        time.sleep(every)
