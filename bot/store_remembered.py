"""What the core needs of a store for texts under a name: a long command that a button stands for, a source's answer."""

import datetime as dt
from typing import Protocol


class Remembered(Protocol):
    """Texts of a platform or a source by name, each a team's own; those that are no team's have the team ""."""

    async def get(self, platform: str, team: str, name: str) -> str | None:
        """Return a team's text of that name."""
        ...

    async def put(self, platform: str, team: str, name: str, text: str, now: dt.datetime) -> None:
        """Keep a text, in place of one that is there; it counts as kept now."""
        ...

    async def forget(self, platform: str, team: str) -> int:
        """Delete all of a team's; return how many."""
        ...

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Delete what was last kept before then, at most `limit`; return how many."""
        ...
