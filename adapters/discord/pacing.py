"""When Discord may be asked again: it tells by headers how many requests of a kind are left, and after a 429 how long
to wait. What comes too early counts, and 10,000 such requests in ten minutes ban a machine.

https://docs.discord.com/developers/topics/rate-limits
"""

import re
from collections.abc import Callable, Mapping

_EVERYTHING = ""
_MOST = 10_000
_LATER_IDS = re.compile(r"(?<=/)[0-9]{15,20}(?=/|$)")


class Pace:
    """How long which requests have to wait. `seconds` is a monotonic clock."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._until: dict[str, float] = {}

    def left(self, method: str, path: str) -> tuple[float, bool]:
        """Return how many seconds such a request has to wait, 0 for none, and whether every request has to."""
        now = self._seconds()
        everything = self._until.get(_EVERYTHING, now) - now
        if everything > 0:
            return everything, True
        return max(0.0, self._until.get(bucket_of(method, path), now) - now), False

    def wait(self, method: str, path: str, seconds: float, everything: bool = False) -> None:
        """Let such requests, or all of them, wait from now on."""
        now = self._seconds()
        if len(self._until) > _MOST:
            self._until = {bucket: until for bucket, until in self._until.items() if until > now}
        self._until[_EVERYTHING if everything else bucket_of(method, path)] = now + seconds

    def heed(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        """Wait where the answer to a request says that no more of its kind are left."""
        if headers.get("X-RateLimit-Remaining") == "0":
            try:
                self.wait(method, path, float(headers.get("X-RateLimit-Reset-After", "0")))
            except ValueError:
                return  # it says nothing then, and a 429 would


def bucket_of(method: str, path: str) -> str:
    """Return what requests have to have in common to be counted together: by channel and guild, not by message."""
    head, _, tail = path.lstrip("/").partition("/")
    major, slash, rest = tail.partition("/")
    return f"{method} {head}/{major}{slash}{_LATER_IDS.sub('*', rest)}"
