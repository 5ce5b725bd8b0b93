"""Whether two papers that share no id are one work, by title, authors and year. A false merge is worse than a miss.

How alike two titles are says little. Among 203,953 pairs of recorded arXiv papers (50,756, 1991 to 2025) that share an
author and are a year apart at most, 16 wrong ones have titles with a rapidfuzz ratio of 94 or more: "... i" and
"... ii" 99.6, "localized and linear damping" and "... nonlinear damping" 98.3, "various knit fabric" and "various
woven fabric" 97.3. No threshold parts these from "vlm 2 bench" and "vlm2 bench" at 99.4, which are one work. So words
are compared, not letters: the same words are the same title, however they are joined; a word may differ by one typing
error, if it is long, and then the abstracts decide. On those pairs that merges no two works (the six pairs with the
very same title are papers that were submitted twice); of 100 recorded papers of which two sources give a title, 96 are
recognised by it: 95 have the same words, one has them joined, four were renamed.
"""

from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bot import text
from bot.names import same_person
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme

START = 28
"""Letters of a title by which its namesakes are looked up: titles that differ there are never one."""

_KEY = 300
_SHORTEST = 12
"""Letters that a title must have to tell a work from others: "Editorial", "Introduction" and "Reply" don't."""

_LONG_WORD = 6
_ABSTRACT = 600
_ALIKE_TITLES = 95.0
_ALIKE_ABSTRACTS = 80.0


@lru_cache(maxsize=4_096)  # asked for three times while a paper is taken in
def title_key(title: str) -> str:
    """Return the folded words of a title: equal for one title in different spellings."""
    return " ".join(text.words(title))[:_KEY]


def title_start(title: str) -> str:
    """Return what the key of a title begins with, spaces left out: by that its namesakes are found."""
    return title_key(title).replace(" ", "")[:START]


def same_work(one: Paper, other: Paper) -> bool:
    """Return whether two papers are one work. Two ids of one scheme are two works, whatever their titles."""
    apart = _schemes(one).isdisjoint(_schemes(other))
    return apart and _share_year(one, other) and _share_author(one, other) and _same_title(one, other)


def are_two(one: Paper, other: Paper) -> bool:
    """Return whether two papers are surely two works, though they share a name: a DOI may be mistyped, but neither
    arXiv nor the ACL Anthology takes one work in twice under two numbers, as a rule. One page may tell of a whole
    issue: articles that share that alone, and have DOIs of their own, are as many as those."""
    shared = {name.scheme for name in {*one.names} & {*other.names}}
    return any(
        ours and theirs and ours.isdisjoint(theirs)
        for scheme in (Scheme.ARXIV, Scheme.ACL, *[Scheme.DOI] * (shared == {Scheme.WEB}))
        for ours, theirs in [tuple({name for name in each.names if name.scheme is scheme} for each in (one, other))]
    )


def is_arxivs_own(name: PaperId) -> bool:
    """Return whether it is a DOI that arXiv itself gave (https://info.arxiv.org/help/doi.html)."""
    return name.scheme is Scheme.DOI and name.value.startswith("10.48550/")


def _same_title(one: Paper, other: Paper) -> bool:
    first, second = title_key(one.title), title_key(other.title)
    joined = first.replace(" ", "")
    if len(joined) < _SHORTEST:
        return False
    if first == second or joined == second.replace(" ", ""):
        return True
    return _mistyped(first, second) and _same_authors(one, other) and _same_abstract(one, other)


def _mistyped(first: str, second: str) -> bool:
    """Return whether each word of a title is that of the other, or a long one with one typing error in it.

    The error is not in the first letter: "symmetric" and "asymmetric" are two words.
    """
    words, others = first.split(), second.split()
    if len(words) != len(others) or fuzz.ratio(first, second) < _ALIKE_TITLES:
        return False
    wrong = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
    return len(wrong) == 1 and all(
        min(len(a), len(b)) >= _LONG_WORD and a[0] == b[0] and OSA.distance(a, b) == 1 for a, b in wrong
    )


def _same_abstract(one: Paper, other: Paper) -> bool:
    first, second = (title_key(each.abstract[:_ABSTRACT]) for each in (one, other))
    return bool(first and second) and fuzz.ratio(first, second) >= _ALIKE_ABSTRACTS


def _schemes(paper: Paper) -> set[Scheme]:
    """Return who gave the paper an id; arXiv's own DOIs tell no more than its ids."""
    return {name.scheme for name in paper.names if not is_arxivs_own(name)}


def _share_author(one: Paper, other: Paper) -> bool:
    return any(same_person(name, another) for name in one.authors for another in other.authors)


def _same_authors(one: Paper, other: Paper) -> bool:
    return len(one.authors) == len(other.authors) and all(
        same_person(name, another) for name, another in zip(one.authors, other.authors, strict=True)
    )


def _share_year(one: Paper, other: Paper) -> bool:
    if one.published is None or other.published is None:
        return True
    return abs(one.published.year - other.published.year) <= 1
