"""The slash commands, made from the command table: whatever the table holds, they hold.

https://docs.discord.com/developers/interactions/application-commands
"""

import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice

from adapters.discord.lines import Field, fields_of, line_of
from bot import text
from bot.commands.dispatch import MAX_LINE
from bot.commands.table import Command, Param, Shape

MOST_COMMANDS = 100
MOST_CHILDREN = 25
MOST_CHOICES = 25
DESCRIPTION = 100
WEIGHT = 8_000
"""Characters of a command: its names, descriptions and values, with all that are below it."""

ROOT = "papers"
ASK = "ask"
"""The subcommand that takes any line: by it, every command works."""

READING = (
    "today", "yesterday", "day", "week", "month", "trending", "search", "show", "similar", "mine", "why", "following",
    "saved", "top", "submit", "status", "help", "export", "import", "settings", "privacy", "link", "forget-me",
)  # fmt: skip
"""The commands that stand below /papers, as far as the table has them; the others stand for themselves."""

_ALONE = "show"
"""How a command is called below its own name, where that is the name of others, too: /queue show, beside /queue add."""

_SUGGESTED = {Shape.PAPER, Shape.QUERY, Shape.RULE, Shape.DAY, Shape.TIME, Shape.ZONE, Shape.DAYS, Shape.ROLE}
_LINE = Param("line", Shape.QUERY, "whatever help lists, for example: follow author:“Yann LeCun”", required=True)
_ENTRY = "number"
"""The parameter that names an entry of a list, by its number or else by what it says."""

Run = Callable[[discord.Interaction[Any], str], Awaitable[None]]
"""Carries out a line."""

Complete = Callable[[discord.Interaction[Any], Command | None, Param, str], Awaitable[list[Choice[str]]]]
"""Suggests values of a parameter; the command is None where it is a whole line that is typed."""

Slash = app_commands.Command[Any, ..., None] | app_commands.Group


def slash_commands(
    table: Mapping[str, Command], run: Run, complete: Complete, forms: Collection[str] = ()
) -> list[Slash]:
    """Return all slash commands; `forms` are the commands that have one, and may be left without their options.

    What Discord has no room for (25 below one name, 100 in all) is reached by /papers ask.
    """
    make = _Maker(run, complete, forms)
    groups = {name: _below(name, table) for name in dict.fromkeys(_first(each) for each in table if " " in each)}
    single = [name for name in table if " " not in name and name not in groups]
    reading = [name for name in READING if name in single][: MOST_CHILDREN - 1]
    found: list[Slash] = [make.root([table[name] for name in reading])]
    found += [make.group(name, children) for name, children in groups.items() if name != ROOT]
    found += [make.command(table[name], name) for name in single if name not in reading]
    return found[:MOST_COMMANDS]


def _first(name: str) -> str:
    return name.partition(" ")[0]


def _below(first: str, table: Mapping[str, Command]) -> dict[str, Command]:
    """Return the commands of two words that begin so, by their second word; the one of that word alone as `show`."""
    found = {name.partition(" ")[2]: command for name, command in table.items() if name.startswith(f"{first} ")}
    if first in table:
        found.setdefault(_ALONE, table[first])
    return dict(islice(found.items(), MOST_CHILDREN))


