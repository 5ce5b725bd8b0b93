"""On which day arXiv announces what was submitted when, as its own table of the week says."""

import datetime as dt

import pytest

from adapters.sources.arxiv_schedule import announcement_day


@pytest.mark.parametrize(
    ("submitted", "day"),
    [
        ("2025-06-09T13:59-04:00", "2025-06-10"),  # Monday, in time: at 20:00, in Tuesday's feed
        ("2025-06-09T14:00-04:00", "2025-06-11"),
        ("2025-06-12T13:00-04:00", "2025-06-13"),  # Thursday, in time: in Friday's
        ("2025-06-12T15:00-04:00", "2025-06-16"),  # Thursday, late: Sunday evening, in Monday's
        ("2025-06-13T13:00-04:00", "2025-06-16"),
        ("2025-06-13T14:00-04:00", "2025-06-17"),  # Friday, late: Monday evening, in Tuesday's
        ("2025-06-14T09:00-04:00", "2025-06-17"),
        ("2025-06-15T23:00-04:00", "2025-06-17"),
        ("2025-06-16T13:00-04:00", "2025-06-17"),
        ("2025-03-07T18:59+00:00", "2025-03-10"),  # the Friday before the clocks go forward: 13:59
        ("2025-03-10T18:30+00:00", "2025-03-12"),  # the Monday after: 14:30
        ("2025-10-31T18:30+00:00", "2025-11-04"),  # the Friday before they go back: 14:30
        ("2025-11-03T18:30+00:00", "2025-11-04"),  # the Monday after: 13:30
    ],
)
def test_a_submission_is_announced_on_its_day(submitted: str, day: str) -> None:
    assert announcement_day(dt.datetime.fromisoformat(submitted)) == dt.date.fromisoformat(day)
