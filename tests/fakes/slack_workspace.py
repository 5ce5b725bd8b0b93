"""What a Slack workspace holds: people, channels with their messages, private answers, forms."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class User:
    """A person of a workspace, as `users.info` tells."""

    id: str
    name: str
    tz: str | None = "Europe/Berlin"
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_admin: bool = False
    team_id: str | None = None
    """Their own workspace, where it is another one than that of the channel (Slack Connect)."""


@dataclass(slots=True)
class Channel:
    """A channel, who is in it, and its messages, the oldest first."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    archived: bool = False
    messages: list[Json] = field(default_factory=list)
    next_free: float = 0.0


@dataclass(slots=True)
class Workspace:
    """A workspace with our app in it."""

    team: str = "T1"
    enterprise: str | None = None
    token: str = "xoxb-test-token-1"
    bot_user: str = "UBOT"
    scopes: set[str] = field(default_factory=set)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    ephemeral: list[Json] = field(default_factory=list)
    home: dict[str, Json] = field(default_factory=dict)
    modals: list[Json] = field(default_factory=list)
    unfurls: list[Json] = field(default_factory=list)
    revoked: bool = False

    def add_user(self, user: User, *channels: str) -> User:
        """Let somebody join the workspace, and channels of it."""
        self.users[user.id] = user
        for channel in channels:
            self.channels[channel].members.add(user.id)
        return user

    def add_channel(self, channel_id: str, name: str, with_bot: bool = True) -> Channel:
        """Make a channel."""
        channel = self.channels[channel_id] = Channel(channel_id, name)
        if with_bot:
            channel.members.add(self.bot_user)
        return channel
