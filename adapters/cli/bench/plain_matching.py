"""The yardsticks of matching: a plain loop over follows, as other bots have, but written with care; and hyperscan."""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from bot import text
from bot.arxiv_categories import archive_of
from bot.evaluation import Evaluated, matches
from bot.names import parse_name, same_author
from bot.query import Kind, Rule, Term


class PlainPaper:
    """A paper made ready once for the loop: sets of words, categories and families, its texts as lines of stems."""

    def __init__(self, evaluated: Evaluated) -> None:
        self.evaluated, paper = evaluated, evaluated.paper
        title, abstract = evaluated.title, evaluated.abstract
        self.words = {*title, *abstract}
        self.line = f" {' '.join(title)} | {' '.join(abstract)} "
        self.categories = {*paper.categories, *map(archive_of, paper.categories)}
        self.authors = paper.authors
        names = [parse_name(name) for name in paper.authors]
        self.families = {name.family for name in names} | {"".join(name.given) for name in names}


class PlainRule:
    """A rule made ready once for the loop: what is cheap to look at comes first; the evaluator does the rest."""

    def __init__(self, rule: Rule) -> None:
        stems = [text.stems(value) for value in rule.wanted(Kind.TEXT)]
        self.words = [found[0] for found in stems if len(found) == 1]
        self.phrases = [f" {' '.join(found)} " for found in stems if len(found) > 1]
        self.categories = frozenset(rule.wanted(Kind.CATEGORY))
        self.authors = [(name, parse_name(name).family) for name in rule.wanted(Kind.AUTHOR)]
        cheap = (Kind.TEXT, Kind.CATEGORY, Kind.AUTHOR)
        rest = tuple(term for term in rule.terms if term.excluded or term.kind not in cheap)
        self.rest = Rule(rest) if rest else None

    def matches(self, paper: PlainPaper) -> bool:
        """Return whether the rule matches."""
        for word in self.words:
            if word not in paper.words:
                return False
        for phrase in self.phrases:
            if phrase not in paper.line:
                return False
        if self.categories and self.categories.isdisjoint(paper.categories):
            return False
        if self.authors and not any(
            family in paper.families and any(same_author(typed, name) for name in paper.authors)
            for typed, family in self.authors
        ):
            return False
        return self.rest is None or matches(self.rest, paper.evaluated)


def plain_loop(rules: Sequence[PlainRule], papers: Sequence[PlainPaper]) -> list[tuple[int, int]]:
    """Return each paper's place with that of each follow whose rule matches it."""
    return [
        (place, owner) for place, paper in enumerate(papers) for owner, rule in enumerate(rules) if rule.matches(paper)
    ]


def hyperscan_of(rules: Sequence[Rule]) -> Callable[[Sequence[Evaluated]], int] | None:
    """Return what counts the rules' words and phrases in papers with hyperscan; None where it is not installed.

    It gives terms, no rules: no exclusion, no facet, no follow. The papers' stems are joined beforehand, untimed.
    """
    try:
        hyperscan: Any = importlib.import_module("hyperscan")
    except ImportError:
        return None
    wanted = {" ".join(text.stems(term.value)) for rule in rules for term in rule.terms if _is_words(term)}
    database = hyperscan.Database()
    expressions = [f" {term} ".encode() for term in sorted(wanted)]
    flags = hyperscan.HS_FLAG_SINGLEMATCH
    database.compile(
        expressions=expressions,
        ids=list(range(len(expressions))),
        elements=len(expressions),
        flags=[flags] * len(expressions),
    )
    return lambda papers: _scan(database, papers)


def _scan(database: Any, papers: Sequence[Evaluated]) -> int:
    hits = 0

    def hit(*_: object) -> None:
        nonlocal hits
        hits += 1

    for paper in papers:
        database.scan(f" {' '.join(paper.title)} | {' '.join(paper.abstract)} ".encode(), match_event_handler=hit)
    return hits


def _is_words(term: Term) -> bool:
    return term.kind is Kind.TEXT and text.words(term.value) != []
