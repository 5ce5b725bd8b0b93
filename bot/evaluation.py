"""The meaning of a rule: whether it matches a paper, and why or why not, in words.

This is the plain reading that the search index and the matcher must agree with.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache

from bot import text
from bot.arxiv_categories import archive_of
from bot.names import same_author
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme
from bot.query import Kind, Rule, Term, quoted


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule matches a paper; `reasons` say why it does, or else what stands against it."""

    matched: bool
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Evaluated:
    """A paper made ready to be looked at by many rules: its text is analysed once.

    `saved_by` are the names of the team mates who saved it, for `by:@name`.
    """

    paper: Paper
    saved_by: Collection[str] = ()
    title: list[str] = field(init=False)
    abstract: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.title = text.stems(self.paper.title)
        self.abstract = text.stems(self.paper.abstract)


def matches(rule: Rule, paper: Evaluated) -> bool:
    """Return whether the rule matches the paper."""
    return evaluate(rule, paper).matched


def evaluate(rule: Rule, paper: Evaluated) -> Verdict:
    """Return whether and why the rule matches: words all, facets of a kind any, exclusions none."""
    for term in rule.excluded:
        if hit := _found(term, paper):
            return Verdict(False, (f"left out by {term}: {hit}",))
    reasons: list[str] = []
    for kind in Kind:
        wanted = [Term(kind, value) for value in rule.wanted(kind)]
        if not wanted:
            continue
        found = [_found(term, paper) for term in wanted]
        enough = all(found) if kind is Kind.TEXT else any(found)
        if not enough:
            missing = [term for term, hit in zip(wanted, found, strict=True) if not hit]
            return Verdict(False, (_absent(kind, [term.value for term in missing], paper.paper),))
        reasons += [hit for hit in found if hit]
    return Verdict(True, tuple(reasons))


def _found(term: Term, paper: Evaluated) -> str | None:
    """Return in words where the term occurs in the paper, or None where it does not."""
    return _FINDERS[term.kind](term.value, paper)


def _in_text(value: str, paper: Evaluated) -> str | None:
    wanted = _stems(value)
    if _contains(paper.title, wanted):
        return f"“{value}” in the title"
    return f"“{value}” in the abstract" if _contains(paper.abstract, wanted) else None


def _in_title(value: str, paper: Evaluated) -> str | None:
    return f"“{value}” in the title" if _contains(paper.title, _stems(value)) else None


def _author(value: str, paper: Evaluated) -> str | None:
    return next((f"author {name}" for name in paper.paper.authors if same_author(value, name)), None)


def _category(value: str, paper: Evaluated) -> str | None:
    held = paper.paper.categories
    return next((f"category {name}" for name in held if value in (name, archive_of(name))), None)


def _organisation(value: str, paper: Evaluated) -> str | None:
    named = dict.fromkeys(listing.organisation for listing in paper.paper.listings if listing.organisation)
    return next((f"organisation {name}" for name in named if _contains(text.words(name), text.words(value))), None)


def _venue(value: str, paper: Evaluated) -> str | None:
    venue = paper.paper.venue
    return f"venue {venue}" if venue and _contains(text.words(venue), text.words(value)) else None


def _source(value: str, paper: Evaluated) -> str | None:
    return f"listed by {value}" if any(listing.source == value for listing in paper.paper.listings) else None


def _submitter(value: str, paper: Evaluated) -> str | None:
    if value.startswith("@"):
        saved = any(text.fold(name) == text.fold(value[1:]) for name in paper.saved_by)
        return f"saved by {value}" if saved else None
    submitters = (listing.submitter for listing in paper.paper.listings if listing.submitter)
    return f"submitted by {value}" if any(text.fold(name) == text.fold(value) for name in submitters) else None


def _paper(value: str, paper: Evaluated) -> str | None:
    return f"the paper {value}" if paper_id_of(value) in (paper.paper.id, *paper.paper.other_ids) else None


def _has(value: str, paper: Evaluated) -> str | None:
    return f"has {value}" if value in paper.paper.has else None


def _votes(value: str, paper: Evaluated) -> str | None:
    votes = paper.paper.votes
    return text.plural(votes, "vote") if votes is not None and votes >= int(value) else None


def _after(value: str, paper: Evaluated) -> str | None:
    day = paper.paper.date
    return f"dated {day}" if day and day.isoformat() >= value else None


def _before(value: str, paper: Evaluated) -> str | None:
    day = paper.paper.date
    return f"dated {day}" if day and day.isoformat() < value else None


_FINDERS = {
    Kind.TEXT: _in_text,
    Kind.TITLE: _in_title,
    Kind.AUTHOR: _author,
    Kind.CATEGORY: _category,
    Kind.ORGANISATION: _organisation,
    Kind.VENUE: _venue,
    Kind.SOURCE: _source,
    Kind.SUBMITTER: _submitter,
    Kind.PAPER: _paper,
    Kind.HAS: _has,
    Kind.VOTES: _votes,
    Kind.AFTER: _after,
    Kind.BEFORE: _before,
}

_ABSENT = {
    Kind.AUTHOR: "not by {}",
    Kind.CATEGORY: "not in {}",
    Kind.ORGANISATION: "not from {}",
    Kind.VENUE: "not at {}",
    Kind.SOURCE: "not listed by {}",
    Kind.SUBMITTER: "not submitted or saved by {}",
    Kind.PAPER: "not the paper {}",
    Kind.HAS: "without {}",
    Kind.AFTER: "dated before {}",
    Kind.BEFORE: "dated {} or later",
}


def _absent(kind: Kind, values: list[str], paper: Paper) -> str:
    if kind in (Kind.TEXT, Kind.TITLE):
        where = "title or abstract" if kind is Kind.TEXT else "the title"
        return f"no {text.either([f'“{value}”' for value in values])} in {where}"
    if kind is Kind.VOTES:
        return f"{text.plural(paper.votes or 0, 'vote')}, fewer than {min(map(int, values))}"
    return _ABSENT[kind].format(text.either([quoted(value) for value in values]))


def paper_id_of(value: str) -> PaperId:
    """Return the id that the normal form of a `paper:` value names: a bare one is arXiv's."""
    return PaperId.parse(value) if value.split(":")[0] in set(Scheme) else PaperId(Scheme.ARXIV, value)


@lru_cache(maxsize=50_000)
def _stems(value: str) -> tuple[str, ...]:
    return tuple(text.stems(value))


def _contains(held: list[str], wanted: "tuple[str, ...] | list[str]") -> bool:
    """Whether the words stand in that order, next to each other."""
    size = len(wanted)
    if size == 1:
        return wanted[0] in held
    run = list(wanted)
    return any(held[at : at + size] == run for at, word in enumerate(held) if word == run[0])
