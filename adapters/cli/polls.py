"""Polls of the sources: each source every half hour, by one replica at a time."""

import asyncio
import datetime as dt
import random
from dataclasses import dataclass, field

import structlog

from adapters.cli.turns import Turn, take_turn
from bot.errors import SourceError
from bot.ingest import IngestReport, ingest
from bot.ports import Source, World

EVERY = dt.timedelta(minutes=30)
"""Papers are listed all through the day: one read a day missed a third of a week's papers."""

DAYS_AGAIN = 7
"""Votes change for days: so many days before today are read once more."""

_LASTS = dt.timedelta(minutes=10)
"""How long a pass over a source may take; a killed one is taken over then."""

_AFTER_FAILURE = dt.timedelta(minutes=10)
_LONGEST_WAIT = dt.timedelta(hours=2)
_FAILURES_IN_A_ROW = 2

log = structlog.get_logger()


@dataclass(slots=True)
class Poll:
    """Polls one source whenever its turn has come."""

    world: World
    source: Source
    failures: int = field(default=0, init=False)

    async def __call__(self) -> None:
        """Read today's papers and those of the days before, unless somebody did a short while ago."""
        turn = await take_turn(self.world, f"poll {self.source.name}", _LASTS)
        if turn is None:
            return
        report = await self._read()
        self.failures = self.failures + 1 if report.failures else 0
        next_at = turn.began + self._wait()
        await self._note(turn, report, next_at)

    async def _read(self) -> IngestReport:
        """Read day by day, the newest first; a second day in a row that fails is the last."""
        report, in_a_row = IngestReport(self.source.name), 0
        today = self.world.clock.now().date()
        try:
            async with asyncio.timeout(_LASTS.total_seconds() * 0.9):
                for passed in range(DAYS_AGAIN + 1):
                    in_a_row = 0 if await self._read_day(today - dt.timedelta(days=passed), report) else in_a_row + 1
                    if in_a_row == _FAILURES_IN_A_ROW:
                        break
        except TimeoutError:
            report.failures.append(f"It took longer than {_LASTS.total_seconds() * 0.9:g} seconds to read the days.")
        return report

    async def _read_day(self, day: dt.date, report: IngestReport) -> bool:
        try:
            async for batch in self.source.daily(day):
                report.add(await ingest(self.world.store, self.source.name, batch, self.world.clock.now()))
        except SourceError as wrong:
            report.failures.append(str(wrong))
            return False
        return True

    def _wait(self) -> dt.timedelta:
        """How long until the next poll: twice as long after each failure, not in step with others."""
        if not self.failures:
            return EVERY
        longer = _AFTER_FAILURE * float(1 << min(self.failures - 1, 10))
        return min(longer, _LONGEST_WAIT) * random.uniform(1, 1.2)

    async def _note(self, turn: Turn, report: IngestReport, next_at: dt.datetime) -> None:
        """Tell the diary and the log how it went."""
        counts = {"new": report.new, "updated": report.updated, "unchanged": report.unchanged}
        if report.failures:
            reason = report.failures[0]
            async with self.world.store.write() as session:
                await session.source_runs.failed(report.source, self.world.clock.now(), reason)
            log.warning(
                "a source could not be read", source=report.source, reason=reason, **counts, next_try=_minute(next_at)
            )
        else:
            skipped = {"skipped": dict(report.skipped)} if report.skipped else {}
            log.info("a source was read", source=report.source, **counts, **skipped, next_read=_minute(next_at))
        await turn.keep(self.world, next_at)


def _minute(instant: dt.datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%MZ}"
