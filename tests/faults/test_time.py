"""Time that goes wrong: a service that was down, a clock that is moved, a zone that is edited."""

import datetime as dt
import itertools
import zoneinfo

import pytest

from bot.schedule import WEEKDAYS, Schedule, Slot, next_slot, slots_between
from tests.faults.conftest import MakeGround
from tests.faults.ground import DAY, Ground
from tests.faults.sizes import postgresql_in_full, short_and_full
from tests.faults.speaking import say, say_all, status

HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


def come_back_after(ground: Ground, down: dt.timedelta) -> dt.date:
    """Let the service be down for so long after the slot was due, then come back; return the newest slot."""
    newest = ground.today + dt.timedelta(days=down.days)
    ground.write_papers(*(ground.today + dt.timedelta(days=passed) for passed in range(-1, down.days)))
    ground.set_digests(5, [newest])
    ground.let_pass(down)
    ground.start()
    ground.settle()
    return newest


@pytest.mark.parametrize("down", [MINUTE, 3 * HOUR, DAY], ids=["a minute", "3 hours", "a day"])
def test_case_06_after_a_short_downtime_one_digest_comes_and_says_that_it_is_late(
    make_ground: MakeGround, down: dt.timedelta
) -> None:
    ground = make_ground()
    come_back_after(ground, down)
    ground.assert_once_each()
    assert len(ground.board.events("accepted")) == 5
    headings = {message["post"]["heading"] for message in ground.board.visible()}
    late = {"late: was due" in heading for heading in headings}
    # After a day the newest slot has just come, and is late only if composing took until its minute was over.
    assert late == {True} if down < DAY else late == {False} or _is_late(ground), headings
    assert "last posted" in status(ground)


def _is_late(ground: Ground) -> bool:
    """Whether the minute in which the test began is over: then the newest slot may be late, too."""
    return dt.datetime.now(dt.UTC) - ground.slot_at >= MINUTE


@pytest.mark.parametrize("days", [3, 30])
def test_case_07_after_a_long_downtime_one_digest_brings_or_links_every_paper(
    make_ground: MakeGround, days: int
) -> None:
    ground = make_ground()
    newest = come_back_after(ground, days * DAY)
    ground.assert_once_each()
    assert len(ground.board.events("accepted")) == 5
    messages = ground.board.visible()
    for message in messages:
        papers = [paper["id"] for section in message["post"]["sections"] for paper in section["papers"]]
        assert len(set(papers)) == len(papers)
        assert _paper_of(ground, newest - DAY) in papers
        if days == 3:
            assert len(papers) == days + 1, "each missed day has one"
    if days > 3:
        _assert_all_can_be_browsed(ground, messages[0]["post"]["actions"], newest - DAY, days)
    ground.write_papers(newest)
    ground.let_pass((days + 1) * DAY)
    ground.expected |= {(channel, str(newest + DAY)) for channel, _ in ground.expected}
    ground.settle()
    ground.assert_once_each()
    _assert_no_paper_came_twice(ground)


def _paper_of(ground: Ground, day: dt.date) -> str:
    return f"arxiv:{day:%y%m}.{day.day * 100:05}"


def _assert_all_can_be_browsed(ground: Ground, actions: list[dict[str, str]], newest: dt.date, days: int) -> None:
    """Behind a button is a day's list, and before it the list of the day before, and so on."""
    assert any(action["label"].endswith("and before") for action in actions)
    listed = [newest - passed * DAY for passed in range(days + 1)]
    for passed, (day, reply) in enumerate(zip(listed, say_all(ground, map(str, listed)), strict=True)):
        assert [paper.id for paper in reply.papers or ()] == [_paper_of(ground, day)]
        assert passed == days or str(day - DAY) in [action.command for action in reply.actions]


def _assert_no_paper_came_twice(ground: Ground) -> None:
    brought = [
        (message["channel"], paper["id"])
        for message in ground.board.visible()
        for section in message["post"]["sections"]
        for paper in section["papers"]
    ]
    assert len(set(brought)) == len(brought)


YEARS = dt.datetime(2027, 1, 1, tzinfo=dt.UTC), dt.datetime(2029, 1, 1, tzinfo=dt.UTC)
TIMES = tuple(dt.time(*time) for time in ((0, 0), (0, 30), (1, 30), (2, 30), (3, 0), (12, 0), (23, 59)))


