"""The fake Discord's state, what is asked of it, and what its gateway tells of it first."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from tests.fakes.discord_gateway import Gateway
from tests.fakes.discord_permissions import permissions_of
from tests.fakes.discord_seen import Interaction
from tests.fakes.discord_shapes import (
    EPOCH_MS,
    guild_create_json,
    user_json,
)  # fmt: skip
from tests.fakes.discord_wire import Session
from tests.fakes.discord_world import (
    ORDINARY,
    Channel,
    Guild,
    Json,
    Message,
    Permission,
    User,
)

TOKEN = "MTE.fake.token"
BOT_ID = 1100000000000000001


class State:
    """The state of the platform."""

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self.now = now or (lambda: datetime.now(UTC))
        self._numbers = itertools.count(1)
        self.bot = User(BOT_ID, "paperround", is_bot=True)
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: list[Message] = []
        self.private: list[Message] = []
        self.nonces: dict[str, Message] = {}
        self.interactions: dict[str, Interaction] = {}
        self.commands: dict[int, list[Json]] = {}
        self.syncs: list[tuple[int, list[Json]]] = []
        self.application_flags = 0
        self.installs = (0, 1)
        self.nonce_lives = 300.0
        self.broken: list[str] = []
        self.gateway = Gateway(TOKEN, self._first_events)

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.gateway.token

    def new_id(self) -> int:
        """Return a snowflake of now: later ones are greater."""
        elapsed = int(self.now().timestamp() * 1000) - EPOCH_MS
        return (elapsed << 22) + next(self._numbers)

    # What is asked of it

    def sees(self, channel: Channel) -> bool:
        """Whether the app sees a channel."""
        return bool(self.may(channel) & Permission.VIEW_CHANNEL)

    def may(self, channel: Channel, user: User | None = None) -> int:
        """Return what somebody (the app) may do in a channel."""
        if channel.guild is None:
            return ORDINARY
        return permissions_of(channel.guild, user or self.bot, channel)

    def posted(self, channel: Channel | None = None) -> list[Message]:
        """Return what the app has posted (there) and not deleted, the oldest first; private answers aside."""
        own = [one for one in self.messages if one.author is self.bot and not one.deleted]
        return [one for one in own if channel is None or one.channel is channel]

    @contextmanager
    def expecting_refusals(self) -> Iterator[list[str]]:
        """Collect the rules broken within, instead of failing at the end of the test."""
        before, self.broken = self.broken, []
        try:
            yield self.broken
        finally:
            self.broken = before

    def _put(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        if channel.guild is not None:
            channel.guild.channels[channel.id] = channel
        return channel

    def _tell(self, guild: Guild, name: str, data: Json) -> None:
        if guild.has_bot and not guild.unavailable:
            self.gateway.dispatch(name, data, guild.id)

    def _first_events(self, session: Session) -> list[tuple[str, Any]]:
        """READY names the guilds as unavailable; each then comes by itself, an outage aside."""
        mine = [guild for guild in self.guilds.values() if guild.has_bot and session.covers(guild.id)]
        ready = {
            "v": 10, "user": user_json(self.bot) | {"verified": True, "mfa_enabled": True, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in mine],
            "session_id": session.id, "shard": list(session.shard), "resume_gateway_url": self.gateway_url,
            "application": {"id": str(self.bot.id), "flags": self.application_flags},
            "private_channels": [], "user_settings": {}, "relationships": [], "_trace": [],
        }  # fmt: skip
        there = [guild for guild in mine if not guild.unavailable]
        return [("READY", ready), *(("GUILD_CREATE", guild_create_json(guild, self.bot)) for guild in there)]

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        raise NotImplementedError
