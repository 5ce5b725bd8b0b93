"""The feeds that teams name: each team has its own, and one that several have is read once."""

import asyncio
import datetime as dt
from dataclasses import replace

from bot.store_feeds import TeamFeed
from bot.team import Caller
from storage.database import SqlStore, open_store

HOUR = dt.timedelta(hours=1)


async def test_a_feed_that_two_teams_have_is_read_once_and_told_to_both(
    store: SqlStore, alice: Caller, now: dt.datetime
) -> None:
    nature = TeamFeed("https://nature.example/rss", "nature", now)
    blog = TeamFeed("https://blog.example/atom", "blog", now, read_at=now)
    async with store.write() as session:
        other = await session.teams.welcome("slack", "Beta", "#papers", "Zoe")
        for feed in (nature, blog):
            await session.feeds.add(alice.team.id, feed)
        await session.feeds.add(other.team.id, replace(nature, name="journal"))
    async with store.write() as session:
        assert await session.feeds.due(now, 10) == [nature.url], "the blog was read just now"
        assert await session.feeds.due(now + HOUR, 1) == [nature.url]
        await session.feeds.was_read([nature.url], now + HOUR, "it is a web page")
        assert await session.feeds.due(now + HOUR, 10) == [blog.url]
        failed = replace(nature, read_at=now + HOUR, failure="it is a web page")
        assert await session.feeds.of(alice.team.id) == [blog, failed]
        assert await session.feeds.of(other.team.id) == [replace(failed, name="journal")]
        await session.feeds.was_read([nature.url], now + HOUR)
        assert [each.failure for each in await session.feeds.of(alice.team.id)] == [None, None]


async def test_a_name_and_an_address_stand_once_in_a_team(store: SqlStore, alice: Caller, now: dt.datetime) -> None:
    async with store.write() as session:
        for url, name in (("https://a.example", "a"), ("https://b.example", "a"), ("https://b.example", "b")):
            await session.feeds.add(alice.team.id, TeamFeed(url, name, now))
        assert [(each.name, each.url) for each in await session.feeds.of(alice.team.id)] == [("b", "https://b.example")]
        assert await session.feeds.remove(alice.team.id, "b") is True
        assert await session.feeds.remove(alice.team.id, "b") is False


async def test_who_looks_before_adding_waits_for_who_did_before(
    store: SqlStore, store_url: str, alice: Caller, now: dt.datetime
) -> None:
    async def add(where: SqlStore, name: str) -> int:
        async with where.write() as session:
            there = await session.feeds.of(alice.team.id)
            await session.feeds.add(alice.team.id, TeamFeed(f"https://{name}.example", name, now))
            return len(there)

    other = await open_store(store_url)
    try:
        async with store.write() as session:
            assert await session.feeds.of(alice.team.id) == []
            second = asyncio.create_task(add(other, "b"))
            await asyncio.wait([second], timeout=0.3)
            await session.feeds.add(alice.team.id, TeamFeed("https://a.example", "a", now))
        assert await second == 1
    finally:
        await other.close()


async def test_a_team_that_goes_takes_its_feeds_along(store: SqlStore, alice: Caller, now: dt.datetime) -> None:
    async with store.write() as session:
        await session.feeds.add(alice.team.id, TeamFeed("https://a.example", "a", now))
        await session.teams.forget(alice.team.platform, alice.team.key)
        assert await session.feeds.due(now, 10) == []
