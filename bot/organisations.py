"""What organisations are called: the spellings of one are folded into one name, so that `org:` finds all of them.

The table here holds those that were seen in recorded answers, or that everybody uses; an operator's own come first
(`paperround organisation`). Case, accents and punctuation never matter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Protocol

from bot import text
from bot.paper import Paper
from bot.query import Kind, Rule, Term

SPELLINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AI2": ("Allen Institute for AI", "Allen Institute for Artificial Intelligence", "AllenAI"),
        "Alibaba": ("alibaba-inc", "Alibaba Group"),
        "Amazon": ("Amazon Science", "Amazon AGI"),
        "BAAI": ("Beijing Academy of Artificial Intelligence",),
        "CASIA": ("Chinese Academic of Science Institute of Automation", "Institute of Automation, CAS"),
        "Google DeepMind": ("DeepMind", "Google-DeepMind"),
        "HKUST": (
            "Hong Kong University of Science and Technology",
            "The Hong Kong University of Science and Technology",
        ),
        "MBZUAI": ("Mohamed Bin Zayed University of Artificial Intelligence",),
        "Meta": ("AI at Meta", "Meta AI", "Meta Research", "Facebook AI", "Facebook AI Research", "Meta FAIR"),
        "MIT": ("Massachusetts Institute of Technology",),
        "Shanghai AI Laboratory": ("shanghai ailab", "Shanghai AI Lab", "Shanghai Artificial Intelligence Laboratory"),
        "Shanghai Jiao Tong University": ("Shanghai JiaoTong University", "SJTU"),
        "Tongyi Lab": ("TongyiLab",),
        "UC Berkeley": ("University of California, Berkeley",),
        "UCLA": ("University of California, Los Angeles",),
        "University of Hong Kong": ("The University of Hong Kong", "Hong Kong University", "HKU"),
    }
)


class Organisations(Protocol):
    """How an operator wants spellings to be folded, by their key."""

    async def names(self) -> dict[str, str]:
        """Return the name for each key; one that stands for itself is kept apart from a fold of ours."""
        ...

    async def set_name(self, spelling: str, name: str) -> None:
        """Fold a spelling into a name from now on."""
        ...

    async def spelled(self) -> dict[str, int]:
        """Return every organisation as listings spell it, with how many papers it has."""
        ...

    async def papers_of(self, name: str) -> list[Paper]:
        """Return the papers with a listing that spells it just so."""
        ...


def key(spelling: str) -> str:
    """Return what all ways to write a spelling have in common."""
    return " ".join(text.words(spelling))


def folded(spelling: str, names: Mapping[str, str]) -> str:
    """Return the name of an organisation; `names` are the operator's, by key."""
    known = key(spelling)
    return names.get(known) or _ours().get(known) or spelling


def with_folded(paper: Paper, names: Mapping[str, str]) -> Paper:
    """Return a paper whose listings call organisations by their names; the very same where they do."""
    listings = tuple(
        replace(each, organisation=name)
        if each.organisation and (name := folded(each.organisation, names)) != each.organisation
        else each
        for each in paper.listings
    )
    return paper if listings == paper.listings else replace(paper, listings=listings)


def with_names(rule: Rule, names: Mapping[str, str]) -> Rule:
    """Return a rule that asks for organisations by their names, too, where it has spellings that are folded into them.

    Stored papers have the names alone, and people type, and typed before a fold, what they know. It is the very same
    rule where there is nothing to add. What is shown to people is the rule as it was typed.
    """
    more = [
        Term(Kind.ORGANISATION, name, term.excluded)
        for term in rule.terms
        if term.kind is Kind.ORGANISATION
        for name in _folded_into(term.value, names)
    ]
    return Rule.of((*rule.terms, *more)) if more else rule


def _folded_into(spelling: str, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the name of a spelling, and what that was folded into later."""
    known = {key(spelling)}
    while key(spelling := folded(spelling, names)) not in known:
        known.add(key(spelling))
        yield spelling


@cache
def _ours() -> Mapping[str, str]:
    return {key(each): name for name, spellings in SPELLINGS.items() for each in (name, *spellings)}
