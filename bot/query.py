"""The query language that follows, mutes, searches and digest filters share: text -> Rule -> text and words.

    diffusion "language model" author:"Yann LeCun" cat:cs.CL,cs.LG -org:ByteDance ; min:50

Words and phrases must all occur; facets of one kind are alternatives, of different kinds conditions;
`-` excludes; `;` separates rules. The kinds are in `KINDS`; how text is read is in `bot.query_parser`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from bot import text

HAS = ("code", "project", "video", "model")


class Kind(StrEnum):
    """What a term looks at; the values are the words that people type before the colon."""

    TEXT = "text"
    TITLE = "title"
    AUTHOR = "author"
    CATEGORY = "cat"
    ORGANISATION = "org"
    VENUE = "venue"
    SOURCE = "source"
    SUBMITTER = "by"
    PAPER = "paper"
    HAS = "has"
    VOTES = "min"
    AFTER = "after"
    BEFORE = "before"


KINDS: dict[Kind, tuple[str, str]] = {
    Kind.TITLE: ("in the title only", "title:diffusion"),
    Kind.AUTHOR: ("a person", 'author:"Yann LeCun"'),
    Kind.CATEGORY: ("an arXiv category or archive", "cat:cs.CL,stat"),
    Kind.ORGANISATION: ("an organisation", 'org:"Google DeepMind"'),
    Kind.VENUE: ("a conference or journal", "venue:ACL"),
    Kind.SOURCE: ("where it was listed", "source:huggingface"),
    Kind.SUBMITTER: ("who submitted it, or a team mate's saves", "by:akhaliq or by:@ana"),
    Kind.PAPER: ("one paper", "paper:2506.01234"),
    Kind.HAS: ("what comes with it", "has:code,project,video,model"),
    Kind.VOTES: ("at least so many votes", "min:20"),
    Kind.AFTER: ("on that day or later (in searches)", "after:2025-06-01 or after:7d"),
    Kind.BEFORE: ("before that day (in searches)", "before:2025-06-01"),
}
"""Each facet with what it means and an example; TEXT has no word of its own."""

_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: a kind, a value in normal form, and whether it excludes. TEXT of several words is a phrase."""

    kind: Kind
    value: str
    excluded: bool = False

    @property
    def key(self) -> tuple[int, bool, str]:
        """Equal for terms that mean the same: case and accents do not matter."""
        return (_ORDER[self.kind], self.excluded, text.fold(self.value))

    def __str__(self) -> str:
        prefix = "" if self.kind is Kind.TEXT else f"{self.kind}:"
        return ("-" if self.excluded else "") + prefix + quoted(self.value)


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed query without `;`: its terms in order, each once. Made by `Rule.of` and the parser."""

    terms: tuple[Term, ...]

    @classmethod
    def of(cls, terms: Iterable[Term]) -> "Rule":
        """Return the rule of these terms: the wanted ones first, ordered by kind, then as given."""
        distinct: dict[tuple[int, bool, str], Term] = {}
        for term in terms:
            distinct.setdefault(term.key, term)
        return cls(tuple(sorted(distinct.values(), key=lambda term: (term.excluded, _ORDER[term.kind]))))

    def wanted(self, kind: Kind) -> tuple[str, ...]:
        """The values of that kind that the rule asks for: all of TEXT, any of every other kind."""
        return tuple(term.value for term in self.terms if term.kind is kind and not term.excluded)

    @property
    def excluded(self) -> tuple[Term, ...]:
        """The terms that the rule excludes."""
        return tuple(term for term in self.terms if term.excluded)

    @property
    def only_excludes(self) -> bool:
        """Whether it says what not to find, but not what to find."""
        return all(term.excluded for term in self.terms)

    @property
    def key(self) -> tuple[tuple[int, bool, str], ...]:
        """Equal for rules that mean the same, in whatever order and case they were typed."""
        return tuple(sorted(term.key for term in self.terms))

    def __str__(self) -> str:
        """The rule as a person would type it; parsing that gives the same rule again."""
        parts: list[str] = []
        for (kind, excluded), run in groupby(self.terms, key=lambda term: (term.kind, term.excluded)):
            if kind is Kind.TEXT:
                parts += [str(term) for term in run]
            else:
                parts.append(f"{'-' if excluded else ''}{kind}:{','.join(quoted(term.value) for term in run)}")
        return " ".join(parts)

    def describe(self) -> str:
        """The rule in words: "with “diffusion” in title or abstract, in cs.CL, but not by Jane Doe"."""
        parts: list[str] = []
        for (kind, excluded), run in groupby(self.terms, key=lambda term: (term.kind, term.excluded)):
            values = [term.value for term in run]
            parts.append(("but not " if excluded else "") + _in_words(kind, values, excluded))
        return ", ".join(parts)

    def describe_papers(self) -> str:
        """What the rule brings, in words: "papers by Jane Doe", "the paper 2506.01234"."""
        one = self.terms[0].kind is Kind.PAPER
        return self.describe() if one else f"papers {self.describe()}"


Query = tuple[Rule, ...]
"""What is searched for: a paper is found where one of the rules matches it."""


def written(query: Query) -> str:
    """Return a query as a person would type it."""
    return " ; ".join(str(rule) for rule in query)


def quoted(value: str) -> str:
    """Return a value as it stands in a rule: in quotes where it would otherwise be read as several things."""
    bare = value and not any(letter.isspace() or letter in ',;:"' for letter in value) and value[0] not in "-–—−"
    return value if bare else f'"{value}"'


def _in_words(kind: Kind, values: list[str], excluded: bool) -> str:
    named = text.either(values)
    marked = [f"“{value}”" for value in values]
    match kind:
        case Kind.TEXT:
            both = text.either(marked) if excluded else " and ".join(marked)
            return f"with {both} in title or abstract"
        case Kind.TITLE:
            return f"with {text.either(marked)} in the title"
        case Kind.AUTHOR:
            return f"by {named}"
        case Kind.CATEGORY:
            return f"in {named}"
        case Kind.ORGANISATION:
            return f"from {named}"
        case Kind.VENUE:
            return f"at {named}"
        case Kind.SOURCE:
            return f"listed by {named}"
        case Kind.SUBMITTER:
            return f"submitted or saved by {named}"
        case Kind.PAPER:
            return f"the paper {named}"
        case Kind.HAS:
            return f"with {named}"
        case Kind.VOTES:
            return f"with at least {text.either([text.plural(int(value), 'vote') for value in values])}"
        case Kind.AFTER:
            return f"since {named}"
        case Kind.BEFORE:
            return f"before {named}"
