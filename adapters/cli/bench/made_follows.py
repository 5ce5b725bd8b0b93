"""Made follows for the bench of matching: rules from real titles, names and categories, some followed by thousands."""

import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

from bot import text
from bot.paper import Paper
from bot.query import Kind, Rule, Term

MIX = (
    "50 % words and phrases (1-3 words of a title), 20 % authors, 15 % a word or phrase in a category, "
    "10 % with an exclusion, 5 % organisation, title, source and votes, code or venue; popularity by Zipf (1/rank)"
)

_RULES_PER_FOLLOW = 0.5
_COMMON = frozenset(
    text.words(
        "a an and are as at based be by can do for from has how in into is it its not of on or our over that the this "
        "to toward towards under using via we what when with"
    )
)
_ORGANISATIONS = ("Google DeepMind", "NVIDIA", "ByteDance Seed", "Qwen", "Tsinghua University")


def made_follows(papers: Sequence[Paper], count: int, seed: int = 1) -> list[Rule]:
    """Return the rules of so many follows, the same each time; equal rules are one object."""
    pick = random.Random(seed)
    maker = _Maker(papers, pick)
    rules = [maker.rule() for _ in range(max(50, int(count * _RULES_PER_FOLLOW)))]
    popularity = list(accumulate(1 / rank for rank in range(1, len(rules) + 1)))
    return [rules[bisect(popularity, pick.random() * popularity[-1])] for _ in range(count)]


class _Maker:
    def __init__(self, papers: Sequence[Paper], pick: random.Random) -> None:
        self._papers = [paper for paper in papers if self._words(paper)]
        self._pick = pick

    def rule(self) -> Rule:
        paper, share = self._paper(), self._pick.random()
        if share < 0.5:
            return Rule.of(self._topic(paper))
        if share < 0.7:
            return Rule.of([Term(Kind.AUTHOR, self._pick.choice(paper.authors or ("Yann LeCun",)))])
        if share < 0.85:
            return Rule.of([*self._topic(paper)[:1], Term(Kind.CATEGORY, self._category(paper))])
        if share < 0.95:
            return Rule.of([*self._topic(paper), self._excluded()])
        return Rule.of(self._other(paper))

    def _topic(self, paper: Paper) -> list[Term]:
        words = self._words(paper)
        size = min(len(words), self._pick.choice((1, 2, 2, 3)))
        if self._pick.random() < 0.5:
            at = self._pick.randrange(len(words) - size + 1)
            return [Term(Kind.TEXT, " ".join(words[at : at + size]))]
        return [Term(Kind.TEXT, word) for word in self._pick.sample(words, size)]

    def _excluded(self) -> Term:
        paper = self._paper()
        word = self._pick.choice(self._words(paper))
        kind, value = self._pick.choice(
            ((Kind.TEXT, word), (Kind.CATEGORY, self._category(paper)), (Kind.TITLE, "survey"))
        )
        return Term(kind, value, excluded=True)

    def _other(self, paper: Paper) -> list[Term]:
        word = self._pick.choice(self._words(paper))
        votes = self._pick.choice(("10", "20", "50"))
        return self._pick.choice(
            (
                [Term(Kind.ORGANISATION, self._pick.choice(_ORGANISATIONS))],
                [Term(Kind.TITLE, word)],
                [Term(Kind.SOURCE, "huggingface"), Term(Kind.VOTES, votes)],
                [Term(Kind.TEXT, word), Term(Kind.HAS, "code")],
                [Term(Kind.TEXT, word), Term(Kind.VENUE, "ACL")],
            )
        )

    def _paper(self) -> Paper:
        return self._pick.choice(self._papers)

    def _category(self, paper: Paper) -> str:
        return self._pick.choice(paper.categories or ("cs.CL",))

    def _words(self, paper: Paper) -> list[str]:
        return [word for word in text.words(paper.title) if len(word) > 1 and word not in _COMMON]
