"""`paperround ingest`: one pass over a source, from the network or from recorded answers."""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.cli.process import MisuseError
from adapters.cli.run import open_lookups, open_sources, open_world
from adapters.cli.settings import Settings
from adapters.cli.source_kinds import Backfills, UnwantedError
from adapters.cli.sources import check_keys, source_kind
from adapters.cli.wished import Wished
from bot import text
from bot.errors import SourceError, UserError
from bot.ingest import IngestReport, ingest
from bot.paper_ids import PaperId
from bot.ports import Batch, Clock, Source, World
from bot.query import Kind, Term
from bot.query_parser import parse_rule

Progress = Callable[[int, int, str], None]
"""Told after each answer was stored: how many are done, of how many, and the name of the last."""

Tell = Callable[[str], None]

_IN_A_HURRY = 30.0
"""Seconds for which somebody who asks for one day waits until a service may be asked."""

_PATIENCE = 150.0
"""The same for a backfill: a request whose process was killed counts as under way for 90 seconds."""

_DAY = dt.timedelta(days=1)


async def ingest_files(
    settings: Settings, clock: Clock, source: str, files: Sequence[Path], progress: Progress
) -> IngestReport:
    """Store recorded answers, each file wholly or not at all; those that can't be read are named in the report."""
    read_file = source_kind(source).read_file
    report = IngestReport(source)
    async with open_world(settings, clock) as world:
        for done, file in enumerate(files, start=1):
            try:
                report.add(await ingest(world.store, source, read_file(file), clock.now()))
            except SourceError as wrong:
                report.failed_files.append(str(file))
                report.failures.append(str(wrong))
            progress(done, len(files), file.name)
        await world.index.catch_up()
    return report


async def ingest_ids(settings: Settings, clock: Clock, source: str, ids: Sequence[PaperId]) -> IngestReport:
    """Ask the source for papers by their ids. Raises SourceError; the papers before the failure stay stored."""
    kind = source_kind(source)
    if kind.by_id is None:
        raise MisuseError(f"{source} can't be asked for a paper by its id; leave out --id")
    check_keys(source, settings)
    report = IngestReport(source)
    async with (
        open_world(settings, clock) as world,
        open_lookups(settings, world.store) as lookups,
        _told_to_the_diary(world, source),
    ):
        for paper_id in ids:
            report.add(await ingest(world.store, source, await lookups[source].by_id(paper_id), clock.now()))
    return report


async def ingest_days(
    settings: Settings, clock: Clock, source: str, first: dt.date, last: dt.date, progress: Progress, tell: Tell
) -> IngestReport:
    """Ask the source itself for the days from one to the other. Raises SourceError; what came before it stays stored.

    A backfill that was stopped goes on with the part in which it was, which `tell` is told.
    """
    kind = source_kind(source)
    if kind.daily is None:
        other = ", or name an --id" if kind.by_id else ""
        raise MisuseError(f"{source} has no lists of days; read recorded answers with --from-file{other}")
    check_keys(source, settings)
    report = IngestReport(source)
    patience = _PATIENCE if first < last else _IN_A_HURRY
    async with (
        open_world(settings, clock) as world,
        open_sources(settings, world.store, patience) as sources,
        _told_to_the_diary(world, source),
    ):
        await _Backfill(world, sources[source], report, progress, tell).run(first, last)
    return report


async def ingest_wishes(
    settings: Settings, clock: Clock, source: str, wanted: Sequence[str], since: dt.date
) -> IngestReport:
    """Ask the source for what terms of a rule name, since a day. Raises SourceError; what came before it stays stored.

    MisuseError where it can't be asked for that.
    """
    check_keys(source, settings)
    report = IngestReport(source)
    async with (
        open_world(settings, clock) as world,
        open_sources(settings, world.store, _PATIENCE) as sources,
        _told_to_the_diary(world, source),
    ):
        wished = sources.get(source)
        if not isinstance(wished, Wished):
            raise MisuseError(f"{source} can't be asked for what rules name; leave out --for")
        for wish in _terms(source, wished.asked.kinds, wanted):
            async for batch in wished.granting(wish, since):
                report.add(await ingest(world.store, source, batch, clock.now()))
    return report


