"""The search engine's writers, and its failures told apart: damaged files, and files that somebody else writes to."""

from collections.abc import Iterator
from contextlib import contextmanager

import tantivy

from bot.errors import StoreError

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


def _first_line(failure: BaseException) -> str:
    return str(failure).split("\n", 1)[0][:200]
