"""Polls of the sources: each in its own rhythm, by one replica at a time."""

import asyncio
import datetime as dt
import random
from dataclasses import dataclass, field

import structlog

from adapters.cli.rhythms import LastDays, Next, Rhythm
from adapters.cli.sources import SOURCES
from adapters.cli.turns import Turn, take_turn
from bot.ingest import IngestReport
from bot.ports import Source, World

PATIENCE = 180.0
"""Seconds for which a poll waits until a service may be asked, as it asked or for others of ours."""

_AFTER_FAILURE = dt.timedelta(minutes=10)
_LONGEST_WAIT = dt.timedelta(hours=2)

log = structlog.get_logger()


def rhythm_of(source: Source) -> Rhythm:
    """Return how a source is polled."""
    kind = SOURCES.get(source.name)
    return kind.rhythm(source) if kind else LastDays(source)


@dataclass(slots=True)
class Poll:
    """Polls one source whenever its turn has come."""

    world: World
    source: Source
    failures: int = field(default=0, init=False)

    async def __call__(self) -> None:
        """Read what the source's rhythm asks for, unless somebody did a short while ago."""
        rhythm = rhythm_of(self.source)
        turn = await take_turn(self.world, f"poll {self.source.name}", rhythm.lasts)
        if turn is None:
            return
        report = IngestReport(self.source.name)
        coming = await self._read(rhythm, report, turn)
        self.failures = self.failures + 1 if report.failures else 0
        if self.failures:
            coming = Next(self.world.clock.now() + self._wait())
        await self._note(report, coming)
        if coming.asked:
            self._tell(report, coming)
        await turn.keep(self.world, coming.turn)

    async def _read(self, rhythm: Rhythm, report: IngestReport, turn: Turn) -> Next:
        seconds = rhythm.lasts.total_seconds() * 0.9
        try:
            async with asyncio.timeout(seconds):
                return await rhythm.read(self.world, report)
        except TimeoutError:
            report.failures.append(f"It took longer than {seconds:g} seconds to read the days.")
            return Next(turn.began + rhythm.lasts)

    def _wait(self) -> dt.timedelta:
        """How long until the next poll: twice as long after each failure, not in step with others."""
        longer = _AFTER_FAILURE * float(1 << min(self.failures - 1, 10))
        return min(longer, _LONGEST_WAIT) * random.uniform(1, 1.2)

    async def _note(self, report: IngestReport, coming: Next) -> None:
        """Tell the diary how it went, and when the source is asked next, or why it is not."""
        async with self.world.store.write() as session:
            if report.failures:
                await session.source_runs.failed(report.source, self.world.clock.now(), report.failures[0])
            await session.source_runs.planned(report.source, coming.at, coming.idle)

    def _tell(self, report: IngestReport, coming: Next) -> None:
        """Tell the log the same."""
        counts = {"new": report.new, "updated": report.updated, "unchanged": report.unchanged}
        minute = f"{coming.at:%Y-%m-%dT%H:%MZ}"
        if report.failures:
            reason = report.failures[0]
            log.warning("a source could not be read", source=report.source, reason=reason, **counts, next_try=minute)
        elif coming.idle:
            log.debug("a source is not asked", source=report.source, reason=coming.idle)
        else:
            skipped = {"skipped": dict(report.skipped)} if report.skipped else {}
            log.info("a source was read", source=report.source, **counts, **skipped, next_read=minute)
