"""How the sources did last."""

import datetime as dt

from bot.store import SourceRun
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
