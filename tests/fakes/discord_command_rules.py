"""Discord's limits of commands, by hand from https://docs.discord.com/developers/interactions/application-commands."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tests.fakes.discord_world import Json

COMMANDS = {1: 100, 2: 15, 3: 15}  # global, or of a guild: chat input, user, message
OPTIONS, CHOICES, TOTAL = 25, 25, 8000  # "maximum of 25"; "8000 for combined name, description, and value properties"
NAME, DESCRIPTION, CHOICE = 32, 100, 100
SUBCOMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
_MARKED_SCRIPTS = ("DEVANAGARI", "THAI")  # \p{sc=Deva}\p{sc=Thai} of the documented pattern


def faults_of_commands(commands: Sequence[Json]) -> list[str]:
    """Return what Discord would refuse in a list of commands."""
    kinds = Counter(command.get("type") or 1 for command in commands)
    found = [f"{count} commands of type {kind}" for kind, count in kinds.items() if count > COMMANDS.get(kind, 0)]
    names = Counter((command.get("type") or 1, command.get("name")) for command in commands)
    found += [f"{name}: stands {times} times" for (_, name), times in names.items() if times > 1]
    for command in commands:
        found += _faults_of(command)
    return found


def _faults_of(command: Json) -> Iterator[str]:
    kind, name = command.get("type") or 1, command.get("name") or ""
    if kind == 1:
        yield from _faults_of_name(name)
        yield from _faults_of_description(name, command)
        yield from _faults_of_options(name, command.get("options") or [], depth=0)
    elif command.get("options") or command.get("description"):
        yield f"{name}: a context menu has no description and no options"
    elif not 1 <= len(name) <= NAME:
        yield f"{name!r}: not 1 to {NAME} characters"
    if (size := size_of(command)) > TOTAL:
        yield f"{name}: {size} characters in all, over {TOTAL}"
    yield from _faults_of_places(name, command)


def _faults_of_places(name: str, command: Json) -> Iterator[str]:
    for key, known in (("contexts", {0, 1, 2}), ("integration_types", {0, 1})):
        told = command.get(key)
        if told is not None and (not told or not set(told) <= known or len(set(told)) < len(told)):
            yield f"{name}.{key}: {told}"
    needed = command.get("default_member_permissions")
    if needed is not None and not 0 <= int(needed) < 1 << 54:
        yield f"{name}.default_member_permissions: {needed}"


def _faults_of_name(name: str) -> Iterator[str]:
    if not 1 <= len(name) <= NAME or name != name.lower() or not all(map(_may_be_in_a_name, name)):
        yield f"{name!r}: is no name of a command or option"


def _may_be_in_a_name(letter: str) -> bool:
    if letter in "-_'" or unicodedata.category(letter)[0] in "LN":
        return True
    return unicodedata.name(letter, "").startswith(_MARKED_SCRIPTS)


def _faults_of_description(name: str, thing: Json) -> Iterator[str]:
    if not len((thing.get("description") or "").strip()) >= 1 or len(thing["description"]) > DESCRIPTION:
        yield f"{name}.description: not 1 to {DESCRIPTION} characters"
    for locale, text in (thing.get("description_localizations") or {}).items():
        if not 1 <= len(text) <= DESCRIPTION:
            yield f"{name}.description in {locale}: not 1 to {DESCRIPTION} characters"
    for text in (thing.get("name_localizations") or {}).values():
        yield from _faults_of_name(text)


def _faults_of_options(where: str, options: Sequence[Json], depth: int) -> Iterator[str]:
    if len(options) > OPTIONS:
        yield f"{where}: {len(options)} options, over {OPTIONS}"
    kinds = {option.get("type") for option in options}
    if kinds & {SUBCOMMAND, GROUP} and kinds - {SUBCOMMAND, GROUP}:
        yield f"{where}: subcommands beside options"
    if (GROUP in kinds and depth > 0) or (SUBCOMMAND in kinds and depth > 1):
        yield f"{where}: nested too deep"
    repeated = [name for name, times in Counter(option.get("name") for option in options).items() if times > 1]
    yield from (f"{where}: the option {name} stands twice" for name in repeated)
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        yield f"{where}: a required option after an optional one"
    for option in options:
        name = option.get("name") or ""
        yield from _faults_of_name(name)
        yield from _faults_of_description(f"{where} {name}", option)
        if option.get("type") in (SUBCOMMAND, GROUP):
            yield from _faults_of_options(
                f"{where} {name}", option.get("options") or [], depth + option["type"] % 2 + 1
            )
        else:
            yield from _faults_of_option(f"{where} {name}", option)


def _faults_of_option(where: str, option: Json) -> Iterator[str]:
    kind, choices = option.get("type"), option.get("choices") or []
    if kind not in range(3, 12):
        yield f"{where}: type {kind}"
    if len(choices) > CHOICES:
        yield f"{where}: {len(choices)} choices, over {CHOICES}"
    if choices and option.get("autocomplete"):
        yield f"{where}: choices beside autocomplete"
    if (choices or option.get("autocomplete")) and kind not in (STRING, INTEGER, NUMBER):
        yield f"{where}: choices for type {kind}"
    for choice in choices:
        if not 1 <= len(choice.get("name") or "") <= CHOICE:
            yield f"{where}: the choice {choice.get('name')!r} is not 1 to {CHOICE} characters"
        if not _fits(kind, choice.get("value")):
            yield f"{where}: the choice {choice.get('name')!r} has the value {choice.get('value')!r}"
    if not 0 <= (option.get("min_length") or 0) <= 6000 or not 1 <= option.get("max_length", 6000) <= 6000:
        yield f"{where}: its length"


def _fits(kind: Any, value: Any) -> bool:
    if kind == STRING:
        return isinstance(value, str) and len(value) <= CHOICE
    return isinstance(value, int if kind == INTEGER else int | float) and not isinstance(value, bool)


def size_of(thing: Json) -> int:
    """Return the characters that count towards the 8000: of a translated text, the longest."""
    total = 0
    for key in ("name", "description"):
        told = [thing.get(key) or "", *(thing.get(f"{key}_localizations") or {}).values()]
        total += max(map(len, told))
    for choice in thing.get("choices") or ():
        names = [choice.get("name") or "", *(choice.get("name_localizations") or {}).values()]
        total += max(map(len, names)) + (len(choice["value"]) if isinstance(choice.get("value"), str) else 0)
    return total + sum(size_of(option) for option in thing.get("options") or ())
