"""How an operator wants the spellings of organisations to be folded, and how listings spell them."""

import sqlalchemy as sa

from bot.organisations import key
from bot.paper import Paper
from storage.connection import Connection
from storage.paper_reading import read_papers
from storage.schema import listings, organisation_names, papers
from storage.statements import insert_or_update


class SqlOrganisations:
    """The operator's names in their table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def names(self) -> dict[str, str]:
        """Return the name for each key; one that stands for itself is kept apart from a fold of ours."""
        return {row.key: row.name for row in await self._connection.execute(sa.select(organisation_names))}

    async def set_name(self, spelling: str, name: str) -> None:
        """Fold a spelling into a name from now on."""
        values = {"key": key(spelling), "name": name}
        await self._connection.execute(insert_or_update(self._connection, organisation_names), values)

    async def spelled(self) -> dict[str, int]:
        """Return every organisation as listings spell it, with how many papers it has."""
        name = listings.c.organisation
        counted = sa.select(name, sa.func.count(listings.c.paper.distinct()).label("count"))
        rows = await self._connection.execute(counted.where(name.is_not(None)).group_by(name))
        return {row[0]: row[1] for row in rows}

    async def papers_of(self, name: str) -> list[Paper]:
        """Return the papers with a listing that spells it just so."""
        theirs = sa.select(listings.c.paper).where(listings.c.organisation == name)
        query = sa.select(papers).where(papers.c.id.in_(theirs)).order_by(papers.c.id)
        return list((await self._connection.run_sync(lambda blocking: read_papers(blocking, query))).values())
