"""Writing to the search index: the papers, and the vocabulary beside them."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import tantivy

from bot.paper import Paper
from bot.store import Store
from storage import index_documents as fields
from storage.index_documents import analysed, document
from storage.index_engine import engine_failures, open_writer
from storage.vocabulary import Known, VocabularyWriter

_CHUNK = 2_000  # papers; a chunk is analysed in one go, and committed as one


class IndexWriter:
    """The only writer of an index and its vocabulary, until it is closed. Blocks. Raises IndexInUseError."""

    def __init__(self, papers: tantivy.Index, words: tantivy.Index, known: Known | None = None) -> None:
        self._papers = open_writer(papers)
        try:
            self._words = VocabularyWriter(words, known or Known())
        except BaseException:
            self._papers.wait_merging_threads()
            raise

    def write(self, changes: Sequence[tuple[int, Paper]]) -> None:
        """Write papers with their change numbers in the place of what was there of them, and what words they bring."""
        papers = [paper for _, paper in changes]
        read, words = analysed(papers)
        self._words.take_in(papers, words)
        for (sequence, paper), each in zip(changes, read, strict=True):
            made = document(sequence, each)
            with engine_failures():
                for name in paper.names:  # another of its names may have been a paper of its own before
                    self._papers.delete_documents_by_term(fields.KEY, str(name))
                self._papers.add_document(made)

    def commit(self) -> None:
        """Make what was written lasting: the vocabulary first, so that it never lacks what a paper has."""
        self._words.commit()
        with engine_failures():
            self._papers.commit()

    def close(self) -> None:
        """Give the place free; what was not committed is dropped."""
        try:
            self._words.close()
        finally:
            self._papers.wait_merging_threads()


def _nothing() -> None:
    """A building is committed once, when it is whole."""


async def take_in(
    store: Store, writer: IndexWriter, reached: int, after_each: Callable[[], object] = _nothing, count: bool = False
) -> tuple[int, int | None]:
    """Write every change above `reached`, in order; return how many, and how many papers the store then had.

    That is counted where it is asked for: in a big store it takes 10 ms.
    """
    taken = 0
    while True:
        async with store.read() as session:
            changes = await session.papers.changed_since(reached, _CHUNK)
            if not changes:
                return taken, await session.papers.count() if count else None
        await undisturbed(partial(writer.write, changes))
        await undisturbed(after_each)
        reached = changes[-1][0]
        taken += len(changes)


async def undisturbed(work: Callable[[], object]) -> None:
    """Run work in a thread; who is cancelled leaves when it is done, since a writer does one thing at a time."""
    thread = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        raise
