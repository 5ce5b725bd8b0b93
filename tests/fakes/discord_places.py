"""The fake Discord's places and people, as tests make and change them: each change reaches who listens."""

from typing import Any

from tests.fakes.discord_shapes import (
    channel_json,
    guild_create_json,
    guild_json,
    member_json,
    role_json,
)  # fmt: skip
from tests.fakes.discord_state import State
from tests.fakes.discord_world import (
    ORDINARY,
    Channel,
    Guild,
    Json,
    Kind,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)


class Places(State):
    """The places and people, and what changes them."""

    # People

    def add_user(self, name: str, **of: Any) -> User:
        """Make an account."""
        user = User(self.new_id(), name, **of)
        self.users[user.id] = user
        return user

    def add_member(self, guild: Guild, user: User | str, *roles: Role, may: int = 0) -> User:
        """Let somebody join; `may` gives them a role of their own with these permissions."""
        user = self.add_user(user) if isinstance(user, str) else user
        member = guild.members[user.id] = Member(user, {role.id for role in roles})
        if may:
            member.roles.add(self.add_role(guild, f"of {user.name}", may).id)
        return user

    # Guilds

    def add_guild(self, name: str = "Lab", guild_id: int | None = None, has_bot: bool = True) -> Guild:
        """Make a guild with its owner, the text channel #papers, and (has_bot) the app in it."""
        guild = Guild(guild_id or self.new_id(), name, self.add_user(f"owner of {name}".lower()), has_bot=has_bot)
        self.guilds[guild.id] = guild
        guild.roles[guild.id] = Role(guild.id, "@everyone", ORDINARY, position=0)
        guild.members[guild.owner.id] = Member(guild.owner)
        if has_bot:
            own = Role(self.new_id(), self.bot.name, ORDINARY, managed=True)
            guild.roles[own.id] = own
            guild.members[self.bot.id] = Member(self.bot, {own.id})
        self._put(Channel(self.new_id(), Kind.TEXT, "papers", guild))
        if has_bot:
            self._tell(guild, "GUILD_CREATE", self._joined(guild))
        return guild

    def kick_bot(self, guild: Guild) -> None:
        """Take the app out of a guild."""
        guild.has_bot = False
        guild.members.pop(self.bot.id, None)
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild.id)

    def invite_bot(self, guild: Guild) -> None:
        """Let the app join a guild, again or for the first time."""
        guild.has_bot = True
        guild.members[self.bot.id] = Member(self.bot)
        self._tell(guild, "GUILD_CREATE", self._joined(guild))

    def hide(self, guild: Guild) -> None:
        """Let a guild become unavailable by an outage: nothing in it can be reached."""
        guild.unavailable = True
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id), "unavailable": True}, guild.id)

    def show(self, guild: Guild) -> None:
        """Let a guild come back from an outage."""
        guild.unavailable = False
        self._tell(guild, "GUILD_CREATE", guild_create_json(guild, self.bot))

    def rename(self, guild: Guild, name: str) -> None:
        """Give a guild another name."""
        guild.name = name
        self._tell(guild, "GUILD_UPDATE", guild_json(guild))

    def add_role(self, guild: Guild, name: str, permissions: int = 0, mentionable: bool = False) -> Role:
        """Make a role."""
        role = Role(self.new_id(), name, permissions, mentionable)
        guild.roles[role.id] = role
        self._tell(guild, "GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": role_json(role)})
        return role

    def change_role(self, guild: Guild, role: Role, permissions: int) -> None:
        """Give a role other permissions; that of @everyone is `guild.roles[guild.id]`."""
        role.permissions = permissions
        self._tell(guild, "GUILD_ROLE_UPDATE", {"guild_id": str(guild.id), "role": role_json(role)})

    def remove_role(self, guild: Guild, role: Role) -> None:
        """Delete a role."""
        del guild.roles[role.id]
        for member in guild.members.values():
            member.roles.discard(role.id)
        self._tell(guild, "GUILD_ROLE_DELETE", {"guild_id": str(guild.id), "role_id": str(role.id)})

    def change_bot(self, guild: Guild, *roles: Role) -> None:
        """Give the app these roles in a guild, instead of those it has."""
        member = guild.members[self.bot.id]
        member.roles = {role.id for role in roles}
        self._tell(guild, "GUILD_MEMBER_UPDATE", member_json(guild, member) | {"guild_id": str(guild.id)})

    # Channels

    def add_channel(self, guild: Guild, name: str, kind: Kind = Kind.TEXT, **of: Any) -> Channel:
        """Make a channel."""
        channel = self._put(Channel(self.new_id(), kind, name, guild, **of))
        self._tell(guild, "CHANNEL_CREATE", channel_json(channel))
        return channel

    def add_thread(self, parent: Channel, name: str, owner: User | None = None, **of: Any) -> Channel:
        """Open a thread, or a post in a forum."""
        assert parent.guild is not None
        kind = Kind.NEWS_THREAD if parent.kind is Kind.NEWS else Kind.THREAD
        owner_id = (owner or parent.guild.owner).id
        of = {"id": self.new_id()} | of
        thread = self._put(Channel(kind=kind, name=name, guild=parent.guild, parent=parent, owner_id=owner_id, **of))
        self._tell(parent.guild, "THREAD_CREATE", channel_json(thread) | {"newly_created": True})
        return thread

    def change_channel(self, channel: Channel, **to: Any) -> None:
        """Change a channel: its name, whether a thread is archived or locked, and so on."""
        for name, value in to.items():
            setattr(channel, name, value)
        assert channel.guild is not None
        name = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
        self._tell(channel.guild, name, channel_json(channel))

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel and its threads."""
        guild = channel.guild
        assert guild is not None
        for thread in [one for one in guild.channels.values() if one.parent is channel and one.is_thread]:
            self.remove_channel(thread)
        del guild.channels[channel.id], self.channels[channel.id]
        for message in channel.messages:
            message.deleted = True
        self._tell(guild, "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE", channel_json(channel))

    def allow(self, channel: Channel, whom: User | Role, permissions: int) -> None:
        """Allow somebody something in a channel."""
        overwrite = self._overwrite(channel, whom)
        overwrite.allow, overwrite.deny = overwrite.allow | permissions, overwrite.deny & ~permissions
        self.change_channel(channel)

    def deny(self, channel: Channel, whom: User | Role, permissions: int) -> None:
        """Forbid somebody something in a channel; `discord.bot` is the app."""
        overwrite = self._overwrite(channel, whom)
        overwrite.deny, overwrite.allow = overwrite.deny | permissions, overwrite.allow & ~permissions
        self.change_channel(channel)

    def direct(self, user: User) -> Channel:
        """Return the conversation between the app and a person."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        return self._put(Channel(self.new_id(), Kind.DM, recipient=user))

    def write(self, channel: Channel, author: User, content: str = "", **of: Any) -> Message:
        """Let a person write something; the app learns of it only where it's asked about it."""
        message = Message(self.new_id(), channel, author, self.now(), content, **of)
        channel.messages.append(message)
        self.messages.append(message)
        return message

    def _overwrite(self, channel: Channel, whom: User | Role) -> Overwrite:
        return channel.overwrites.setdefault(whom.id, Overwrite(isinstance(whom, Role)))

    def _joined(self, guild: Guild) -> Json:
        """A guild that the app has just joined comes without `unavailable`: that tells it from one that is back."""
        told = guild_create_json(guild, self.bot)
        del told["unavailable"]
        return told
