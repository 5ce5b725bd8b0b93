"""What a rule means: which papers it matches, and why or why not, in words."""

import datetime as dt

import pytest

from bot.evaluation import Evaluated, evaluate
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.query_parser import parse_search

TODAY = dt.date(2025, 6, 12)
PAPER = Paper(
    id=PaperId.parse("arxiv:2506.01234"),
    title="Vision-Language Models that Plan: Müller's Méthode",
    authors=("Yann LeCun", "Sánchez León, Fernando", "Y. Zhang"),
    abstract="We train language models for planning with diffusion. Results improve.",
    published=dt.date(2025, 6, 9),
    categories=("cs.CL", "stat.ML"),
    other_ids=(PaperId.parse("doi:10.1/x"),),
    venue="ACL 2025",
    code_url="https://example.org/code",
    listings=(
        Listing("huggingface", dt.date(2025, 6, 10), votes=12, submitter="Alice", organisation="Google DeepMind"),
        Listing("huggingface", dt.date(2025, 6, 11), votes=30, organisation="ByteDance Seed"),
    ),
)


def verdict(typed: str, paper: Paper = PAPER, saved_by: tuple[str, ...] = ("Ana",)) -> tuple[bool, tuple[str, ...]]:
    (rule,) = parse_search(typed, TODAY)
    found = evaluate(rule, Evaluated(paper, saved_by))
    return found.matched, found.reasons


@pytest.mark.parametrize(
    ("typed", "reasons"),
    [
        ("diffusion", ["“diffusion” in the abstract"]),
        ("plans", ["“plans” in the title"]),
        ('"vision language model"', ["“vision language model” in the title"]),
        ("vision-language", ["“vision-language” in the title"]),
        ("muller methode", ["“muller” in the title", "“methode” in the title"]),
        ('author:"LeCun, Y."', ["author Yann LeCun"]),
        ("author:LeCun", ["author Yann LeCun"]),
        ('author:"Fernando Sanchez Leon"', ["author Sánchez León, Fernando"]),
        ("cat:cs", ["category cs.CL"]),
        ("cat:cs.CV,stat", ["category stat.ML"]),
        ("org:deepmind", ["organisation Google DeepMind"]),
        ('org:"bytedance seed"', ["organisation ByteDance Seed"]),
        ("venue:acl", ["venue ACL 2025"]),
        ("source:huggingface", ["listed by huggingface"]),
        ("by:alice", ["submitted by alice"]),
        ("by:@ana", ["saved by @ana"]),
        ("paper:2506.01234", ["the paper 2506.01234"]),
        ("paper:doi:10.1/x", ["the paper doi:10.1/x"]),
        ("title:plan", ["“plan” in the title"]),
        ("has:code", ["has code"]),
        ("min:30", ["30 votes"]),
        ("after:2025-06-10", ["dated 2025-06-10"]),
        ("before:2025-06-11", ["dated 2025-06-10"]),
        ("diffusion cat:cs.CL -cat:cs.CV -survey", ["“diffusion” in the abstract", "category cs.CL"]),
    ],
)
def test_a_rule_matches_and_says_why(typed: str, reasons: list[str]) -> None:
    assert verdict(typed) == (True, tuple(reasons))


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("diffusion robots", "no “robots” in title or abstract"),
        ('"models diffusion"', "no “models diffusion” in title or abstract"),
        ('"methode we"', "no “methode we” in title or abstract"),  # a phrase never runs from title into abstract
        ("title:diffusion", "no “diffusion” in the title"),
        ('author:"Yoshua Bengio"', 'not by "Yoshua Bengio"'),
        ("cat:math,econ", "not in math or econ"),
        ('org:"DeepMind ByteDance"', 'not from "DeepMind ByteDance"'),  # two organisations are no phrase
        ("org:deep", "not from deep"),
        ("has:video", "without video"),
        ("min:31", "30 votes, fewer than 31"),
        ("after:2025-06-11", "dated before 2025-06-11"),
        ("before:2025-06-10", "dated 2025-06-10 or later"),
        ("diffusion -author:LeCun", "left out by -author:LeCun: author Yann LeCun"),
        ("diffusion -plan", "left out by -plan: “plan” in the title"),
        ("by:@bob", "not submitted or saved by @bob"),
    ],
)
def test_a_rule_that_does_not_match_says_what_stands_against_it(typed: str, reason: str) -> None:
    assert verdict(typed) == (False, (reason,))


def test_a_paper_of_which_little_is_known_matches_nothing_by_accident() -> None:
    bare = Paper(PaperId.parse("arxiv:2506.00001"), title="Untitled")
    for typed in ("min:0", "after:1990-01-01", "before:2030-01-01", "author:x", "org:x", "venue:x", "has:code", "by:x"):
        assert not verdict(typed, bare)[0], typed
    assert not verdict("untitled min:1", bare)[0]
    assert verdict("untitled -min:1 -has:code", bare)[0]
