"""Which papers are withdrawn, told by what their authors write in the comment."""

import datetime as dt
import gzip
import json
from pathlib import Path

import pytest

from bot.day_lists import DayLists
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, Scheme
from bot.withdrawals import is_withdrawn

BULK = Path(__file__).parents[3] / "shared" / "data" / "bulk" / "arxiv_papers_50k.jsonl.gz"
DAY = dt.date(2025, 8, 20)


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn",
        "This paper has been withdrawn by the author due to a crucial sign\n  error in equation 1",
        "Withdrawn",
        "withdrawn by author. arXiv admin note: v1 substantial text overlap",
        "Withdrawn: the main results are contained in a new paper",
        "13 pages. This paper has been withdrawn by the authors",
        "arXiv admin note: This submission has been withdrawn due to a violation of policies",
        "paper withdrawn, much revised version is under preparation",
        "This paper is being withdrawn due to a mistake",
        "0, plain tex, This paper is incorrect, and has been withdrawn by the\n  Author",
        "The current version is withdrawn due to an error",
        "Because of fundamental changes, it has been withdrawn from the archive.",
        "This paper has been withdrawn from the arXiv. A version is published",
        "We have decided to withdraw this manuscript in order to improve it",
        "Thus we wish to withdraw all versions of this paper",
        "I detected some wrong statements in this article so I withdraw it",
        "we kindly request the withdrawal of our paper",
        "Got accepted in NLDB-2013; as Paper ID: 23, Withdrawn",
    ],
)
def test_a_withdrawn_paper_is_known_by_its_comment(comment: str) -> None:
    assert is_withdrawn(comment)


@pytest.mark.parametrize(
    "comment",
    [
        None,
        "",
        "15 pages, submitted to a journal, however, later withdrawn to correct",
        "Was accepted at a conference but later withdrawn due to financial issues",
        "The paper has been withdrawn from the XX International Conference",
        "Accepted by a workshop; it was later withdrawn because of funding issues",
        "Previous version was withdrawn to be updated by the journal's version",
        "an application to water-waves which have been withdrawn from our previous submission",
        "this paper supersedes math-ph/0012031, which will be withdrawn",
        "we retract our earlier claim; we have to withdraw our earlier claim",
        "was in second revision when it was withdrawn",
        "On the withdrawn papers of arXiv, 9 pages",
        "The withdrawal of capital from banks, 30 pages",
    ],
)
def test_a_paper_that_stands_is_not_hidden(comment: str | None) -> None:
    assert not is_withdrawn(comment, "This paper studies withdrawn papers.")


def test_an_abstract_that_says_so_in_its_first_words_counts() -> None:
    assert is_withdrawn(None, "This article has been withdrawn by the authors.")
    assert is_withdrawn("Published in a journal", "  This paper has been withdrawn because a newer one is there")
    assert not is_withdrawn(None, "We show why this paper has been withdrawn.")


def test_a_withdrawn_paper_is_not_announced() -> None:
    stands, withdrawn = (
        Paper(PaperId(Scheme.ARXIV, f"2508.0000{n}"), "A paper", listings=(Listing("arxiv", DAY),), withdrawn=n == 2)
        for n in (1, 2)
    )
    lists = DayLists()
    lists.add(DAY, [stands, withdrawn])
    assert [found.paper for found in lists.on(None)(DAY)] == [stands]


def test_of_all_recorded_papers_those_are_withdrawn_that_a_person_found_to_be() -> None:
    """Each of the 167 comments that speak of withdrawing was read: 14 of them tell of something else."""
    if not BULK.is_file():
        pytest.skip("the recorded papers (../shared/data/bulk) are not beside this checkout")
    with gzip.open(BULK, "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines]
    found = {paper["id"] for paper in papers if is_withdrawn(paper.get("comment"), paper["abstract"])}
    spoken = {
        paper["id"]
        for paper in papers
        if any(word in (paper.get("comment") or "").lower() for word in ("withdraw", "withdrew", "retract"))
    }
    standing = {
        *("1811.10422", "1403.7058", "1805.07450", "quant-ph/9906103", "1011.0168", "1802.01639", "1905.11151"),
        *("1805.09776", "1811.09414", "1811.06345", "math-ph/0102032", "1006.4642", "1305.0457", "2506.07053"),
    }
    assert spoken - found == standing
    assert found - spoken == {"cond-mat/9804104", "cs/0502030", "0802.0314", "0907.5488"}  # told by the abstract
