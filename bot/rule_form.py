"""A rule that is asked for field by field: one kind, its value, and what to leave out."""

from dataclasses import dataclass

from bot.errors import UserError
from bot.query import Kind, Rule, Term, quoted
from bot.query_parser import parse_rule, parse_rules


@dataclass(frozen=True, slots=True)
class FormKind:
    """A kind as a form asks for it: its name, what is wanted, and an example of what is typed into its field."""

    label: str
    hint: str
    example: str


FORM_KINDS: dict[Kind, FormKind] = {
    Kind.TEXT: FormKind(
        "Words", "Words and “phrases” that all stand in the title or the abstract.", 'agents "tool use"'
    ),
    Kind.AUTHOR: FormKind("Author", "A person who wrote it.", "Yann LeCun"),
    Kind.CATEGORY: FormKind("Category", "A subject of arXiv, or a whole archive.", "cs.CL"),
    Kind.ORGANISATION: FormKind("Organisation", "A university, company or lab that it comes from.", "Google DeepMind"),
    Kind.TITLE: FormKind("Words in the title", "Any of these; commas part them.", "diffusion models, agents"),
    Kind.VENUE: FormKind("Conference or journal", "Any of these; commas part them.", "ACL, NeurIPS"),
    Kind.SOURCE: FormKind("Source", "Where it was listed.", "huggingface, arxiv"),
    Kind.SUBMITTER: FormKind("Submitter", "The user name of who submitted it to Hugging Face.", "akhaliq"),
    Kind.PAPER: FormKind("One paper", "Its id or its address.", "2506.01234"),
    Kind.HAS: FormKind("Code, project, video or model", "Any of these comes with it.", "code, video"),
    Kind.VOTES: FormKind("Votes", "At least so many.", "20"),
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
    whole = " ; ".join(str(Rule.of([*rule.terms, *leaving_out])) for rule in parse_rules(typed))
    parse_rules(whole)  # together they may be too long
    return whole


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
