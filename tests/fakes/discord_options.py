"""Commands as Discord's client offers them: who sees which, and what is sent when one is run."""

from collections.abc import Sequence
from typing import Any

from tests.fakes.discord_permissions import permissions_of
from tests.fakes.discord_places import Places
from tests.fakes.discord_shapes import channel_json, member_json, role_json, user_json
from tests.fakes.discord_world import Channel, Json, Kind, Permission, Role, User

_INSIDE = (1, 2)
_TYPES: dict[int, type | tuple[type, ...]] = {
    3: str, 4: int, 5: bool, 6: User, 7: Channel, 8: Role, 9: (User, Role), 10: (int, float),
}  # fmt: skip


def offered(places: Places, user: User, channel: Channel, name: str, kind: int) -> Json | str:
    """Return a command as somebody finds it in a channel, or why they don't.

    https://docs.discord.com/developers/interactions/application-commands#contexts, #permissions
    """
    guild = channel.guild
    of_guild = places.commands.get(guild.id, []) if guild else []
    found = [one for one in (*of_guild, *places.commands.get(0, [])) if (one["name"], one["type"]) == (name, kind)]
    if not found:
        return "no such command is synced"
    command = found[0]
    context = 0 if guild else (1 if channel.kind is Kind.DM else 2)
    if command.get("contexts") is not None and context not in command["contexts"]:
        return f"its contexts are {command['contexts']}"
    by_guild = (guild.has_bot if guild else channel.kind is Kind.DM) and 0 in command["integration_types"]
    by_user = user.has_app and 1 in command["integration_types"]
    if not by_guild and not by_user:
        return "the app isn't installed there for this command"
    if guild is None:
        return command
    may = permissions_of(guild, user, channel)
    if not may & Permission.VIEW_CHANNEL or not may & Permission.USE_APPLICATION_COMMANDS:
        return "they may not use commands there"
    needed = command["default_member_permissions"]
    if by_guild and needed is not None and not _has(may, int(needed)):
        return f"it needs the permissions {needed}"
    return command


def _has(may: int, needed: int) -> bool:
    """Whether the permissions are there; "0" is for administrators alone."""
    return bool(may & Permission.ADMINISTRATOR) or (needed != 0 and may & needed == needed)


def command_data(
    command: Json, line: str, options: dict[str, Any], channel: Channel, focused: str | None = None
) -> Json:
    """Return an interaction's `data`: the way to the subcommand and its options, in the order they were typed."""
    path = line.split()[1:]
    level = command.get("options") or []
    steps = []
    for name in path:
        step = next((one for one in level if one["name"] == name and one["type"] in _INSIDE), None)
        assert step is not None, f"/{line}: {name!r} is none of {[one['name'] for one in level]}"
        steps.append(step)
        level = step.get("options") or []
    assert not any(one["type"] in _INSIDE for one in level), f"/{line}: one of {[one['name'] for one in level]} is next"
    told = _told_options(line, level, options, focused)
    for step in reversed(steps):
        told = [{"name": step["name"], "type": step["type"], "options": told}]
    data: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": told}
    things = [value for value in options.values() if isinstance(value, User | Role | Channel)]
    if things:
        data["resolved"] = resolved_of(things, channel)
    return data | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})


def _told_options(line: str, known: Sequence[Json], options: dict[str, Any], focused: str | None) -> list[Json]:
    by_name = {one["name"]: one for one in known}
    assert set(options) <= set(by_name), f"/{line} has the options {list(by_name)}, not {list(options)}"
    missing = [one["name"] for one in known if one.get("required") and one["name"] not in options]
    assert focused is not None or not missing, f"/{line} needs {missing}"
    told = []
    for name, value in options.items():
        option, is_focused = by_name[name], name == focused
        if is_focused:
            assert option.get("autocomplete"), f"/{line}: {name} suggests nothing"
            told.append({"name": name, "type": option["type"], "value": str(value), "focused": True})
            continue
        _check(line, option, value)
        sent = str(value.id) if isinstance(value, User | Role | Channel) else value
        told.append({"name": name, "type": option["type"], "value": sent})
    return told


def _check(line: str, option: Json, value: Any) -> None:
    """Hold a value to what Discord's client lets through."""
    where = f"/{line} {option['name']}:{value!r}"
    assert isinstance(value, _TYPES[option["type"]]), f"{where} is not of type {option['type']}"
    if choices := option.get("choices"):
        assert value in [one["value"] for one in choices], f"{where} is none of the choices"
    if isinstance(value, str):
        least, most = option.get("min_length", 0), option.get("max_length", 6000)
        assert least <= len(value) <= most, f"{where}: its length"
    if isinstance(value, int | float) and not isinstance(value, bool):
        assert option.get("min_value", value) <= value <= option.get("max_value", value), f"{where}: its size"
    if isinstance(value, Channel) and option.get("channel_types"):
        assert int(value.kind) in option["channel_types"], f"{where} is no channel of these types"


def resolved_of(things: Sequence[User | Role | Channel], channel: Channel | None) -> Json:
    """Return the `resolved` part of an interaction: the things that its values name."""
    told: Json = {}
    guild = channel.guild if channel is not None else None
    for thing in things:
        if isinstance(thing, Role):
            told.setdefault("roles", {})[str(thing.id)] = role_json(thing)
        elif isinstance(thing, Channel):
            told.setdefault("channels", {})[str(thing.id)] = channel_json(thing) | {"permissions": "0"}
        else:
            told.setdefault("users", {})[str(thing.id)] = user_json(thing)
            if guild is not None and thing.id in guild.members:
                member = member_json(guild, guild.members[thing.id])
                told.setdefault("members", {})[str(thing.id)] = member | {"permissions": "0"}
    return told
