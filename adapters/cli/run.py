"""The composition root: puts the store, the index, the sources and the messengers together for the core."""

import gc
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.cli.settings import Settings
from adapters.cli.wakeups import LocalWakeups
from bot.ports import Clock, Messenger, Source, World
from storage.database import open_store
from storage.search_index import TantivyIndex


@asynccontextmanager
async def open_world(settings: Settings, clock: Clock, messengers: Iterable[Messenger] = ()) -> AsyncIterator[World]:
    """Open the configured store and its index, brought up to date. Raises StoreError."""
    store = await open_store(settings.store_url)
    try:
        index = TantivyIndex(index_folder(settings, str(store.store_id)), store)
        await index.catch_up()
        gc.freeze()  # what stands now, stays: walking over it took 100 ms in the middle of an answer
        yield World(
            store,
            index,
            clock,
            messengers={messenger.platform: messenger for messenger in messengers},
            wakeups=LocalWakeups(),
            since=clock.now(),
        )
    finally:
        gc.unfreeze()
        await store.close()


def index_folder(settings: Settings, store_id: str) -> Path:
    """Return where the index of a store lives: named after the store, so that it can't be another's."""
    return settings.data_dir / "index" / store_id


@asynccontextmanager
async def open_sources(settings: Settings) -> AsyncIterator[dict[str, Source]]:
    """Open the sources that can be asked, by name."""
    from adapters.sources.fetcher import Fetcher  # aiohttp takes 0.15 s, and most commands fetch nothing
    from adapters.sources.huggingface import HuggingFace

    async with Fetcher(contact=settings.contact or None) as fetcher:
        sources: tuple[Source, ...] = (HuggingFace(fetcher, settings.hf_url),)
        yield {source.name: source for source in sources}
