"""Full text search with tantivy: derived from the store, caught up from its change sequence, built anew when lost."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
import tantivy

from bot.names import block_keys, fold_name, is_family_only, same_author
from bot.organisations import with_names
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.ports import Found, Mended, Order, Similar
from bot.query import Kind, Query, Rule
from bot.store import Store
from storage.corrections import Corrector
from storage.index_engine import IndexInUseError, UnusableIndexError, engine_failures
from storage.index_folder import IndexFolder
from storage.index_mending import Mender
from storage.index_pages import count_authors, find_page, many_with, newest_sequence
from storage.index_queries import Translator, is_ranked, lone_word
from storage.index_similar import find_similar
from storage.index_writing import IndexWriter, take_in, undisturbed
from storage.vocabulary import Known, Vocabulary

_T = TypeVar("_T")

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
        self._named: dict[str, frozenset[str]] = {}  # author values looked up since the last catch-up
        self._words = Known()  # of the vocabulary, as of the last catch-up
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

        Relevance is BM25 with the title counting three times, the best of which are mildly raised by votes and
        newness; a query without words comes the newest first. Pages fit together as long as the index does not change.
        """
        if order == "relevance" and not is_ranked(query):
            order = "newest"
        query, excluding = await self._by_names(query), await self._by_names(tuple(excluding))
        authors = await self._authors((*query, *excluding))
        word = None if excluding or since or until else lone_word(query)

        def run(index: tantivy.Index) -> Found:
            translator, searcher = Translator(index.schema, authors, saves or {}), index.searcher()
            with engine_failures():
                if word and (many := many_with(searcher, word)):
                    return find_page(searcher, translator.lone_word(word), order, offset, limit, many)
                wanted = translator.search(query, excluding, since, until)
                return find_page(searcher, wanted, order, offset, limit)

        return await self._read(run)

    async def corrected(self, query: Query, *, saves: Mapping[str, Collection[PaperId]] | None = None) -> Query | None:
        """Return the query with its typing errors mended where that finds more, or None.

        A whole title with errors becomes that title; words and names the nearest that papers have.
        """
        mended = await self._mender(partial(self.search, limit=0, saves=saves)).mended(query)
        return mended.query if mended else None

    async def mended(
        self,
        query: Query,
        found: int,
        *,
        order: Order = "relevance",
        offset: int = 0,
        limit: int = 10,
        saves: Mapping[str, Collection[PaperId]] | None = None,
    ) -> Mended | None:
        """Return what `corrected` does with a page of what that finds, for a query that finds `found` papers."""
        find = partial(self.search, order=order, offset=offset, limit=limit, saves=saves)
        return await self._mender(find).mended(query, found)

    async def author_counts(self, names: Collection[str]) -> dict[str, int]:
        """Return for each name how many papers have an author of just that name, however it is spelled."""
        return await self._read(lambda index: count_authors(index, names))

    async def names_like(self, typed: str, limit: int = 5) -> list[str]:
        """Return authors' names that look like the typed one, as a paper spells them, the likest first."""
        return await self._ask(lambda corrector: corrector.names_near(typed, limit))

    async def similar(self, paper: Paper, *, offset: int = 0, limit: int = 10) -> Similar:
        """Return the papers most like this one, at most `NEAREST`, which need not be in the index.

        Alike are title and abstract, authors and categories, as `storage.index_similar` weighs them.
        """
        return await self._read(lambda index: find_similar(index, paper, offset, limit))

    def _mender(self, find: Callable[[Query], Awaitable[Found]]) -> Mender:
        return Mender(find, self._authors, self._ask, self._store)

    async def _ask(self, question: Callable[[Corrector], _T]) -> _T:
        return await self._read(lambda index: question(self._corrector(index)))

    def _corrector(self, index: tantivy.Index) -> Corrector:
        return Corrector(index, Vocabulary(self._folder.vocabulary()))

    async def _read(self, work: Callable[[tantivy.Index], _T]) -> _T:
        """Return what work in a thread finds in the index; one that proves damaged is built anew, once."""
        index = await self._usable()
        try:
            return await asyncio.to_thread(work, index)
        except UnusableIndexError as failure:
            await self._mend(index, failure)
            return await asyncio.to_thread(work, await self._usable())

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
            finally:
                self._named.clear()  # the index may hold authors now that it did not when they were looked up

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

    async def _by_names(self, rules: Query) -> Query:
        """Return rules that find organisations by what their spellings were folded into, too."""
        if not any(term.kind is Kind.ORGANISATION for rule in rules for term in rule.terms):
            return rules
        async with self._store.read() as session:
            names = await session.organisations.names()
        return tuple(with_names(rule, names) for rule in rules)

    async def _authors(self, rules: Iterable[Rule]) -> dict[str, frozenset[str]]:
        """Return, for each author that the rules name, the folded names of the authors it may be.

        A lone family name stands for all who bear it, thousands at times: those the index tells itself.
        """
        named = {term.value for rule in rules for term in rule.terms if term.kind is Kind.AUTHOR}
        typed = {value for value in named if not is_family_only(value)}
        known = {value: self._named[value] for value in typed if value in self._named}
        if new := typed - known.keys():
            keys = frozenset[str]().union(*map(block_keys, new))
            async with self._store.read() as session:
                names = await session.papers.author_names(keys)
            known |= await asyncio.to_thread(_people, new, names)
            self._named |= known
        return known

    async def _catch_up(self) -> int:
        self._index = index = await asyncio.to_thread(self._folder.latest)
        async with self._store.read() as session:
            newest = await session.papers.last_change()
        reached = await asyncio.to_thread(_reached, index)
        if reached > newest:
            raise UnusableIndexError("it is ahead of the store, which was restored or replaced")
        if reached == newest and self._compared:
            return 0
        writer = await asyncio.to_thread(IndexWriter, index, self._folder.vocabulary(), self._words)
        try:
            taken, papers = await take_in(self._store, writer, reached, writer.commit, count=not self._compared)
        finally:
            await undisturbed(writer.close)
        await asyncio.to_thread(index.reload)
        if papers is not None and index.searcher().num_docs != papers:
            raise UnusableIndexError("it holds other papers than the store, which was restored or replaced")
        self._compared = True
        return taken

    async def _rebuild(self, reason: str) -> int:
        log.info("building the search index", folder=str(self._folder.path), reason=reason)
        building = await asyncio.to_thread(self._folder.begin)
        try:
            await take_in(self._store, building.writer, 0)
            await undisturbed(partial(self._folder.publish, building))
        finally:
            await undisturbed(partial(self._folder.finish, building))
        self._index = await asyncio.to_thread(self._folder.latest)
        self._compared = True
        return self._index.searcher().num_docs


def _reached(index: tantivy.Index) -> int:
    with engine_failures():
        return newest_sequence(index.searcher())


def _people(typed: Iterable[str], names: Sequence[str]) -> dict[str, frozenset[str]]:
    return {value: frozenset(fold_name(name) for name in names if same_author(value, name)) for value in typed}
