"""When a digest is due, judged against clocks that the tests walk minute by minute."""

import datetime as dt
import itertools
import re
import zoneinfo
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import schedule as subject
from bot.errors import UserError
from bot.schedule import (
    WEEKDAYS,
    Schedule,
    Slot,
    looks_like_days,
    looks_like_time,
    next_slot,
    parse_days,
    parse_time,
    parse_zone,
    slots_between,
)

ZONES = sorted(zoneinfo.available_timezones())
TIMES = [dt.time.fromisoformat(text) for text in ("00:00", "00:30", "02:00", "02:30", "03:00", "09:00", "23:59")]
A_MINUTE, A_DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
AROUND = dt.timedelta(hours=60)
SCAN_START, SCAN_DAYS = dt.datetime(2024, 1, 1, tzinfo=dt.UTC), 7 * 365 + 2


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def daily(time: str, zone: str, days: tuple[str, ...] = WEEKDAYS) -> Schedule:
    return Schedule(dt.time.fromisoformat(time), zone, days)


def slot(date: str, due_at: str) -> Slot:
    return Slot(dt.date.fromisoformat(date), utc(due_at))


# --- every zone, every clock change of 2024-2030 ---


def clock_changes(zone: zoneinfo.ZoneInfo) -> Iterator[dt.datetime]:
    days = [SCAN_START + number * A_DAY for number in range(SCAN_DAYS)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    for day, before, after in zip(days[1:], offsets, offsets[1:], strict=False):
        if before != after:
            minutes = (day - A_DAY + minute * A_MINUTE for minute in range(1, 1441))
            yield next(instant for instant in minutes if instant.astimezone(zone).utcoffset() == after)


def slots_by_walking(change: dt.datetime, zone: zoneinfo.ZoneInfo) -> dict[dt.time, list[Slot]]:
    """The oracle: watch a wall clock for five days, minute by minute; note when it first shows each time."""
    instants = [change - AROUND + minute * A_MINUTE for minute in range(int(2 * AROUND / A_MINUTE) + 1)]
    walls = [instant.astimezone(zone).replace(tzinfo=None) for instant in instants]
    shown = dict(reversed(list(zip(walls, instants, strict=True))))
    dates = sorted({wall.date() for wall in walls})
    found: dict[dt.time, list[Slot]] = {}
    for time, date in itertools.product(TIMES, dates):
        wanted = dt.datetime.combine(date, time)
        later = (instant for wall, instant in zip(walls, instants, strict=True) if wall > wanted)
        due_at = shown.get(wanted) or next(later, None)
        if due_at and due_at > instants[0]:
            found.setdefault(time, []).append(Slot(date, due_at))
    return found


def test_every_zone_has_one_slot_a_local_date_around_every_clock_change() -> None:
    changes_seen, zones_that_change = 0, 0
    walked: dict[tuple[object, ...], dict[dt.time, list[Slot]]] = {}
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        changes = list(clock_changes(zone))
        changes_seen += len(changes)
        zones_that_change += bool(changes)
        for change in changes or [utc("2026-06-10")]:
            # Zones whose clocks make the same change are watched once: from one offset to another, then.
            offsets = [(change + step).astimezone(zone).utcoffset() for step in (-A_MINUTE, A_MINUTE)]
            alike = (change, *offsets)
            expected = walked[alike] = walked.get(alike) or slots_by_walking(change, zone)
            for time in TIMES:
                slots = list(slots_between(Schedule(time, name, WEEKDAYS), change - AROUND, change + AROUND))
                assert slots == expected[time], (name, change, time)
                assert len({slot.due_at for slot in slots}) == len(slots)
                assert [b.date - a.date for a, b in itertools.pairwise(slots)] == [A_DAY] * (len(slots) - 1)
    assert changes_seen > 1500
    assert zones_that_change > 100


def zones_apart(start: dt.datetime, days: int) -> Iterator[str]:
    """One zone of each group whose wall clocks show the same at every noon and midnight of these days."""
    instants = [start + half * A_DAY / 2 for half in range(2 * days)]
    seen: set[tuple[dt.timedelta | None, ...]] = set()
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        offsets = tuple(instant.astimezone(zone).utcoffset() for instant in instants)
        if offsets not in seen:
            seen.add(offsets)
            yield name


def test_two_years_with_a_leap_day_have_one_slot_a_date_in_every_zone() -> None:
    start, days = utc("2027-03-01"), 731
    zones = list(zones_apart(start, days))
    assert len(zones) > 60
    for name, time in itertools.product(zones, TIMES):
        zone = zoneinfo.ZoneInfo(name)
        slots = list(slots_between(Schedule(time, name, WEEKDAYS), start, start + days * A_DAY))
        dates = [slot.date for slot in slots]
        assert dates == [dates[0] + number * A_DAY for number in range(len(dates))], (name, time)
        assert len(dates) in (days - 1, days, days + 1)
        assert dt.date(2028, 2, 29) in dates
        assert all(earlier.due_at < later.due_at for earlier, later in itertools.pairwise(slots)), (name, time)
        off = [slot for slot in slots if slot.due_at.astimezone(zone).time() != time]
        assert len(off) <= 4, "gaps: one a year, two in Morocco"


# --- named places ---


@pytest.mark.parametrize(
    ("zone", "time", "after", "expected"),
    [
        # Clocks that jump over midnight: the first instant after.
        ("America/Havana", "00:00", "2026-03-08T00:00", slot("2026-03-08", "2026-03-08T05:00")),
        ("Asia/Beirut", "00:00", "2026-03-28T12:00", slot("2026-03-29", "2026-03-28T22:00")),
        ("Africa/Cairo", "00:30", "2026-04-23T12:00", slot("2026-04-24", "2026-04-23T22:00")),
        ("America/Santiago", "00:00", "2026-09-05T12:00", slot("2026-09-06", "2026-09-06T04:00")),
        # 23:00 jumps to midnight: Saturday's digest comes as Sunday begins, and is still Saturday's.
        ("America/Nuuk", "23:30", "2026-03-28T12:00", slot("2026-03-28", "2026-03-29T01:00")),
        # Gaps and folds at the usual hours.
        ("Europe/Berlin", "02:30", "2026-03-28T12:00", slot("2026-03-29", "2026-03-29T01:00")),
        ("Europe/Berlin", "02:30", "2026-10-24T12:00", slot("2026-10-25", "2026-10-25T00:30")),
        ("Europe/Berlin", "02:30", "2026-10-25T00:30", slot("2026-10-26", "2026-10-26T01:30")),
        ("Australia/Lord_Howe", "02:15", "2026-10-03T12:00", slot("2026-10-04", "2026-10-03T15:30")),
        # The ends of the earth and of the year.
        ("Pacific/Kiritimati", "00:00", "2026-12-31T09:59", slot("2027-01-01", "2026-12-31T10:00")),
        ("Etc/GMT+12", "23:59", "2027-01-01T11:58", slot("2026-12-31", "2027-01-01T11:59")),
        ("UTC", "09:00", "2028-02-28T09:00", slot("2028-02-29", "2028-02-29T09:00")),
    ],
)
def test_a_digest_is_due_at_its_local_time_or_just_after_the_gap(
    zone: str, time: str, after: str, expected: Slot
) -> None:
    assert next_slot(daily(time, zone), utc(after)) == expected


@pytest.mark.parametrize(("zone", "skipped"), [("Pacific/Apia", "2011-12-30"), ("Pacific/Kwajalein", "1993-08-21")])
@pytest.mark.parametrize("time", ["00:00", "00:01", "09:00", "23:59"])
def test_a_date_that_a_zone_skipped_has_no_slot(zone: str, skipped: str, time: str) -> None:
    date = dt.date.fromisoformat(skipped)
    start, until = (utc(str(date + days * A_DAY)) for days in (-5, 5))
    slots = list(slots_between(daily(time, zone), start, until))
    dates = [slot.date for slot in slots]
    assert date not in dates
    assert {date - A_DAY, date + A_DAY} < set(dates)
    assert len({slot.due_at for slot in slots}) == len(slots)
    on_its_weekday = Schedule(dt.time.fromisoformat(time), zone, (WEEKDAYS[date.weekday()],))
    assert next_slot(on_its_weekday, start).date == date + 7 * A_DAY


def test_a_date_claimed_before_a_change_of_zone_is_not_claimed_again() -> None:
    claimed = next_slot(daily("09:00", "Asia/Tokyo"), utc("2026-06-09T12:00"))
    assert claimed == slot("2026-06-10", "2026-06-10T00:00")
    moved = daily("09:00", "America/Los_Angeles")
    assert next_slot(moved, claimed.due_at).date == dt.date(2026, 6, 10)
    assert next_slot(moved, claimed.due_at, after_date=claimed.date) == slot("2026-06-11", "2026-06-11T16:00")


def test_a_later_time_on_a_claimed_date_counts_from_tomorrow() -> None:
    late = daily("17:00", "Europe/Berlin", ("mon", "wed"))
    monday = dt.date(2026, 6, 8)
    assert next_slot(late, utc("2026-06-08T08:00"), after_date=monday) == slot("2026-06-10", "2026-06-10T15:00")


def test_instants_without_an_offset_are_a_programmers_error() -> None:
    naive, aware = dt.datetime(2026, 6, 10), utc("2026-06-10")  # noqa: DTZ001 - naive on purpose
    with pytest.raises(ValueError, match="offset"):
        next_slot(daily("09:00", "UTC"), naive)
    with pytest.raises(ValueError, match="offset"):
        slots_between(daily("09:00", "UTC"), naive, aware)
    with pytest.raises(ValueError, match="offset"):
        slots_between(daily("09:00", "UTC"), aware, naive)


@pytest.mark.parametrize("days", [(), ("fri", "mon"), ("mon", "mon"), ("monday",)])
def test_a_schedule_without_proper_days_is_a_programmers_error(days: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="days"):
        daily("09:00", "UTC", days)


@pytest.mark.parametrize("time", [dt.time(9, 0, 1), dt.time(9, tzinfo=dt.UTC)])
def test_a_schedule_keeps_whole_local_minutes(time: dt.time) -> None:
    with pytest.raises(ValueError, match="minutes"):
        Schedule(time, "UTC", WEEKDAYS)


# --- laws ---

some_days = st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(lambda days: tuple(sorted(days, key=WEEKDAYS.index)))
schedules = st.builds(
    Schedule,
    st.builds(dt.time, st.integers(0, 23), st.integers(0, 59)),
    st.sampled_from(ZONES),
    some_days,
)
instants = st.datetimes(dt.datetime(1975, 1, 1), dt.datetime(2040, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001 - naive on purpose


@settings(deadline=None, max_examples=200)
@given(schedules, instants, st.integers(0, 40))
@example(daily("09:00", "Pacific/Apia", ("fri",)), utc("2011-12-20"), 30)
@example(daily("23:30", "America/Nuuk"), utc("2026-03-28T23:59"), 3)
def test_taking_the_next_slot_again_and_again_is_all_the_slots_between(
    schedule: Schedule, after: dt.datetime, days: int
) -> None:
    until = after + days * A_DAY
    taken = []
    upcoming = next_slot(schedule, after)
    assert upcoming.due_at > after
    while upcoming.due_at <= until:
        taken.append(upcoming)
        following = next_slot(schedule, upcoming.due_at)
        assert following == next_slot(schedule, upcoming.due_at, after_date=upcoming.date)
        upcoming = following
    assert taken == list(slots_between(schedule, after, until))
    assert all(WEEKDAYS[slot.date.weekday()] in schedule.days for slot in taken)
    assert all(a < b and a.date < b.date and a.due_at < b.due_at for a, b in itertools.pairwise(taken))


@settings(deadline=None)
@given(schedules, instants, st.integers(-3, 20))
def test_a_claimed_date_is_never_claimed_again(schedule: Schedule, after: dt.datetime, days: int) -> None:
    claimed = after.date() + days * A_DAY
    upcoming = next_slot(schedule, after, after_date=claimed)
    assert upcoming.date > claimed
    earlier = itertools.takewhile(lambda slot: slot != upcoming, slots_between(schedule, after, upcoming.due_at))
    assert all(slot.date <= claimed for slot in earlier)


@settings(deadline=None)
@given(schedules)
def test_a_description_can_be_typed_back(schedule: Schedule) -> None:
    days, time_and_zone = schedule.describe().split(" at ")
    time, zone = time_and_zone.split(" ")
    assert parse_days(days) == schedule.days
    assert parse_time(time) == schedule.time
    assert zone == schedule.zone


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (WEEKDAYS, "every day"),
        (WEEKDAYS[:5], "weekdays"),
        (WEEKDAYS[5:], "weekends"),
        (("mon",), "Mondays"),
        (("tue", "thu"), "Tue and Thu"),
        (("mon", "wed", "fri"), "Mon, Wed and Fri"),
    ],
)
def test_a_schedule_reads_as_people_say_it(days: tuple[str, ...], words: str) -> None:
    assert daily("17:30", "Europe/Berlin", days).describe() == f"{words} at 17:30 Europe/Berlin"


# --- what people type ---


@pytest.mark.parametrize(
    ("typed", "time"),
    [
        *[("09:00", "09:00"), ("9:00", "09:00"), (" 9am ", "09:00"), ("9 AM", "09:00"), ("9:30 pm", "21:30")],
        *[("0900", "09:00"), ("2359", "23:59"), ("noon", "12:00"), ("Midnight", "00:00"), ("00:00", "00:00")],
        *[("12am", "00:00"), ("12pm", "12:00"), ("12:30am", "00:30"), ("０９：００", "09:00")],
    ],
)
def test_a_time_is_read(typed: str, time: str) -> None:
    assert parse_time(typed) == dt.time.fromisoformat(time)


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        *[
            ("9", "type 09:00 or 21:00"),
            ("17", "type 17:00"),
            ("25:00", "type 01:00"),
            ("24:00", "type 00:00"),
        ],
        *[("09:60", "type 10:00"), ("9:5", "type 09:05"), ("13pm", "type 13:00"), ("0pm", "type 12:00")],
        *[
            ("9.30", "type 09:30"),
            ("17h30", "type 17:30"),
            ("09:00:30", "type 09:00"),
            ("9:60 pm", "type 22:00"),
        ],
        *[("abc", "type it as 09:00"), ("", "type it as 09:00"), ("12345", "type it as 09:00")],
    ],
)
def test_a_wrong_time_is_answered_with_the_nearest_right_one(typed: str, suggestion: str) -> None:
    with pytest.raises(UserError, match=re.escape(suggestion) + r"\.$"):
        parse_time(typed)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        *[
            ("Europe/Berlin", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("Berlin", "Europe/Berlin"),
        ],
        *[("new york", "America/New_York"), ("New_York", "America/New_York"), ("Zürich", "Europe/Zurich")],
        *[("UTC", "UTC"), ("gmt", "UTC"), ("Z", "UTC"), ("etc/utc", "Etc/UTC"), ("Japan", "Japan")],
        *[("St. Johns", "America/St_Johns"), ("port-au-prince", "America/Port-au-Prince")],
    ],
)
def test_a_zone_is_read(typed: str, zone: str) -> None:
    assert parse_zone(typed) == zone


