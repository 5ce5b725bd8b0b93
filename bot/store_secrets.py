"""What the core needs of a store for teams' secrets."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Secret:
    """Something of a team's that nobody may read, encrypted."""

    platform: str
    team: str
    name: str
    sealed: str


class Secrets(Protocol):
    """Encrypted secrets of teams; whoever holds the keys puts them in and reads them (`bot.ports.Vault`)."""

    async def get(self, platform: str, team: str, name: str) -> Secret | None:
        """Return a team's secret of that name."""
        ...

    async def put(self, secret: Secret, now: dt.datetime) -> None:
        """Store it, in place of one that is there."""
        ...

    async def forget(self, platform: str, team: str) -> int:
        """Delete all of a team's; return how many."""
        ...

    async def all(self) -> list[Secret]:
        """Return all of them."""
        ...
