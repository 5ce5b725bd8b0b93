"""A small cast for the storage tests: some papers, Alice and Bob in a team, and a digest."""

import datetime as dt
from collections.abc import Callable

import pytest

from bot.digest import DigestSettings
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.schedule import Schedule
from bot.team import Caller
from storage.database import SqlStore

NOW = dt.datetime(2025, 6, 12, 7, 30, tzinfo=dt.UTC)
DAY = dt.date(2025, 6, 11)

MakePaper = Callable[..., Paper]


@pytest.fixture
def now() -> dt.datetime:
    """A Thursday morning."""
    return NOW


@pytest.fixture
def day() -> dt.date:
    """The day before it."""
    return DAY


@pytest.fixture
def paper() -> MakePaper:
    """Make a paper of the day by number: `paper(1, votes=5)`."""

    def make(number: int, votes: int | None = 0, day: dt.date = DAY, source: str = "huggingface") -> Paper:
        return Paper(
            id=PaperId.parse(f"arxiv:2506.{number:05}"),
            title=f"Paper {number}",
            authors=("Ada Lovelace",),
            listings=(Listing(source, day, votes=votes, first_seen=NOW),),
            first_seen=NOW,
        )

    return make


@pytest.fixture
async def alice(store: SqlStore) -> Caller:
    """Alice, in #papers of Acme."""
    async with store.write() as session:
        return await session.teams.welcome("slack", "Acme", "#papers", "Alice")


@pytest.fixture
async def bob(store: SqlStore) -> Caller:
    """Bob, in the same channel."""
    async with store.write() as session:
        return await session.teams.welcome("slack", "Acme", "#papers", "Bob")


@pytest.fixture
async def digest(store: SqlStore, alice: Caller) -> DigestSettings:
    """The digest of #papers, next due at `now`."""
    async with store.write() as session:
        return await session.digests.put(
            DigestSettings(
                id=0,
                channel_id=alice.channel.id,
                name="daily",
                schedule=Schedule(dt.time(9, 30), "Europe/Berlin", ("mon", "tue", "wed", "thu", "fri")),
                top=10,
                rule=None,
                created_by=alice.member.id,
                created_at=NOW - dt.timedelta(days=1),
                since=DAY,
                next_due_at=NOW,
            )
        )
