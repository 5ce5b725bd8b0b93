"""Queries with typing errors read anew, each reading judged by what it finds."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol, TypeVar

from bot.ports import Found, Mended
from bot.query import Kind, Query, Rule
from bot.store import Store
from storage.corrections import FEW, Corrector, Titled, initials_alone, may_be_title, titled

_T = TypeVar("_T")
_CORRECTED = 5  # rules of a query in which typing errors are looked for; each takes some milliseconds


class _Ask(Protocol):
    """Has a corrector asked something, in a thread."""

    async def __call__(self, question: Callable[[Corrector], _T], /) -> _T: ...


@dataclass(frozen=True, slots=True)
class Mender:
    """Mends queries with what an index holds.

    `find` searches for one, `authors` returns the folded names that each author of one may be.
    """

    find: Callable[[Query], Awaitable[Found]]
    authors: Callable[[Query], Awaitable[Mapping[str, Collection[str]]]]
    ask: _Ask
    store: Store

    async def mended(self, query: Query, found: int | None = None) -> Mended | None:
        """Return the query with its typing errors mended and what it then finds, if more than `found`, or None.

        `found` is how many papers it finds, where that is known. Touched are rules that find fewer than `FEW`, and
        names in full words that papers have by initials alone.
        """
        if len(query) == 1:
            return await self._reread(query[0], found)
        rules = [await self._reread(rule, None) for rule in query[:_CORRECTED]]
        if not any(rules):
            return None
        meant = tuple(new.query[0] if new else old for new, old in zip_longest(rules, query))
        return Mended(meant, await self.find(meant))

    async def _reread(self, rule: Rule, known: int | None) -> Mended | None:
        found = (await self.find((rule,))).total if known is None else known
        authors = await self.authors((rule,))
        if found >= FEW and not any(initials_alone(name, authors) for name in rule.wanted(Kind.AUTHOR)):
            return None
        title = await self._title_meant(rule) if may_be_title(rule) and not found else None
        if title and title.sure and (as_title := await self._found(title.rule)):
            return as_title
        for reading in await self.ask(lambda corrector: corrector.readings(rule, authors)):
            more = await self.find((reading,))
            if more.total > found and (more.total >= FEW or not title):
                return Mended((reading,), more)
            if more.total > found:
                break  # so few that the title is likelier
        return await self._found(title.rule) if title else None

    async def _found(self, rule: Rule) -> Mended | None:
        found = await self.find((rule,))
        return Mended((rule,), found) if found.total else None

    async def _title_meant(self, rule: Rule) -> Titled | None:
        ids = await self.ask(lambda corrector: corrector.title_candidates(rule))
        if not ids:
            return None
        async with self.store.read() as session:
            papers = await session.papers.get_many(ids)
        return titled(rule, [paper.title for paper in papers])
