"""Inbound events: each counts once, asked one by one or together; and the teams of a platform."""

import datetime as dt

from storage.database import SqlStore

NOW = dt.datetime(2025, 6, 5, 14, tzinfo=dt.UTC)


async def test_of_several_that_arrive_together_those_are_new_that_had_not_arrived(store: SqlStore) -> None:
    async with store.write() as session:
        assert await session.arrivals.first("slack", "b", NOW)
        assert await session.arrivals.first_of("slack", ["a", "b", "a", "c"], NOW) == {"a", "c"}
        assert await session.arrivals.first_of("slack", ["a", "c"], NOW) == set()
        assert await session.arrivals.first_of("discord", ["a"], NOW) == {"a"}
        assert (
            len(await session.arrivals.first_of("slack", [f"event {number}" for number in range(1_000)], NOW)) == 1_000
        )


async def test_what_is_forgotten_counts_once_more(store: SqlStore) -> None:
    async with store.write() as session:
        assert await session.arrivals.first_of("slack", ["a", "b"], NOW) == {"a", "b"}
        assert await session.arrivals.first_of("discord", ["a"], NOW) == {"a"}
        await session.arrivals.forget("slack", "a")
        assert await session.arrivals.first_of("discord", ["a"], NOW) == set()
        assert await session.arrivals.first_of("slack", ["a", "b"], NOW) == {"a"}


async def test_a_platforms_teams_are_found_by_key(store: SqlStore) -> None:
    async with store.write() as session:
        for platform, team in (("slack", "T2"), ("slack", "T1"), ("discord", "1")):
            await session.teams.welcome(platform, team, "c", "m")
    async with store.read() as session:
        assert [team.key for team in await session.teams.of_platform("slack")] == ["T1", "T2"]


async def test_the_database_tells_its_version(store: SqlStore) -> None:
    name, version = await store.version()
    assert name in ("SQLite", "PostgreSQL")
    assert version.split(".")[0].isdecimal()
