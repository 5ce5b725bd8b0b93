"""Who asks, and what Discord allows them: it says so with each interaction."""

import asyncio
from typing import Any

import discord

from adapters.discord.buttons import Elsewhere
from adapters.discord.context import Discord
from adapters.discord.names import PLATFORM, guild_key, is_own, own_key
from bot.commands.dispatch import TABLE, find_command
from bot.commands.table import Command
from bot.errors import UserError
from bot.reply import Reply
from bot.team import Who

Interaction = discord.Interaction[Any]

_LOOKED_UP_IN = 8.0
"""Seconds for asking Discord what somebody may do in a channel elsewhere."""

_BOT = Reply(notice="Only people can use me, and Discord says that you are a bot.", ok=False)
_GONE = Reply(notice="That is about a channel that you can't see any more, so nothing was done.", ok=False)
_NOT_TOLD = Reply(notice="Discord did not tell me in time what you may do in that channel; press it again.", ok=False)


async def ask(shared: Discord, interaction: Interaction, line: str, elsewhere: Elsewhere | None = None) -> Reply:
    """Carry out a line for whoever did that, there or in a channel elsewhere. Raises StoreError."""
    if interaction.user.bot:
        return _BOT
    who = who_of(interaction)
    if elsewhere:
        try:
            async with asyncio.timeout(_LOOKED_UP_IN):
                seen = await _who_elsewhere(interaction, elsewhere)
        except TimeoutError:
            return _NOT_TOLD
        if seen is None:
            return _GONE
        who = seen
    if is_own(who.team) and (command := _guilds_own(line)):
        return Reply(
            notice=f"“{command.name}” is for the channels of a server; type it in one, in a server that has me. What"
            " works here: help",
            ok=False,
        )
    return await shared.answer(who, line)


def who_of(interaction: Interaction) -> Who:
    """Return who does something, and where.

    The team is the guild that has us; in a direct message, and where somebody has us for themselves in a guild that
    has not, it is that person alone. Discord tells nobody's time zone.

    In a forum's post that we made, what is done is done to the forum, whose digest it is: a forum itself takes no
    commands. Discord's word on what they may do holds there, too, for a post has its forum's permissions.
    """
    user, guild = interaction.user, guild_of(interaction)
    team = own_key(user.id) if guild is None else guild_key(guild)
    place = forum_of_ours(interaction) or interaction.channel_id
    channel = str(place) if place else own_key(user.id)
    may_configure = guild is not None and not user.bot and _manages(interaction.permissions)
    return Who(PLATFORM, team, channel, str(user.id), may_configure)


def forum_of_ours(interaction: Interaction) -> int | None:
    """Return the forum in whose post something is done, if the post is ours; None in a member's, and elsewhere."""
    post, me = interaction.channel, interaction.client.user
    if not isinstance(post, discord.Thread) or not isinstance(post.parent, discord.ForumChannel):
        return None
    return post.parent_id if me and post.owner_id == me.id else None


def guild_of(interaction: Interaction) -> int | None:
    """Return the guild in which something is done, if it has us: not where somebody only brought us along."""
    if interaction.guild_id is None:
        return None
    has_us = interaction.is_guild_integration() or interaction.client.get_guild(interaction.guild_id) is not None
    return interaction.guild_id if has_us else None


def may_post(interaction: Interaction) -> bool:
    """Return whether something may be posted where it is done, for all to see."""
    if interaction.guild_id is None:
        return True  # a talk of the two, or a group's in which somebody brought us along
    allowed = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    return allowed.send_messages_in_threads if in_thread else allowed.send_messages


def _manages(permissions: discord.Permissions) -> bool:
    return permissions.manage_channels or permissions.administrator


def _guilds_own(line: str) -> Command | None:
    """Return the command of a line, if it is one of those about a guild's channels; all are that begin as one does."""
    try:
        command, _ = find_command(line)
    except UserError:
        return None
    first = command.name.partition(" ")[0]
    siblings = (each for name, each in TABLE.items() if name.startswith(f"{first} "))
    return command if command.configures or any(each.configures for each in siblings) else None


async def _who_elsewhere(interaction: Interaction, elsewhere: Elsewhere) -> Who | None:
    """Return the same person in a channel elsewhere, as Discord has them now; None where they can't see it.

    A direct message comes by the first shard, which need not be the guild's: what is not at hand is asked for.
    """
    client, user = interaction.client, interaction.user
    try:
        guild = client.get_guild(int(elsewhere.team)) or await client.fetch_guild(int(elsewhere.team))
        member = await guild.fetch_member(user.id)
        place = await _channel(guild, int(elsewhere.channel))
        if isinstance(place, discord.Thread):  # which has its parent's permissions
            place = await _channel(guild, place.parent_id)
        allowed = place.permissions_for(member)
    except (discord.NotFound, discord.Forbidden, discord.ClientException):
        return None
    if not allowed.view_channel:
        return None
    return Who(PLATFORM, elsewhere.team, elsewhere.channel, str(user.id), _manages(allowed))


async def _channel(guild: discord.Guild, channel: int) -> discord.abc.GuildChannel | discord.Thread:
    """Return a channel of a guild. Raises discord.NotFound, discord.Forbidden, discord.ClientException."""
    return guild.get_channel_or_thread(channel) or await guild.fetch_channel(channel)
