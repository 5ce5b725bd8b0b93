"""Who may do what where in the fake Discord."""

from tests.fakes.discord_world import ALL, Channel, Guild, Member, Overwrite, Permission, User


def permissions_of(guild: Guild, user: User, channel: Channel | None = None) -> int:
    """Return what somebody may do in a guild, or in a channel of it.

    The order is Discord's: https://docs.discord.com/developers/topics/permissions#permission-overwrites
    """
    member = guild.members.get(user.id)
    if member is None:
        return 0
    if guild.owner is user:
        return ALL
    may = guild.roles[guild.id].permissions
    for role in member.roles:
        may |= guild.roles[role].permissions
    if may & Permission.ADMINISTRATOR:
        return ALL
    place = channel.parent if channel is not None and channel.is_thread else channel
    if place is None:
        return may
    for overwrites in _in_order(guild, member, place):
        allowed = denied = 0
        for overwrite in overwrites:
            allowed |= overwrite.allow
            denied |= overwrite.deny
        may = (may & ~denied) | allowed
    return may if may & Permission.VIEW_CHANNEL else 0


def _in_order(guild: Guild, member: Member, place: Channel) -> list[list[Overwrite]]:
    of_everyone = [place.overwrites[guild.id]] if guild.id in place.overwrites else []
    of_roles = [place.overwrites[role] for role in member.roles if role in place.overwrites]
    of_member = [place.overwrites[member.user.id]] if member.user.id in place.overwrites else []
    return [of_everyone, of_roles, of_member]
