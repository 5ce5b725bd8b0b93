"""Benches of matching: 2,000 new papers against a thousand to a million follows, beside a plain loop and hyperscan."""

import math
import random
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from adapters.cli.bench.big_papers import BULK, find_library
from adapters.cli.bench.ground import Ground, seconds
from adapters.cli.bench.made_follows import MIX, made_follows
from adapters.cli.bench.plain_matching import PlainPaper, PlainRule, hyperscan_of, plain_loop
from adapters.cli.bench.rows import Row
from bot.evaluation import Evaluated
from bot.matching import Matcher
from bot.names import parse_name
from bot.paper import Paper
from bot.query import Rule

BATCH = 2_000
DATA = (
    f"{BATCH:,} of {'the recorded papers of arXiv' if BULK.exists() else 'made papers'}; made follows: {MIX}; "
    "the plain loop on at most 10,000 of them and 2 million pairs, taken to grow linearly; about a minute"
)
_TIMES_FASTER = {1_000: 6, 10_000: 40, 100_000: 200, 1_000_000: 500}
"""How many times faster than the plain loop it has to be at least."""
_MOST_SCANS, _MOST_MB, _MOST_EXPONENT, _MOST_BUILD = 12, 700, 0.5, 10
_LOOP_FOLLOWS, _LOOP_PAIRS = 10_000, 2_000_000


@dataclass(frozen=True, slots=True)
class _Figures:
    """What was measured for so many follows: medians, in seconds and MB. All but `analyse` is about analysed papers."""

    follows: int
    build: float
    memory: float
    analyse: float
    match: float
    loop: float
    scan: float | None


async def matching(ground: Ground) -> list[Row]:
    """2,000 analysed papers against follows, each time other papers, whose authors' names were not seen before.

    The plain loop is measured on at most 10,000 of the follows and 2 million pairs, and taken to grow linearly.
    """
    ground.tell(DATA)
    papers = _papers(ground)
    sizes = (1_000, 10_000) if ground.quick else (1_000, 100_000, 1_000_000)
    figures = [_measure(papers, size, ground.times(5)) for size in sizes]
    rows = [row for found in figures for row in _rows(found)]
    return [*rows, _growth(figures[0], figures[-1]), *_cost(figures[-1])]


def _measure(papers: Sequence[Paper], follows: int, times: range) -> _Figures:
    rules = made_follows(papers, follows)
    before, matcher = _resident_mb(), Matcher()
    build = seconds(lambda rules: _add_all(matcher, rules), rules)
    plain = [PlainRule(rule) for rule in random.Random(1).sample(rules, min(follows, _LOOP_FOLLOWS))]
    scan = hyperscan_of(rules)
    analyses, matches, loops, scans, memory = [], [], [], [], 0.0
    for batch in _batches(papers, times):
        analyses.append(seconds(_analysed, batch))
        analysed = _analysed(batch)
        parse_name.cache_clear()
        matches.append(seconds(matcher.match, analysed))
        memory = max(memory, _resident_mb() - before)
        parse_name.cache_clear()
        loops.append(_loop_seconds(plain, analysed, follows))
        if scan:
            scans.append(seconds(scan, analysed))
    analyse, match, loop = map(median, (analyses, matches, loops))
    return _Figures(follows, build, memory, analyse, match, loop, median(scans) if scans else None)


def _loop_seconds(rules: Sequence[PlainRule], batch: Sequence[Evaluated], follows: int) -> float:
    made: list[PlainPaper] = []
    making = seconds(lambda batch: made.extend(map(PlainPaper, batch)), batch)
    some = made[: max(1, _LOOP_PAIRS // len(rules))]
    looping = seconds(lambda some: plain_loop(rules, some), some)
    return making + looping * (len(made) / len(some)) * (follows / len(rules))


def _rows(found: _Figures) -> Iterator[Row]:
    name = f"matching {found.follows:,} follows"
    yield Row(name, found.match, "s", found.loop, below=found.loop / _TIMES_FASTER[found.follows])
    yield Row(f"{name}, with analysis", found.analyse + found.match, "s", found.analyse + found.loop)
    if found.scan:
        yield Row(f"{name}, hyperscan", found.match, "s", found.scan, below=found.scan * _MOST_SCANS)


def _cost(found: _Figures) -> Iterator[Row]:
    yield Row(f"matching {found.follows:,} follows, build", found.build, "s", found.loop, below=_MOST_BUILD)
    yield Row(f"matching {found.follows:,} follows, memory", found.memory, "MB", _MOST_MB, below=_MOST_MB)


def _growth(small: _Figures, large: _Figures) -> Row:
    def exponent(of: Callable[[_Figures], float]) -> float:
        return math.log(of(large) / of(small)) / math.log(large.follows / small.follows)

    value, plain = exponent(lambda found: found.match), exponent(lambda found: found.loop)
    return Row("matching, growth exponent", value, "", plain, below=_MOST_EXPONENT)


def _analysed(batch: Sequence[Paper]) -> list[Evaluated]:
    return [Evaluated(paper) for paper in batch]


def _add_all(matcher: Matcher, rules: Sequence[Rule]) -> None:
    for owner, rule in enumerate(rules):
        matcher.add(rule, owner)


def _batches(papers: Sequence[Paper], times: range) -> Iterator[Sequence[Paper]]:
    """Return batches that share no paper, as long as there are enough."""
    for number in times:
        at = number * BATCH % max(1, len(papers) - BATCH + 1)
        yield papers[at : at + BATCH]


def _papers(ground: Ground) -> list[Paper]:
    """The recorded papers of arXiv where they are, else made ones, in random order."""
    found = list(find_library(None, ground.new_folder()).papers)
    random.Random(1).shuffle(found)
    return found


def _resident_mb() -> float:
    """Return what the process holds now; where the system does not say, the most that it ever held."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
