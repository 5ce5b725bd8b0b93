"""The lists of days, made once and shared by all digests that are composed at the same time."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bot.evaluation import Evaluated, evaluate
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.query import Rule
from bot.ranking import day_listing, day_order, is_featured

_MOST_RULES = 2_000
"""Rules whose matches are kept: some 10 MB."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that may come in a digest: its listing, and its place among that day's.

    `reasons` say why the rule matches it, once it is chosen.
    """

    paper: Paper
    listing: Listing
    place: int
    among: int
    reasons: tuple[str, ...] = ()


class DayLists:
    """The lists of some days, each in its order; for each rule, of the papers that match it."""

    def __init__(self) -> None:
        self._lists: dict[dt.date, tuple[Candidate, ...]] = {}
        self._featured: dict[dt.date, tuple[Candidate, ...]] = {}
        self._analysed: dict[dt.date, dict[PaperId, Evaluated]] = {}
        self._matching: dict[Rule, dict[dt.date, tuple[Candidate, ...]]] = {}
        self._reasons: dict[tuple[Rule, PaperId], tuple[str, ...]] = {}

    def __contains__(self, day: dt.date) -> bool:
        """Whether the day's list is here."""
        return day in self._lists

    def add(self, day: dt.date, papers: Iterable[Paper]) -> None:
        """Make the list of a day from papers that include all that were listed on it; withdrawn ones are no news."""
        listed = [(each, found) for each in papers if not each.withdrawn and (found := day_listing(each, day))]
        listed.sort(key=lambda pair: day_order(*pair))
        self._lists[day] = tuple(
            Candidate(paper, listing, place, len(listed)) for place, (paper, listing) in enumerate(listed, start=1)
        )
        picked = [found for found in self._lists[day] if is_featured(found.listing)]
        self._featured[day] = _placed(picked) if 0 < len(picked) < len(listed) else self._lists[day]

    def ids(self, days: Iterable[dt.date]) -> set[PaperId]:
        """Return all papers that are listed on those days."""
        return {found.paper.id for day in days for found in self._lists[day]}

    def match(self, rules: Iterable[Rule]) -> None:
        """Try rules on all papers that are here: many at a time cost hardly more than one, and each is tried once."""
        if len(self._matching) > _MOST_RULES:
            self._matching.clear()
            self._reasons.clear()
        untried = [rule for rule in dict.fromkeys(rules) if not self._is_tried(rule)]
        if untried:
            for day, listed in self._lists.items():
                if day not in self._analysed:
                    self._analysed[day] = {found.paper.id: Evaluated(found.paper) for found in listed}
            self._try(untried)

    def _is_tried(self, rule: Rule) -> bool:
        return len(self._matching.get(rule, ())) == len(self._lists)

    def _try(self, rules: Sequence[Rule]) -> None:
        from bot.matching import Matcher  # numpy takes 0.1 s, and most commands compose nothing

        matcher = Matcher()
        for number, rule in enumerate(rules):
            matcher.add(rule, number)
        days = [(day, found) for day, listed in self._lists.items() for found in listed]
        analysed = [self._analysed[day][found.paper.id] for day, found in days]
        matching: list[dict[dt.date, list[Candidate]]] = [{day: [] for day in self._lists} for _ in rules]
        for (day, found), numbers in zip(days, matcher.match(analysed), strict=True):
            for number in numbers.tolist():
                matching[number][day].append(found)
        for rule, by_day in zip(rules, matching, strict=True):
            self._matching[rule] = {day: _placed(found) for day, found in by_day.items()}

    def explained(self, chosen: Iterable[Candidate], rule: Rule | None) -> tuple[Candidate, ...]:
        """Return them with the reasons why the rule matches each, which are not worth finding for all that match."""
        if rule is None:
            return tuple(chosen)
        return tuple(replace(found, reasons=self._why(rule, found)) for found in chosen)

    def _why(self, rule: Rule, found: Candidate) -> tuple[str, ...]:
        key = rule, found.paper.id
        if key not in self._reasons:
            self._reasons[key] = evaluate(rule, self._analysed[found.listing.day][found.paper.id]).reasons
        return self._reasons[key]

    def on(self, rule: Rule | None) -> Callable[[dt.date], Sequence[Candidate]]:
        """Return what gives a day's list: of the papers that match the rule, or else of those that a source picked out.

        Whoever wants all that arXiv announces says so by a rule: nobody reads 500 papers a day.
        """
        if rule is None:
            return self._featured.__getitem__
        if not self._is_tried(rule):
            self.match([rule])
        return self._matching[rule].__getitem__


def _placed(matching: Sequence[Candidate]) -> tuple[Candidate, ...]:
    return tuple(replace(found, place=at, among=len(matching)) for at, found in enumerate(matching, start=1))
