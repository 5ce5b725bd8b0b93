"""What the core needs of a store for what people think of papers: the team's votes and saves."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from bot.paper_ids import PaperId
from bot.team import Caller


@dataclass(frozen=True, slots=True)
class Saved:
    """A paper that a member saved, and when."""

    paper: PaperId
    at: dt.datetime


class Opinions(Protocol):
    """What members of a team do with a paper: votes and saves. All of it is set, never toggled."""

    async def vote(self, caller: Caller, paper: PaperId, now: dt.datetime) -> bool:
        """Record the member's vote; False where it was there."""
        ...

    async def unvote(self, caller: Caller, paper: PaperId) -> bool:
        """Take the member's vote back; False where there was none."""
        ...

    async def save(self, caller: Caller, paper: PaperId, now: dt.datetime) -> bool:
        """Keep the paper for the member; False where it was kept."""
        ...

    async def unsave(self, caller: Caller, paper: PaperId) -> bool:
        """Drop it from the member's saved papers; False where it was not there."""
        ...

    async def saved(self, caller: Caller) -> list[Saved]:
        """Return what the member saved, the newest first."""
        ...

    async def votes(self, team_id: int, papers: Collection[PaperId]) -> dict[PaperId, int]:
        """Return the team's votes on those papers; those without are left out."""
        ...

    async def votes_by_team(
        self, team_ids: Collection[int], papers: Collection[PaperId]
    ) -> dict[int, dict[PaperId, int]]:
        """Return the same for several teams; teams without a vote are left out."""
        ...

    async def voters(self, team_id: int, paper: PaperId) -> list[str]:
        """Return the keys of the members who voted for it, the first first."""
        ...

    async def savers(self, team_id: int, paper: PaperId) -> list[str]:
        """Return the keys of the members who saved it, the first first."""
        ...

    async def saved_by(self, team_id: int, member_key: str) -> list[PaperId]:
        """Return what the member of that key (case does not matter) saved, for `by:@name`."""
        ...
