"""What this process remembers of digests that it could not compose."""

from collections.abc import Iterable
from dataclasses import dataclass, field

_WAITS = (30, 60, 120, 300, 600)
"""Seconds until the next try, by the number of tries; the last repeats."""


@dataclass(frozen=True, slots=True)
class _Setback:
    reason: str
    tries: int
    again_at: float


@dataclass(slots=True)
class Setbacks:
    """Digests that could not be composed: each is tried again, later and later. Times are monotonic seconds."""

    _by_digest: dict[int, _Setback] = field(default_factory=dict)

    def wait(self, digest_id: int, now: float) -> bool:
        """Whether it is too early to try the digest again."""
        setback = self._by_digest.get(digest_id)
        return setback is not None and now < setback.again_at

    def failed(self, digest_id: int, reason: str, now: float) -> bool:
        """Note that the digest could not be composed; return whether that is news, for it failed otherwise before."""
        before = self._by_digest.get(digest_id)
        tries = before.tries + 1 if before else 1
        self._by_digest[digest_id] = _Setback(reason, tries, now + _WAITS[min(tries, len(_WAITS)) - 1])
        return before is None or before.reason != reason

    def over(self, digest_ids: Iterable[int]) -> None:
        """Forget the setbacks of digests that were composed, or are gone."""
        for digest_id in digest_ids:
            self._by_digest.pop(digest_id, None)
