"""arXiv as one source: which of its services is asked for which day."""

import datetime as dt

import pytest

from adapters.sources.arxiv import Arxiv as Source
from tests.fakes.arxiv import Announced, Arxiv, record

DAY = dt.date(2025, 8, 20)


class Clock:
    """Stands still."""

    def __init__(self, now: str) -> None:
        self._now = dt.datetime.fromisoformat(now)

    def now(self) -> dt.datetime:
        return self._now

    def monotonic(self) -> float:
        return 0.0


async def asked(now: str, day: dt.date = DAY, wanted: tuple[str, ...] = ("cs.CL",)) -> tuple[list[str], list[str]]:
    """Return the papers that a day gives, and the services that were asked."""
    arxiv = Arxiv([Announced("2508.00001", "cs.CL")], known=["2508.00002"], pages={"cs": [[record("2508.00003")]]})
    async with arxiv.served() as fetcher:
        source = Source(fetcher, Clock(now), wanted, arxiv.url, arxiv.url, arxiv.url)
        papers = [paper for batch in [each async for each in source.daily(day)] for paper in batch.papers]
    assert all(paper.listings[0].day == day for paper in papers)
    return [paper.id.value for paper in papers], [path.split("?")[0] for path in arxiv.asked]


@pytest.mark.parametrize("now", ["2025-08-20T04:00:00+00:00", "2025-08-21T03:59:59+00:00"])
async def test_today_in_new_york_is_announced(now: str) -> None:
    assert await asked(now) == (["2508.00001"], ["/atom/cs.CL"])


async def test_a_day_that_is_over_is_searched_for() -> None:
    assert await asked("2025-08-21T04:00:00+00:00") == (["2508.00002"], ["/api/query"])


async def test_what_changed_since_is_asked_for_by_the_days_of_the_changes() -> None:
    arxiv = Arxiv(known=["2508.00002"], pages={"cs": [[record("2508.00003")]]})
    async with arxiv.served() as fetcher:
        source = Source(fetcher, Clock("2025-08-21T12:00:00+00:00"), ("cs.CL",), *[arxiv.url] * 3)
        [batch] = [each async for each in source.changed(DAY, DAY)]
    assert [paper.id.value for paper in batch.papers] == ["2508.00003"]
    assert [path.split("?")[0] for path in arxiv.asked] == ["/oai"]


async def test_a_day_to_come_and_no_categories_ask_nobody() -> None:
    assert await asked("2025-08-20T03:59:59+00:00") == ([], [])
    assert await asked("2025-08-20T12:00:00+00:00", wanted=()) == ([], [])
    assert await asked("2025-08-22T12:00:00+00:00", wanted=()) == ([], [])
