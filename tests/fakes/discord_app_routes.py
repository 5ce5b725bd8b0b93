"""The fake Discord's routes about the app, its commands, guilds and their members."""

from tests.fakes.discord_command_rules import faults_of_commands
from tests.fakes.discord_places import Places
from tests.fakes.discord_posting import RefusedError, invalid, missing
from tests.fakes.discord_rest import Answer, Asked, Handler
from tests.fakes.discord_shapes import channel_json, guild_json, member_json, role_json, user_json
from tests.fakes.discord_world import Guild, Json


def me(places: Places, asked: Asked) -> Answer:
    """GET /users/@me."""
    return 200, user_json(places.bot) | {"verified": True, "mfa_enabled": True, "locale": "en-GB", "email": None}


def application(places: Places, asked: Asked) -> Answer:
    """GET /applications/@me."""
    owner = next(iter(places.users.values()))
    return 200, {
        "id": str(places.bot.id), "name": places.bot.name, "icon": None, "description": "", "type": None,
        "bot": user_json(places.bot), "owner": user_json(owner), "team": None, "verify_key": "0" * 64,
        "flags": places.application_flags, "flags_new": str(places.application_flags), "redirect_uris": [],
        "interactions_endpoint_url": None, "role_connections_verification_url": None, "bot_public": True,
        "bot_require_code_grant": False, "explicit_content_filter": 0, "eligible_oauth2_scopes": [],
        "approximate_guild_count": len(places.guilds), "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0, "hook": True, "rpc_origins": [],
        "integration_types_config": {str(kind): {} for kind in places.installs},
    }  # fmt: skip


def gateway_bot(places: Places, asked: Asked) -> Answer:
    """GET /gateway/bot."""
    gateway = places.gateway
    limit = {"total": 1000, "remaining": 1000 - len(gateway.identifies), "reset_after": 14400000}
    limit["max_concurrency"] = gateway.max_concurrency
    return 200, {"url": places.gateway_url, "shards": gateway.shards_wanted, "session_start_limit": limit}


# Commands


def list_commands(places: Places, asked: Asked) -> Answer:
    """GET the commands, global ones or a guild's."""
    return 200, places.commands.get(_of_app(places, asked), [])


def set_commands(places: Places, asked: Asked) -> Answer:
    """PUT all commands at once, global ones or a guild's; those that stay as they were keep their id and version."""
    of = _of_app(places, asked)
    commands: list[Json] = asked.body or []
    if faults := faults_of_commands(commands):
        raise invalid(places, faults)
    before = {(one["type"], one["name"]): one for one in places.commands.get(of, [])}
    kept = [_command(places, command, before, of) for command in commands]
    places.commands[of] = kept
    places.syncs.append((of, commands))
    return 200, kept


def _of_app(places: Places, asked: Asked) -> int:
    """Return the guild whose commands are meant, 0 for the global ones."""
    if int(asked.params["application_id"]) != places.bot.id:
        raise RefusedError(403, 20012, "You are not authorized to perform this action on this application")
    guild_id = int(asked.params.get("guild_id", 0))
    if guild_id and (guild_id not in places.guilds or not places.guilds[guild_id].has_bot):
        raise RefusedError(403, 50001, "Missing Access")
    return guild_id


def _command(places: Places, command: Json, before: dict[tuple[int, str], Json], guild_id: int) -> Json:
    kind = command.get("type") or 1
    needed = command.get("default_member_permissions")
    told: Json = {key: value for key, value in command.items() if value is not None} | {
        "type": kind, "description": command.get("description") or "", "application_id": str(places.bot.id),
        "default_member_permissions": None if needed is None else str(needed), "nsfw": bool(command.get("nsfw")),
    }  # fmt: skip
    if guild_id:
        told["guild_id"] = str(guild_id)
        told.pop("contexts", None)
    else:
        told["contexts"] = command.get("contexts")
        told["dm_permission"] = command.get("contexts") is None or 1 in command["contexts"]
    told["integration_types"] = command.get("integration_types") or [0]
    old = before.get((kind, command["name"]), {})
    if {**old, "id": None, "version": None} == {**told, "id": None, "version": None}:
        return old
    return told | {"id": old.get("id") or str(places.new_id()), "version": str(places.new_id())}


# Guilds


def _guild(places: Places, asked: Asked) -> Guild:
    guild = places.guilds.get(int(asked.params["guild_id"]))
    if guild is None or not guild.has_bot:
        raise missing("Guild", 10004)
    if guild.unavailable:
        raise RefusedError(503, 0, "Service Unavailable")
    return guild


def get_guild(places: Places, asked: Asked) -> Answer:
    """GET a guild."""
    return 200, guild_json(_guild(places, asked))


def guild_channels(places: Places, asked: Asked) -> Answer:
    """GET a guild's channels; threads are not among them."""
    return 200, [channel_json(one) for one in _guild(places, asked).channels.values() if not one.is_thread]


def active_threads(places: Places, asked: Asked) -> Answer:
    """GET a guild's open threads that the app sees."""
    threads = [one for one in _guild(places, asked).channels.values() if one.is_thread and not one.archived]
    seen = [channel_json(one) for one in threads if places.sees(one)]
    return 200, {"threads": seen, "members": [], "has_more": False}


def roles(places: Places, asked: Asked) -> Answer:
    """GET a guild's roles."""
    return 200, [role_json(role) for role in _guild(places, asked).roles.values()]


def member(places: Places, asked: Asked) -> Answer:
    """GET a member of a guild, `@me` being the app."""
    guild, of = _guild(places, asked), asked.params.get("user_id", "@me")
    found = guild.members.get(places.bot.id if of == "@me" else int(of))
    if found is None:
        raise missing("Member", 10007)
    return 200, member_json(guild, found)


def user(places: Places, asked: Asked) -> Answer:
    """GET a user."""
    found = places.users.get(int(asked.params["user_id"]))
    if found is None:
        raise missing("User", 10013)
    return 200, user_json(found)


def leave_guild(places: Places, asked: Asked) -> Answer:
    """DELETE the app's own membership."""
    places.kick_bot(_guild(places, asked))
    return 204, None


_GUILD, _APP = "/guilds/{guild_id}", "/applications/{application_id}"
ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/users/@me"): me,
    ("GET", "/users/{user_id}"): user,
    ("DELETE", "/users/@me/guilds/{guild_id}"): leave_guild,
    ("GET", "/applications/@me"): application,
    ("GET", "/oauth2/applications/@me"): application,
    ("GET", "/gateway/bot"): gateway_bot,
    ("GET", f"{_APP}/commands"): list_commands,
    ("PUT", f"{_APP}/commands"): set_commands,
    ("GET", f"{_APP}/guilds/{{guild_id}}/commands"): list_commands,
    ("PUT", f"{_APP}/guilds/{{guild_id}}/commands"): set_commands,
    ("GET", _GUILD): get_guild,
    ("GET", f"{_GUILD}/channels"): guild_channels,
    ("GET", f"{_GUILD}/threads/active"): active_threads,
    ("GET", f"{_GUILD}/roles"): roles,
    ("GET", f"{_GUILD}/members/{{user_id}}"): member,
}
