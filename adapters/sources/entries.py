"""From the entries of an answer to papers: each paper once, and what is none is counted by its reason."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme
from bot.references import parse_reference

TWICE = "same paper twice"
TITLE = 2_000  # characters; the longest title on arXiv has 335
ABSTRACT = 20_000  # the longest has 4,480
NAME = 300
AUTHORS = 6_000  # the longest list has 3,303
VENUE = 500

_YEARS = range(1600, 2101)  # the first journals appeared in 1665
_RESOLVER = re.compile(r"(?:https?://(?:www\.|dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_OF_ARXIV = "10.48550/arxiv."

Item = TypeVar("Item")


class DamagedError(Exception):
    """An entry that can't be a paper; the message is the reason that is counted."""


def collected(items: Iterable[Item], parse: Callable[[Item], Paper]) -> tuple[tuple[Paper, ...], dict[str, int]]:
    """Return the papers of some entries in their order, each once in its newest version, and what was skipped."""
    papers: dict[PaperId, Paper] = {}
    skipped: Counter[str] = Counter()
    for item in items:
        try:
            paper = parse(item)
        except DamagedError as damage:
            skipped[str(damage)] += 1
            continue
        before = papers.setdefault(paper.id, paper)
        if before is not paper:
            skipped[TWICE] += 1
            papers[paper.id] = _newer(before, paper)
    return tuple(papers.values()), dict(skipped)


def _newer(before: Paper, after: Paper) -> Paper:
    newer, older = (after, before) if (after.version or 0) > (before.version or 0) else (before, after)
    return replace(newer, listings=newer.listings or older.listings)


def titled(title: str) -> str:
    """Return the title, which there must be."""
    if not title:
        raise DamagedError("no title")
    return title


def doi(told: object) -> PaperId:
    """Return the id of a DOI, bare or as an address; arXiv's own are arXiv's ids. DamagedError for what is none."""
    if not isinstance(told, str) or not told.strip():
        raise DamagedError("no DOI")
    bare = _RESOLVER.sub("", told.strip(), count=1).lower()
    try:
        found = PaperId(Scheme.DOI, bare)
    except ValueError as error:
        raise DamagedError("DOI is not one") from error
    if found.too_long:
        raise DamagedError("DOI is not one")
    ours = parse_reference(bare) if bare.startswith(_OF_ARXIV) else None
    return ours.id if ours else found


def doi_if_any(told: object) -> PaperId | None:
    """Return the same of a field that may be empty or wrong."""
    try:
        return doi(told)
    except DamagedError:
        return None


def referred(told: object) -> PaperId | None:
    """Return the id that an address or a key ("arxiv:2506.01234") names; None for anything else."""
    found = parse_reference(told) if isinstance(told, str) else None
    return found.id if found and not found.id.too_long else None


def main_and_others(found: Iterable[PaperId | None]) -> tuple[PaperId, tuple[PaperId, ...]]:
    """Return the first id, and those that lead to the same paper. DamagedError where there is none."""
    names = list(dict.fromkeys(each for each in found if each))
    if not names:
        raise DamagedError("no id")
    return names[0], tuple(names[1:])


def day(year: object, month: object = 1, day: object = 1) -> dt.date | None:
    """Return a day told in whole numbers; None for what is none, such as in the year 0."""
    if not (isinstance(year, int) and isinstance(month, int) and isinstance(day, int)) or year not in _YEARS:
        return None
    try:
        return dt.date(year, month, day)
    except (ValueError, OverflowError):
        return None


def first_of_year(told: object) -> dt.date | None:
    """Return the first day of a year that is told as a number or as text: all that some sources know."""
    if isinstance(told, str) and re.fullmatch(r"[0-9]{4}", told.strip()):
        told = int(told)
    return day(told)