def slots_by_planning(schedule: Schedule, since: dt.datetime, until: dt.datetime) -> list[Slot]:
    """Return the slots as the ledger gets them: each the next one after the one before, whose date was claimed."""
    slots = [next_slot(schedule, since)]
    while slots[-1].due_at <= until:
        slots.append(next_slot(schedule, slots[-1].due_at, after_date=slots[-1].date))
    return slots[:-1]


@short_and_full("every", 41, 1)
def test_case_08_all_zones_have_each_date_once(every: int) -> None:
    """Over two years with a 29 February: no local date is missing but those that its zone skipped, none is twice."""
    since, until = YEARS
    cases = itertools.product(sorted(zoneinfo.available_timezones() - {"Factory", "localtime"}), TIMES)
    planned = 0
    for zone, time in itertools.islice(cases, 0, None, every):
        slots = slots_by_planning(Schedule(time, zone, WEEKDAYS), since, until)
        dates = [slot.date for slot in slots]
        first, last = dates[0], dates[-1]
        assert dates == [first + days * DAY for days in range((last - first).days + 1)], zone
        assert all(earlier.due_at < later.due_at for earlier, later in itertools.pairwise(slots)), zone
        assert dt.date(2028, 2, 29) in dates
        assert slots == list(slots_between(Schedule(time, zone, WEEKDAYS), since, until)), zone
        planned += len(slots)
    assert planned >= 730 * 4_000 / every


@postgresql_in_full
@pytest.mark.parametrize("jump", [HOUR, -HOUR, DAY, -DAY], ids=["+1 h", "-1 h", "+1 d", "-1 d"])
def test_case_09_a_clock_that_jumps_and_is_set_right_doubles_nothing(
    make_ground: MakeGround, jump: dt.timedelta
) -> None:
    ground = make_ground(seed=9, before=0.25, after=0.25, ways_before=("500 before", "reset before"), slow=0.1)
    ground.write_papers(ground.today - DAY, ground.today, ground.today + DAY)
    ground.set_digests(20)
    ground.start()
    ground.board.wait_for("accepted", 5)
    ground.move_clock(jump)
    ground.set_digests(20, prefix="jumped")  # with the clock behind, these wait
    tomorrow = {(channel, str(ground.today + DAY)) for channel, _ in ground.expected}
    if jump == DAY:
        ground.expected |= tomorrow - {pair for pair in tomorrow if pair[0].startswith("jumped")}
        ground.expected = _with_newest_alone(ground)
    if jump > -HOUR:
        ground.settle()
    ground.move_clock(0 * DAY)
    ground.settle()
    ground.assert_once_each()
    ground.let_pass(DAY)
    ground.expected |= tomorrow
    ground.settle()
    ground.assert_once_each()


def _with_newest_alone(ground: Ground) -> set[tuple[str, str]]:
    """Who got a digest a day early has none for the day before, where that was not composed yet."""
    early = {(channel, str(ground.today + DAY)) for channel, _ in ground.expected if channel.startswith("jumped")}
    return {pair for pair in ground.expected if not pair[0].startswith("jumped")} | early


ZONES = ("Pacific/Kiritimati", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "America/Los_Angeles")
"""In the order in which noon of a date comes to them; it has not come back to the first when it is with the last."""


def test_case_09_a_zone_edited_after_todays_digest_counts_from_tomorrow(make_ground: MakeGround) -> None:
    ground = make_ground()
    ground.begin_at(9)
    ground.write_papers(ground.today - DAY, ground.today)
    ground.set_digests(len(ZONES))
    ground.start()
    ground.settle()
    for number, zone in enumerate(ZONES):
        assert say(ground, f"digest on 12:00 {zone} daily", f"c000{number}").ok
    for number, zone in enumerate(ZONES):
        noon = dt.datetime.combine(ground.today + DAY, dt.time(12), zoneinfo.ZoneInfo(zone))
        ground.let_pass(noon - ground.slot_at - MINUTE)
        assert f"next {noon:%a %-d %b %Y} 12:00 {zone}" in status(ground, f"c000{number}")
        ground.let_pass(noon - ground.slot_at)
        ground.expected.add((f"c000{number}", str(ground.today + DAY)))
        ground.settle()
    ground.assert_once_each()
