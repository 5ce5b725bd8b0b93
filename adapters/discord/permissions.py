"""The permissions that the bot needs in a guild, each with its reason; and which of them it has in a channel.

https://docs.discord.com/developers/topics/permissions
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import discord

from adapters.discord.rest import Answer, Rest

NEEDS: Final[Mapping[str, str]] = {
    "view_channel": "to see the channels that digests are for",
    "send_messages": "to post digests; in a forum, posts",
    "create_public_threads": "to open a digest's thread for the abstracts",
    "send_messages_in_threads": "to post the abstracts there",
    "read_message_history": "to see whether a digest arrived, so that none comes twice",
}
"""All that is asked for when the bot is invited, by discord.py's names."""

PERMISSIONS: Final = discord.Permissions(**dict.fromkeys(NEEDS, True))
"""The same as Discord counts them."""


class RefusedError(Exception):
    """Something that had to be known first was refused."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def value_of(answer: Answer, kind: type[Any] = dict) -> Any:
    """Return what was asked for. Raises RefusedError where that is not what came."""
    if not answer.ok or not isinstance(answer.value, kind):
        raise RefusedError(answer)
    return answer.value


async def allowed_in(rest: Rest, team: str, channel: Mapping[str, Any]) -> discord.Permissions:
    """Return what the bot may do in a channel, given as Discord tells of it; a thread has its parent's rules.

    Raises RefusedError and `BROKEN`.
    """
    me = str(value_of(await rest.ask("GET", "/users/@me"))["id"])
    guild = value_of(await rest.ask("GET", f"/guilds/{team}"))
    member = value_of(await rest.ask("GET", f"/guilds/{team}/members/{me}"))
    place = channel
    if "permission_overwrites" not in channel and channel.get("parent_id"):
        place = value_of(await rest.ask("GET", f"/channels/{channel['parent_id']}"))
    roles = {team, *map(str, member.get("roles") or ())}
    return _reckoned(guild, me, roles, place.get("permission_overwrites") or ())


def _reckoned(
    guild: Mapping[str, Any], me: str, roles: set[str], overwrites: Iterable[Mapping[str, Any]]
) -> discord.Permissions:
    """Return a member's permissions: the roles', then what the channel says of everybody, of roles, and of the member.

    https://docs.discord.com/developers/topics/permissions#permission-overwrites
    """
    everything = discord.Permissions.all().value
    base = 0
    for role in guild.get("roles") or ():
        base |= int(role["permissions"]) if str(role["id"]) in roles else 0
    if str(guild.get("owner_id")) == me or discord.Permissions(base).administrator:
        return discord.Permissions(everything)
    everybody = str(guild["id"])
    for of in ({everybody}, roles - {everybody}, {me}):
        meant = [each for each in overwrites if str(each["id"]) in of]
        for each in meant:
            base &= ~int(each["deny"])
        for each in meant:
            base |= int(each["allow"])
    found = discord.Permissions(base)
    return found if found.view_channel else discord.Permissions.none()


def lacking(found: discord.Permissions, needless: Collection[str] = ()) -> list[str]:
    """Return the needed permissions that are not there, in Discord's words; not those that a place does not need."""
    needed = [name for name in NEEDS if name not in needless]
    return [name.replace("_", " ").title() for name in needed if not getattr(found, name)]
