"""What the benches share: the corpus, a folder that is thrown away, and stores that hold the whole corpus."""

import datetime as dt
import shutil
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from adapters.cli.bench.corpus import Corpus
from adapters.cli.bench.raw_store import RawStore
from adapters.cli.clock import SetClock
from adapters.cli.ingest import ingest_files
from adapters.cli.settings import Settings

SOURCE = "huggingface"

Argument = TypeVar("Argument")


@dataclass(slots=True)
class Ground:
    """Where benches run. Each gets stores of its own, so that none is measured in another's traces."""

    settings: Settings
    folder: Path
    corpus: Corpus
    quick: bool = False
    size: int = 10_000
    """Papers of the big corpus, which is built in `keep` and stays there, recombined from those of `bulk`."""
    keep: Path | None = None
    bulk: Path | None = None
    tell: Callable[[str], None] = lambda _: None
    _folders: int = 0
    _told: set[str] = field(default_factory=set)
    _full: Settings | None = None
    _full_raw: Path | None = None

    def tell_once(self, line: str) -> None:
        """Tell what several benches would."""
        if line not in self._told:
            self._told.add(line)
            self.tell(line)

    def times(self, usual: int) -> range:
        """Return how often to measure: as usual, or once where it has to be quick."""
        return range(1 if self.quick else usual)

    @property
    def clock(self) -> SetClock:
        """A clock in the afternoon of the corpus's last day."""
        return SetClock(dt.datetime.combine(self.corpus.days[-1], dt.time(14), dt.UTC))

    def new_folder(self) -> Path:
        """Return a new folder that is thrown away at the end."""
        self._folders += 1
        folder = self.folder / str(self._folders)
        folder.mkdir()
        return folder

    def empty(self) -> Settings:
        """Return the settings of a store that is still to be made."""
        return self.settings.model_copy(update={"data_dir": self.new_folder(), "database_url": ""})

    async def full(self) -> Settings:
        """Return the settings of a store, index included, that holds the corpus."""
        if self._full is None:
            self._full = self.empty()
            await self.ingest_corpus(self._full)
        copy = self.empty()
        shutil.copytree(self._full.data_dir, copy.data_dir, dirs_exist_ok=True)
        return copy

    def full_raw(self) -> RawStore:
        """Return a yardstick's store that holds the corpus."""
        if self._full_raw is None:
            self._full_raw = self.new_folder() / "raw.db"
            self.ingest_corpus_raw(self._full_raw)
        return RawStore(Path(shutil.copy(self._full_raw, self.new_folder())))

    async def ingest_corpus(self, settings: Settings) -> None:
        """Take the corpus in as `paperround ingest` does."""
        await ingest_files(settings, self.clock, SOURCE, self.corpus.files, lambda *_: None)

    def ingest_corpus_raw(self, path: Path) -> None:
        """Take the corpus in as the yardstick does."""
        store = RawStore(path)
        for file in self.corpus.files:
            store.ingest(file)
        store.close()


def seconds(work: Callable[[Argument], object], argument: Argument) -> float:
    """Return how long a call takes."""
    began = time.perf_counter()
    work(argument)
    return time.perf_counter() - began


async def async_seconds(work: Awaitable[object]) -> float:
    """Return how long it takes to await this."""
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def percentile(figures: Iterable[float], percent: int) -> float:
    """Return the figure that so many percent of all do not exceed (nearest rank): the worst of fewer than 100 at 99."""
    ordered = sorted(figures)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
