"""What goes wrong on the way to Discord's REST API, and how it counts requests."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

FaultKind = Literal[
    "drop before", "drop after", "500", "502", "503", "504", "502 after", "429", "429 global", "banned", "garbage",
    "missing access", "missing permissions", "unknown", "too many talks", "slow",
]  # fmt: skip


@dataclass(slots=True, eq=False)
class Fault:
    """What happens to the next `times` requests of a kind; None: to all of them, until `stop`.

    "before" leaves nothing behind; "after" does what was asked and loses the answer. "slow" waits `seconds`, then
    answers; "429" asks for a wait of `seconds`; "banned" is a 429 of Cloudflare's, which the library does not repeat.
    """

    kind: FaultKind
    method: str
    path: re.Pattern[str]
    times: int | None = 1
    seconds: float = 0.05
    happened: int = 0

    def takes(self, method: str, path: str) -> bool:
        """Whether it happens to this request; it's counted then."""
        if self.times == 0 or self.method not in ("*", method) or not self.path.search(path):
            return False
        self.times = None if self.times is None else self.times - 1
        self.happened += 1
        return True

    def stop(self) -> None:
        """Let it happen no more."""
        self.times = 0


@dataclass(slots=True)
class Window:
    """A rate-limit bucket: `limit` requests in `per` seconds."""

    limit: int
    per: float
    used: int = 0
    ends_at: float = 0.0

    def take(self, now: float) -> float:
        """Count a request; return how many seconds it came too early, 0 where it's welcome."""
        if now >= self.ends_at:
            self.used, self.ends_at = 0, now + self.per
        self.used += 1
        return max(0.0, self.ends_at - now) if self.used > self.limit else 0.0

    def headers(self, bucket: str, now: float) -> dict[str, str]:
        """Return the headers that tell of it."""
        left = max(0.0, self.ends_at - now)
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": bucket,
        }


@dataclass(slots=True)
class Buckets:
    """The buckets of all routes. `limits` holds, for a route ("POST /channels/{channel_id}/messages"), its own.

    Without a word from a test a bucket is so wide that nobody waits: discord.py sleeps when one is used up.
    """

    limits: dict[str, tuple[int, float]] = field(default_factory=dict)
    per_second: int = 1_000_000
    monotonic: Callable[[], float] = time.monotonic
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    everywhere: Window = field(default_factory=lambda: Window(1_000_000, 1.0))

    def of(self, route: str, major: str) -> Window:
        """Return the bucket of a route and its major parameter (channel, guild, webhook)."""
        limit, per = self.limits.get(route, (1_000_000, 1.0))
        window = self.windows.get((route, major))
        if window is None or (window.limit, window.per) != (limit, per):
            window = self.windows[route, major] = Window(limit, per)
        return window

    def take_global(self, now: float) -> float:
        """Count a request of the bot as a whole (50 a second at Discord)."""
        self.everywhere.limit = self.per_second
        return self.everywhere.take(now)
