"""The command table's rows, and how a typed line is taken apart by them.

The table is data: each platform builds its own surface from it, and a command added there appears everywhere.
"""

import datetime as dt
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot import text
from bot.errors import UserError
from bot.ports import World
from bot.reply import Action, Pages, Reply
from bot.team import Caller, Who

PAGE_SIZE = 10
_TOKEN = re.compile(r'(?:"[^"]*"|[^\s"])+|"')


class Shape(StrEnum):
    """What a parameter holds: how a platform asks for it and completes it."""

    PAPER = "paper"
    QUERY = "query"
    RULE = "rule"
    DAY = "day"
    TIME = "time"
    ZONE = "zone"
    DAYS = "days"
    NUMBER = "number"
    ROLE = "role"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Param:
    """One thing that a command is told. An option is typed as `name:value`, anywhere in the line.

    `works` says whether it does anything on a platform; where it does not, nobody is offered it.
    """

    name: str
    shape: Shape
    summary: str
    required: bool = False
    option: bool = False
    choices: tuple[str, ...] = ()
    works: Callable[[World, str], bool] = lambda _world, _platform: True

    @property
    def usage(self) -> str:
        """As help shows it: `QUERY`, `[since]`, `[page:N]`, `day|week`."""
        if self.option:
            return f"[{self.name}:{'|'.join(self.choices) or self.shape.upper()}]"
        shown = "|".join(self.choices) or self.name.upper()
        return shown if self.required else f"[{shown}]"


@dataclass(frozen=True, slots=True)
class Call:
    """A command being carried out: in which world and table, by whom, when, and what was typed behind its name."""

    world: World
    table: "Mapping[str, Command]"
    caller: Caller
    who: Who
    now: dt.datetime
    rest: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def today(self) -> dt.date:
        """Today in the caller's zone; UTC where none is known."""
        return self.now.astimezone(ZoneInfo(self.caller.zone or "UTC")).date()

    @property
    def page(self) -> int:
        """The page asked for; the first is 1."""
        asked = self.options.get("page", "1")
        if re.fullmatch(r"[0-9]{1,5}", asked) and int(asked) > 0:
            return int(asked)
        raise UserError(f"page:{text.shown(asked)} is no page; the first is page:1.")

    def pages(self, total: int) -> Pages:
        """Return which page of so many entries this is. Raises UserError behind the last."""
        pages = max(1, -(-total // PAGE_SIZE))
        if self.page > pages:
            raise UserError(f"There {'is 1 page' if pages == 1 else f'are {pages} pages'} of that; write page:{pages}.")
        return Pages(self.page, pages, total)

    @property
    def offset(self) -> int:
        """How many entries come before the page."""
        return (self.page - 1) * PAGE_SIZE


Handler = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table. `configures`: only members who may configure the channel can use it."""

    name: str
    summary: str
    handler: Handler
    params: tuple[Param, ...] = ()
    example: str = ""
    configures: bool = False

    @property
    def usage(self) -> str:
        """How it is typed."""
        return " ".join([self.name, *(param.usage for param in self.params)])

    @property
    def short_usage(self) -> str:
        """How it is typed, options left out."""
        return " ".join([self.name, *(param.usage for param in self.params if not param.option)])

    def options_in(self, rest: str) -> tuple[str, dict[str, str]]:
        """Take the options out of what was typed behind the name; quoted text is left alone."""
        names = {param.name: param for param in self.params if param.option}
        if not names:
            return rest, {}
        kept: list[str] = []
        found: dict[str, str] = {}
        for token in _TOKEN.findall(rest):
            name, colon, value = token.partition(":")
            param = names.get(name.lower()) if colon else None
            if param is None:
                kept.append(token)
                continue
            if param.choices and value.lower() not in param.choices:
                right = text.either(list(param.choices))
                raise UserError(f"{param.name}:{text.shown(value)} is unknown; write {param.name}:{right}.")
            found[param.name] = value.lower() if param.choices else value
        return " ".join(kept), found


PAGE = Param("page", Shape.NUMBER, "which page of the list", option=True)


def required(call: Call, what: str, example: str) -> str:
    """Return what was typed behind the command's name. Raises UserError where that is nothing."""
    if not call.rest:
        raise UserError(f"{what} For example: {example}")
    return call.rest


def page_actions(command: str, pages: Pages) -> tuple[Action, ...]:
    """Return the buttons that lead to the pages beside this one."""
    beside = (("Previous page", pages.page - 1), ("Next page", pages.page + 1))
    return tuple(Action(label, f"{command} page:{page}") for label, page in beside if 1 <= page <= pages.pages)


def on_platform(table: Mapping[str, Command], world: World, platform: str) -> dict[str, Command]:
    """Return the table as it is offered on a platform: without what does nothing there."""
    return {
        name: replace(command, params=tuple(param for param in command.params if param.works(world, platform)))
        for name, command in table.items()
    }


def by_name(commands: Iterable[Command]) -> dict[str, Command]:
    """Return the table by name. Raises ValueError on a name that stands twice."""
    table: dict[str, Command] = {}
    for command in commands:
        if command.name in table:
            raise ValueError(f"two commands are named {command.name}")
        table[command.name] = command
    return table
