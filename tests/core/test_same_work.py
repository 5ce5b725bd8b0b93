"""Whether two papers without a common id are one work."""

import datetime as dt
import gzip
import json
from collections import defaultdict
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme
from bot.same_work import same_work, title_start

BULK = Path(__file__).parents[3] / "shared" / "data" / "bulk" / "arxiv_papers_50k.jsonl.gz"
ABSTRACT = "We let pigeons carry messages between two lofts and count those that arrive, by weather and by season."

PREPRINT = Paper(
    PaperId.parse("arxiv:2506.00001"),
    "Homing pigeons as couriers of messages",
    ("Ada Lovelace", "Bob Brown"),
    ABSTRACT,
    dt.date(2025, 6, 1),
)


def published(title: str, **changes: object) -> Paper:
    """Return the same paper as a journal has it, under another title."""
    made = replace(PREPRINT, id=PaperId.parse("doi:10.1000/one"), title=title)
    return replace(made, **changes)  # type: ignore[arg-type]  # by field


@pytest.mark.parametrize(
    "title",
    [
        "HOMING PIGEONS, AS COURIERS OF MESSAGES",
        "Homing-pigeons as couriers of messages.",
        "Hom ing pigeons as couriers of mes sages",
        "Homing pigeons as couriers of mesages",
    ],
)
def test_a_title_is_the_same_in_other_spellings(title: str) -> None:
    assert same_work(PREPRINT, published(title))
    assert same_work(published(title), PREPRINT)


@pytest.mark.parametrize(
    "title",
    [
        "Homing pigeons as couriers of messages II",
        "Homing pigeons as couriers of a message",
        "Homing pigeons as couriers of dispatches",
        "Horning pidgeons as couriers of mesages",
        "Homing pigeons as couriers",
    ],
)
def test_another_title_is_another_work_however_near(title: str) -> None:
    assert not same_work(PREPRINT, published(title))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Stability under localized linear damping", "Stability under localized nonlinear damping"),
        ("Encryption by symmetric functions of keys", "Encryption by asymmetric functions of keys"),
        ("Extreme black holes and their stability I", "Extreme black holes and their stability II"),
        ("Computational geometry column 38", "Computational geometry column 39"),
    ],
)
def test_a_letter_that_changes_the_meaning_is_no_typing_error(one: str, other: str) -> None:
    assert not same_work(replace(PREPRINT, title=one), published(other))


def test_a_typing_error_is_forgiven_only_where_all_authors_and_the_abstract_agree() -> None:
    mistyped = "Homing pigeons as couriers of mesages"
    assert not same_work(PREPRINT, published(mistyped, abstract=""))
    assert not same_work(
        PREPRINT, published(mistyped, abstract="Something else about birds that carry nothing at all.")
    )
    assert not same_work(PREPRINT, published(mistyped, authors=("Ada Lovelace",)))


def test_a_title_that_says_nothing_tells_no_work() -> None:
    assert not same_work(replace(PREPRINT, title="Editorial"), published("Editorial"))


def test_years_apart_or_without_a_common_author_it_is_another_work() -> None:
    assert not same_work(PREPRINT, published(PREPRINT.title, published=dt.date(2027, 1, 1)))
    assert not same_work(PREPRINT, published(PREPRINT.title, authors=("Carol Clark",)))


def test_two_ids_of_one_scheme_are_two_works() -> None:
    assert not same_work(PREPRINT, published(PREPRINT.title, id=PaperId.parse("arxiv:2506.00002")))


SUBMITTED_TWICE = {
    ("cmp-lg/9407014", "cmp-lg/9504009"),
    ("1905.11151", "1911.09023"),
    ("1606.06974", "1608.05368"),
    ("1006.1182", "1008.1671"),
    ("hep-th/9307127", "hep-th/9310154"),
    ("cond-mat/9402087", "patt-sol/9403004"),
}
"""Pairs of arXiv papers by the same authors, with the very same title: looked at one by one."""


def test_no_two_of_fifty_thousand_recorded_papers_are_taken_for_one() -> None:
    if not BULK.exists():
        pytest.skip("the recorded papers (../shared/data/bulk) are not beside this checkout")
    by_start: dict[str, list[Paper]] = defaultdict(list)
    with gzip.open(BULK, "rt", encoding="utf-8") as lines:
        for line in lines:
            paper = recorded(json.loads(line))
            by_start[title_start(paper.title)].append(paper)
    assert sum(map(len, by_start.values())) == 50_756
    taken_for_one = {
        (one.id.value, other.id.value)
        for alike in by_start.values()
        for one, other in combinations(alike, 2)
        if same_work(one, replace(other, id=PaperId(Scheme.DOI, "10.1000/182")))  # as if told of by a publisher
    }
    assert taken_for_one == SUBMITTED_TWICE


def recorded(item: dict[str, Any]) -> Paper:
    """Return a paper of the recorded ones."""
    day = dt.date.fromisoformat(item["date"][:10]) if item["date"] else None
    return Paper(PaperId(Scheme.ARXIV, item["id"]), item["title"], tuple(item["authors"]), item["abstract"] or "", day)
