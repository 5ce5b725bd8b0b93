"""The README names whatever an operator can set or run."""

from pathlib import Path

import pytest
import typer

from adapters.cli.main import app
from adapters.cli.settings import Settings
from bot.query import KINDS

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"`PAPERROUND_{name.upper()}`" in README


def commands_of(application: typer.Typer, group: str = "") -> list[str]:
    """Return all commands as they are typed behind `paperround`, those in groups included."""
    own = [each.name or each.callback.__name__ for each in application.registered_commands if each.callback]
    groups = [(each.typer_instance, each.name) for each in application.registered_groups]
    return [group + name for name in own] + [
        name for inner, of in groups if inner for name in commands_of(inner, f"{group}{of} " if of else group)
    ]


@pytest.mark.parametrize("name", commands_of(app))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"paperround {name}" in README


def test_commands_in_groups_are_among_them() -> None:
    assert {"run", "digest due", "keys rotate"} <= set(commands_of(app))


@pytest.mark.parametrize("kind", KINDS)
def test_every_facet_is_in_the_readme(kind: str) -> None:
    assert f"{kind}:" in README
