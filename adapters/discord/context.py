"""What all listeners share: the world, how Discord is reached, and what is known of what arrived."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from adapters.discord.names import PLATFORM
from adapters.discord.recent import Recent
from adapters.discord.remembering import Remembering
from adapters.discord.responses import Responses
from bot.arrivals import Arrivals
from bot.commands.dispatch import answer
from bot.ports import World
from bot.reply import Reply
from bot.team import Who
from bot.vote_edits import VoteEdits


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    """How Discord is reached. Shards: those of this process and how many there are in all; as Discord says, if none
    are named."""

    token: str = field(default="", repr=False)
    api_url: str = "https://discord.com/api/v10"
    gateway_url: str = "wss://gateway.discord.gg/"
    shard_ids: tuple[int, ...] = ()
    shard_count: int | None = None
    guilds_within: float = 2.0
    """Seconds without a further guild after which all are believed to have come."""


@dataclass(frozen=True, slots=True)
class Discord:
    """What the listeners are given."""

    world: World
    settings: DiscordSettings
    edits: VoteEdits | None = None
    under_way: "set[asyncio.Task[Any]]" = field(default_factory=set, init=False, repr=False)
    """The tasks that answer something."""

    recent: Recent = field(init=False, repr=False)
    responses: Responses = field(init=False, repr=False)
    _arrivals: Arrivals = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "recent", Recent(self.world))
        object.__setattr__(self, "responses", Responses(self.settings.api_url))
        object.__setattr__(self, "_arrivals", Arrivals(self.world, PLATFORM))

    async def answer(self, who: Who, line: str) -> Reply:
        """Carry out what somebody typed or pressed."""
        reply = await answer(self.world, who, line)
        self.recent.saw(who, reply)
        return reply

    async def first(self, event: str) -> bool:
        """Return whether this arrived for the first time: after a lost connection, Discord sends again."""
        return await self._arrivals.first(event)

    async def forget(self, event: str) -> None:
        """Let what arrived count as new once more: what was to be done for it failed."""
        await self._arrivals.forget(event)

    def remembering(self, team: str) -> Remembering:
        """Return where a team's long commands are kept."""
        return Remembering(self.world, team)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Within the block, something is being answered."""
        task = asyncio.current_task()
        assert task is not None  # who answers is a coroutine
        self.under_way.add(task)
        try:
            yield
        finally:
            self.under_way.discard(task)