def test_every_place_is_read_by_its_own_name() -> None:
    places = [name for name in ZONES if "/" in name]
    assert [parse_zone(name.upper()) for name in places] == places


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        *[("EST", "fixed offset, which forgets summer time; type America/New_York.")],
        *[
            ("PST", "type America/Los_Angeles."),
            ("HST", "type Pacific/Honolulu."),
            ("CET", "type Europe/Berlin."),
        ],
        *[("MST", "means several places; type America/Denver or America/Phoenix.")],
        *[("CST", "several places; type America/Chicago or Asia/Shanghai.")],
        *[
            ("IST", "type Asia/Kolkata, Europe/Dublin or Asia/Jerusalem."),
            ("BST", "type Europe/London or Asia/Dhaka."),
        ],
        *[
            ("UTC+2", "fixed offset"),
            ("UTC + 2", "fixed offset"),
            ("+02:00", "fixed offset"),
            ("GMT-5", "fixed offset"),
        ],
        *[
            ("Istanbul", "type Asia/Istanbul or Europe/Istanbul."),
            ("Central", "Canada/Central or US/Central."),
        ],
        *[("Europe/Berln", "type Europe/Berlin."), ("Tokio", "type Asia/Tokyo."), ("Mumbai", "Region/City")],
        *[
            ("posixrules", "not a time zone"),
            ("Factory", "not a time zone"),
            ("localtime", "not a time zone"),
        ],
        *[("posix/Europe/Berlin", "type Europe/Berlin."), ("right/UTC", "not a time zone")],
        *[
            ("../../etc/passwd", "not a time zone"),
            ("/etc/localtime", "not a time zone"),
            ("", "Region/City"),
        ],
    ],
)
def test_a_wrong_zone_is_answered_with_what_to_type(typed: str, answer: str) -> None:
    with pytest.raises(UserError, match=re.escape(answer)):
        parse_zone(typed)


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        *[("daily", "mon tue wed thu fri sat sun"), ("every day", "mon tue wed thu fri sat sun")],
        *[("weekdays", "mon tue wed thu fri"), ("mon-fri", "mon tue wed thu fri")],
        *[("Mon – Fri", "mon tue wed thu fri"), ("mon to wed", "mon tue wed")],
        *[("weekly", "mon"), ("weekend", "sat sun"), ("mon,wed,fri", "mon wed fri"), ("fri,mon", "mon fri")],
        *[("monday", "mon"), ("Mondays", "mon"), ("mon, wed and fri", "mon wed fri")],
        *[
            ("fri-mon", "mon fri sat sun"),
            ("weekdays,sat", "mon tue wed thu fri sat"),
            ("tues & thurs", "tue thu"),
        ],
    ],
)
def test_days_are_read(typed: str, days: str) -> None:
    assert parse_days(typed) == tuple(days.split())


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        *[
            ("monn", "mon"),
            ("mon,wedd", "mon,wed"),
            ("mon-frii", "mon-fri"),
            ("dayly", "daily"),
            ("mo,we", "mon,wed"),
        ],
        *[(text, "daily, weekdays, weekly or mon,wed,fri") for text in ("", "abc", "mon-wed-fri", "-", "mon\0")],
    ],
)
def test_wrong_days_are_answered_with_the_nearest_right_ones(typed: str, suggestion: str) -> None:
    with pytest.raises(UserError, match=f"type {suggestion}\\.$"):
        parse_days(typed)


