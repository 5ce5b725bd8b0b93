"""People who type while deliveries go wrong: a world of their own on the same store, without workers."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from adapters.cli.wakeups import LocalWakeups
from bot.commands.dispatch import answer
from bot.ports import World
from bot.reply import Reply
from bot.team import Who
from storage.database import open_store
from storage.search_index import TantivyIndex
from tests.faults.far_ends import messenger_to
from tests.faults.ground import TEAM, Ground
from tests.faults.worker import LONG_AGO, FileClock


@asynccontextmanager
async def world_of(ground: Ground, posts: bool = False) -> AsyncIterator[World]:
    """Open a world on the ground's store; without `posts`, it has no messenger, and delivers nothing."""
    store = await open_store(ground.url)
    try:
        index = TantivyIndex(ground.folder / "index", store)
        await index.catch_up()
        async with messenger_to(ground.platform, ground.board.url) as messenger:
            yield World(
                store,
                index,
                FileClock(str(ground.clock)),
                messengers={messenger.platform: messenger} if posts else {},
                wakeups=LocalWakeups(),
                since=LONG_AGO,
                timings=ground.timings,
            )
    finally:
        await store.close()


def who(channel: str, member: str = "alice", team: str = TEAM, platform: str = "board") -> Who:
    """Return somebody who may configure a channel."""
    return Who(platform, team, channel, member, may_configure=True)


def say(ground: Ground, typed: str, channel: str = "c0000", team: str = TEAM) -> Reply:
    """Type something in a channel; return the answer."""
    (reply,) = say_all(ground, [typed], channel, team)
    return reply


def say_all(ground: Ground, lines: Iterable[str], channel: str = "c0000", team: str = TEAM) -> list[Reply]:
    """Type several lines in a channel; return the answers."""

    async def type_them() -> list[Reply]:
        async with world_of(ground) as world:
            return [await answer(world, who(channel, team=team, platform=ground.platform), typed) for typed in lines]

    return asyncio.run(type_them())


def status(ground: Ground, channel: str = "c0000", team: str = TEAM) -> str:
    """Return what `status` tells of the channel's digest."""
    lines = say(ground, "status", channel, team).status or ()
    return next(line.detail for line in lines if line.what == f"digest daily of {channel}")
