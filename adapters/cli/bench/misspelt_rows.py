"""Benches of typing errors: authors and titles with one or two, beside a scan of all of them with rapidfuzz."""

import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from statistics import median
from string import ascii_lowercase
from time import perf_counter

from rapidfuzz import fuzz, process

from adapters.cli.bench.big_corpus import BigCorpus, big_corpus
from adapters.cli.bench.command_rows import typed
from adapters.cli.bench.ground import Ground
from adapters.cli.bench.raw_papers import RawPapers
from adapters.cli.bench.rows import Row
from adapters.cli.run import open_world
from bot import text
from bot.names import fold_name
from bot.ports import World

_QUERIES, _QUICK_QUERIES = 200, 5
_SCANS = 40
_RECALL = 95.0
_TIMES_FASTER = {"author": 8, "title": 6}
_SHORTEST_NAME, _SHORTEST_TITLE = 6, 4  # letters, words

_Finder = Callable[[World, str, str], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class _Meant:
    """What was typed with errors, and what was meant, as the scan knows it."""

    typed: str
    meant: str


@dataclass(frozen=True, slots=True)
class _Figures:
    """Milliseconds of each query, and the percentage that found what was meant among its first five."""

    times: list[float]
    recall: float


async def misspelt_author(ground: Ground) -> list[Row]:
    """The names likest to a misspelt one, and the answer to a search for it."""
    corpus = await big_corpus(ground)
    with closing(RawPapers(corpus.raw)) as plain:
        names = {text.fold(name): name for name in plain.author_names()}
    meant = list(islice(_misspelt_names(names), _count(ground)))
    scanned = _scan(meant, list(names))
    async with open_world(corpus.settings, ground.clock) as world:
        suggested = await _ask(world, meant, _is_suggested)
        found = await _ask(world, meant, _finds_author)
    return [*_rows(corpus, "author", found, scanned), *_rows(corpus, "author", suggested, scanned, " name")]


async def misspelt_title(ground: Ground) -> list[Row]:
    """The answer to a search for a whole title."""
    corpus = await big_corpus(ground)
    with closing(RawPapers(corpus.raw)) as plain:
        titles = list(dict.fromkeys(" ".join(text.words(title)) for title in plain.titles()))
    meant = list(islice(_misspelt_titles(titles), _count(ground)))
    scanned = _scan(meant, titles)
    async with open_world(corpus.settings, ground.clock) as world:
        found = await _ask(world, meant, _finds_title)
    return list(_rows(corpus, "title", found, scanned))


def _count(ground: Ground) -> int:
    return _QUICK_QUERIES if ground.quick else _QUERIES


def misspelt(written: str, pick: random.Random) -> str:
    """Return it with one or two errors: a letter left out, added or replaced, or two that changed places."""
    for _ in range(pick.choice((1, 2))):
        at = pick.choice([at for at, letter in enumerate(written) if letter.isalpha()])
        before, letter, after = written[:at], written[at], written[at + 1 :]
        other = pick.choice(ascii_lowercase)
        written = before + pick.choice((after, letter + other + after, other + after, after[:1] + letter + after[1:]))
    return written


def _misspelt_names(names: dict[str, str]) -> Iterator[_Meant]:
    """Yield names of somebody, misspelt so that nobody has them."""
    pick, everybody, folded = random.Random(1), list(names), {fold_name(name) for name in names.values()}
    while True:
        meant = pick.choice(everybody)
        given, *_, family = meant.split() if " " in meant else ("", "")
        if min(len(given.strip(".")), len(family)) < 2 or len(meant) < _SHORTEST_NAME or '"' in meant:
            continue
        wrong = misspelt(meant, pick)
        if fold_name(wrong) not in folded:
            yield _Meant(wrong, meant)


def _misspelt_titles(titles: Sequence[str]) -> Iterator[_Meant]:
    pick = random.Random(1)
    while True:
        meant = pick.choice(titles)
        wrong = misspelt(meant, pick) if len(meant.split()) >= _SHORTEST_TITLE else meant
        if wrong != meant:
            yield _Meant(wrong, meant)


def _scan(meant: Sequence[_Meant], everything: Sequence[str]) -> _Figures:
    times, hits = [], 0
    for one in meant[:_SCANS]:
        began = perf_counter()
        likest = process.extract(one.typed, everything, scorer=fuzz.ratio, limit=5)
        times.append((perf_counter() - began) * 1000)
        hits += one.meant in [name for name, *_ in likest]
    return _Figures(times, 100 * hits / len(times))


async def _ask(world: World, meant: Sequence[_Meant], finds: _Finder) -> _Figures:
    times, hits = [], 0
    await finds(world, meant[0].typed, meant[0].meant)  # because a bot is warm
    for one in meant:
        began = perf_counter()
        hits += await finds(world, one.typed, one.meant)
        times.append((perf_counter() - began) * 1000)
    return _Figures(times, 100 * hits / len(times))


async def _is_suggested(world: World, wrong: str, meant: str) -> bool:
    return fold_name(meant) in map(fold_name, await world.index.names_like(wrong, 5))


async def _finds_author(world: World, wrong: str, meant: str) -> bool:
    """Search; found is who has one of the first five papers, or whom the answer names (papers may have initials)."""
    reply = await typed(world, f'search author:"{wrong}"')
    has_papers = any(fold_name(meant) in map(fold_name, paper.authors) for paper in (reply.papers or ())[:5])
    return has_papers or meant in text.fold(reply.notice or "")


async def _finds_title(world: World, wrong: str, meant: str) -> bool:
    reply = await typed(world, f"search {wrong}")
    return meant in [" ".join(text.words(paper.title)) for paper in (reply.papers or ())[:5]]


def _rows(corpus: BigCorpus, what: str, ours: _Figures, scan: _Figures, how: str = "") -> Iterator[Row]:
    name, scanned = f"misspelt {what} of {corpus.name}{how and ','}{how}", median(scan.times)
    goal = scanned / _TIMES_FASTER[what] if corpus.is_for_goals else None
    yield Row(name, median(ours.times), "ms", scanned, below=goal)
    yield Row(f"{name}, recall at 5", ours.recall, "%", max(scan.recall, 1.0), at_least=_RECALL)
