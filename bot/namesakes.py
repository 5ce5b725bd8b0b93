"""People who share one name, told apart by what they write on and with whom."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.arxiv_categories import archive_of
from bot.names import fold_name, same_author
from bot.paper import Paper


@dataclass(frozen=True, slots=True)
class Portrait:
    """What tells one bearer of a name from another: papers, usual coauthors and categories, the most frequent first."""

    papers: int
    coauthors: tuple[str, ...]
    categories: tuple[str, ...]

    @property
    def archives(self) -> tuple[str, ...]:
        """The archives of the categories, the most frequent first."""
        return tuple(dict.fromkeys(archive_of(category) for category in self.categories))


def portrait(name: str, papers: Iterable[Paper]) -> Portrait:
    """Return what the papers of a name tell of its bearer."""
    papers = list(papers)
    coauthors = Counter(author for paper in papers for author in paper.authors if not same_author(name, author))
    categories = Counter(category for paper in papers for category in paper.categories)
    return Portrait(
        len(papers),
        tuple(author for author, _ in coauthors.most_common(3)),
        tuple(category for category, _ in categories.most_common(10)),
    )


def people(name: str, papers: Sequence[Paper]) -> list[Portrait]:
    """Return one portrait for each person who seems to bear the name, who wrote most first.

    Two papers are one person's when they share a coauthor or an archive, directly or through others; one
    without either is anybody's, and left out where there are several people.
    """
    groups: list[tuple[set[str], list[Paper]]] = []
    for paper in papers:
        marks = _marks(name, paper)
        near = [group for group in groups if group[0] & marks]
        groups = [group for group in groups if not group[0] & marks]
        merged = set(marks).union(*(group[0] for group in near)), [paper, *(p for group in near for p in group[1])]
        groups.append(merged)
    told_apart = [found for marks, found in groups if any(mark.startswith(_ARCHIVE) for mark in marks)]
    portraits = [portrait(name, found) for found in told_apart]
    return sorted(portraits, key=lambda each: (-each.papers, each.archives))


_ARCHIVE = "archive "


def _marks(name: str, paper: Paper) -> set[str]:
    coauthors = {fold_name(author) for author in paper.authors if not same_author(name, author)}
    return coauthors | {_ARCHIVE + archive_of(category) for category in paper.categories}
