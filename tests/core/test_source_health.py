"""How a source does, in words."""

import datetime as dt

import pytest

from bot.source_health import concerning, health
from bot.store_sources import SourceRun

NOW = dt.datetime(2025, 6, 12, 14, tzinfo=dt.UTC)
DAY = dt.date(2025, 6, 12)
EARLIER, LATER = NOW - dt.timedelta(hours=2), NOW + dt.timedelta(minutes=20)
LONG_AGO = NOW - dt.timedelta(days=5)


@pytest.mark.parametrize(
    ("run", "state", "words"),
    [
        (SourceRun("x", None, None, None, None), "warn", "never read"),
        (SourceRun("x", None, None, None, None, LATER), "warn", "never read; next poll Thu 12 Jun 2025 14:20 UTC"),
        (
            SourceRun("x", EARLIER, None, None, DAY, LATER),
            "ok",
            "last read Thu 12 Jun 2025 12:00 UTC, newest list Thu 12 Jun 2025; next poll Thu 12 Jun 2025 14:20 UTC",
        ),
        (
            SourceRun("x", EARLIER, NOW, "x.org answered 500.", None, LATER),
            "fail",
            "failed Thu 12 Jun 2025 14:00 UTC: x.org answered 500; last read Thu 12 Jun 2025 12:00 UTC;"
            " next try Thu 12 Jun 2025 14:20 UTC",
        ),
        (
            SourceRun("x", None, NOW, "x.org answered 500.", None),
            "fail",
            "failed Thu 12 Jun 2025 14:00 UTC: x.org answered 500; never read",
        ),
        (
            SourceRun("x", NOW, EARLIER, "x.org answered 500.", None),
            "ok",
            "last read Thu 12 Jun 2025 14:00 UTC; failed before, Thu 12 Jun 2025 12:00 UTC: x.org answered 500",
        ),
        (
            SourceRun("x", EARLIER, None, None, None, NOW - dt.timedelta(hours=1, minutes=1)),
            "ok",
            "last read Thu 12 Jun 2025 12:00 UTC; next poll was due Thu 12 Jun 2025 12:59 UTC: paperround run makes it",
        ),
        (
            SourceRun("x", LONG_AGO, None, None, dt.date(2025, 6, 7)),
            "warn",
            "last read Sat 7 Jun 2025 14:00 UTC, newest list Sat 7 Jun 2025",
        ),
        (SourceRun("x", LONG_AGO, None, None, None), "ok", "last read Sat 7 Jun 2025 14:00 UTC"),
        (
            SourceRun("x", LONG_AGO, NOW, "x.org answered 500.", None, LATER, "nobody wants it"),
            "warn",
            "failed Thu 12 Jun 2025 14:00 UTC: x.org answered 500; last read Sat 7 Jun 2025 14:00 UTC;"
            " not asked: nobody wants it",
        ),
        (
            SourceRun("x", LONG_AGO, None, None, None, LATER, "nobody wants it"),
            "ok",
            "not asked: nobody wants it; last read Sat 7 Jun 2025 14:00 UTC",
        ),
        (
            SourceRun("x", NOW, None, None, None, None, None, None, dt.date(2025, 1, 1), dt.date(2025, 3, 1)),
            "ok",
            "last read Thu 12 Jun 2025 14:00 UTC; a backfill since 2025-01-01 stopped before 2025-03-01",
        ),
    ],
)
def test_a_source_s_health_is_told_in_one_line(run: SourceRun, state: str, words: str) -> None:
    assert health(run, NOW) == (state, words)


@pytest.mark.parametrize(
    ("run", "state", "words"),
    [
        (
            SourceRun("x", EARLIER, NOW, "x.org answered 500.", None, LATER),
            "warn",
            "failed Thu 12 Jun 2025 14:00 UTC: x.org answered 500; last read Thu 12 Jun 2025 12:00 UTC;"
            " the service does not ask it",
        ),
        (
            SourceRun("x", LONG_AGO, None, None, dt.date(2025, 6, 7), LONG_AGO),
            "ok",
            "last read Sat 7 Jun 2025 14:00 UTC, newest list Sat 7 Jun 2025",
        ),
    ],
)
def test_a_source_that_the_service_does_not_ask_keeps_it_from_nothing(run: SourceRun, state: str, words: str) -> None:
    assert health(run, NOW, asked=False) == (state, words)


def test_nobody_is_told_of_what_nobody_reads() -> None:
    never, once = SourceRun("acl", None, None, None, None), SourceRun("crossref", EARLIER, None, None, None)
    inbox = SourceRun("inbox", EARLIER, NOW, "gone", None)
    assert concerning([never, once, inbox], asked=()) == [once]
    assert concerning([never, once, inbox], asked=("acl", "inbox")) == [never, once, inbox]
