"""The rhythm of sources that are asked for wishes: each wish once a day, and soon after somebody first has it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import structlog

from adapters.cli.rhythms import FAILURES_IN_A_ROW, LOOK_FOR_WISHES, Next, take_in
from adapters.cli.wished import Wished
from bot.ingest import IngestReport
from bot.ports import Source, World
from bot.query import Term
from bot.wishes import wish_key

EVERY = dt.timedelta(days=1)
"""How often a wish is granted."""

AT_ONCE = 100
"""Wishes that are granted in one turn; some sources take one question a second."""

_BEGUN_WITHIN = 0.5
"""The part of a pass in which a wish may be begun: one that takes some minutes has them, before the pass is cut."""

AGAIN = dt.timedelta(hours=1)
"""When a wish that failed is asked for again."""

_SOON = dt.timedelta(minutes=1)
_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)

log = structlog.get_logger()


def by_wish(source: Source) -> "ByWish":
    """Return the rhythm of a source that is asked for wishes."""
    if not isinstance(source, Wished):
        raise TypeError(f"{source.name} is not asked for what rules name")
    return ByWish(source)


@dataclass(slots=True)
class ByWish:
    """Each wish once a day, those first that wait longest; two that fail one after the other end the turn.

    One that fails alone has something wrong with it: it is told, and keeps no other one waiting.
    """

    source: Wished
    lasts: dt.timedelta = dt.timedelta(minutes=10)

    async def read(self, world: World, report: IngestReport) -> Next:
        """Grant the wishes that are due."""
        now, wishes = world.clock.now(), {wish_key(wish): wish for wish in await self.source.wishes()}
        if not wishes:
            return Next(now + LOOK_FOR_WISHES, self.source.nobody)
        due = [key for key, at in (await self._due(world, wishes, now)).items() if at <= now]
        came_to = await self._grant(world, [wishes[key] for key in due[:AT_ONCE]], report)
        if came_to < len(due):
            return Next(world.clock.now() + _SOON)
        coming = min((await self._due(world, wishes, world.clock.now())).values())
        return Next(max(coming, now + _SOON), look=now + LOOK_FOR_WISHES, asked=bool(due))

    async def _due(self, world: World, wishes: Iterable[str], now: dt.datetime) -> dict[str, dt.datetime]:
        """Return when each wish is due, in that order; times in the future are from before the clock was put back."""
        async with world.store.read() as session:
            granted = await session.wishes.granted(self.source.name)
        due = {key: granted[key] + EVERY if granted.get(key, _NEVER) <= now else now for key in wishes}
        due |= {key: at + AGAIN for key, at in self.source.failed.items() if key in due and at <= now}
        return dict(sorted(due.items(), key=lambda item: item[1]))

    async def _grant(self, world: World, wishes: Sequence[Term], report: IngestReport) -> int:
        """Grant wishes while there is time; return to how many it came."""
        began, failures = world.clock.monotonic(), list[str]()
        for place, wish in enumerate(wishes):
            if world.clock.monotonic() - began > self.lasts.total_seconds() * _BEGUN_WITHIN:
                return place
            tried = IngestReport(self.source.name)
            if await take_in(world, self.source.granting(wish), tried):
                self.source.failed.pop(wish_key(wish), None)
                await self.source.grant(wish)
            else:
                await self._note_failure(world, wish, tried.failures[0])
            failures = [*failures, *tried.failures] if tried.failures else []
            report.add(replace(tried, failures=[]))
            if len(failures) == FAILURES_IN_A_ROW:
                report.failures += failures
                return place + 1
        return len(wishes)

    async def _note_failure(self, world: World, wish: Term, failure: str) -> None:
        now = self.source.failed[wish_key(wish)] = world.clock.now()
        log.warning(
            "a source could not be asked for something", source=self.source.name, wish=str(wish), reason=failure
        )
        async with world.store.write() as session:
            await session.source_runs.failed(self.source.name, now, failure)
