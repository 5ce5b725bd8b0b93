"""What Discord calls teams, channels and members, in the words of the core."""

PLATFORM = "discord"

_OWN = "@"


def guild_key(guild_id: int) -> str:
    """Return the key of a guild's team."""
    return str(guild_id)


def own_key(user_id: int) -> str:
    """Return the key of the team that somebody is for themselves: in a direct message, or where only they have us."""
    return f"{_OWN}{user_id}"


def is_own(team: str) -> bool:
    """Return whether a team is one person alone."""
    return team.startswith(_OWN)
