"""Whom a message of the fake Discord notifies."""

import re

from tests.fakes.discord_world import Json

_MENTIONS = re.compile(r"<@!?(?P<user>\d+)>|<@&(?P<role>\d+)>|@(?P<all>everyone|here)")


def pings_of(texts: list[str], allowed: Json | None) -> set[str]:
    """Return whom texts notify: ids of users and roles, "everyone", "here"; no permission is looked at.

    https://docs.discord.com/developers/resources/message#allowed-mentions-object: without it, all that is written.
    """
    allowed = {"parse": ["users", "roles", "everyone"]} if allowed is None else allowed
    parse = allowed.get("parse") or []
    users, roles = ({str(one) for one in allowed.get(key) or ()} for key in ("users", "roles"))
    found = set()
    for match in _MENTIONS.finditer("\n".join(texts)):
        user, role, all_of = match["user"], match["role"], match["all"]
        if user and ("users" in parse or user in users):
            found.add(user)
        elif role and ("roles" in parse or role in roles):
            found.add(role)
        elif all_of and "everyone" in parse:
            found.add(all_of)
    return found
