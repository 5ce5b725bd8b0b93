"""What the core needs of a store for teams, their channels and members, and for what each person follows."""

import datetime as dt
from typing import Protocol

from bot.follow import Follow, Stance
from bot.query import Rule
from bot.team import Caller, Channel, Member, Team


class Follows(Protocol):
    """Everyone's follow lists."""

    async def of(self, person_id: int) -> list[Follow]:
        """Return the person's follows and mutes, in order of number."""
        ...

    async def add(self, person_id: int, rule: Rule, stance: Stance, now: dt.datetime) -> Follow:
        """Store a rule under the person's next number; a number is never used again."""
        ...

    async def remove(self, follow: Follow) -> None:
        """Delete it."""
        ...

    async def set_paused(self, follow: Follow, paused: bool) -> None:
        """Pause or resume it."""
        ...


class Teams(Protocol):
    """Teams, channels and members, as they turn up."""

    async def caller(self, platform: str, team: str, channel: str, member: str) -> Caller | None:
        """Return who that is and where, or None where team, channel or member never turned up."""
        ...

    async def welcome(self, platform: str, team: str, channel: str, member: str) -> Caller:
        """Return the same, storing whatever of the three is new."""
        ...

    async def of_platform(self, platform: str) -> list[Team]:
        """Return all teams of a platform, by key."""
        ...

    async def channel(self, channel_id: int) -> Channel:
        """Return a channel by its id."""
        ...

    async def member(self, member_id: int) -> Member | None:
        """Return a member by id, None where it is gone."""
        ...

    async def set_member_zone(self, member_id: int, zone: str) -> None:
        """Remember the zone in which the member lives."""
        ...

    async def forget(self, platform: str, team: str) -> bool:
        """Delete a team with all that is its own: channels, digests, deliveries, members. False where there is none."""
        ...

    async def set_zone(self, channel_id: int, zone: str) -> None:
        """Remember the zone that was last used in the channel."""
        ...
