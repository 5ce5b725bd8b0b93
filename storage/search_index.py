"""Full text search with tantivy: derived from the store, caught up from its change sequence, built anew when lost."""

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import structlog
import tantivy

from bot.names import block_keys, fold_name, is_family_only, same_author
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.ports import Found, Order, Store
from bot.query import Kind, Query, Rule
from storage import index_documents as fields
from storage.index_documents import document
from storage.index_folder import IndexFolder, IndexInUseError, UnusableIndexError, engine_failures, open_writer
from storage.index_pages import find_page, newest_sequence
from storage.index_queries import Translator, is_ranked

_CHUNK = 1_000  # papers; a chunk is analysed in one go, and committed as one

log = structlog.get_logger()


class TantivyIndex:
    """The search index in a folder of its own. Cheap to make: nothing is opened before it is needed.

    Any number of processes may read it and catch up; one of them writes at a time, and the others leave it to it.
    """

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = IndexFolder(folder)
        self._store = store
        self._writing = asyncio.Lock()
        self._index: tantivy.Index | None = None
        self._compared = False  # with the store, once after the start
        self._mended = False  # after a failed search, once

    async def search(
        self,
        query: Query,
        *,
        order: Order = "relevance",
        offset: int = 0,
        limit: int = 10,
        since: dt.date | None = None,
        until: dt.date | None = None,
        excluding: Sequence[Rule] = (),
        saves: Mapping[str, Collection[PaperId]] | None = None,
    ) -> Found:
        """Return papers that match one of the rules and none of `excluding`, dated from `since` to `until`.

        Relevance is BM25 with the title counting three times, mildly raised by votes and newness; a query
        without words comes the newest first. Pages fit together as long as the index does not change.
        """
        if order == "relevance" and not is_ranked(query):
            order = "newest"
        authors = await self._authors((*query, *excluding))

        def run(index: tantivy.Index) -> Found:
            wanted = Translator(index.schema, authors, saves or {}).search(query, excluding, since, until)
            with engine_failures():
                return find_page(index.searcher(), wanted, order, offset, limit)

        index = await self._usable()
        try:
            return await asyncio.to_thread(run, index)
        except UnusableIndexError as failure:
            await self._mend(index, failure)
            return await asyncio.to_thread(run, await self._usable())

    async def catch_up(self) -> int:
        """Take in what changed in the store since the last time; return how many papers that was.

        An index that can't be read, or that knows another past than the store's, is built anew. Returns 0 while
        another process writes.
        """
        async with self._writing:
            try:
                return await self._catch_up()
            except UnusableIndexError as failure:
                return await self._rebuild(str(failure))
            except IndexInUseError:
                log.debug("search index written by another process", folder=str(self._folder.path))
                return 0

    async def rebuild(self) -> int:
        """Build the index anew from the store; return how many papers it holds. Searches go on meanwhile."""
        async with self._writing:
            return await self._rebuild("asked for")

    async def behind(self) -> int:
        """Return how many changes of the store are not in the index yet: all of them where it is unusable."""
        async with self._store.read() as session:
            newest = await session.papers.last_change()
        try:
            reached = await asyncio.to_thread(_reached, await asyncio.to_thread(self._folder.latest))
        except UnusableIndexError:
            return newest
        return newest - reached if reached <= newest else newest

    async def _usable(self) -> tantivy.Index:
        """Return the index to search in, built first where there is none."""
        if self._index is None:
            try:
                self._index = await asyncio.to_thread(self._folder.latest)
            except UnusableIndexError as failure:
                async with self._writing:
                    if self._index is None:  # nobody built it while this search waited
                        await self._rebuild(str(failure))
        assert self._index is not None  # set by every way through the lines above
        return self._index

    async def _mend(self, unusable: tantivy.Index, failure: UnusableIndexError) -> None:
        async with self._writing:
            if self._index is not unusable:
                return  # another search, that failed as well, was here first
            if self._mended:
                raise failure  # a new index did not help, so the fault is not the files'
            self._mended = True
            await self._rebuild(str(failure))

    async def _authors(self, rules: Iterable[Rule]) -> dict[str, frozenset[str]]:
        """Return, for each author that the rules name, the folded names of the authors it may be.

        A lone family name stands for all who bear it, thousands at times: those the index tells itself.
        """
        named = {term.value for rule in rules for term in rule.terms if term.kind is Kind.AUTHOR}
        typed = {value for value in named if not is_family_only(value)}
        if not typed:
            return {}
        keys = frozenset[str]().union(*map(block_keys, typed))
        async with self._store.read() as session:
            names = await session.papers.author_names(keys)
        return await asyncio.to_thread(_people, typed, names)

    async def _catch_up(self) -> int:
        self._index = index = await asyncio.to_thread(self._folder.latest)
        async with self._store.read() as session:
            newest = await session.papers.last_change()
        reached = await asyncio.to_thread(_reached, index)
        if reached > newest:
            raise UnusableIndexError("it is ahead of the store, which was restored or replaced")
        if reached == newest and self._compared:
            return 0
        writer = await asyncio.to_thread(open_writer, index)
        try:
            taken, papers = await self._take_in(writer, reached, partial(_commit, writer))
        finally:
            await _undisturbed(writer.wait_merging_threads)
        await asyncio.to_thread(index.reload)
        if not self._compared and index.searcher().num_docs != papers:
            raise UnusableIndexError("it holds other papers than the store, which was restored or replaced")
        self._compared = True
        return taken

    async def _rebuild(self, reason: str) -> int:
        log.info("building the search index", folder=str(self._folder.path), reason=reason)
        building = await asyncio.to_thread(self._folder.begin)
        try:
            await self._take_in(building.writer, 0, _nothing)
            await _undisturbed(partial(self._folder.publish, building))
        finally:
            await _undisturbed(partial(self._folder.finish, building))
        self._index = await asyncio.to_thread(self._folder.latest)
        self._compared = True
        return self._index.searcher().num_docs

    async def _take_in(
        self, writer: tantivy.IndexWriter, reached: int, after_each: Callable[[], object]
    ) -> tuple[int, int]:
        """Write every change above `reached`, in order; return how many, and how many papers the store then had."""
        taken = 0
        while True:
            async with self._store.read() as session:
                changes = await session.papers.changed_since(reached, _CHUNK)
                if not changes:
                    return taken, await session.papers.count()
            await _undisturbed(partial(_write, writer, changes))
            await _undisturbed(after_each)
            reached = changes[-1][0]
            taken += len(changes)


def _reached(index: tantivy.Index) -> int:
    with engine_failures():
        return newest_sequence(index.searcher())


def _people(typed: Iterable[str], names: Sequence[str]) -> dict[str, frozenset[str]]:
    return {value: frozenset(fold_name(name) for name in names if same_author(value, name)) for value in typed}


def _write(writer: tantivy.IndexWriter, changes: Sequence[tuple[int, Paper]]) -> None:
    for sequence, paper in changes:
        made = document(sequence, paper)
        with engine_failures():
            writer.delete_documents_by_term(fields.KEY, str(paper.id))
            writer.add_document(made)


def _commit(writer: tantivy.IndexWriter) -> None:
    with engine_failures():
        writer.commit()


def _nothing() -> None:
    """A building is committed once, when it is whole."""


async def _undisturbed(work: Callable[[], object]) -> None:
    """Run work in a thread; who is cancelled leaves when it is done, since a writer does one thing at a time."""
    thread = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        raise