def _terms(source: str, kinds: Collection[Kind], wanted: Sequence[str]) -> list[Term]:
    """Return what is to be asked for. Raises MisuseError where that is no rule, or the source can't be asked for it."""
    try:
        terms = [term for one in wanted for term in parse_rule(one).terms]
    except UserError as wrong:
        raise MisuseError(str(wrong)) from wrong
    for term in terms:
        if term.kind not in kinds or term.excluded:
            named = text.either([f"{each}:…" for each in sorted(kinds)])
            raise MisuseError(f"{source} is asked for {named}, not for {term}")
    return terms


@asynccontextmanager
async def _told_to_the_diary(world: World, source: str) -> AsyncIterator[None]:
    """Note in the diary that the block failed, where it did; what it stored can be searched in any case."""
    try:
        yield
    except UnwantedError:
        raise
    except SourceError as wrong:
        async with world.store.write() as session:
            await session.source_runs.failed(source, world.clock.now(), str(wrong))
        if advised := _advised(wrong, source):
            raise advised from wrong
        raise
    finally:
        await world.index.catch_up()


def _advised(failure: SourceError, source: str) -> SourceError | None:
    """Return the failure with what to do, where nobody answered."""
    from adapters.sources.refusals import UnreachedError  # aiohttp takes 0.15 s, and reading files needs none

    if not isinstance(failure, UnreachedError):
        return None
    return SourceError(
        f"{failure} See whether this machine is connected, or read answers that were kept:"
        f" paperround ingest {source} --from-file PATH..."
    )


@dataclass(slots=True)
class _Backfill:
    """Days of a source, part by part; the store remembers which comes next."""

    world: World
    source: Source
    report: IngestReport
    progress: Progress
    tell: Tell

    async def run(self, first: dt.date, last: dt.date) -> None:
        """Read the days from one to the other. Raises SourceError."""
        begin, total = await self._goes_on_from(first, last), (last - first).days + 1
        for here, end in _parts(self.source, begin, last):
            async for batch in _between(self.source, here, end):
                self.report.add(await ingest(self.world.store, self.source.name, batch, self.world.clock.now()))
                self.progress((here - first).days, total, batch.name)
            if first < last:
                await self._remember(first, end + _DAY if end < last else None)
            self.progress((end - first).days + 1, total, str(end))

    async def _goes_on_from(self, first: dt.date, last: dt.date) -> dt.date:
        async with self.world.store.read() as session:
            run = await session.source_runs.of(self.source.name)
        if first == last or run is None or run.backfill_since != first or run.backfill_next is None:
            return first
        if run.backfill_next > last:
            return first
        self.tell(f"goes on from {run.backfill_next}, where it stopped")
        return run.backfill_next

    async def _remember(self, since: dt.date, following: dt.date | None) -> None:
        async with self.world.store.write() as session:
            await session.source_runs.backfilled(self.source.name, since, following)


def _parts(source: Source, first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
    if isinstance(source, Backfills):
        return source.parts(first, last)
    days = [first + passed * _DAY for passed in range((last - first).days + 1)]
    return [(day, day) for day in days]


def _between(source: Source, first: dt.date, last: dt.date) -> AsyncIterator[Batch]:
    return source.between(first, last) if isinstance(source, Backfills) and first < last else source.daily(first)


def report_json(report: IngestReport) -> dict[str, Any]:
    """Return a report as `ingest --json` prints it."""
    names = ("source", "read", "new", "updated", "unchanged", "skipped", "failed_files")
    return {name: getattr(report, name) for name in names}


def report_words(report: IngestReport) -> str:
    """Return a report as a person reads it."""
    counts = f"{report.source}: read {text.plural(report.read, 'item')}"
    if report.new or report.updated:
        counts += f" · {report.new:,} new · {report.updated:,} updated · {report.unchanged:,} unchanged"
    elif report.read:
        counts += f" · nothing changed, {text.plural(report.unchanged, 'paper')} known already"
    if report.skipped:
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in report.skipped.most_common())
        counts += f" · {report.skipped.total():,} skipped ({reasons})"
    return counts
