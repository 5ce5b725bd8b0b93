"""A line as somebody fills it into the options of its own slash command."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adapters.discord.lines import Field, fields_of, line_of
from bot.commands.dispatch import find_command
from bot.errors import UserError
from tests.fakes.discord_options import offered
from tests.fakes.discord_people import Person
from tests.fakes.discord_places import Places
from tests.fakes.discord_world import Json

_INSIDE = (1, 2)
_NUMBER = 4


@dataclass(frozen=True, slots=True)
class Given:
    """A slash command and what is filled in."""

    command: str
    options: dict[str, Any]


def options_of(places: Places, person: Person, line: str) -> Given | None:
    """Return how somebody says a line by its command's own options; None where Discord does not offer them that.

    What is typed behind the name is the first option's; `name:value` at the end are options of their own.
    """
    try:
        command, rest = find_command(line)
    except UserError:
        return None
    fields = fields_of(command)
    given = _filled(fields, rest)
    if line_of(command, given) != line:
        return None
    for name in (f"papers {command.name}", command.name, f"{command.name} show"):
        known = _options(places, person, name)
        if known is not None and _takes(known, given):
            typed = {key: int(value) if known[key]["type"] == _NUMBER else value for key, value in given.items()}
            return Given(name, typed)
    return None


def _filled(fields: list[Field], rest: str) -> dict[str, str]:
    words = rest.split(" ") if rest else []
    own = {field.param.name: field.name for field in fields if field.param.option}
    given: dict[str, str] = {}
    while words and (named := words[-1].partition(":"))[0] in own and named[2]:
        given[own[named[0]]] = named[2]
        words.pop()
    first = next((field.name for field in fields if not field.param.option and not field.before), None)
    return ({first: " ".join(words)} if words and first else {}) | dict(reversed(given.items()))


def _options(places: Places, person: Person, name: str) -> dict[str, Json] | None:
    """Return the options of a slash command that is offered, by their names; None where it is not."""
    first, *path = name.split(" ")
    level: Any = offered(places, person.user, person.channel, first, 1)
    for step in path:
        inner = [] if isinstance(level, str) else level.get("options") or []
        level = next((each for each in inner if each["name"] == step and each["type"] in _INSIDE), "")
    if isinstance(level, str) or any(each["type"] in _INSIDE for each in level.get("options") or ()):
        return None
    return {each["name"]: each for each in level.get("options") or ()}


def _takes(known: dict[str, Json], given: dict[str, str]) -> bool:
    required = {name for name, option in known.items() if option.get("required")}
    return required <= given.keys() and all(_fits(known[name], value) for name, value in given.items())


def _fits(option: Json, value: str) -> bool:
    if option["type"] == _NUMBER:
        return value.isdecimal() and option.get("min_value", 0) <= int(value) <= option.get("max_value", int(value))
    choices: Iterator[str] = (choice["value"] for choice in option.get("choices") or ())
    return value in choices if option.get("choices") else len(value) <= option.get("max_length", 6000)
