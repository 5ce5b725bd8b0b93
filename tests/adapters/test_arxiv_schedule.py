"""On which day arXiv announces what was submitted when, as its own table of the week says."""

import datetime as dt

import pytest

from adapters.sources.arxiv_schedule import announcement_day, submissions


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


@pytest.mark.parametrize(
    ("first", "last", "since", "before"),
    [
        ("2025-06-12", "2025-06-12", "2025-06-10T14:00-04:00", "2025-06-11T14:00-04:00"),  # a Thursday
        ("2025-06-16", "2025-06-16", "2025-06-12T14:00-04:00", "2025-06-13T14:00-04:00"),  # a Monday
        ("2025-06-17", "2025-06-17", "2025-06-13T14:00-04:00", "2025-06-16T14:00-04:00"),  # a Tuesday: over a weekend
        ("2025-06-14", "2025-06-17", "2025-06-12T14:00-04:00", "2025-06-16T14:00-04:00"),
        ("2025-06-12", "2025-06-15", "2025-06-10T14:00-04:00", "2025-06-12T14:00-04:00"),  # to a Sunday
        ("2025-03-11", "2025-03-11", "2025-03-07T14:00-05:00", "2025-03-10T14:00-04:00"),  # summer time began
        ("2025-11-04", "2025-11-04", "2025-10-31T14:00-04:00", "2025-11-03T14:00-05:00"),  # and ended
    ],
)
def test_what_is_announced_on_some_days_was_submitted_between_two_deadlines(
    first: str, last: str, since: str, before: str
) -> None:
    came = submissions(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    assert came == (dt.datetime.fromisoformat(since), dt.datetime.fromisoformat(before))
    assert came[0].tzinfo is came[1].tzinfo is dt.UTC


def test_nothing_is_announced_at_a_weekend() -> None:
    saturday = dt.date(2025, 6, 14)
    assert submissions(saturday, saturday + dt.timedelta(days=1)) is None


def test_each_submission_of_two_years_is_among_those_of_its_day_alone() -> None:
    hour = dt.timedelta(hours=1)
    times = [dt.datetime(2024, 1, 10, 0, 30, tzinfo=dt.UTC) + number * hour for number in range(700 * 24)]
    announced = [announcement_day(time) for time in times]
    for day in sorted(set(announced))[1:-1]:
        came = submissions(day, day)
        assert came is not None
        of_the_day = [time for time, on in zip(times, announced, strict=True) if on == day]
        assert (came[0], came[1]) == (of_the_day[0] - hour / 2, of_the_day[-1] + hour / 2)
