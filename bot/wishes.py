"""Wishes: what rules name that a source can be asked for — a category, an author, a venue, a paper."""

from collections.abc import Collection, Iterable

from bot import text
from bot.errors import UserError
from bot.query import Kind, Term
from bot.query_parser import parse_rule

LONGEST = 300
"""Characters of a wish; what is longer is nobody's name, and no index of PostgreSQL takes it."""


def wishes_in(rules: Iterable[str], kinds: Collection[Kind]) -> list[Term]:
    """Return what these rules, as typed, ask for by facets of those kinds: each once, in order."""
    wishes: dict[str, Term] = {}
    for wish in (wish for rule in rules for wish in _wanted(rule, kinds)):
        wishes.setdefault(wish_key(wish), wish)
    return [wish for key, wish in wishes.items() if len(key) <= LONGEST]


def wish_key(wish: Term) -> str:
    """Return what a wish is remembered by: case and accents make no other one of it."""
    return f"{wish.kind}:{text.fold(wish.value)}"


def _wanted(rule: str, kinds: Collection[Kind]) -> list[Term]:
    try:
        terms = parse_rule(rule).terms
    except UserError:  # of another version; whoever matches by it says so
        return []
    return [term for term in terms if term.kind in kinds and not term.excluded]
