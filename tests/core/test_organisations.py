"""Rules ask for organisations as people know them; stored papers have the names into which spellings are folded."""

import datetime as dt

import pytest

from bot.evaluation import Evaluated, evaluate
from bot.organisations import key, with_names
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.query_parser import parse_rule

DAY = dt.date(2025, 6, 12)

NAMES = {key("Acme"): "Zenith Labs", key("Zenith Labs"): "Apex", key("DeepMind"): "DeepMind"}
"""An operator's: one spelling was folded twice, one is kept apart from a fold of ours."""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ('org:"Facebook AI Research"', 'org:"Facebook AI Research",Meta'),
        ('org:"allenai"', "org:allenai,AI2"),
        ("org:ACME", 'org:ACME,"Zenith Labs",Apex'),
        ("agents org:acme,ETH -org:AllenAI", 'agents org:acme,ETH,"Zenith Labs",Apex -org:allenai,AI2'),
        ("org:deepmind", "org:deepmind"),
        ("org:Meta", "org:Meta"),
        ("agents", "agents"),
        ("venue:acme", "venue:acme"),
    ],
)
def test_a_spelling_that_is_folded_finds_the_name_too(typed: str, meant: str) -> None:
    rule = parse_rule(typed)
    found = with_names(rule, NAMES)
    assert found.key == parse_rule(meant).key
    assert (found is rule) == (typed == meant)


def test_spellings_that_are_folded_in_a_circle_come_to_an_end() -> None:
    circle = {key("One"): "Two", key("Two"): "Three", key("Three"): "One"}
    assert with_names(parse_rule("org:one"), circle).key == parse_rule("org:one,Two,Three").key


def test_either_spelling_matches_and_is_excluded() -> None:
    paper = Paper(
        PaperId.parse("arxiv:2506.00001"), "Doves", listings=(Listing("huggingface", DAY, organisation="Meta"),)
    )
    for typed, matched in (("org:meta", True), ('org:"facebook ai"', True), ('doves -org:"Meta AI"', False)):
        assert evaluate(with_names(parse_rule(typed), {}), Evaluated(paper)).matched is matched
