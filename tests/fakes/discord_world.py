"""What the fake Discord holds: guilds, roles, members, channels and messages."""

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


class Permission(enum.IntFlag):
    """The permissions a bot like ours meets (https://docs.discord.com/developers/topics/permissions)."""

    NONE = 0
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EXTERNAL_APPS = 1 << 50


ALL = (1 << 53) - 1
ORDINARY = (
    Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES | Permission.EMBED_LINKS | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY | Permission.ADD_REACTIONS | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS | Permission.SEND_MESSAGES_IN_THREADS | Permission.USE_EXTERNAL_APPS
)  # fmt: skip


class Kind(enum.IntEnum):
    """Types of channels."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    NEWS = 5
    NEWS_THREAD = 10
    THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


THREADS = (Kind.NEWS_THREAD, Kind.THREAD, Kind.PRIVATE_THREAD)


class Flag(enum.IntFlag):
    """Flags of a message (https://docs.discord.com/developers/resources/message#message-object-message-flags)."""

    NONE = 0
    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_COMPONENTS_V2 = 1 << 15


@dataclass(slots=True, eq=False)
class User:
    """An account. `has_app`: they installed the app for themselves. `dms_closed`: the bot can't write to them."""

    id: int
    name: str
    is_bot: bool = False
    locale: str = "en-GB"
    has_app: bool = False
    dms_closed: bool = False


@dataclass(slots=True, eq=False)
class Role:
    """A role of a guild."""

    id: int
    name: str
    permissions: int = 0
    mentionable: bool = False
    managed: bool = False
    position: int = 1


@dataclass(slots=True, eq=False)
class Member:
    """A user in a guild."""

    user: User
    roles: set[int] = field(default_factory=set)
    nick: str | None = None


@dataclass(slots=True)
class Overwrite:
    """What a channel allows and denies a role or a member."""

    is_role: bool
    allow: int = 0
    deny: int = 0


@dataclass(slots=True, eq=False)
class Channel:
    """A channel, a thread or a direct conversation, and its messages, the oldest first."""

    id: int
    kind: Kind
    name: str = ""
    guild: "Guild | None" = None
    parent: "Channel | None" = None
    recipient: User | None = None
    owner_id: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: list["Message"] = field(default_factory=list)
    tags: list[Json] = field(default_factory=list)
    applied_tags: list[int] = field(default_factory=list)
    requires_tag: bool = False
    archived: bool = False
    locked: bool = False
    position: int = 0

    @property
    def is_thread(self) -> bool:
        """Whether it is a thread (a forum's post is one)."""
        return self.kind in THREADS


@dataclass(slots=True, eq=False)
class Guild:
    """A guild. `has_bot`: the app is a member. `unavailable`: an outage hides it."""

    id: int
    name: str
    owner: User
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    has_bot: bool = True
    unavailable: bool = False
    locale: str = "en-GB"

    def channel(self, name: str) -> Channel:
        """Return the channel or thread of that name. KeyError where there is none."""
        for channel in self.channels.values():
            if channel.name == name:
                return channel
        raise KeyError(name)


@dataclass(slots=True, eq=False)
class Message:
    """A message as it is now. `pings` is whom it would notify; `seen_by` is the one person of a private answer."""

    id: int
    channel: Channel
    author: User
    sent_at: datetime
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    flags: int = 0
    nonce: str | None = None
    allowed_mentions: Json | None = None
    pings: set[str] = field(default_factory=set)
    edited_at: datetime | None = None
    edits: int = 0
    seen_by: User | None = None
    thread: Channel | None = None
    interaction: Json | None = None
    deleted: bool = False

    @property
    def is_private(self) -> bool:
        """Whether one person alone sees it."""
        return bool(self.flags & Flag.EPHEMERAL)

    @property
    def is_loading(self) -> bool:
        """Whether it still says that the app is thinking."""
        return bool(self.flags & Flag.LOADING)

    @property
    def texts(self) -> list[str]:
        """Return every text that a reader sees, in order: content, embeds, text displays."""
        of_embeds = [str(embed[key]) for embed in self.embeds for key in ("title", "description") if embed.get(key)]
        shown = [part["content"] for part in walk(self.components) if part["type"] == 10]
        return [*([self.content] if self.content else []), *of_embeds, *shown]

    @property
    def text(self) -> str:
        """Return all of it, a line each."""
        return "\n".join(self.texts)

    @property
    def controls(self) -> list[Json]:
        """Return the buttons and menus, in order."""
        return [part for part in walk(self.components) if part["type"] in (2, 3, 5, 6, 7, 8)]

    @property
    def labels(self) -> list[str]:
        """Return what the buttons say, in order."""
        return [part.get("label", "") for part in self.controls if part["type"] == 2]


def walk(components: list[Json]) -> list[Json]:
    """Return components with all that is in them, each before its children."""
    found: list[Json] = []
    for part in components:
        inside = [*part.get("components", ()), *(part[key] for key in ("accessory", "component") if part.get(key))]
        found += [part, *walk(inside)]
    return found
