"""Teams, channels, members and the people behind them."""

from typing import Any

import sqlalchemy as sa

from bot.errors import StoreError
from bot.team import Caller, Channel, Member, Team
from storage.connection import Connection
from storage.holding import hold
from storage.schema import channels, members, people, teams
from storage.statements import insert_missing


class SqlTeams:
    """Whoever turned up, in tables."""

    def __init__(self, connection: Connection, changing: bool) -> None:
        self._connection = connection
        self._changing = changing

    async def caller(self, platform: str, team: str, channel: str, member: str) -> Caller | None:
        """Return who that is and where, or None where team, channel or member never turned up."""
        names = {"platform": platform, "team_key": team, "channel_key": channel, "member_key": member}
        row = (await self._connection.execute(_CALLER, names)).one_or_none()
        if row is None:
            return None
        return Caller(
            Team(row.team, platform, team),
            Channel(row.channel, row.team, channel, row.channel_zone),
            Member(row.member, row.team, row.person, member, row.member_zone),
        )

    async def welcome(self, platform: str, team: str, channel: str, member: str) -> Caller:
        """Return the same, storing whatever of the three is new."""
        if known := await self.caller(platform, team, channel, member):
            return known
        team_id = await self._team(platform, team)
        await self._connection.execute(insert_missing(self._connection, channels).values(team=team_id, key=channel))
        await self._meet(team_id, member)
        newcomer = await self.caller(platform, team, channel, member)
        assert newcomer is not None  # all three are there now
        return newcomer

    async def of_platform(self, platform: str) -> list[Team]:
        """Return all teams of a platform, by key."""
        theirs = sa.select(teams.c.id, teams.c.key).where(teams.c.platform == platform).order_by(teams.c.key)
        return [Team(row.id, platform, row.key) for row in await self._connection.execute(theirs)]

    async def channel(self, channel_id: int) -> Channel:
        """Return a channel by its id; in a change, it stays so until its end. Raises StoreError where there is none."""
        if self._changing:
            await hold(self._connection, sa.select(channels.c.id).where(channels.c.id == channel_id))
        row = (await self._connection.execute(sa.select(channels).where(channels.c.id == channel_id))).one_or_none()
        if row is None:
            raise StoreError(f"The store has no channel {channel_id}.")
        return channel_of(row)

    async def member(self, member_id: int) -> Member | None:
        """Return a member by id, None where it is gone."""
        row = (await self._connection.execute(sa.select(members).where(members.c.id == member_id))).one_or_none()
        return None if row is None else Member(row.id, row.team, row.person, row.key, row.zone)

    async def set_zone(self, channel_id: int, zone: str) -> None:
        """Remember the zone that was last used in the channel."""
        await self._connection.execute(sa.update(channels).where(channels.c.id == channel_id).values(zone=zone))

    async def set_member_zone(self, member_id: int, zone: str) -> None:
        """Remember the zone in which the member lives."""
        await self._connection.execute(sa.update(members).where(members.c.id == member_id).values(zone=zone))

    async def forget(self, platform: str, team: str) -> bool:
        """Delete a team with all that is its own: channels, digests, deliveries, members. False where there is none."""
        theirs = sa.delete(teams).where(teams.c.platform == platform, teams.c.key == team)
        return (await self._connection.execute(theirs)).rowcount == 1

    async def _team(self, platform: str, key: str) -> int:
        """Return the id of a team, new or known."""
        await self._connection.execute(insert_missing(self._connection, teams).values(platform=platform, key=key))
        named = sa.select(teams.c.id).where(teams.c.platform == platform, teams.c.key == key)
        found: int = (await self._connection.execute(named)).scalar_one()
        return found

    async def _meet(self, team_id: int, key: str) -> None:
        """Store a member that is new, and the person behind. Newcomers of one team come one by one."""
        await hold(self._connection, sa.select(teams.c.id).where(teams.c.id == team_id))
        theirs = sa.select(members.c.id).where(members.c.team == team_id, members.c.key == key)
        if (await self._connection.execute(theirs)).first() is None:
            born = sa.insert(people).values(last_follow=0).returning(people.c.id)
            person = (await self._connection.execute(born)).scalar_one()
            await self._connection.execute(
                sa.insert(members).values(team=team_id, person=person, key=key, folded_key=key.casefold())
            )


def channel_of(row: sa.Row[Any]) -> Channel:
    """Return the channel of a row of its table."""
    return Channel(row.id, row.team, row.key, row.zone)


_CALLER = (  # built once, for it is asked with every command, and building it took 0.3 ms
    sa.select(
        teams.c.id.label("team"),
        channels.c.id.label("channel"),
        channels.c.zone.label("channel_zone"),
        members.c.id.label("member"),
        members.c.zone.label("member_zone"),
        members.c.person,
    )
    .join(channels, channels.c.team == teams.c.id)
    .join(members, members.c.team == teams.c.id)
    .where(teams.c.platform == sa.bindparam("platform"), teams.c.key == sa.bindparam("team_key"))
    .where(channels.c.key == sa.bindparam("channel_key"), members.c.key == sa.bindparam("member_key"))
)
