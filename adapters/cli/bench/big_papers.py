"""Papers for the big corpora: recorded ones of arXiv as they are, and as many more recombined from them as it takes.

A recombined paper has the first half of one title and abstract and the second half of another's, so that words are as
frequent as in real papers; most of its authors bear the given name of one person and the family name of another.
"""

import datetime as dt
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from adapters.cli.bench.corpus import FULL_DAY
from adapters.cli.bench.made_days import Maker
from adapters.sources.huggingface import read_file
from bot import text
from bot.errors import PaperRoundError
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, Scheme

BULK = Path(__file__).parents[3].parent / "shared" / "data" / "bulk" / "arxiv_papers_50k.jsonl.gz"
LAST_DAY = dt.date(2025, 6, 12)
"""The newest day of a recombined paper."""

_MADE_DAYS = 40  # of 50 papers, where none are recorded
_FIRST_MONTH = 2007 * 12 + 3  # April 2007, since when ids have their form
_MONTHS = 2025 * 12 + 5 - _FIRST_MONTH + 1
_FIRST_NUMBER = 50_000  # of a recombined paper within its month: arXiv has not had half as many in any
_PEOPLE = 0.6  # distinct authors for each paper; among 588,000 recorded papers it was about one
_LISTED = 0.05
_CATEGORIES = ("cs.CL", "cs.CV", "cs.LG", "cs.AI", "cs.RO", "stat.ML", "eess.AS")
_ORGANISATIONS = ("Google DeepMind", "NVIDIA", "ByteDance Seed", "Qwen", "Tsinghua University", None, None, None)


@dataclass(frozen=True, slots=True)
class Library:
    """The papers that all others are recombined from, and where they are from."""

    papers: tuple[Paper, ...]
    origin: str


def find_library(data: Path | None, folder: Path, limit: int | None = None) -> Library:
    """Return the first papers of `data`, else the recorded ones, else made ones. Raises PaperRoundError."""
    given = data or (BULK if BULK.exists() else None)
    if given is None:
        return Library(tuple(_made(folder)), "made, in the shape of recorded ones")
    papers = tuple(islice(_recorded(given), limit))
    if len(papers) < 2:
        raise PaperRoundError(f"{given} has no papers to recombine; name another file with --data FILE")
    return Library(papers, f"recorded in {given}")


def _recorded(path: Path) -> Iterator[Paper]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(_paper, lines)
    except (OSError, EOFError, ValueError, KeyError, TypeError) as wrong:
        raise PaperRoundError(f"{path} can't be read as papers, a JSON object a line, gzipped: {wrong}") from wrong


def _paper(line: str) -> Paper:
    item = json.loads(line)
    return Paper(
        PaperId(Scheme.ARXIV, item["id"]),
        text.clean(item["title"]),
        tuple(dict.fromkeys(filter(None, map(text.clean, item["authors"])))),
        text.clean(item["abstract"]),
        dt.date.fromisoformat(item["date"]) if item["date"] else None,
        tuple(item["categories"]),
        comment=item["comment"] or None,
    )


def _made(folder: Path) -> Iterator[Paper]:
    maker, last = Maker(seed=3), LAST_DAY
    for passed in range(_MADE_DAYS):
        yield from read_file(maker.write_day(folder, last - dt.timedelta(days=passed), FULL_DAY)).papers


class Recombiner:
    """Makes papers without end, the same each time: first those of the library as they are, then recombined ones."""

    def __init__(self, library: Library, size: int) -> None:
        self._pick = random.Random(size)
        self._papers = [paper for paper in library.papers if paper.title]
        self._pick.shuffle(self._papers)
        names = [name for paper in self._papers for name in paper.authors]
        self._people = [*names, *_more_people(names, int(size * _PEOPLE), self._pick)]
        self._numbers = [_FIRST_NUMBER] * _MONTHS  # of the next paper of each month

    def papers(self) -> Iterator[Paper]:
        """Yield papers, each with an id of its own; some are listed on Hugging Face, with votes."""
        for paper in self._papers:
            yield self._listed(paper)
        while True:
            yield self._listed(self._recombined())

    def _recombined(self) -> Paper:
        pick = self._pick
        one, other = pick.choice(self._papers), pick.choice(self._papers)
        month = int(pick.random() ** 0.6 * _MONTHS)  # ever more papers, as it was
        years, months = divmod(_FIRST_MONTH + month, 12)
        number, self._numbers[month] = self._numbers[month], self._numbers[month] + 1
        return Paper(
            PaperId(Scheme.ARXIV, f"{years % 100:02d}{months + 1:02d}.{number:05d}"),
            _halves(one.title, other.title),
            tuple(dict.fromkeys(pick.choice(self._people) for _ in one.authors)),
            _halves(one.abstract, other.abstract),
            min(LAST_DAY, dt.date(years, months + 1, pick.randint(1, 28))),
            one.categories or (pick.choice(_CATEGORIES),),
            comment=other.comment,
        )

    def _listed(self, paper: Paper) -> Paper:
        pick = self._pick
        if paper.listings or pick.random() >= _LISTED:
            return paper
        day = (paper.published or LAST_DAY) + dt.timedelta(days=2)
        votes, organisation = int(pick.paretovariate(1)) % 500, pick.choice(_ORGANISATIONS)
        listing = Listing("huggingface", day, votes, comments=1, submitter="reader", organisation=organisation)
        code = f"https://github.com/example/{paper.id.value}" if pick.random() < 0.5 else None
        return replace(paper, listings=(listing,), code_url=code)


def _halves(one: str, other: str) -> str:
    """Return the first half of one text with the second half of another."""
    first, second = one.split(), other.split()
    return " ".join((*first[: (len(first) + 1) // 2], *second[(len(second) + 1) // 2 :]))


def _more_people(names: Sequence[str], count: int, pick: random.Random) -> list[str]:
    """Return so many names less those that there are, of the given names and the family names that occur."""
    given, family = zip(*(name.rsplit(" ", 1) for name in names if " " in name), strict=True)
    missing = max(0, count - len(set(names)))
    return list(map(" ".join, zip(pick.choices(given, k=missing), pick.choices(family, k=missing), strict=True)))
