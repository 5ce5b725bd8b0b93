"""How the sources did last."""

import datetime as dt

from bot.query_parser import parse_rule
from bot.store_sources import SourceRun
from bot.team import Caller
from storage.database import SqlStore
from storage.session import SqlSession
from tests.fakes.plans import plans_of

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


async def test_the_rules_that_name_categories_are_found_without_reading_all_others(
    store: SqlStore, alice: Caller, now: dt.datetime
) -> None:
    async with store.write() as session:
        for rule in ("cat:cs.CL", "cat:cs.CL", "pigeons -cat:math", "author:Ada", "cat:stat"):
            follow = await session.follows.add(alice.member.person_id, parse_rule(rule), "follow", now)
        await session.follows.set_paused(follow, paused=True)
        await session.follows.add(alice.member.person_id, parse_rule("cat:q-bio"), "mute", now)
        assert sorted(await session.source_runs.rules_with_categories()) == ["cat:cs.CL", "pigeons -cat:math"]

    async def ask(session: SqlSession) -> None:
        await session.source_runs.rules_with_categories()

    steps = " ".join(await plans_of(store, ask))
    assert "ix_follows_categories" in steps
    assert "ix_digests_categories" in steps or "ix_digests_due" in steps
