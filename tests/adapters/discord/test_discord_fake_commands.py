"""Discord's limits of commands, as the fake holds them: what is just within is taken, what is just over is refused."""

import copy
from typing import Any

import pytest

from tests.fakes.discord_command_rules import faults_of_commands
from tests.fakes.discord_world import Json


def _command(name: str = "papers", *options: Json, **other: Any) -> Json:
    return {"name": name, "description": "d", "type": 1, "options": list(options)} | other


def _option(name: str = "o", kind: int = 3, **other: Any) -> Json:
    return {"name": name, "description": "d", "type": kind} | other


def _choices(count: int, **other: Any) -> Json:
    return _option(choices=[{"name": f"n{number}", "value": "v"} | other for number in range(count)])


COMMANDS: list[tuple[str, list[Json], list[Json]]] = [
    ("101 commands", [_command(f"c{n}") for n in range(100)], [_command(f"c{n}") for n in range(101)]),
    ("stands 2 times", [_command("a"), _command("b")], [_command("a"), _command("a")]),
    ("is no name", [_command("père-noël_'ok")], [_command("Papers")]),
    ("is no name", [_command("x" * 32)], [_command("x" * 33)]),
    ("is no name", [_command("a", _option("b"))], [_command("a", _option("b c"))]),
    ("description: not 1", [_command(description="x" * 100)], [_command(description="x" * 101)]),
    ("description: not 1", [_command(description="x")], [_command(description="")]),
    ("26 options", [_command("a", *[_option(f"o{n}") for n in range(25)])],
     [_command("a", *[_option(f"o{n}") for n in range(26)])]),
    ("26 choices", [_command("a", _choices(25))], [_command("a", _choices(26))]),
    ("is not 1 to 100", [_command("a", _choices(1, name="x" * 100))], [_command("a", _choices(1, name="x" * 101))]),
    ("has the value", [_command("a", _choices(1, value="x" * 100))], [_command("a", _choices(1, value="x" * 101))]),
    ("choices beside autocomplete", [_command("a", _option(autocomplete=True))],
     [_command("a", _choices(1) | {"autocomplete": True})]),
    ("choices for type 6", [_command("a", _option(kind=4, autocomplete=True))],
     [_command("a", _option(kind=6, autocomplete=True))]),
    ("a required option after", [_command("a", _option("b", required=True), _option("c"))],
     [_command("a", _option("b"), _option("c", required=True))]),
    ("the option o stands twice", [_command("a", _option("o"), _option("p"))],
     [_command("a", _option("o"), _option("o"))]),
    ("subcommands beside options", [_command("a", _option("s", 1))], [_command("a", _option("s", 1), _option("o"))]),
    ("nested too deep", [_command("a", _option("g", 2, options=[_option("s", 1, options=[_option("o")])]))],
     [_command("a", _option("g", 2, options=[_option("h", 2, options=[])]))]),
    ("nested too deep", [_command("a", _option("s", 1, options=[_option("o")]))],
     [_command("a", _option("s", 1, options=[_option("t", 1)]))]),
    ("its length", [_command("a", _option(max_length=6000))], [_command("a", _option(max_length=6001))]),
    ("contexts", [_command(contexts=[0, 1, 2])], [_command(contexts=[])]),
    ("integration_types", [_command(integration_types=[0, 1])], [_command(integration_types=[2])]),
    ("default_member_permissions", [_command(default_member_permissions="16")],
     [_command(default_member_permissions="-1")]),
    ("a context menu has no", [{"name": "Save papers", "type": 3}],
     [{"name": "Save papers", "type": 3, "description": "x"}]),
    ("16 commands of type 3", [{"name": f"m{n}", "type": 3} for n in range(15)],
     [{"name": f"m{n}", "type": 3} for n in range(16)]),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "within", "over"), COMMANDS)
def test_a_command_is_refused_just_over_the_limit(fault: str, within: list[Json], over: list[Json]) -> None:
    assert faults_of_commands(within) == []
    assert any(fault in one for one in faults_of_commands(over)), faults_of_commands(over)


def test_a_command_holds_8000_characters() -> None:
    groups = [
        _option(f"g{n}", 2, options=[_option(f"s{m}", 1, description="x" * 97) for m in range(25)]) for n in range(3)
    ]
    full = _command("abc", *groups, description="d" * 100)
    size = 103 + sum(3 + sum(97 + len(f"s{m}") for m in range(25)) for _ in range(3))
    rest = 8000 - size
    more = _option("g9", 2)
    within, over = copy.deepcopy(full), copy.deepcopy(full)
    within["options"].append(more | {"options": _filled(rest - 3)})
    over["options"].append(more | {"options": _filled(rest - 2)})
    assert faults_of_commands([within]) == []
    assert faults_of_commands([over]) == ["abc: 8001 characters in all, over 8000"]


def _filled(characters: int) -> list[Json]:
    """Return subcommands that count so many characters."""
    made: list[Json] = []
    while characters > 0:
        part = min(characters, 100)
        part -= 3 if 0 < characters - part < 3 else 0
        name = f"t{len(made)}"
        made.append(_option(name, 1, description="x" * (part - len(name))))
        characters -= part
    return made
