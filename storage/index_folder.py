"""The search index on disk: one folder per building of it, and a file that names the one in use.

    current        "1 5f0c2a9e": the format and the building in use
    5f0c2a9e/      the engine's files

A new building becomes the one in use by replacing `current`, so that it is there wholly or not at all; who holds an
older one open goes on reading it until `latest` is asked for again.
"""

import shutil
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tantivy

from bot.errors import StoreError
from storage.index_documents import FORMAT, schema

_CURRENT = "current"
_HEAP = 64_000_000  # bytes; a smaller one makes more and smaller segments
_ONE_THREAD = 1  # analysing the text in Python takes longer than all that the engine does


class UnusableIndexError(StoreError):
    """The index can't be read and has to be built anew; the message says why."""


class IndexInUseError(Exception):
    """Somebody else is writing to the index."""


@contextmanager
def engine_failures() -> Iterator[None]:
    """Turn the engine's failures, as over damaged files, into UnusableIndexError.

    Missing and cut files are ValueErrors; flipped bits may end in a panic of the engine, a BaseException whose
    type it does not export.
    """
    try:
        yield
    except ValueError as failure:
        raise UnusableIndexError(_first_line(failure)) from failure
    except BaseException as failure:
        if type(failure).__name__ != "PanicException":
            raise
        raise UnusableIndexError(_first_line(failure)) from failure


def open_writer(index: tantivy.Index) -> tantivy.IndexWriter:
    """Return the only writer; `wait_merging_threads` gives the place free. Raises IndexInUseError."""
    try:
        with engine_failures():
            return index.writer(_HEAP, _ONE_THREAD)
    except UnusableIndexError as failure:
        if "LockBusy" in str(failure):
            raise IndexInUseError from failure
        raise


@dataclass(frozen=True, slots=True)
class Building:
    """An index that is being built beside the one in use."""

    name: str
    writer: tantivy.IndexWriter


class IndexFolder:
    """Where the index lies. Its methods block."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: tuple[str, tantivy.Index] | None = None
        self._opening = threading.Lock()  # so that all threads share one index: who finds it damaged speaks for all

    def latest(self) -> tantivy.Index:
        """Return the index in use, showing what was committed last, by whomever. Raises UnusableIndexError."""
        while True:
            name = self._current()
            try:
                with self._opening:
                    return self._opened(name)
            except UnusableIndexError:
                if self._current() == name:  # else somebody put a new one in its place meanwhile
                    raise

    def _current(self) -> str:
        try:
            named = (self.path / _CURRENT).read_text().split()
        except FileNotFoundError:
            raise UnusableIndexError("there is none yet") from None
        if len(named) != 2 or named[0] != str(FORMAT):
            raise UnusableIndexError("it is of another format")
        return named[1]

    def _opened(self, name: str) -> tantivy.Index:
        with engine_failures():
            if self._open and self._open[0] == name:
                index = self._open[1]
                index.reload()
            else:
                index = tantivy.Index.open(str(self.path / name))
                index.config_reader("manual")  # no thread that watches the files
        self._open = name, index
        return index

    def begin(self) -> Building:
        """Return a new, empty index beside the one in use."""
        name = uuid.uuid4().hex[:8]
        place = self.path / name
        place.mkdir(parents=True)
        return Building(name, open_writer(tantivy.Index(schema(), str(place), reuse=False)))

    def publish(self, building: Building) -> None:
        """Put what was built in the place of the index in use."""
        with engine_failures():
            building.writer.commit()
        named = self.path / f"{_CURRENT}.{building.name}"
        named.write_text(f"{FORMAT} {building.name}\n")
        named.replace(self.path / _CURRENT)

    def finish(self, building: Building) -> None:
        """Give the writer free, and remove every index that is neither in use nor being written to."""
        building.writer.wait_merging_threads()
        used = self._current() if (self.path / _CURRENT).exists() else ""
        for place in self.path.iterdir():
            if place.is_dir() and place.name != used and not _is_written_to(place):
                shutil.rmtree(place, ignore_errors=True)


def _is_written_to(place: Path) -> bool:
    try:
        open_writer(tantivy.Index.open(str(place))).wait_merging_threads()
    except IndexInUseError:
        return True
    except (ValueError, UnusableIndexError):
        return False
    return False


def _first_line(failure: BaseException) -> str:
    return str(failure).split("\n", 1)[0][:200]
