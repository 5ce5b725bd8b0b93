"""How Discord tells of what it holds: its objects as JSON, with the fields of its OpenAPI description."""

from datetime import UTC, datetime

from tests.fakes.discord_permissions import permissions_of
from tests.fakes.discord_world import Channel, Flag, Guild, Json, Kind, Member, Message, Permission, Role, User

EPOCH_MS = 1_420_070_400_000
JOINED = "2026-01-01T00:00:00+00:00"
_NONES_OF_GUILD = (
    "icon", "description", "home_header", "splash", "discovery_splash", "banner", "application_id", "afk_channel_id",
    "system_channel_id", "widget_channel_id", "max_presences", "vanity_url_code", "rules_channel_id",
    "safety_alerts_channel_id", "public_updates_channel_id", "incidents_data",
)  # fmt: skip


def stamp(at: datetime) -> str:
    """Return a time as Discord writes it."""
    return at.astimezone(UTC).isoformat()


def user_json(user: User) -> Json:
    """Return a user object."""
    return {
        "id": str(user.id), "username": user.name, "discriminator": "0000" if user.is_bot else "0", "avatar": None,
        "global_name": None if user.is_bot else user.name.title(), "public_flags": 0, "flags": 0, "bot": user.is_bot,
        "primary_guild": None,
    }  # fmt: skip


def member_json(guild: Guild, member: Member, channel: Channel | None = None) -> Json:
    """Return a member object; with a channel also what they may do there, as interactions tell."""
    told: Json = {
        "user": user_json(member.user), "nick": member.nick, "avatar": None, "banner": None, "premium_since": None,
        "roles": [str(role) for role in sorted(member.roles)], "joined_at": JOINED, "flags": 0, "pending": False,
        "communication_disabled_until": None, "mute": False, "deaf": False,
    }  # fmt: skip
    if channel is not None:
        told["permissions"] = str(permissions_of(guild, member.user, channel))
    return told


def role_json(role: Role) -> Json:
    """Return a role object."""
    return {
        "id": str(role.id), "name": role.name, "permissions": str(int(role.permissions)), "position": role.position,
        "color": 0, "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}, "hoist": False,
        "managed": role.managed, "mentionable": role.mentionable, "icon": None, "unicode_emoji": None, "flags": 0,
        "description": None,
    }  # fmt: skip


def channel_json(channel: Channel) -> Json:
    """Return a channel object of whatever kind."""
    last = str(channel.messages[-1].id) if channel.messages else None
    told: Json = {"id": str(channel.id), "type": int(channel.kind), "flags": 0, "last_message_id": last}
    if channel.kind is Kind.DM:
        assert channel.recipient is not None
        return told | {"recipients": [user_json(channel.recipient)]}
    assert channel.guild is not None
    told |= {"guild_id": str(channel.guild.id), "name": channel.name, "rate_limit_per_user": 0}
    told["parent_id"] = str(channel.parent.id) if channel.parent else None
    if channel.is_thread:
        return told | _thread_json(channel)
    told |= {"position": channel.position, "nsfw": False, "topic": None}
    told["permission_overwrites"] = [
        {"id": str(of), "type": 0 if one.is_role else 1, "allow": str(int(one.allow)), "deny": str(int(one.deny))}
        for of, one in channel.overwrites.items()
    ]
    if channel.kind is Kind.FORUM:
        told["available_tags"] = channel.tags
        told["flags"] = 1 << 4 if channel.requires_tag else 0
        told |= {"default_reaction_emoji": None, "default_sort_order": None, "default_forum_layout": 0}
        told |= {"default_thread_rate_limit_per_user": 0}
    if channel.kind is Kind.VOICE:
        told |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    return told


def _thread_json(thread: Channel) -> Json:
    since = stamp(datetime.fromtimestamp(((thread.id >> 22) + EPOCH_MS) / 1000, UTC))
    return {
        "owner_id": str(thread.owner_id), "message_count": len(thread.messages), "member_count": 1,
        "total_message_sent": len(thread.messages),
        "applied_tags": [str(tag) for tag in thread.applied_tags],
        "thread_metadata": {
            "archived": thread.archived, "locked": thread.locked, "auto_archive_duration": 4320,
            "archive_timestamp": since, "create_timestamp": since,
        },
    }  # fmt: skip


def guild_json(guild: Guild) -> Json:
    """Return a guild object, as GET /guilds/{id} answers."""
    return dict.fromkeys(_NONES_OF_GUILD) | {
        "id": str(guild.id), "name": guild.name, "owner_id": str(guild.owner.id), "features": [], "region": "europe",
        "afk_timeout": 300, "system_channel_flags": 0, "widget_enabled": False, "verification_level": 0,
        "roles": [role_json(role) for role in guild.roles.values()], "default_message_notifications": 0,
        "mfa_level": 0, "explicit_content_filter": 0, "max_members": 500000, "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25, "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": "en-GB",
        "premium_progress_bar_enabled": False, "nsfw": False, "nsfw_level": 0, "emojis": [], "stickers": [],
    }  # fmt: skip


def guild_create_json(guild: Guild, bot: User) -> Json:
    """Return what GUILD_CREATE carries without the members intent: the guild, its channels, and the bot alone."""
    places = list(guild.channels.values())
    seen = [place for place in places if permissions_of(guild, bot, place) & Permission.VIEW_CHANNEL]
    return guild_json(guild) | {
        "joined_at": JOINED, "large": False, "unavailable": False, "member_count": len(guild.members),
        "members": [member_json(guild, guild.members[bot.id])], "presences": [], "voice_states": [],
        "channels": [channel_json(place) for place in places if not place.is_thread],
        "threads": [channel_json(place) for place in seen if place.is_thread and not place.archived],
        "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
    }  # fmt: skip


def message_json(message: Message) -> Json:
    """Return a message object."""
    users = _pinged_users(message)
    told: Json = {
        "id": str(message.id), "type": 0, "channel_id": str(message.channel.id), "author": user_json(message.author),
        "content": message.content, "embeds": message.embeds, "components": message.components,
        "attachments": message.attachments, "flags": int(message.flags), "timestamp": stamp(message.sent_at),
        "edited_timestamp": stamp(message.edited_at) if message.edited_at else None, "pinned": False, "tts": False,
        "mention_everyone": bool(message.pings & {"everyone", "here"}), "mentions": [user_json(one) for one in users],
        "mention_roles": sorted(one for one in message.pings if _is_role(message, one)),
    }  # fmt: skip
    if message.nonce is not None:
        told["nonce"] = message.nonce
    if message.interaction is not None:
        told |= {"interaction_metadata": message.interaction, "application_id": str(message.author.id)}
        told["webhook_id"] = str(message.author.id)
    if message.thread is not None:
        told["thread"] = channel_json(message.thread)
        told["flags"] |= Flag.HAS_THREAD
    return told


def _is_role(message: Message, one: str) -> bool:
    guild = message.channel.guild
    return guild is not None and one.isdigit() and int(one) in guild.roles


def _pinged_users(message: Message) -> list[User]:
    guild = message.channel.guild
    if guild is None:
        return []
    members = (guild.members.get(int(one)) for one in sorted(message.pings) if one.isdigit())
    return [member.user for member in members if member is not None]
