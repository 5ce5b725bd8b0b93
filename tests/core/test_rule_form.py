"""Rules that are put together field by field."""

import pytest

from bot.errors import UserError
from bot.query import Kind
from bot.query_parser import parse_rules
from bot.rule_form import FORM_KINDS, rule_typed, without


def test_every_kind_of_a_follow_can_be_asked_for() -> None:
    assert set(FORM_KINDS) == set(Kind) - {Kind.AFTER, Kind.BEFORE}


@pytest.mark.parametrize("kind", FORM_KINDS)
def test_the_example_of_each_kind_is_a_rule(kind: Kind) -> None:
    assert parse_rules(rule_typed(kind, FORM_KINDS[kind].example))


@pytest.mark.parametrize(("kind", "typed", "rule"), [
    (Kind.TEXT, 'agents "tool use" cat:cs.CL', 'agents "tool use" cat:cs.CL'),
    (Kind.TITLE, "diffusion models, agents,", 'title:"diffusion models",agents'),
    (Kind.AUTHOR, "LeCun, Yann", 'author:"LeCun, Yann"'), (Kind.AUTHOR, '"Yann LeCun"', 'author:"Yann LeCun"'),
    (Kind.CATEGORY, "cat:cs.CL", "cat:cs.CL"), (Kind.PAPER, "2506.03569", "paper:2506.03569"),
])  # fmt: skip
def test_what_is_typed_into_a_field_becomes_a_rule(kind: Kind, typed: str, rule: str) -> None:
    assert rule_typed(kind, typed) == rule


@pytest.mark.parametrize(("kind", "typed"), [
    (Kind.TEXT, ""), (Kind.TITLE, " , "), (Kind.CATEGORY, "cs.XX"), (Kind.VOTES, "many"), (Kind.TEXT, "-survey"),
])  # fmt: skip
def test_what_is_no_rule_is_refused(kind: Kind, typed: str) -> None:
    with pytest.raises(UserError):
        rule_typed(kind, typed)


@pytest.mark.parametrize(("unwanted", "rule"), [
    ("", "agents"), ("survey", "agents -survey"), ("-survey", "agents -survey"),
    ("survey -cat:cs.CV", "agents -survey -cat:cs.CV"), ('"a survey"', 'agents -"a survey"'),
])  # fmt: skip
def test_what_is_unwanted_is_left_out_with_or_without_a_dash(unwanted: str, rule: str) -> None:
    assert without("agents", unwanted) == rule


def test_what_is_unwanted_is_left_out_of_each_of_several_rules() -> None:
    assert without("agents ; robots", "survey") == "agents -survey ; robots -survey"


def test_what_is_too_long_with_what_is_unwanted_is_refused() -> None:
    words = " ".join(f"word{number}" for number in range(50))
    with pytest.raises(UserError, match="characters long"):
        without(f'"{words} {words}"', f'"{words}"')


@pytest.mark.parametrize("unwanted", ["cat:cs.XX", '"survey', "a ; b", "-cat:cs.XX"])
def test_what_cannot_be_left_out_is_refused(unwanted: str) -> None:
    with pytest.raises(UserError):
        without("agents", unwanted)
