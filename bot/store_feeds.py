"""What the core needs of a store for the feeds that teams name."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TeamFeed:
    """A feed that a team named: its address and the name that it has there; when it was last read, and what failed.

    `failure` is None where the last reading went well.
    """

    url: str
    name: str
    added_at: dt.datetime
    read_at: dt.datetime | None = None
    failure: str | None = None


class TeamFeeds(Protocol):
    """The feeds that teams name. One that several name is read once."""

    async def of(self, team_id: int) -> list[TeamFeed]:
        """Return a team's feeds by name; in a change, they stay so until its end."""
        ...

    async def add(self, team_id: int, feed: TeamFeed) -> None:
        """Let a team have a feed; one of the same name or address is there no more."""
        ...

    async def remove(self, team_id: int, name: str) -> bool:
        """Take a feed from a team; False where it has none of that name."""
        ...

    async def due(self, before: dt.datetime, limit: int) -> list[str]:
        """Return addresses of feeds that were not read since then, the longest first."""
        ...

    async def was_read(self, urls: Sequence[str], now: dt.datetime, failure: str | None = None) -> None:
        """Note for whoever has them that feeds were read, or how that failed."""
        ...