@pytest.mark.parametrize("parse", [parse_time, parse_zone, parse_days])
@pytest.mark.parametrize(
    "typed",
    [
        *[
            "x" * 10_000,
            "9" * 10_000,
            "mon " * 2_500,
            "9:00" + " " * 10_000 + "x",
            "\0",
            "09:00\0",
            "a\0b",
            "\x1b[31m",
        ],
        *[
            "<!channel>",
            "<@U123>",
            "@everyone",
            "`*_~|",
            "\u200f09:00",
            "\u202eBerlin",
            "mon\u2028fri x",
            "a\nb\r\nc",
        ],
        *["٠٩:٠٠", "９" * 50, "\ufdfa" * 60, "Z̷a̷l̷g̷o̷" * 30, "\ud800", "😀", "", "   "],
    ],
)
def test_a_hostile_answer_gets_one_short_harmless_line(parse: Callable[[str], object], typed: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(typed)
    assert_short_and_harmless(str(caught.value))


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=200), st.sampled_from([parse_time, parse_zone, parse_days]))
def test_whatever_is_typed_is_read_or_refused_in_one_harmless_line(typed: str, parse: Callable[[str], object]) -> None:
    try:
        parse(typed)
    except UserError as error:
        assert_short_and_harmless(str(error))


def assert_short_and_harmless(message: str) -> None:
    assert message.isprintable()
    assert len(message) < 160
    quoted = re.match(r'"(.*)" ', message)
    assert len(quoted[1]) <= 40 if quoted else message.startswith("That ")
    assert not re.search("[<>@`*~|]", message)


