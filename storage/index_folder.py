"""The search index on disk: one folder per building of it, and a file that names the one in use.

    current          "2 5f0c2a9e": the format and the building in use
    5f0c2a9e/        the engine's files: an index of the papers
    5f0c2a9e/words/  another, of the words and names that they use

A new building becomes the one in use by replacing `current`, so that it is there wholly or not at all; who holds an
older one open goes on reading it until `latest` is asked for again.
"""

import shutil
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path

import tantivy

from storage.index_documents import FORMAT, schema
from storage.index_engine import IndexInUseError, UnusableIndexError, engine_failures, open_writer
from storage.index_writing import IndexWriter
from storage.vocabulary import vocabulary_schema

_CURRENT = "current"
_WORDS = "words"


@dataclass(frozen=True, slots=True)
class Building:
    """An index that is being built beside the one in use."""

    name: str
    writer: IndexWriter


@dataclass(frozen=True, slots=True)
class _Opened:
    name: str
    papers: tantivy.Index
    words: tantivy.Index


class IndexFolder:
    """Where the index lies. Its methods block."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: _Opened | None = None
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

    def vocabulary(self) -> tantivy.Index:
        """Return the words and names of the index that `latest` returned last. Raises UnusableIndexError."""
        if self._open is None:
            self.latest()
        assert self._open is not None  # or `latest` would have raised
        return self._open.words

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
            if self._open is None or self._open.name != name:
                place = self.path / name
                self._open = _Opened(name, _open(place), _open(place / _WORDS))
            else:
                self._open.papers.reload()
                self._open.words.reload()
        return self._open.papers

    def begin(self) -> Building:
        """Return a new, empty index beside the one in use."""
        name = uuid.uuid4().hex[:8]
        place = self.path / name
        (place / _WORDS).mkdir(parents=True)
        papers = tantivy.Index(schema(), str(place), reuse=False)
        words = tantivy.Index(vocabulary_schema(), str(place / _WORDS), reuse=False)
        return Building(name, IndexWriter(_unwatched(papers), _unwatched(words)))

    def publish(self, building: Building) -> None:
        """Put what was built in the place of the index in use."""
        building.writer.commit()
        named = self.path / f"{_CURRENT}.{building.name}"
        named.write_text(f"{FORMAT} {building.name}\n")
        named.replace(self.path / _CURRENT)

    def finish(self, building: Building) -> None:
        """Give the writer free, and remove every index that is neither in use nor being written to."""
        building.writer.close()
        used = self._current() if (self.path / _CURRENT).exists() else ""
        for place in self.path.iterdir():
            if place.is_dir() and place.name != used and not _is_written_to(place):
                shutil.rmtree(place, ignore_errors=True)


def _open(place: Path) -> tantivy.Index:
    return _unwatched(tantivy.Index.open(str(place)))


def _unwatched(index: tantivy.Index) -> tantivy.Index:
    """Keep the engine from watching the files in a thread, which makes locks in folders that are being removed."""
    index.config_reader("manual")
    return index


def _is_written_to(place: Path) -> bool:
    try:
        open_writer(_open(place)).wait_merging_threads()
    except IndexInUseError:
        return True
    except (ValueError, UnusableIndexError):
        return False
    return False
