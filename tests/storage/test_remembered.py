"""What is kept for a platform under a name: each team's own, until nobody has used it for long."""

import datetime as dt

from storage.database import SqlStore

NOW = dt.datetime(2025, 6, 5, 14, tzinfo=dt.UTC)


async def test_what_is_kept_is_the_teams_own(store: SqlStore) -> None:
    async with store.write() as session:
        await session.remembered.put("discord", "1", "a", "follow agents", NOW)
        await session.remembered.put("discord", "1", "a", "follow vision", NOW)
        await session.remembered.put("discord", "2", "b", "follow speech", NOW)
    async with store.read() as session:
        assert await session.remembered.get("discord", "1", "a") == "follow vision"
        assert await session.remembered.get("discord", "2", "a") is None
        assert await session.remembered.get("slack", "1", "a") is None
    async with store.write() as session:
        assert await session.remembered.forget("discord", "1") == 1
        assert await session.remembered.get("discord", "1", "a") is None
        assert await session.remembered.get("discord", "2", "b") == "follow speech"


async def test_the_longest_kept_goes_first_a_little_at_a_time(store: SqlStore) -> None:
    async with store.write() as session:
        for day in range(5):
            await session.remembered.put("discord", "1", f"{day}", "x", NOW + dt.timedelta(days=day))
        assert await session.remembered.prune(NOW + dt.timedelta(days=4), 3) == 3
        assert await session.remembered.get("discord", "1", "2") is None
        assert await session.remembered.prune(NOW + dt.timedelta(days=4), 3) == 1
        assert await session.remembered.get("discord", "1", "4") == "x"
