"""Benches of searching a big corpus, one page with its cards, beside raw tantivy with sqlite3, and FTS5."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from statistics import median

from adapters.cli.bench.big_corpus import BigCorpus, big_corpus
from adapters.cli.bench.command_rows import typed
from adapters.cli.bench.ground import Ground, async_seconds, percentile, seconds
from adapters.cli.bench.raw_papers import RawPapers
from adapters.cli.bench.raw_search import RawSearch
from adapters.cli.bench.rows import Row
from adapters.cli.bench.search_queries import Asked, asked_of
from adapters.cli.run import open_world
from bot.paper import Paper
from bot.ports import World
from bot.query_parser import parse_search

_QUERIES, _QUICK_QUERIES = 250, 8  # of each kind
_FTS_QUERIES = 25
_DRAWN_FROM = 20_000
_TIMES_RAW, _TIMES_FASTER_THAN_FTS, _MOST_MS = 3, 30, 15


@dataclass(slots=True)
class _Times:
    """Milliseconds of each search, by who was asked."""

    ours: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)


async def ranked_search(ground: Ground) -> list[Row]:
    """p50 and p99 of the best ten papers; and of the whole answer to `search`, snippets and all."""
    corpus = await big_corpus(ground)
    asked = asked_of(await drawn(corpus), _QUICK_QUERIES if ground.quick else _QUERIES)
    async with open_world(corpus.settings, ground.clock) as world:
        with closing(RawSearch(corpus.settings.data_dir)) as raw:
            times = {kind: await _times(world, raw, searches) for kind, searches in asked.items()}
    with closing(RawPapers(corpus.raw)) as plain:
        fts = median([_fts_ms(plain, one) for one in asked["common word"][:_FTS_QUERIES]])
    return list(_rows(corpus, times, fts))


async def drawn(corpus: BigCorpus) -> list[Paper]:
    """Return papers of the corpus for queries to be drawn from, some of each time and kind."""
    return list(islice(corpus.all_papers(), min(_DRAWN_FROM, corpus.papers)))


async def _times(world: World, raw: RawSearch, searches: Sequence[Asked]) -> _Times:
    """Ask each in turn for the same, a few times for nothing before, because a bot is warm."""
    times = _Times()
    for asked in (*searches[:5], *searches):
        times.ours.append(await async_seconds(_page(world, asked.typed)) * 1000)
        times.raw.append(seconds(raw.find, asked) * 1000)
        times.answers.append(await async_seconds(typed(world, f"search exactly {asked.typed}")) * 1000)
    return _Times(times.ours[5:], times.raw[5:], times.answers[5:])


async def _page(world: World, line: str) -> list[Paper]:
    found = await world.index.search(parse_search(line, world.clock.now().date()), limit=10)
    async with world.store.read() as session:
        return await session.papers.get_many(found.ids)


def _fts_ms(plain: RawPapers, asked: Asked) -> float:
    return seconds(plain.best, f'"{asked.words[0]}"') * 1000


def _rows(corpus: BigCorpus, times: Mapping[str, _Times], fts: float) -> Iterator[Row]:
    name = f"ranked search of {corpus.name}"
    ours, raw, answers = (
        [took for one in times.values() for took in getattr(one, whose)] for whose in ("ours", "raw", "answers")
    )
    yield _p50(corpus, f"{name}, p50", ours, raw)
    yield Row(f"{name}, p99", percentile(ours, 99), "ms", percentile(raw, 99), below=_MOST_MS)
    for kind, one in times.items():
        yield _p50(corpus, f"{name}, {kind}", one.ours, one.raw)
    goal = fts / _TIMES_FASTER_THAN_FTS if corpus.is_for_goals else None
    yield Row(f"{name}, FTS5", percentile(times["common word"].ours, 50), "ms", fts, below=goal)
    yield Row(f"{name}, whole answer p50", percentile(answers, 50), "ms", percentile(raw, 50))
    yield Row(f"{name}, whole answer p99", percentile(answers, 99), "ms", percentile(raw, 99))


def _p50(corpus: BigCorpus, name: str, ours: Sequence[float], raw: Sequence[float]) -> Row:
    plain = percentile(raw, 50)
    return Row(name, percentile(ours, 50), "ms", plain, below=_TIMES_RAW * plain if corpus.is_for_goals else None)
