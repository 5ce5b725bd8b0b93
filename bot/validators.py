"""Validators: by which a service tells whether an answer has changed since it was last taken in."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Validators:
    """What a service sent with an answer (RFC 9110, 8.8), word by word."""

    etag: str | None = None
    last_modified: str | None = None

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.etag or self.last_modified)


class KnownAnswers(Protocol):
    """The validators of the answers that were taken in, by a key that stands for what was asked."""

    async def get(self, key: str) -> Validators:
        """Return those of a question; empty ones where there are none."""
        ...

    async def put(self, key: str, validators: Validators, now: dt.datetime) -> None:
        """Remember that an answer was taken in; one without validators takes the place of one with them, too."""
        ...

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Forget answers that were taken in before then, at most `limit`; return how many."""
        ...
