"""The slash commands: whatever the command table holds is there, within Discord's limits, and means the same line."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import discord
import pytest
from discord import app_commands

from adapters.discord.forms import COMMANDS
from adapters.discord.lines import fields_of, line_of
from adapters.discord.syncing import hash_of
from adapters.discord.tree import (
    ASK,
    DESCRIPTION,
    MOST_CHILDREN,
    MOST_COMMANDS,
    WEIGHT,
    is_whole_number,
    slash_commands,
)
from bot.commands.digest_wishes import parse_wishes
from bot.commands.dispatch import TABLE, find_command
from bot.commands.table import Command, Param, Shape
from tests.fakes.discord_command_rules import faults_of_commands

Json = dict[str, Any]
VALUES = {
    Shape.PAPER: "attention is all you need", Shape.QUERY: 'diffusion "language model" -cat:cs.CV',
    Shape.RULE: 'author:"Yann LeCun" ; agents', Shape.DAY: "2025-06-05", Shape.TIME: "9 am",
    Shape.ZONE: "Europe/Berlin", Shape.DAYS: "mon,wed", Shape.NUMBER: 7, Shape.WORD: "vision",
    Shape.ROLE: "1100000000000000003",
}  # fmt: skip


async def run(*_: object) -> None:
    """Carry nothing out."""


async def complete(*_: object) -> list[app_commands.Choice[str]]:
    """Suggest nothing."""
    return []


def tree_of(table: Mapping[str, Command]) -> app_commands.CommandTree[Any]:
    """Return the tree of a table, in a client that reaches nothing."""
    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    for command in slash_commands(table, run, complete, COMMANDS):
        tree.add_command(command)
    return tree


def told(table: Mapping[str, Command]) -> list[Json]:
    """Return what Discord is told."""
    tree = tree_of(table)
    return [command.to_dict(tree) for command in tree.get_commands()]


def leaves(commands: list[Json]) -> Iterator[tuple[str, Json]]:
    """Yield each command that can be used, with its whole name."""
    for command in commands:
        below = [option for option in command["options"] if option["type"] == 1]
        yield from ((f"{command['name']} {each['name']}", each) for each in below)
        if not below:
            yield command["name"], command


def weight(part: Any) -> int:
    """Return the characters that Discord counts: names, descriptions and values, with all that is below."""
    if isinstance(part, list):
        return sum(map(weight, part))
    own = sum(len(str(part.get(key, ""))) for key in ("name", "description", "value"))
    return own + weight(part.get("options", [])) + weight(part.get("choices", []))


def larger() -> dict[str, Command]:
    """Return the table with 20 more commands, of one word and of two."""
    more = [replace(TABLE["search"], name=f"extra{number}") for number in range(10)]
    more += [replace(TABLE["digest on"], name=f"digest extra{number}") for number in range(5)]
    more += [replace(TABLE["vote"], name=f"queue extra{number}") for number in range(4)]
    return TABLE | {command.name: command for command in more} | {"queue": replace(TABLE["saved"], name="queue")}


@pytest.mark.parametrize("table", [TABLE, larger()], ids=["now", "with 20 more"])
def test_every_command_has_a_place_within_discords_limits(table: Mapping[str, Command]) -> None:
    commands = told(table)
    names = {name for name, _ in leaves(commands)}
    for name in table:
        assert names & {name, f"papers {name}", f"{name} show"}, name
    assert f"papers {ASK}" in names
    assert len(names) == len(table) + 1
    assert len(commands) <= MOST_COMMANDS
    assert all(len(command["options"]) <= MOST_CHILDREN for command in commands)
    assert max(map(weight, commands)) <= WEIGHT
    assert faults_of_commands(commands) == []


def test_what_has_no_room_is_left_to_the_line_that_takes_everything() -> None:
    many = {f"digest more{number}": replace(TABLE["digest show"], name=f"digest more{number}") for number in range(30)}
    many |= {f"verb{number}": replace(TABLE["vote"], name=f"verb{number}") for number in range(120)}
    commands = told(TABLE | many)
    assert len(commands) == MOST_COMMANDS
    assert max(len(command["options"]) for command in commands) == MOST_CHILDREN
    assert f"papers {ASK}" in {name for name, _ in leaves(commands)}


@pytest.mark.parametrize("name", [
    "papers today", "papers search", "papers show", "papers help", "follow", "unfollow", "mute", "vote", "save",
    "digest on", "digest preview", "digest off",
])  # fmt: skip
def test_commands_are_called_as_people_expect(name: str) -> None:
    assert name in dict(leaves(told(TABLE)))


@pytest.mark.parametrize("command", TABLE.values(), ids=TABLE)
def test_options_become_the_line_that_a_person_would_type(command: Command) -> None:
    given = {field.name: value_of(field.param) for field in fields_of(command)}
    found, rest = find_command(line_of(command, given))
    assert found is command
    rest, options = found.options_in(rest)
    assert options == {param.name: str(value_of(param)) for param in command.params if param.option}
    said = [f"{field.before}{given[field.name]}" for field in fields_of(command) if not field.param.option]
    assert rest == " ".join(said)
    assert find_command(line_of(command, {})) == (command, "")


def value_of(param: Param) -> object:
    """Return something that may be given for a parameter."""
    return param.choices[-1] if param.choices else VALUES[param.shape]


def test_a_digests_options_are_read_as_they_were_given() -> None:
    given = {
        "time": "9 am",
        "zone": "Europe/Berlin",
        "days": "mon,wed",
        "top": 7,
        "rule": "-- cat:cs.CL",
        "name": "a b",
    }
    line = line_of(TABLE["digest on"], given | {"rule": "cat:cs.CL"})
    rest, options = TABLE["digest on"].options_in(find_command(line)[1])
    wishes = parse_wishes(rest)
    assert (f"{wishes.time:%H:%M}", wishes.zone, wishes.days, wishes.top) == (
        "09:00",
        "Europe/Berlin",
        ("mon", "wed"),
        7,
    )
    assert str(wishes.rule) == "cat:cs.CL"
    assert options == {"name": '"a b"'}


def test_an_option_that_is_given_counts_more_than_a_word_of_the_query() -> None:
    line = line_of(TABLE["search"], {"query": "agents sort:new", "sort": "votes"})
    assert TABLE["search"].options_in(find_command(line)[1]) == ("agents", {"sort": "votes"})


def test_options_are_typed_described_and_the_required_ones_come_first() -> None:
    for name, command in leaves(told(TABLE)):
        assert 1 <= len(command["description"]) <= DESCRIPTION, name
        needed = [option["required"] for option in command["options"]]
        assert needed == sorted(needed, reverse=True), name
        assert all(1 <= len(option["description"]) <= DESCRIPTION for option in command["options"]), name
    options = {(name, option["name"]): option for name, each in leaves(told(TABLE)) for option in each["options"]}
    assert options["papers search", "query"] | {"description": ""} == {
        "type": 3, "name": "query", "description": "", "required": True, "autocomplete": True,
        "min_length": 1, "max_length": 3900,
    }  # fmt: skip
    assert [each["value"] for each in options["papers search", "sort"]["choices"]] == list(
        TABLE["search"].params[1].choices
    )
    assert options["papers search", "page"]["type"] == 4
    assert options["unfollow", "number"]["type"] == 3, "a rule may stand there as well"
    assert options["digest on", "top"]["min_value"] == 1


def test_numbers_take_numbers_alone() -> None:
    assert is_whole_number(Param("page", Shape.NUMBER, ""))
    assert not is_whole_number(Param("number", Shape.NUMBER, ""))


def test_what_changes_a_channel_is_offered_to_who_manages_it_and_in_guilds_alone() -> None:
    commands = {command["name"]: command for command in told(TABLE)}
    manages = str(discord.Permissions(manage_channels=True).value)
    configuring = {name.partition(" ")[0] for name, command in TABLE.items() if command.configures}
    for name, command in commands.items():
        if name in configuring:
            assert str(command["default_member_permissions"]) == manages
            assert (command["contexts"], command["integration_types"]) == ([0], [0])
        else:
            assert command["default_member_permissions"] is None, name


def test_what_has_a_form_can_be_left_without_options() -> None:
    commands = dict(leaves(told(TABLE)))
    assert not any(option["required"] for name in COMMANDS for option in commands[name]["options"])


async def test_the_hash_changes_with_the_commands_and_with_nothing_else() -> None:
    assert await hash_of(tree_of(TABLE)) == await hash_of(tree_of(dict(TABLE)))
    other = TABLE | {"vote": replace(TABLE["vote"], summary="another description")}
    assert await hash_of(tree_of(TABLE)) != await hash_of(tree_of(other))
