"""Reads rules and searches as people type them, and says in one line what is wrong, where, and the right form."""

import datetime as dt
import re
from collections.abc import Callable, Iterator

from bot import text
from bot.arxiv_categories import find_category, nearest_categories
from bot.dates import parse_day
from bot.errors import UserError
from bot.likeness import nearest
from bot.paper_ids import Scheme
from bot.query import HAS, KINDS, Kind, Query, Rule, Term, quoted, written
from bot.references import parse_reference

MAX_LENGTH = 1_000
MAX_TERMS = 60
SOURCES = (
    "huggingface", "arxiv", "biorxiv", "medrxiv", "crossref", "acl", "dblp",
    "openreview", "openalex", "semanticscholar", "feed",
)  # fmt: skip

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))  # phones and word processors bend them
_DASHES = "-–—−"
_FACET = re.compile(r"([A-Za-z]+):")
_BARE_WORD = re.compile(r'[^\s;"]+')
_BARE_VALUE = re.compile(r'[^\s;",]+')


def parse_rule(typed: str) -> Rule:
    """Return the one rule that `typed` states. Raises UserError where it is none, or several."""
    rules = parse_rules(typed)
    if len(rules) > 1:
        raise UserError(f"Those are {len(rules)} rules, separated by ; — give one here.")
    return rules[0]


def parse_rules(typed: str) -> Query:
    """Return the rules that `typed` states, separated by `;`; dates are for searches. Raises UserError."""
    return _parse(typed, today=None)


def parse_search(typed: str, today: dt.date) -> Query:
    """Return what to search for; relative dates count from `today`. Raises UserError."""
    return _parse(typed, today)


def _parse(typed: str, today: dt.date | None) -> Query:
    _check_length(typed)
    line = text.clean(typed).translate(_QUOTES)
    rules = tuple(Rule.of(terms) for terms in _Reader(line, today).rules() if terms)
    if not rules:
        raise UserError("There is nothing to look for; write words or facets, for example: diffusion cat:cs.CL")
    for rule in rules:
        if rule.only_excludes:
            alone = text.shown(str(rule))
            raise UserError(f"“{alone}” only excludes; say what to look for as well, for example: diffusion {alone}")
    _check_length(written(rules))  # which may be longer, and must be readable again
    return rules


def _check_length(line: str) -> None:
    if len(line) > MAX_LENGTH:
        raise UserError(
            f"That is {len(line):,} characters long, and rules may have {MAX_LENGTH:,}; keep the words that matter."
        )


