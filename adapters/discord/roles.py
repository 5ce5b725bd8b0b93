"""The roles of guilds, one of which a digest may mention."""

import re
from collections.abc import Callable

import discord

from bot import text
from bot.errors import UserError

_TYPED = re.compile(r"(?:<@&)?(?P<id>[0-9]{15,20})>?")

ClientNow = Callable[[], discord.Client | None]
"""Gives the client that is connected now, if there is one."""


class DiscordRoles:
    """Implements `bot.roles.Roles` with what the client has at hand."""

    def __init__(self, client: ClientNow) -> None:
        self._client = client

    def chosen(self, team: str, typed: str) -> str:
        """Return the id of the role that was typed. Raises UserError where it is none, is everybody's, or tells nobody.

        Where the guild is not at hand (another process has its shard), any id is taken: Discord then tells nobody.
        """
        found = _TYPED.fullmatch(typed.strip())
        if found is None:
            raise UserError(
                f"“{text.shown(typed)}” is no role; type @ and choose one, or write its id; or mention:off."
            )
        if found["id"] == team:
            raise UserError("A digest never mentions everybody; choose the role of those who want it, or mention:off.")
        client = self._client()
        guild = client.get_guild(int(team)) if client else None
        if guild is not None and not guild.unavailable:
            role = guild.get_role(int(found["id"]))
            if role is None:
                raise UserError("There is no such role in this server; type @ and choose one, or mention:off.")
            if not may_mention(role):
                raise UserError(
                    f"“{text.shown(role.name)}” can't be mentioned by me, so nobody would be told. In Server Settings,"
                    " Roles, allow anyone to mention it, and set it again; or choose another role."
                )
        return found["id"]


def mentionable(guild: discord.Guild | None) -> list[discord.Role]:
    """Return the roles of a guild that a digest can mention, the highest first; none where the guild is not at hand."""
    roles = [role for role in guild.roles if not role.is_default() and may_mention(role)] if guild else []
    return sorted(roles, key=lambda role: -role.position)


def may_mention(role: discord.Role) -> bool:
    """Return whether a mention of ours notifies a role: anyone may mention it, or the bot may mention all."""
    me = role.guild.me
    return role.mentionable or bool(me and me.guild_permissions.mention_everyone)
