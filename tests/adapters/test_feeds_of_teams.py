"""Feeds of teams, read each hour: none keeps another waiting."""

import datetime as dt
from pathlib import Path

import pytest

from adapters.cli.clock import SetClock
from adapters.cli.feeds import FeedsOfTheWeb, read_feeds
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from bot.errors import PaperRoundError, SourceError, StoreError
from bot.ports import World
from bot.store_feeds import TeamFeed

NOW = dt.datetime(2025, 6, 12, 9, tzinfo=dt.UTC)
FIRST, SECOND = "https://a.example/feed", "https://b.example/feed"


@pytest.mark.parametrize("failure", [SourceError("It is a web page."), StoreError("It can't be stored.")])
async def test_a_feed_that_fails_keeps_no_other_one_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: PaperRoundError
) -> None:
    async def news(_: object, __: World, url: str) -> None:
        if url == FIRST:
            raise failure

    monkeypatch.setattr(FeedsOfTheWeb, "news", news)
    async with open_world(Settings(data_dir=tmp_path, database_url=""), SetClock(NOW)) as world:
        async with world.store.write() as session:
            alice = await session.teams.welcome("slack", "Acme", "#papers", "Alice")
            for url, name in ((FIRST, "a"), (SECOND, "b")):
                await session.feeds.add(alice.team.id, TeamFeed(url, name, NOW))
        await read_feeds(world)
        async with world.store.read() as session:
            feeds = await session.feeds.of(alice.team.id)
    assert [(each.failure, each.read_at) for each in feeds] == [(str(failure), NOW), (None, NOW)]
