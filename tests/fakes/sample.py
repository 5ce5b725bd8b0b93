"""A data folder with the bundled papers, read on the days on which they were listed."""

import asyncio
import datetime as dt
from pathlib import Path

from adapters.cli.clock import SetClock
from adapters.cli.run import open_world
from adapters.cli.sample import SOURCE, sample_days
from adapters.cli.settings import Settings
from bot.ingest import ingest

LAST_DAY = dt.datetime(2025, 6, 5, 14, tzinfo=dt.UTC)
"""The sample's last day, a Thursday, in the afternoon."""


def make_sample(folder: Path) -> Path:
    """Fill a data folder; return it."""
    asyncio.run(_load(folder))
    return folder


async def _load(folder: Path) -> None:
    clock = SetClock(LAST_DAY)
    async with open_world(Settings(data_dir=folder, database_url=""), clock) as world:
        for day, batch in sample_days():
            clock.time = dt.datetime.combine(day, dt.time(14), dt.UTC)
            await ingest(world.store, SOURCE, batch, clock.now())
        await world.index.catch_up()