class _Reader:
    """Walks once over the line; `at` is where it stands."""

    def __init__(self, line: str, today: dt.date | None) -> None:
        self.line = line
        self.today = today
        self.at = 0

    def rules(self) -> Iterator[list[Term]]:
        """Yield the terms of each rule."""
        terms: list[Term] = []
        while self.at < len(self.line):
            if self.line[self.at] == ";":
                self.at += 1
                yield terms
                terms = []
            elif self.line[self.at].isspace():
                self.at += 1
            else:
                terms += self.terms()
                if len(terms) > MAX_TERMS:
                    raise UserError(f"That is more than {MAX_TERMS} words and facets; split it into rules with ;")
        yield terms

    def terms(self) -> list[Term]:
        """Read one word, phrase or facet, which may name several values."""
        excluded = self.line[self.at] in _DASHES
        if excluded:
            self.at += 1
        if excluded and (self.at == len(self.line) or self.line[self.at] in " ;"):
            return []  # a dash between words, as in "a - b"
        if facet := self.facet():
            kind = self.kind(facet)
            return [Term(kind, self.normal(kind, value), excluded) for value in self.values(kind)]
        value = self.phrase() if self.line[self.at] == '"' else self.word()
        if (found := parse_reference(value)) is not None:
            return [Term(Kind.PAPER, self.normal(Kind.PAPER, str(found.id)), excluded)]
        return [Term(Kind.TEXT, self.normal(Kind.TEXT, value), excluded)] if text.words(value) else []

    def facet(self) -> str | None:
        """Step over `kind:` and return the kind as typed; addresses and ids with a colon are no facets.

        Nor is the first half of a pasted title: "Mamba: Linear-Time Sequence Modeling".
        """
        found = _FACET.match(self.line, self.at)
        if found is None or _heads_a_title(found[1], self.line[found.end() : found.end() + 1]):
            return None
        word = _BARE_WORD.match(self.line, self.at)
        if found[1].lower() not in set(Kind) and word and parse_reference(word[0]):
            return None
        self.at = found.end()
        return found[1]

    def kind(self, typed: str) -> Kind:
        kind = typed.lower()
        if kind == Kind.TEXT or kind not in set(Kind):
            near = nearest(kind, KINDS, floor=60)
            form = (
                f"did you mean {near}:, as in {KINDS[Kind(near)][1]}?" if near else f"the kinds are {', '.join(KINDS)}."
            )
            raise UserError(
                f"There is no kind “{text.shown(typed)}:” — {form} To look for words with a colon, put them in quotes."
            )
        if kind in (Kind.AFTER, Kind.BEFORE) and self.today is None:
            raise UserError(f"{kind}: works in searches only; a rule looks at new papers as they come. Leave it out.")
        return Kind(kind)

    def values(self, kind: Kind) -> Iterator[str]:
        """Read the comma-separated values of a facet."""
        while True:
            if self.at < len(self.line) and self.line[self.at] == '"':
                yield self.phrase()
            elif value := _BARE_VALUE.match(self.line, self.at):
                self.at = value.end()
                yield value[0]
            else:
                raise UserError(f"{kind}: needs a value right after it, for example {KINDS[kind][1]}")
            if not self.line.startswith(",", self.at):
                return
            self.at += 1

    def phrase(self) -> str:
        end = self.line.find('"', self.at + 1)
        if end < 0:
            rest = text.shown(self.line[self.at + 1 :], 30)
            raise UserError(f'The quote at character {self.at + 1} is not closed; write "{rest}"')
        value = self.line[self.at + 1 : end]
        self.at = end + 1
        return value

    def word(self) -> str:
        found = _BARE_WORD.match(self.line, self.at)
        assert found is not None  # the caller stands on a character of a word
        self.at = found.end()
        return found[0]

    def normal(self, kind: Kind, value: str) -> str:
        """Return a value in its normal form, or say what is wrong with it."""
        value = value.strip()
        if kind is not Kind.PAPER:  # ids may end in brackets
            value = value.strip(",.!?()[]{}…").strip()
        if not text.words(value):
            raise UserError(
                f"{kind}:{quoted(text.shown(value))} holds no word to look for, for example {KINDS[kind][1]}"
            )
        if kind in (Kind.AFTER, Kind.BEFORE):
            assert self.today is not None  # refused by `kind` otherwise
            return parse_day(value, self.today).isoformat()
        return _NORMAL_FORMS.get(kind, _as_typed)(value)


def _heads_a_title(word: str, following: str) -> bool:
    """Return whether a word before a colon is no kind: with a capital, or unlike them all and before a space."""
    if word.lower() in set(Kind):
        return False
    unlike = nearest(word.lower(), KINDS, floor=75) is None
    return (unlike or not word.islower()) if following in ("", " ") else (unlike and not word.islower())


def _as_typed(value: str) -> str:
    return value


def _category(value: str) -> str:
    if found := find_category(value):
        return found
    near = nearest_categories(value)
    hint = f"did you mean {text.either([f'cat:{name}' for name in near])}?" if near else "write it like cat:cs.CL"
    raise UserError(f"There is no arXiv category “{text.shown(value)}”; {hint}")


def known_source(value: str) -> str:
    """Return a source's name as papers have it. Raises UserError with the nearest."""
    if value.lower() in SOURCES:
        return value.lower()
    near = nearest(value, SOURCES, floor=60)
    raise UserError(
        f"There is no source “{text.shown(value)}”; "
        + (f"did you mean source:{near}?" if near else f"the sources are {', '.join(SOURCES)}")
    )


def _paper(value: str) -> str:
    found = parse_reference(value)
    if found is None:
        raise UserError(f"“{text.shown(value)}” is no id of a paper; write it like paper:2506.01234")
    return found.id.value if found.id.scheme is Scheme.ARXIV else str(found.id)


def _has(value: str) -> str:
    if value.lower() in HAS:
        return value.lower()
    near = nearest(value, HAS, floor=50)
    raise UserError(
        f"has:{text.shown(value)} is unknown; "
        + (f"did you mean has:{near}?" if near else f"write has:{','.join(HAS)}")
    )


def _votes(value: str) -> str:
    if re.fullmatch(r"[0-9]{1,6}", value):
        return str(int(value))
    raise UserError(f"min:{text.shown(value)} is no number of votes; write it like min:20")


_NORMAL_FORMS: dict[Kind, Callable[[str], str]] = {
    Kind.CATEGORY: _category,
    Kind.SOURCE: known_source,
    Kind.PAPER: _paper,
    Kind.HAS: _has,
    Kind.VOTES: _votes,
}
