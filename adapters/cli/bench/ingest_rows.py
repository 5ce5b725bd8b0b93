"""Benches of taking papers in: everything, one more day, and the same once more."""

from pathlib import Path
from statistics import median

from adapters.cli.bench.corpus import busy_days
from adapters.cli.bench.ground import SOURCE, Ground, async_seconds, seconds
from adapters.cli.bench.rows import Row
from adapters.cli.run import open_world
from adapters.sources.huggingface import read_file
from bot.ingest import ingest
from bot.ports import World


async def all_days(ground: Ground) -> list[Row]:
    """The whole corpus into a new store, index included; median of 3, for it takes long."""
    ours, raw = [], []
    for _ in ground.times(3):
        ours.append(await async_seconds(ground.ingest_corpus(ground.empty())))
        raw.append(seconds(ground.ingest_corpus_raw, ground.new_folder() / "raw.db"))
    return [Row("ingest days", median(ours), "s", median(raw), below=20)]


async def one_day(ground: Ground) -> list[Row]:
    """A new day of 50 papers into the full store of a running bot, from the file to being searchable; median of 5."""
    ours, raw = [], []
    plain = ground.full_raw()
    async with open_world(await ground.full(), ground.clock) as world:
        for file in busy_days(ground.new_folder(), ground.corpus.days[-1], len(ground.times(5))):
            ours.append(await async_seconds(_take_in(world, file)))
            raw.append(seconds(plain.ingest, file))
    plain.close()
    return [Row("ingest one day", median(ours), "s", median(raw), below=0.2)]


async def again(ground: Ground) -> list[Row]:
    """A second pass over the whole corpus, which changes nothing; per day, median of 3."""
    ours, raw = [], []
    plain, files = ground.full_raw(), ground.corpus.files
    async with open_world(await ground.full(), ground.clock) as world:
        for _ in ground.times(3):
            ours.append(sum([await async_seconds(_take_in(world, file)) for file in files]) / len(files))
            raw.append(sum(seconds(plain.ingest, file) for file in files) / len(files))
    plain.close()
    return [Row("ingest again", median(ours) * 1000, "ms", median(raw) * 1000)]


async def _take_in(world: World, file: Path) -> None:
    await ingest(world.store, SOURCE, read_file(file), world.clock.now())
    await world.index.catch_up()
