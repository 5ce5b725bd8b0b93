"""What the benches of searching ask for: words, phrases and facets of the titles that a corpus has."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot import text
from bot.paper import Paper

_COMMONEST = 100
_UNASKED = frozenset(
    text.words(
        "a an and are as at based be by can do for from has how in into is it its not of on or our over that the this "
        "to toward towards under using via we what when with"
    )
)
_AFTER = dt.date(2015, 1, 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A search in parts, so that every engine can be asked for the same in its own terms."""

    words: tuple[str, ...] = ()
    phrase: bool = False
    category: str | None = None
    author: str | None = None
    without: str | None = None
    after: dt.date | None = None

    @property
    def typed(self) -> str:
        """The search as somebody types it."""
        words = " ".join(self.words)
        parts = (
            f'"{words}"' if self.phrase else words,
            f"cat:{self.category}" if self.category else "",
            f'author:"{self.author}"' if self.author else "",
            f"-{self.without}" if self.without else "",
            f"after:{self.after}" if self.after else "",
        )
        return " ".join(filter(None, parts))


def asked_of(papers: Sequence[Paper], count: int, seed: int = 1) -> dict[str, list[Asked]]:
    """Return so many searches of each kind, the same each time, made of those papers."""
    pick = random.Random(seed)
    usual = [paper for paper in papers if len(_words(paper)) > 2 and paper.authors]
    counted = Counter(word for paper in usual for word in set(_words(paper)))
    common = [word for word, _ in counted.most_common(_COMMONEST)]
    chosen = [pick.choices(usual, k=count) for _ in range(3)]
    return {
        "common word": [Asked((pick.choice(common),)) for _ in range(count)],
        "two words": [Asked(tuple(pick.sample(_words(paper), 2))) for paper in chosen[0]],
        "phrase": [_phrase(paper, pick) for paper in chosen[1]],
        "facets": [_facets(number, paper, pick, common) for number, paper in enumerate(chosen[2])],
    }


def _phrase(paper: Paper, pick: random.Random) -> Asked:
    words = text.words(paper.title)
    pairs = [pair for pair in pairwise(words) if _UNASKED.isdisjoint(pair)]
    return Asked(pick.choice(pairs or [(words[0], words[1])]), phrase=True)


def _facets(number: int, paper: Paper, pick: random.Random, common: Sequence[str]) -> Asked:
    """Return, in turn, a word in a category, a word without another, an author, and a word in the last years."""
    word, category = pick.choice(_words(paper)), next(iter(paper.categories), "cs")  # made papers have none
    match number % 4:
        case 0:
            return Asked((word,), category=category)
        case 1:
            return Asked((word,), without=pick.choice(common))
        case 2:
            return Asked(author=pick.choice(paper.authors).replace('"', ""))
        case _:
            return Asked((pick.choice(common),), category=category, after=_AFTER)


def _words(paper: Paper) -> list[str]:
    return [word for word in dict.fromkeys(text.words(paper.title)) if len(word) > 2 and word not in _UNASKED]
