"""From the options that somebody filled in to the very line that they would type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands.table import Command, Param

_NO_NAME = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Field:
    """An option of a slash command: the parameter that it fills, and what is typed before the value."""

    name: str
    param: Param
    before: str = ""


def fields_of(command: Command) -> list[Field]:
    """Return a command's options, in the table's order."""
    return [_field(param) for param in command.params]


def _field(param: Param) -> Field:
    """Return the option of a parameter. "top N" is typed `top 5`, and "-- rule" is typed `-- agents`."""
    literal, space, placeholder = param.name.partition(" ")
    if not space:
        return Field(_named(literal), param)
    return Field(_named(literal) or _named(placeholder), param, f"{literal} ")


def _named(word: str) -> str:
    return _NO_NAME.sub("-", word.lower()).strip("-")[:32]


def line_of(command: Command, given: Mapping[str, object]) -> str:
    """Return what a person would type for these options; those left open are None, or are not there."""
    filled = [(field, str(given[field.name])) for field in fields_of(command) if given.get(field.name) is not None]
    said = [f"{field.before}{value}" for field, value in filled if not field.param.option]
    # Behind the rest, for what is typed last counts: a query may hold such a word as well.
    said += [f"{field.param.name}:{_worded(value)}" for field, value in filled if field.param.option]
    return " ".join([command.name, *said])


def _worded(value: str) -> str:
    """Return an option's value as one word: in quotes where it has spaces."""
    bare = value.replace('"', "").strip()
    return f'"{bare}"' if " " in bare else bare
