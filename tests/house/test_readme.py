"""The README names whatever an operator can set or run."""

from pathlib import Path

import pytest

from adapters.cli.main import app
from adapters.cli.settings import Settings
from bot.query import KINDS

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"`PAPERROUND_{name.upper()}`" in README


@pytest.mark.parametrize(
    "name", [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
)
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"paperround {name}" in README


@pytest.mark.parametrize("kind", KINDS)
def test_every_facet_is_in_the_readme(kind: str) -> None:
    assert f"{kind}:" in README
