"""Whom an author's name in a rule means: resolved when a rule is made, asked about when unclear, never guessed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.names import block_keys, fold_name, has_initials, is_family_only, same_author
from bot.ports import SearchIndex
from bot.query import Kind, Rule, Term
from bot.store_papers import Papers


@dataclass(frozen=True, slots=True)
class Unclear:
    """A name that may mean several people, or nobody known: the names it could be.

    `known` tells whether some of them can be written that way; otherwise they only look alike.
    """

    typed: str
    names: tuple[str, ...]
    known: bool


async def resolve_authors(rule: Rule, papers: Papers, index: SearchIndex) -> tuple[Rule, list[Unclear]]:
    """Return the rule with each wanted author's name as the papers spell it, and the names that are unclear."""
    unclear: list[Unclear] = []
    terms: list[Term] = []
    for term in rule.terms:
        if term.kind is Kind.AUTHOR:
            found = await resolve_author(term.value, papers, index)
            if isinstance(found, Unclear):
                unclear.append(found)
            else:
                term = Term(term.kind, found, term.excluded)
        terms.append(term)
    return Rule.of(terms), unclear


async def resolve_author(typed: str, papers: Papers, index: SearchIndex) -> str | Unclear:
    """Return the name as the papers spell it, or whom it could mean.

    A name that no paper has, and that is like none, is taken as typed: the author's first paper may be to come.
    """
    names = [name for name in await papers.author_names(block_keys(typed)) if same_author(typed, name)]
    people = _one_each(names)
    exact = [name for name in names if fold_name(name) == fold_name(typed)]
    if exact and not (is_family_only(typed) or has_initials(typed)):
        return exact[0]
    if len(people) == 1 and not is_family_only(typed):
        return people[0] if has_initials(typed) else typed
    if people and (is_family_only(typed) or has_initials(typed)):
        return Unclear(typed, tuple(people), known=True)
    if people:
        return typed
    near = await index.names_like(typed)
    return Unclear(typed, tuple(near), known=False) if near else typed


def _one_each(names: Collection[str]) -> list[str]:
    """Return one spelling for each folded name; a name in full makes the same one with initials needless."""
    spelled: dict[str, str] = {}
    for name in sorted(names):
        spelled.setdefault(fold_name(name), name)
    full = [name for name in spelled.values() if not has_initials(name)]
    return _alphabetical(full or list(spelled.values()))


def _alphabetical(names: Sequence[str]) -> list[str]:
    return sorted(names, key=fold_name)
