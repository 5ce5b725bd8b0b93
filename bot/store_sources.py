"""What the core needs of a store for the sources' diary: how each did last, when it is next, how far it was read."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SourceRun:
    """How a source did last: times in UTC, the failure in words.

    `next_poll` is when the service asks it again; `idle` why it is not asked. `read_to` is the day up to which its
    changes were read without a gap. A backfill that began at `backfill_since` has all days before `backfill_next`.
    """

    source: str
    last_success: dt.datetime | None
    last_failure: dt.datetime | None
    failure: str | None
    newest_day: dt.date | None
    next_poll: dt.datetime | None = None
    idle: str | None = None
    read_to: dt.date | None = None
    backfill_since: dt.date | None = None
    backfill_next: dt.date | None = None

    @property
    def fails(self) -> bool:
        """Whether it failed after it went well last."""
        return self.last_failure is not None and (self.last_success is None or self.last_failure > self.last_success)


class SourceRuns(Protocol):
    """The diary of the sources."""

    async def succeeded(self, source: str, now: dt.datetime, newest_day: dt.date | None) -> None:
        """Note that a pass over a source went well."""
        ...

    async def failed(self, source: str, now: dt.datetime, failure: str) -> None:
        """Note that it failed, and how."""
        ...

    async def planned(self, source: str, next_poll: dt.datetime | None, idle: str | None = None) -> None:
        """Note when it is asked next, and why it is not, where that is so."""
        ...

    async def read_to(self, source: str, day: dt.date | None) -> None:
        """Note up to which day its changes were read without a gap; None: from no day on."""
        ...

    async def backfilled(self, source: str, since: dt.date, following: dt.date | None) -> None:
        """Note with which day a backfill goes on; None: it is at its end."""
        ...

    async def all(self) -> list[SourceRun]:
        """Return every source's diary, by name."""
        ...

    async def of(self, source: str) -> SourceRun | None:
        """Return the diary of a source."""
        ...
