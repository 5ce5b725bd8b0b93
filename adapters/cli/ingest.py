"""`paperround ingest`: one pass over a source, from the network or from recorded answers."""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from adapters.cli.run import open_sources, open_world
from adapters.cli.settings import Settings
from adapters.sources import huggingface
from bot import text
from bot.errors import SourceError, UserError
from bot.ingest import IngestReport, ingest
from bot.likeness import nearest
from bot.ports import Batch, Clock

FILE_READERS: dict[str, Callable[[Path], Batch]] = {"huggingface": huggingface.read_file}

Progress = Callable[[int, int, str], None]
"""Told after each answer was stored: how many are done, of how many, and the name of the last."""


async def ingest_files(
    settings: Settings, clock: Clock, source: str, files: Sequence[Path], progress: Progress
) -> IngestReport:
    """Store recorded answers, each file wholly or not at all; those that can't be read are named in the report."""
    read_file = FILE_READERS[known_source(source)]
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


async def ingest_days(
    settings: Settings, clock: Clock, source: str, days: Sequence[dt.date], progress: Progress
) -> IngestReport:
    """Ask the source itself for those days. Raises SourceError; the days before the failure stay stored."""
    report = IngestReport(known_source(source))
    async with open_world(settings, clock) as world, open_sources(settings) as sources:
        try:
            for done, day in enumerate(days, start=1):
                batches: AsyncIterator[Batch] = sources[source].daily(day)
                async for batch in batches:
                    report.add(await ingest(world.store, source, batch, clock.now()))
                progress(done, len(days), str(day))
        except SourceError as wrong:
            async with world.store.write() as session:
                await session.source_runs.failed(source, clock.now(), str(wrong))
            raise
        finally:
            await world.index.catch_up()
    return report


def known_source(name: str) -> str:
    """Return the name of a source that can be read. Raises UserError with the nearest."""
    if name in FILE_READERS:
        return name
    near = nearest(name, FILE_READERS, floor=40)
    raise UserError(f"there is no source “{text.shown(name)}”; write {near or text.either(list(FILE_READERS))}")


def report_json(report: IngestReport) -> dict[str, Any]:
    """Return a report as `ingest --json` prints it."""
    names = ("source", "read", "new", "updated", "unchanged", "skipped", "failed_files")
    return {name: getattr(report, name) for name in names}


def report_words(report: IngestReport) -> str:
    """Return a report as a person reads it."""
    counts = f"{report.source}: read {text.plural(report.read, 'item')}"
    if report.new or report.updated:
        counts += f" · {report.new:,} new · {report.updated:,} updated · {report.unchanged:,} unchanged"
    else:
        counts += f" · nothing changed, {text.plural(report.unchanged, 'paper')} known already"
    if report.skipped:
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in report.skipped.most_common())
        counts += f" · {report.skipped.total():,} skipped ({reasons})"
    return counts
