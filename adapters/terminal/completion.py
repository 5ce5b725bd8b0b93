"""What can be typed next: names of commands, options, facets and their values, ids and numbers just shown."""

import itertools
import re
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from adapters.terminal.layout import safe
from bot.arxiv_categories import ARCHIVES, CATEGORIES
from bot.commands.table import Command, Param, Shape
from bot.query import HAS, KINDS, Kind
from bot.reply import HelpLine, Reply

_LAST = re.compile(r'(?:[^\s"]|"[^"]*"?)*\Z')
_PREFIX = re.compile(r"\s*(?:/?papers\s+)?", re.IGNORECASE)
_RULE_OF_DIGEST = re.compile(r"(?:^|\s)--\s")
_DAYS = {
    "daily": "every day",
    "weekdays": "Monday to Friday",
    "weekly": "on Mondays",
    "mon,wed,fri": "some days",
}
_LISTED_ZONES = 20


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Text to put in place of the last `replaces` characters before the cursor, and what it means."""

    text: str
    replaces: int
    meta: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What the last reply showed and can be named in the next line: values with what they stand for."""

    ids: Mapping[str, str]
    numbers: Mapping[str, str]
    commands: Mapping[str, str]

    @classmethod
    def by(cls, reply: Reply) -> "Shown":
        """Return what a reply shows."""
        papers = list(reply.papers or ())
        papers += [reply.card.line] if reply.card else []
        papers += reply.digest.papers if reply.digest else ()
        rules = [*(reply.follows or ()), *(reply.mutes or ())]
        return cls(
            ids={safe(paper.label): safe(paper.title) for paper in papers},
            numbers={str(line.number): safe(line.rule) for line in rules},
            commands={safe(action.command): safe(action.label) for action in reply.actions},
        )


NOTHING = Shown({}, {}, {})


class Completion:
    """Suggestions by the command table, and by further commands of the prompt's own."""

    def __init__(self, table: Mapping[str, Command], extra: Sequence[HelpLine] = ()) -> None:
        self._table = table
        self._extra = {name: line.summary for line in extra if (name := _literal(line.usage))}
        self.shown = NOTHING

    def suggestions(self, before: str) -> list[Suggestion]:
        """Return what may replace or follow the end of the line before the cursor, each once."""
        line = _PREFIX.sub("", before, count=1)
        offered = [*_starting(self.shown.commands.items(), line), *self._fitting(line)]
        return list({(each.text, each.replaces): each for each in offered}.values())

    def _fitting(self, line: str) -> Iterator[Suggestion]:
        word, space, rest = line.partition(" ")
        rest = rest.lstrip()
        if not space:
            yield from _starting(self._first_words(), line)
        elif word.lower() == "help":
            yield from _starting(((name, command.summary) for name, command in self._table.items()), rest)
        elif command := self._command(line):
            yield from _arguments(command, line, self.shown)
        elif " " not in rest:
            yield from _starting(self._second_words(word.lower()), rest)

    def _first_words(self) -> Iterator[tuple[str, str]]:
        names = {name: command.summary for name, command in self._table.items()} | self._extra
        for first in dict.fromkeys(name.partition(" ")[0] for name in names):
            second = ", ".join(word for word, _ in self._second_words(first))
            yield (f"{first} ", second) if first not in names else (first, names[first])

    def _second_words(self, first: str) -> Iterator[tuple[str, str]]:
        names = {name: command.summary for name, command in self._table.items()} | self._extra
        for name, summary in names.items():
            if name.startswith(f"{first} "):
                yield name.removeprefix(f"{first} "), summary

    def _command(self, line: str) -> Command | None:
        """Return the command whose name is typed in full, with a space behind it."""
        words = line.lower().split(" ")
        return next((found for size in (2, 1) if (found := self._table.get(" ".join(words[:-1][:size])))), None)


def _literal(usage: str) -> str:
    """Return the words of a usage that are typed as they stand: "tick" of "tick [N]"."""
    words = usage.split()
    end = next((place for place, word in enumerate(words) if word != word.lower() or word[0] in "[<"), len(words))
    return " ".join(words[:end])


def _starting(values: Iterable[tuple[str, str]], typed: str) -> Iterator[Suggestion]:
    """Yield the values that begin with what was typed, but for one that is typed already."""
    for value, meta in values:
        if value.lower().startswith(typed.lower()) and value != typed:
            yield Suggestion(value, len(typed), meta)


def _arguments(command: Command, line: str, shown: Shown) -> Iterator[Suggestion]:
    found = _LAST.search(line)
    token = found[0] if found else ""
    typed = line[len(command.name) : len(line) - len(token)]
    in_rule = bool(_RULE_OF_DIGEST.search(typed))
    for param in command.params:
        ruled = param.shape in (Shape.RULE, Shape.QUERY)
        optional_rule = ruled and not param.required  # the digest's, which begins behind two dashes
        if param.option:
            yield from _option(param, token)
        elif ruled and (in_rule or not optional_rule):
            yield from _facets(token)
        elif optional_rule and token in ("", "-"):
            yield Suggestion("-- ", len(token), param.summary)
        elif not in_rule:
            values = _values(param, shown)
            yield from _zones_like(token) if param.shape is Shape.ZONE else _starting(values, token)


def _option(param: Param, token: str) -> Iterator[Suggestion]:
    name, colon, value = token.partition(":")
    if not colon:
        yield from _starting([(f"{param.name}:", param.summary)], token)
    elif name.lower() == param.name:
        yield from _starting(((choice, "") for choice in param.choices), value)


def _values(param: Param, shown: Shown) -> Iterable[tuple[str, str]]:
    """Return what a parameter may hold, as far as that can be listed."""
    if param.choices:
        return [(choice, "") for choice in param.choices]
    match param.shape:
        case Shape.PAPER:
            return shown.ids.items()
        case Shape.NUMBER:
            return shown.numbers.items() if param.name == "number" else ()
        case Shape.DAYS:
            return _DAYS.items()
        case _:
            return ()


def _zones_like(token: str) -> Iterator[Suggestion]:
    """Yield zones of which a part begins with what was typed: "ber" finds Europe/Berlin."""
    begun = re.compile(rf"(?:\A|[/_]){re.escape(token)}", re.IGNORECASE)
    found = (zone for zone in _zones() if begun.search(zone)) if token else iter(())
    for zone in itertools.islice(found, _LISTED_ZONES):
        yield Suggestion(zone, len(token), "time zone")


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    """Return zones that are named after a place, and UTC; read from disk once, in some 20 ms."""
    return ("UTC", *sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and zone[:3] != "Etc"))


def _facets(token: str) -> Iterator[Suggestion]:
    """Yield facets, and the values of those that have a list; a minus before one and commas within are kept."""
    bare = token.removeprefix("-")
    kind, colon, values = bare.partition(":")
    if not colon:
        facets = ((f"{each}:", f"{means}: {example}") for each, (means, example) in KINDS.items())
        yield from _starting(facets, bare)
        return
    last = values.rpartition(",")[2]
    if kind.lower() == Kind.HAS:
        yield from _starting(((each, "") for each in HAS), last)
    elif kind.lower() == Kind.CATEGORY and last:
        yield from _starting({**CATEGORIES, **ARCHIVES}.items(), last)
