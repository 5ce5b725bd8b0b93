"""How the sources did last."""

import datetime as dt

from bot.store_sources import SourceRun
from storage.database import SqlStore

HOUR = dt.timedelta(hours=1)


async def test_a_source_that_was_never_read_has_no_diary(store: SqlStore) -> None:
    async with store.read() as session:
        assert await session.source_runs.all() == []


async def test_success_and_failure_are_both_remembered(store: SqlStore, now: dt.datetime, day: dt.date) -> None:
    async with store.write() as session:
        await session.source_runs.succeeded("huggingface", now, day)
        await session.source_runs.failed("huggingface", now + HOUR, "no answer")
        await session.source_runs.failed("arxiv", now, "503")
        assert await session.source_runs.all() == [
            SourceRun("arxiv", None, now, "503", None),
            SourceRun("huggingface", now, now + HOUR, "no answer", day),
        ]


async def test_reading_old_days_again_does_not_age_the_newest(store: SqlStore, now: dt.datetime, day: dt.date) -> None:
    async with store.write() as session:
        for read in (day, dt.date(2024, 1, 1), None):
            await session.source_runs.succeeded("huggingface", now, read)
        assert [run.newest_day for run in await session.source_runs.all()] == [day]


async def test_what_is_planned_and_how_far_it_was_read_are_remembered(
    store: SqlStore, now: dt.datetime, day: dt.date
) -> None:
    async with store.write() as session:
        assert await session.source_runs.of("arxiv") is None
        await session.source_runs.planned("arxiv", now + HOUR, "nobody wants it")
        await session.source_runs.read_to("arxiv", day)
        await session.source_runs.backfilled("arxiv", dt.date(2025, 1, 1), dt.date(2025, 2, 1))
        run = await session.source_runs.of("arxiv")
        assert run == SourceRun(
            "arxiv",
            None,
            None,
            None,
            None,
            now + HOUR,
            "nobody wants it",
            day,
            dt.date(2025, 1, 1),
            dt.date(2025, 2, 1),
        )
        await session.source_runs.backfilled("arxiv", dt.date(2025, 1, 1), None)
        await session.source_runs.planned("arxiv", None)
        await session.source_runs.read_to("arxiv", None)
        assert await session.source_runs.of("arxiv") == SourceRun("arxiv", None, None, None, None)
