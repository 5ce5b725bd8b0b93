"""What is suggested while somebody types an option: at once, for a suggestion cannot be put off.

https://docs.discord.com/developers/interactions/application-commands#autocomplete
"""

import asyncio
import datetime as dt
from collections.abc import Iterable

import discord
import structlog
from discord.app_commands import Choice

from adapters.discord.asking import Interaction, who_of
from adapters.discord.context import Discord
from adapters.discord.roles import mentionable
from adapters.discord.rule_completion import complete_rule
from adapters.discord.tree import MOST_CHOICES, is_entry
from bot import text
from bot.commands.digest_wishes import NOBODY
from bot.commands.dispatch import TABLE
from bot.commands.table import Command, Param, Shape
from bot.dates import spoken
from bot.errors import StoreError
from bot.suggestions import Suggestion, suggest_zones

SOON = 1.0
"""Seconds after which nothing is suggested: Discord waits for 3, and nobody types that slowly."""

CHOICE = 100
"""Characters of a choice's name, and of its value."""

_DAYS = {
    "daily": "daily: every day",
    "weekdays": "weekdays: Monday to Friday",
    "weekly": "weekly: on Mondays",
    "mon,wed,fri": "mon,wed,fri: or any other days",
}
_TIMES = tuple(f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30))
_USUAL_TIMES = ("08:00", "09:00", "10:00", "12:00", "17:00")
_DAYS_BACK = 20

log = structlog.get_logger()


class Completing:
    """Suggests values of options."""

    def __init__(self, shared: Discord) -> None:
        self._shared = shared
        self._recent = shared.recent

    async def complete(
        self, interaction: Interaction, command: Command | None, param: Param, typed: str
    ) -> list[Choice[str]]:
        """Return at most 25 choices; none where they take too long, or the store is out of reach."""
        found: list[Suggestion] = []
        try:
            async with asyncio.timeout(SOON):
                found = await self._of(interaction, command, param, typed)
        except TimeoutError:
            log.warning("suggestions took too long", shape=str(param.shape))
        except StoreError as failure:
            log.warning("suggestions failed", shape=str(param.shape), reason=str(failure))
        return choices_of(found)

    async def _of(
        self, interaction: Interaction, command: Command | None, param: Param, typed: str
    ) -> list[Suggestion]:
        if command is None:
            return await self._line(interaction, typed)
        if is_entry(param):
            return await self._entries(interaction, typed)
        match param.shape:
            case Shape.RULE | Shape.QUERY:
                world = self._shared.world
                return await complete_rule(world, self._recent.organisations, typed, MOST_CHOICES)
            case Shape.PAPER:
                team = who_of(interaction).team
                papers = await asyncio.to_thread(self._recent.papers, team, typed, MOST_CHOICES)
                return [Suggestion(each.label, f"{each.label} {each.title}") for each in papers]
            case Shape.DAY:
                return self._days(typed)
            case Shape.ZONE:
                return await asyncio.to_thread(suggest_zones, typed, None, MOST_CHOICES)
            case Shape.TIME:
                return _beginning(typed, [(each, each) for each in (_TIMES if typed else _USUAL_TIMES)])
            case Shape.DAYS:
                return _beginning(typed, _DAYS.items())
            case Shape.ROLE:
                return _roles(interaction.guild, typed)
            case _:
                return _beginning(typed, ((name, f"{name}: {row.summary}") for name, row in TABLE.items()))

    async def _line(self, interaction: Interaction, typed: str) -> list[Suggestion]:
        """Return whole lines: a command's name, or behind it what its last parameter may hold."""
        for name, command in TABLE.items():
            rest = typed.removeprefix(f"{name} ")
            param = next((each for each in command.params if not each.option), None)
            if rest != typed and param and f"{name} {rest.partition(' ')[0]}" not in TABLE and " " not in param.name:
                found = await self._of(interaction, command, param, rest)
                return [Suggestion(f"{name} {each.value}", f"{name} {each.label}") for each in found]
        return _beginning(typed, ((name, f"{name}: {row.summary}") for name, row in TABLE.items()))

    async def _entries(self, interaction: Interaction, typed: str) -> list[Suggestion]:
        """Return entries of one's own follow list, by number or by words of the rule."""
        who = who_of(interaction)
        # The store knows a member by a channel that they asked something in.
        channel = self._recent.place_of(who.team, who.member) or who.channel
        async with self._shared.world.store.read() as session:
            caller = await session.teams.caller(who.platform, who.team, channel, who.member)
            entries = await session.follows.of(caller.member.person_id) if caller else []
        asked = text.fold(typed.strip().lstrip("#"))
        return [
            Suggestion(str(entry.number), f"{entry.number} {entry.stance} {entry.rule}")
            for entry in entries
            if str(entry.number).startswith(asked) or asked in text.fold(str(entry.rule))
        ]

    def _days(self, typed: str) -> list[Suggestion]:
        today = self._shared.world.clock.now().date()
        words = [("today", "today"), ("yesterday", "yesterday"), ("week", "week"), ("month", "month")]
        past = [today - dt.timedelta(days=ago) for ago in range(1, _DAYS_BACK + 1)]
        return _beginning(typed, [*words, *((str(day), f"{day} {spoken(day)}") for day in past)])


def _roles(guild: discord.Guild | None, typed: str) -> list[Suggestion]:
    """Return the roles that a digest can mention, and how to choose none."""
    named = [(str(role.id), role.name) for role in mentionable(guild)]
    return _beginning(typed.lstrip("@"), [(NOBODY, f"{NOBODY}: mention nobody"), *named])


def _beginning(typed: str, values: Iterable[tuple[str, str]]) -> list[Suggestion]:
    """Return the values that begin so, or whose label does from one of its words on."""
    asked = " ".join(text.fold(typed).split())
    return [
        Suggestion(value, label)
        for value, label in values
        if value.startswith(asked) or f" {asked}" in " ".join(["", *text.fold(label).split()])
    ]


def choices_of(found: Iterable[Suggestion]) -> list[Choice[str]]:
    """Return suggestions as Discord takes them; one whose value is too long for it is left out.

    Of one without a name it would refuse all: a role may be called by a letter that is not seen.
    """
    fitting = [each for each in found if 0 < len(each.value) <= CHOICE and each.value.strip()]
    named = ((each.value, text.cut(text.clean(each.label), CHOICE) or each.value) for each in fitting)
    distinct = {value: Choice(name=name, value=value) for value, name in named}
    return list(distinct.values())[:MOST_CHOICES]