class _Maker:
    """Makes slash commands."""

    def __init__(self, run: Run, complete: Complete, forms: Collection[str]) -> None:
        self._run = run
        self._complete = complete
        self._forms = forms

    def root(self, commands: Sequence[Command]) -> app_commands.Group:
        """Return /papers."""
        group = app_commands.Group(name=ROOT, description="Research papers: the day's lists, search, and one in full")
        for command in commands:
            group.add_command(self.command(command, command.name))
        group.add_command(self._ask())
        return group

    def group(self, name: str, children: Mapping[str, Command]) -> app_commands.Group:
        """Return a command with others below it."""
        configures = any(command.configures for command in children.values())
        group = app_commands.Group(
            name=name,
            description=_described(f"{name}: {', '.join(children)}"),
            **_where(configures),
            default_permissions=_needed(configures),
        )
        for child, command in children.items():
            group.add_command(self.command(command, child))
        return group

    def command(self, command: Command, name: str) -> app_commands.Command[Any, ..., None]:
        """Return the slash command of a row of the table."""
        fields = fields_of(command)
        fields.sort(key=lambda field: not self._is_required(command, field.param))  # Discord wants them first

        async def given(interaction: discord.Interaction[Any], options: Mapping[str, object]) -> None:
            await self._run(interaction, line_of(command, options))

        made = self._slash(name, command.summary, fields, given, command)
        if " " not in command.name:
            made.default_permissions = _needed(command.configures)
            for setting, value in _where(command.configures).items():
                setattr(made, setting, value)
        return made

    def _ask(self) -> app_commands.Command[Any, ..., None]:
        async def given(interaction: discord.Interaction[Any], options: Mapping[str, object]) -> None:
            await self._run(interaction, str(options[_LINE.name]))

        return self._slash(ASK, "any command, typed as a line", [Field(_LINE.name, _LINE)], given, None)

    def _is_required(self, command: Command, param: Param) -> bool:
        return param.required and command.name not in self._forms

    def _slash(
        self,
        name: str,
        summary: str,
        fields: Sequence[Field],
        given: Callable[[discord.Interaction[Any], Mapping[str, object]], Awaitable[None]],
        command: Command | None,
    ) -> app_commands.Command[Any, ..., None]:
        """Return a slash command; discord.py reads its options from the signature of what it calls."""
        names = {f"option_{place}": field.name for place, field in enumerate(fields)}

        async def callback(interaction: discord.Interaction[Any], **options: object) -> None:
            await given(interaction, {names[key]: value for key, value in options.items()})

        needed = [command is None or self._is_required(command, field.param) for field in fields]
        callback.__signature__ = _signature(fields, needed)  # type: ignore[attr-defined]  # discord.py reads it
        app_commands.describe(
            **{key: _described(field.param.summary) for key, field in zip(names, fields, strict=True)}
        )(callback)
        app_commands.rename(**names)(callback)
        app_commands.choices(
            **{
                key: [Choice(name=each, value=each) for each in field.param.choices[:MOST_CHOICES]]
                for key, field in zip(names, fields, strict=True)
                if field.param.choices
            }
        )(callback)
        app_commands.autocomplete(
            **{
                key: self._completing(command, field.param)
                for key, field in zip(names, fields, strict=True)
                if _is_suggested(field.param)
            }
        )(callback)
        return app_commands.Command(name=name, description=_described(summary), callback=callback)

    def _completing(self, command: Command | None, param: Param) -> Any:
        async def complete(interaction: discord.Interaction[Any], typed: str) -> list[Choice[str]]:
            return await self._complete(interaction, command, param, typed)

        return complete


def _signature(fields: Sequence[Field], needed: Sequence[bool]) -> inspect.Signature:
    first = inspect.Parameter(
        "interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction[Any]
    )
    rest = [
        inspect.Parameter(
            f"option_{place}",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=_type(field.param),
            default=inspect.Parameter.empty if is_needed else None,
        )
        for place, (field, is_needed) in enumerate(zip(fields, needed, strict=True))
    ]
    return inspect.Signature([first, *rest])


def _type(param: Param) -> Any:
    if is_whole_number(param):
        return app_commands.Range[int, 1, 99_999]
    return str if param.choices else app_commands.Range[str, 1, MAX_LINE - 100]


def is_whole_number(param: Param) -> bool:
    """Return whether Discord takes nothing but a whole number for it."""
    return param.shape is Shape.NUMBER and param.name != _ENTRY


def is_entry(param: Param) -> bool:
    """Return whether it names an entry of somebody's follow list."""
    return param.shape is Shape.NUMBER and param.name == _ENTRY


def _is_suggested(param: Param) -> bool:
    if param.choices:
        return False
    return param.shape in _SUGGESTED or is_entry(param) or (param.shape is Shape.WORD and param.name == "command")


def _where(configures: bool) -> dict[str, Any]:
    """Return where a command may be used: what changes a channel of a guild's, in a guild that has us alone."""
    if not configures:
        return {}
    return {
        "allowed_contexts": app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        "allowed_installs": app_commands.AppInstallationType(guild=True, user=False),
    }


def _needed(configures: bool) -> discord.Permissions | None:
    return discord.Permissions(manage_channels=True) if configures else None


def _described(words: str) -> str:
    return text.cut(words, DESCRIPTION) or "…"
