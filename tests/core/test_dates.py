"""Days as people type and read them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates import find_day, find_span, parse_day, spoken
from bot.errors import UserError

TODAY = dt.date(2025, 6, 12)  # a Thursday


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2025-06-09", "2025-06-09"),
        ("2025-6-9", "2025-06-09"),
        ("today", "2025-06-12"),
        ("Yesterday", "2025-06-11"),
        ("monday", "2025-06-09"),
        ("thu", "2025-06-12"),
        ("Friday", "2025-06-06"),
        ("7d", "2025-06-05"),
        ("3 days ago", "2025-06-09"),
        ("9 June", "2025-06-09"),
        ("June 9th", "2025-06-09"),
        ("9 Jun 2024", "2024-06-09"),
        ("Dec 24, 2024", "2024-12-24"),
        ("24 December", "2024-12-24"),  # the last such day: this year's is still to come
    ],
)
def test_a_day_is_understood(typed: str, day: str) -> None:
    assert str(parse_day(typed, TODAY)) == day


@pytest.mark.parametrize("typed", ["someday", "12/06/2025", "", "d", "m", "20250612", "2025-06-12T09:00", "june"])
def test_what_is_no_day_is_told_the_forms(typed: str) -> None:
    with pytest.raises(UserError, match="2025-06-12, 12 Jun, yesterday, monday or 7d"):
        parse_day(typed, TODAY)


@pytest.mark.parametrize("typed", ["2025-02-30", "2025-13-01", "31 June", "0000-01-01"])
def test_a_day_that_never_was_is_told(typed: str) -> None:
    with pytest.raises(UserError, match="There is no day"):
        parse_day(typed, TODAY)


def test_spans() -> None:
    assert find_span("week", TODAY) == (dt.date(2025, 6, 6), TODAY)
    assert find_span("month", TODAY) == (dt.date(2025, 5, 14), TODAY)
    assert find_span("2025-W24", TODAY) == (dt.date(2025, 6, 9), dt.date(2025, 6, 15))
    assert find_span("2025-02", TODAY) == (dt.date(2025, 2, 1), dt.date(2025, 2, 28))
    assert find_span("tomorrow", TODAY) is None
    for typed in ("2025-W54", "2025-13", "0000-01"):
        with pytest.raises(UserError, match="There is no"):
            find_span(typed, TODAY)


@given(st.dates(dt.date(1991, 1, 1), dt.date(2100, 1, 1)))
def test_a_day_as_it_is_read_can_be_typed(day: dt.date) -> None:
    assert find_day(spoken(day)[4:], TODAY) == day


@given(st.text(max_size=80))
def test_any_text_is_a_day_or_none_or_told(typed: str) -> None:
    try:
        find_day(typed, TODAY)
        find_span(typed, TODAY)
    except UserError:
        pass
