"""The stores of a big corpus, ours and the yardstick's: built once, and kept where a folder for that is given."""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from adapters.cli.bench.big_papers import Recombiner, find_library
from adapters.cli.bench.ground import SOURCE, Ground
from adapters.cli.bench.raw_papers import RawPapers
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from bot import text
from bot.errors import UserError
from bot.ingest import ingest
from bot.paper import Paper
from bot.ports import Batch, World

SIZES: Final = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
QUICK_PAPERS = 1_000
GOAL_PAPERS = 1_000_000
"""The size that the goals which are ratios speak of."""

_FORM = 1  # to be raised when papers are made in another way: kept corpora are then built anew
_FACTS = "corpus.json"  # written last, so that a corpus is there wholly or not at all
_BATCH = 2_000
_TOLD_EVERY = 20_000
_A_SECOND = 1_000  # papers built in one, on a usual machine


@dataclass(frozen=True, slots=True)
class BigCorpus:
    """So many papers in a folder, to be read only; who writes takes a copy."""

    folder: Path
    papers: int
    ground: Ground

    @property
    def settings(self) -> Settings:
        """The settings of our store."""
        return self.ground.settings.model_copy(update={"data_dir": self.folder / "ours", "database_url": ""})

    @property
    def raw(self) -> Path:
        """The yardstick's store."""
        return self.folder / "raw.db"

    @property
    def is_for_goals(self) -> bool:
        """Whether it is as large as the goals say."""
        return self.papers >= GOAL_PAPERS

    @property
    def name(self) -> str:
        """The number of papers in short: "10k", "1m"."""
        named = {papers: name for name, papers in SIZES.items()}
        return named.get(self.papers, str(self.papers))

    def copy(self) -> "BigCorpus":
        """Return a copy to write to, thrown away at the end."""
        copied = shutil.copytree(self.folder, self.ground.new_folder() / self.folder.name)
        return BigCorpus(copied, self.papers, self.ground)

    def all_papers(self) -> Iterator[Paper]:
        """Yield its papers, in the order in which they were taken in."""
        return islice(_papers(self.ground, self.papers)[1], self.papers)

    def new_papers(self) -> Iterator[Paper]:
        """Yield papers that would come next, without end."""
        return islice(_papers(self.ground, self.papers)[1], self.papers, None)


def size_of(name: str) -> int:
    """Return the number of papers of a size. Raises UserError."""
    size = SIZES.get(name.lower())
    if size is None:
        raise UserError(f"there is no size “{text.shown(name, 30)}”; write {text.either(list(SIZES))}")
    return size


async def big_corpus(ground: Ground) -> BigCorpus:
    """Return the corpus of the size that was asked for, built first where it is not there."""
    size = QUICK_PAPERS if ground.quick else ground.size
    corpus = BigCorpus((ground.keep or ground.folder) / f"{size}-papers", size, ground)
    facts = corpus.folder / _FACTS
    if not facts.exists() or json.loads(facts.read_bytes())["form"] != _FORM:
        shutil.rmtree(corpus.folder, ignore_errors=True)
        corpus.settings.data_dir.mkdir(parents=True)
        origin = await _build(corpus)
        facts.write_text(json.dumps({"form": _FORM, "origin": origin}))
    elif ground.keep:
        ground.tell_once(f"kept in {corpus.folder}: {size:,} papers, {json.loads(facts.read_bytes())['origin']}")
    return corpus


async def _build(corpus: BigCorpus) -> str:
    """Build both stores; return where their papers are from."""
    origin, papers = _papers(corpus.ground, corpus.papers)
    tell, began = corpus.ground.tell, time.monotonic()
    tell(f"building {corpus.papers:,} papers, {origin}: takes about {corpus.papers // _A_SECOND // 60 + 1} min")
    raw = RawPapers(corpus.raw)
    async with open_world(corpus.settings, corpus.ground.clock) as world:
        for done in range(0, corpus.papers, _BATCH):
            batch = tuple(islice(papers, min(_BATCH, corpus.papers - done)))
            await _take_in(world, batch)
            raw.insert(batch)
            if done and done % _TOLD_EVERY == 0:
                await world.index.catch_up()
                tell(f"{done:,} of {corpus.papers:,} papers, {time.monotonic() - began:,.0f} s")
        await world.index.catch_up()
    tell("optimising the yardstick's index")
    raw.optimise()
    raw.close()
    return origin


async def _take_in(world: World, papers: tuple[Paper, ...]) -> None:
    await ingest(world.store, SOURCE, Batch("made", papers, {}), world.clock.now())


def _papers(ground: Ground, size: int) -> tuple[str, Iterator[Paper]]:
    """Return where the papers are from, and the papers, without end."""
    library = find_library(ground.bulk, ground.new_folder(), limit=QUICK_PAPERS // 2 if ground.quick else None)
    recombined = max(0, size - len(library.papers))
    how = f"{recombined:,} of them recombined" if recombined else "as they are"
    return f"{library.origin}, {how}", Recombiner(library, size).papers()
