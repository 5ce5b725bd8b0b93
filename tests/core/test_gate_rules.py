"""When a service may be asked next, decided without a store."""

import datetime as dt

import pytest

from bot.gates import LONGEST_PAUSE, Busy, Gate, GateState, Wait, after, back_off, put_right, wait_at

NOW = dt.datetime(2025, 6, 12, 14, tzinfo=dt.UTC)
SECOND, MINUTE, HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)
ALONE = Gate("arXiv", 3 * SECOND)
TOGETHER = Gate("Crossref", SECOND / 10, 3)
WHY = "It answered 503."


def test_the_first_request_waits_for_nothing() -> None:
    assert wait_at(ALONE, GateState(), NOW) is None


def test_starts_are_so_far_apart() -> None:
    state = GateState(last_start=NOW)
    assert wait_at(ALONE, state, NOW + 3 * SECOND - dt.timedelta(microseconds=1)) == Wait(NOW + 3 * SECOND)
    assert wait_at(ALONE, state, NOW + 3 * SECOND) is None


def test_what_is_asked_alone_is_held_against_its_end_for_it_may_have_been_long_on_the_way() -> None:
    assert after(ALONE, GateState(), NOW, NOW + 9 * SECOND, None).last_start == NOW + 9 * SECOND
    assert after(TOGETHER, GateState(), NOW, NOW + 9 * SECOND, None).last_start == NOW
    assert after(TOGETHER, GateState(NOW + SECOND), NOW, NOW + 9 * SECOND, None).last_start == NOW + SECOND


def test_a_pause_is_kept_and_says_why() -> None:
    state = after(ALONE, GateState(), NOW, NOW + SECOND, Busy(WHY, HOUR))
    assert wait_at(ALONE, state, NOW + HOUR) == Wait(NOW + HOUR + SECOND, WHY)
    assert wait_at(ALONE, state, NOW + HOUR + SECOND) is None
    assert state.failures == 0, "it said how long"


def test_a_shorter_pause_does_not_shorten_a_longer_one() -> None:
    state = after(TOGETHER, GateState(), NOW, NOW, Busy(WHY, HOUR))
    assert after(TOGETHER, state, NOW, NOW, Busy("Another.", MINUTE)).not_before == NOW + HOUR
    assert after(TOGETHER, state, NOW, NOW + SECOND, None).not_before == NOW + HOUR


def test_several_at_once_that_meet_a_busy_service_count_once() -> None:
    state = GateState()
    for _ in range(3):
        state = after(TOGETHER, state, NOW, NOW + SECOND, Busy(WHY, None))
    assert (state.failures, state.not_before) == (1, NOW + SECOND + 10 * MINUTE)


def test_it_backs_off_twice_as_long_each_time_to_two_hours_and_a_little_more() -> None:
    assert [back_off(failures, 0) / MINUTE for failures in (1, 2, 3, 4, 5, 99)] == [10, 20, 40, 80, 120, 120]
    assert back_off(1, 1) == 12 * MINUTE


def test_an_answer_ends_a_row_of_failures() -> None:
    state = after(ALONE, GateState(), NOW, NOW, Busy(WHY, None))
    later = NOW + HOUR
    assert after(ALONE, state, later, later, None) == GateState(last_start=later)


def test_no_pause_is_longer_than_a_day() -> None:
    state = after(ALONE, GateState(), NOW, NOW, Busy(WHY, dt.timedelta(days=9_999)))
    assert state.not_before == NOW + LONGEST_PAUSE


@pytest.mark.parametrize("put_back", [MINUTE, 30 * HOUR])
def test_a_clock_put_back_stops_nobody(put_back: dt.timedelta) -> None:
    state = put_right(GateState(last_start=NOW), NOW - put_back)
    assert wait_at(ALONE, state, NOW - put_back) == Wait(NOW - put_back + 3 * SECOND)
    paused = GateState(last_start=NOW - 40 * HOUR, not_before=NOW)
    assert (wait_at(ALONE, paused, NOW - put_back) is None) == (put_back > LONGEST_PAUSE)
