"""Categories: people type them in any case, mistype them, or know only their names."""

import gzip
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv_categories import (
    ARCHIVES,
    CATEGORIES,
    archive_of,
    category_name,
    find_category,
    nearest_categories,
)

BULK = Path(__file__).parents[3] / "shared/data/bulk/arxiv_papers_50k.jsonl.gz"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("cs.CL", "cs.CL"),
        ("CS.cl", "cs.CL"),
        (" cs.lg\n", "cs.LG"),
        ("stat", "stat"),
        ("HEP-TH", "hep-th"),
        ("Cond-Mat.Mtrl-Sci", "cond-mat.mtrl-sci"),
        ("astro-ph", "astro-ph"),
        ("CMP-LG", "cmp-lg"),
    ],
)
def test_a_category_is_found_in_any_case(typed: str, found: str) -> None:
    assert find_category(typed) == found


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("cs.CL", "Computation and Language"),
        ("cmp-lg", "Computation and Language"),
        ("alg-geom", "Algebraic Geometry"),
        ("astro-ph", "Astrophysics"),
        ("math.XX", None),
    ],
)
def test_old_categories_have_names_too(category: str, name: str | None) -> None:
    assert category_name(category) == name


@pytest.mark.parametrize("typed", ["", "cs.", "cs.XX", "cs.CL.x", "I.2.7", "68T50", "machine learning", "\ud800"])
def test_what_is_no_category_is_not_found(typed: str) -> None:
    assert find_category(typed) is None


@pytest.mark.parametrize(
    ("category", "archive"),
    [("cs.CL", "cs"), ("astro-ph.CO", "astro-ph"), ("hep-th", "hep-th"), ("cmp-lg", "cmp-lg")],
)
def test_a_category_knows_its_archive(category: str, archive: str) -> None:
    assert archive_of(category) == archive


def test_every_category_is_in_a_named_archive() -> None:
    assert {archive_of(category) for category in CATEGORIES} <= set(ARCHIVES)


def test_every_category_and_archive_has_a_name_and_is_found_by_its_id() -> None:
    for known, name in {**ARCHIVES, **CATEGORIES}.items():
        assert name.strip() == name != ""
        assert find_category(known.upper()) == known


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cs.CLL", "cs.CL"),
        ("csCL", "cs.CL"),
        ("cv", "cs.CV"),
        ("ml", "stat.ML"),
        ("statt", "stat"),
        ("machne lerning", "cs.LG"),
        ("robots", "cs.RO"),
        ("computer vision", "cs.CV"),
        ("algebraic geometry", "math.AG"),
    ],
)
def test_a_mistyped_category_or_its_name_leads_to_the_one_meant(typed: str, meant: str) -> None:
    assert nearest_categories(typed)[0] == meant


def test_a_name_that_two_categories_share_suggests_both() -> None:
    assert set(nearest_categories("machine learning")) >= {"cs.LG", "stat.ML"}


def test_a_closed_archive_is_never_suggested() -> None:
    assert nearest_categories("computation and language")[0] == "cs.CL"
    assert "cmp-lg" not in nearest_categories("cmp-lg", limit=200)


@pytest.mark.parametrize("typed", ["", "   ", "foo", "hello", "zzzz", "🤖" * 5_000])
def test_nothing_is_suggested_for_what_is_like_nothing(typed: str) -> None:
    assert nearest_categories(typed) == []


@given(st.text(st.characters()), st.integers(0, 5))
def test_suggestions_are_known_distinct_and_at_most_as_many_as_asked_for(typed: str, limit: int) -> None:
    suggested = nearest_categories(typed, limit)
    assert len(suggested) == len(set(suggested)) <= limit
    assert all(find_category(category) == category for category in suggested)


def test_every_category_of_50_000_real_papers_is_known() -> None:
    if not BULK.exists():
        pytest.skip(f"the recorded papers are not here: {BULK}")
    with gzip.open(BULK, "rt", encoding="utf-8") as lines:
        real = {category for line in lines for category in json.loads(line)["categories"]}
    # The recording mixes in MSC and ACM classes ("68T50", "I.2.7; J.4") and free text.
    arxiv_like = {category for category in real if re.fullmatch(r"[a-z]+(-[a-z]+)?(\.[A-Za-z-]+)?", category)}
    assert len(arxiv_like) > 150
    assert {category for category in arxiv_like if find_category(category) != category} == set()
    assert {category for category in real - arxiv_like if find_category(category)} == set()
