"""A rule that is asked for field by field: one kind, its value, and what to leave out."""

from dataclasses import dataclass

from bot.errors import UserError
from bot.query import KINDS, Kind, Rule, Term, quoted
from bot.query_parser import parse_rule, parse_rules


@dataclass(frozen=True, slots=True)
class FormKind:
    """A kind as a form asks for it: its name, what it means, and an example of what is typed into its field."""

    label: str
    meaning: str
    example: str


def _like(kind: Kind, label: str) -> FormKind:
    meaning, example = KINDS[kind]
    return FormKind(label, meaning, example.removeprefix(f"{kind}:"))


FORM_KINDS: dict[Kind, FormKind] = {
    Kind.TEXT: FormKind("Words", "words and “phrases” in title or abstract; all must occur", 'agents "tool use"'),
    Kind.AUTHOR: _like(Kind.AUTHOR, "Author"),
    Kind.CATEGORY: _like(Kind.CATEGORY, "Category"),
    Kind.ORGANISATION: _like(Kind.ORGANISATION, "Organisation"),
    Kind.TITLE: _like(Kind.TITLE, "Title"),
    Kind.VENUE: _like(Kind.VENUE, "Venue"),
    Kind.SOURCE: _like(Kind.SOURCE, "Source"),
    Kind.SUBMITTER: FormKind("Submitter", "who submitted it to Hugging Face", "akhaliq"),
    Kind.PAPER: _like(Kind.PAPER, "One paper"),
    Kind.HAS: _like(Kind.HAS, "Extras"),
    Kind.VOTES: _like(Kind.VOTES, "Votes"),
}
"""The kinds that a follow may have; dates are for searches."""


def rule_typed(kind: Kind, value: str) -> str:
    """Return the rule of one kind as somebody would type it. Raises UserError with what is wrong with the value.

    Words are taken as they stand, facets and all; of other kinds, commas part several values.
    """
    typed = value.strip().removeprefix(f"{kind}:")
    if kind is not Kind.TEXT and '"' not in typed:
        typed = ",".join(quoted(each.strip()) for each in _parts(kind, typed) if each.strip())
    if kind is not Kind.TEXT:
        typed = f"{kind}:{typed}" if typed else ""
    parse_rules(typed)
    return typed


def without(typed: str, unwanted: str) -> str:
    """Return rules, as they are typed, each with what it is to leave out. Raises UserError.

    `unwanted` is words and facets; whether a dash stands before them or not, they are left out.
    """
    if not unwanted.strip():
        return typed
    leaving_out = [Term(term.kind, term.value, excluded=True) for term in _unwanted(unwanted).terms]
    return " ; ".join(str(Rule.of([*rule.terms, *leaving_out])) for rule in parse_rules(typed))


def _unwanted(typed: str) -> Rule:
    """Return the terms of what is to be left out, which may all be excluded already."""
    try:
        return parse_rule(typed)
    except UserError:
        if typed.lstrip()[:1] not in "-–—−":
            raise
    anything = parse_rule(f"x {typed}")  # a rule of exclusions alone is none
    return Rule(anything.excluded)


def _parts(kind: Kind, typed: str) -> list[str]:
    """Return the values that somebody typed for a kind: a name may have a comma ("LeCun, Yann")."""
    return [typed] if kind in (Kind.AUTHOR, Kind.ORGANISATION) else typed.split(",")
