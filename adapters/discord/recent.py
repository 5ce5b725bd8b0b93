"""What is kept in memory for suggestions, which Discord wants at once: titles, organisations, what a team was shown."""

import asyncio
import datetime as dt
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import structlog
from rapidfuzz import fuzz, process

from bot import text
from bot.errors import StoreError
from bot.paper import Paper
from bot.ports import World
from bot.reply import Reply, paper_line
from bot.team import Who

DAYS = 30
MOST_TITLES = 30_000
REFRESHED_EVERY = 600.0
"""Seconds between two looks at what was listed lately."""

_CHANGING = 3
"""Days before today whose lists may still change."""

_SEEN_BY_TEAM = 100
_TEAMS = 1_000
_MEMBERS = 20_000
_NEAR = 80
_SHORTEST = 4
_COMPARED = 2_000
"""Titles that are compared letter by letter, which takes 10 ms."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Titled:
    """A paper's id as people type it, its title, and the words of that, each behind a space."""

    label: str
    title: str
    words: str


class Recent:
    """Titles of the last 30 days and of what each team was shown, organisations, and where members were last."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._days: dict[dt.date, tuple[Titled, ...]] = {}
        self.listed: tuple[Titled, ...] = ()
        self._seen: OrderedDict[str, OrderedDict[str, Titled]] = OrderedDict()
        self._places: OrderedDict[tuple[str, str], str] = OrderedDict()
        self.organisations: Sequence[str] = ()

    async def stay_fresh(self) -> None:
        """Keep what is in memory fresh, until cancelled."""
        while True:
            try:
                await self.refresh()
            except StoreError as failure:
                log.warning("suggestions are not refreshed", reason=str(failure))
            await asyncio.sleep(REFRESHED_EVERY)

    async def refresh(self) -> None:
        """Read what was listed since the last time: the last days anew, each in a transaction. Raises StoreError."""
        today = self._world.clock.now().date()
        wanted = [today - dt.timedelta(days=ago) for ago in range(-1, DAYS)]  # it may be tomorrow already
        read = {day: self._days[day] for day in wanted[_CHANGING + 1 :] if day in self._days}
        for day in wanted:
            if day not in read:
                read[day] = await self._day(day)
        async with self._world.store.read() as session:
            self.organisations = await session.papers.organisations()
        self._days = read
        every = {each.label: each for day in wanted for each in read[day]}
        self.listed = tuple(every.values())[:MOST_TITLES]

    async def _day(self, day: dt.date) -> tuple[Titled, ...]:
        async with self._world.store.read() as session:
            papers = await session.papers.listed(day, day)
        return await asyncio.to_thread(titled, papers)

    def saw(self, who: Who, reply: Reply) -> None:
        """Note what somebody was shown, and where."""
        self._places[who.team, who.member] = who.channel
        self._places.move_to_end((who.team, who.member))
        while len(self._places) > _MEMBERS:
            self._places.popitem(last=False)
        lines = [*(reply.papers or ()), *((reply.card.line,) if reply.card else ())]
        lines += reply.digest.papers if reply.digest else ()
        if not lines:
            return
        seen = self._seen.setdefault(who.team, OrderedDict())
        self._seen.move_to_end(who.team)
        for line in reversed(lines):
            seen[line.label] = _one(line.label, line.title)
            seen.move_to_end(line.label, last=False)
        while len(seen) > _SEEN_BY_TEAM:
            seen.popitem()
        while len(self._seen) > _TEAMS:
            self._seen.popitem(last=False)

    def place_of(self, team: str, member: str) -> str | None:
        """Return the channel in which a member asked something last."""
        return self._places.get((team, member))

    def papers(self, team: str, typed: str, limit: int) -> list[Titled]:
        """Return papers whose id or title's words begin so: what the team was shown first, then the newest.

        Where none does, those whose title looks like it. Up to 10 ms for 30,000 titles: call it in a thread.
        """
        every = [*self._seen.get(team, {}).values(), *self.listed]
        asked, words = typed.strip().lower().removeprefix("arxiv:"), text.words(typed[:200])
        by_id = (each for each in every if each.label.startswith(asked)) if asked[:1].isdigit() else ()
        found = islice(chain(by_id, _beginning(words, every)), limit + _SEEN_BY_TEAM)  # some are there twice
        distinct = {each.label: each for each in found}
        return list(distinct.values())[:limit] or _like(words, every, limit)


def titled(papers: Iterable[Paper]) -> tuple[Titled, ...]:
    """Return the papers of a day, those with most votes first."""
    ordered = sorted(papers, key=lambda paper: (-(paper.votes or 0), paper.title))
    return tuple(_one(paper_line(paper).label, paper.title) for paper in ordered)


def _one(label: str, title: str) -> Titled:
    return Titled(label, title, " " + " ".join(text.words(title)))


def _beginning(words: Sequence[str], every: Iterable[Titled]) -> Iterable[Titled]:
    """Return the papers with a word in the title for each of those, which it begins with, one by one."""
    for part in sorted((f" {word}" for word in words), key=len, reverse=True):  # the longest leaves the fewest
        every = _with(part, every)
    return every


def _with(part: str, papers: Iterable[Titled]) -> Iterable[Titled]:
    return (each for each in papers if part in each.words)


def _like(words: Sequence[str], every: Sequence[Titled], limit: int) -> list[Titled]:
    """Return the papers whose titles look like those words; one of them is believed to be spelled well, if any is."""
    typed = " ".join(words)
    if len(typed) < _SHORTEST:
        return []
    telling = [f" {word}" for word in words if len(word) >= _SHORTEST]
    near = [each for each in every if any(part in each.words for part in telling)][:_COMPARED] or every[:_COMPARED]
    titles = [each.words for each in near]
    found = process.extract(typed, titles, scorer=fuzz.partial_ratio, score_cutoff=_NEAR, limit=limit)
    return [near[place] for _, _, place in found]