times_typed = st.one_of(
    st.from_regex(subject._TIME_SHAPE, fullmatch=True),
    st.from_regex(r"[0-9]{1,2}[:.h ][0-9]{1,2} ?", fullmatch=True),
)
day_words = st.sampled_from([*subject._DAY_WORDS, *subject._DAY_GROUPS, "monn", "wek", "frday", "x"])
days_typed = st.lists(day_words, min_size=1, max_size=4).flatmap(
    lambda words: st.sampled_from([", ", "-", " and ", " "]).map(lambda joint: joint.join(words))
)
zones_typed = st.sampled_from(sorted(subject.zones_by_spelling())).flatmap(
    lambda name: st.integers(0, len(name)).map(lambda cut: name[:cut] + name[cut + 1 :])
)


@settings(deadline=None, max_examples=600)
@given(
    st.one_of(
        st.tuples(st.just(parse_time), times_typed),
        st.tuples(st.just(parse_days), days_typed),
        st.tuples(st.just(parse_zone), zones_typed),
    )
)
def test_every_suggestion_can_itself_be_typed(case: tuple[Callable[[str], object], str]) -> None:
    parse, typed = case
    try:
        parse(typed)
    except UserError as error:
        suggestions = str(error).rpartition("; type ")[2].removesuffix(".").removeprefix("it as ")
        for suggestion in re.split(" or |, such as |, ", suggestions):
            assert suggestion == "Region/City" or parse(suggestion)


@given(st.one_of(times_typed, days_typed, st.text(max_size=12)))
def test_what_can_be_read_looks_like_what_it_is(typed: str) -> None:
    for parse, looks in ((parse_time, looks_like_time), (parse_days, looks_like_days)):
        try:
            parse(typed)
        except UserError:
            continue
        assert looks(typed)


@pytest.mark.parametrize("typed", ["09:00", "9", "9am", "0900", "25:00", "09:60", "9:5", "noon", "9.30", "9h"])
def test_a_time_right_or_wrong_looks_like_one(typed: str) -> None:
    assert looks_like_time(typed)
    assert not looks_like_days(typed)


@pytest.mark.parametrize("typed", ["mon,wed", "daily", "weekly", "Mondays", "mon-fri", "mon,wedd"])
def test_days_right_or_half_wrong_look_like_days(typed: str) -> None:
    assert looks_like_days(typed)
    assert not looks_like_time(typed)


@pytest.mark.parametrize("typed", ["Europe/Berlin", "UTC", "Monterrey", "Etc/GMT+5", "top", "2026-06-10", "", "--"])
def test_other_arguments_look_like_neither(typed: str) -> None:
    assert not looks_like_time(typed)
    assert not looks_like_days(typed)
