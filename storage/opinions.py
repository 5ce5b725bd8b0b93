"""What members do with papers: votes and saves."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa

from bot.paper_ids import PaperId
from bot.store_opinions import Saved
from bot.team import Caller
from storage.connection import Connection
from storage.paper_names import row_of
from storage.schema import members, paper_ids, papers, saves, team_votes
from storage.statements import insert_missing, portions


class SqlOpinions:
    """Votes and saves in their tables. Any name of a paper will do."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def vote(self, caller: Caller, paper: PaperId, now: dt.datetime) -> bool:
        """Record the member's vote; False where it was there."""
        return await self._set(team_votes, caller, paper, now)

    async def unvote(self, caller: Caller, paper: PaperId) -> bool:
        """Take the member's vote back; False where there was none."""
        return await self._unset(team_votes, caller, paper)

    async def save(self, caller: Caller, paper: PaperId, now: dt.datetime) -> bool:
        """Keep the paper for the member; False where it was kept."""
        return await self._set(saves, caller, paper, now)

    async def unsave(self, caller: Caller, paper: PaperId) -> bool:
        """Drop it from the member's saved papers; False where it was not there."""
        return await self._unset(saves, caller, paper)

    async def saved(self, caller: Caller) -> list[Saved]:
        """Return what the member saved, the newest first."""
        kept = sa.select(papers.c.key, saves.c.at).join(papers, papers.c.id == saves.c.paper)
        newest_first = kept.where(saves.c.member == caller.member.id).order_by(saves.c.at.desc(), papers.c.key)
        return [Saved(PaperId.parse(row.key), row.at) for row in await self._connection.execute(newest_first)]

    async def votes(self, team_id: int, papers: Collection[PaperId]) -> dict[PaperId, int]:
        """Return the team's votes on those papers; those without are left out."""
        return (await self.votes_by_team([team_id], papers)).get(team_id, {})

    async def votes_by_team(
        self, team_ids: Collection[int], papers: Collection[PaperId]
    ) -> dict[int, dict[PaperId, int]]:
        """Return the same for several teams; teams without a vote are left out."""
        found: defaultdict[int, dict[PaperId, int]] = defaultdict(dict)
        for keys in portions(map(str, papers)):
            for row in await self._connection.execute(_COUNTED, {"teams": list(team_ids), "keys": keys}):
                found[row.team][PaperId.parse(row.key)] = row.votes
        return dict(found)

    async def voters(self, team_id: int, paper: PaperId) -> list[str]:
        """Return the keys of the members who voted for it, the first first."""
        return await self._members(team_votes, team_id, paper)

    async def savers(self, team_id: int, paper: PaperId) -> list[str]:
        """Return the keys of the members who saved it, the first first."""
        return await self._members(saves, team_id, paper)

    async def saved_by(self, team_id: int, member_key: str) -> list[PaperId]:
        """Return what the member of that key (case does not matter) saved, for `by:@name`."""
        kept = (
            sa.select(papers.c.key)
            .join(saves, saves.c.paper == papers.c.id)
            .join(members, members.c.id == saves.c.member)
            .where(members.c.team == team_id, members.c.folded_key == member_key.casefold())
            .order_by(saves.c.at.desc(), papers.c.key)
        )
        return [PaperId.parse(key) for key in (await self._connection.execute(kept)).scalars()]

    async def _set(self, table: sa.Table, caller: Caller, paper: PaperId, now: dt.datetime) -> bool:
        row = await row_of(self._connection, paper)
        insert = insert_missing(self._connection, table).values(member=caller.member.id, paper=row, at=now)
        return (await self._connection.execute(insert)).rowcount == 1

    async def _unset(self, table: sa.Table, caller: Caller, paper: PaperId) -> bool:
        row = await row_of(self._connection, paper)
        theirs = sa.delete(table).where(table.c.member == caller.member.id, table.c.paper == row)
        return (await self._connection.execute(theirs)).rowcount == 1

    async def _members(self, table: sa.Table, team_id: int, paper: PaperId) -> list[str]:
        named = (
            sa.select(members.c.key)
            .join(table, table.c.member == members.c.id)
            .join(paper_ids, paper_ids.c.paper == table.c.paper)
            .where(paper_ids.c.key == str(paper), members.c.team == team_id)
            .order_by(table.c.at, members.c.id)
        )
        return list((await self._connection.execute(named)).scalars())


_COUNTED = (  # built once, for every list of papers asks
    sa.select(members.c.team, paper_ids.c.key, sa.func.count().label("votes"))
    .join(team_votes, team_votes.c.paper == paper_ids.c.paper)
    .join(members, members.c.id == team_votes.c.member)
    .where(members.c.team.in_(sa.bindparam("teams", expanding=True)))
    .where(paper_ids.c.key.in_(sa.bindparam("keys", expanding=True)))
    .group_by(members.c.team, paper_ids.c.key)
)
