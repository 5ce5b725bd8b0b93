"""How a digest stands, in words."""

import datetime as dt
from dataclasses import replace

import pytest

from bot.digest import DigestSettings
from bot.ledger import Delivery, DeliveryState
from bot.reply import DigestPost
from bot.schedule import Schedule
from bot.standing import Standing, remedy, slot_words, status_line, where_it_is
from bot.team import Channel

CHANNEL = Channel(1, 1, "#papers")
NOON = dt.datetime(2025, 6, 6, 12, tzinfo=dt.UTC)
NINE = dt.datetime(2025, 6, 6, 7, tzinfo=dt.UTC)
SETTINGS = DigestSettings(
    id=1,
    channel_id=1,
    name="daily",
    schedule=Schedule(dt.time(9), "Europe/Berlin", ("mon", "tue", "wed", "thu", "fri")),
    top=5,
    rule=None,
    created_by=1,
    created_at=NINE,
    since=dt.date(2025, 6, 5),
    next_due_at=dt.datetime(2025, 6, 9, 7, tzinfo=dt.UTC),
    last_slot=dt.date(2025, 6, 6),
)


def row(
    state: DeliveryState,
    slot: str = "2025-06-06",
    *,
    attempts: int = 1,
    error: str | None = None,
    due: dt.datetime = NINE,
    lease: dt.datetime | None = None,
) -> Delivery:
    return Delivery(
        id=f"{state}-{slot}",
        digest_id=1,
        slot=slot,
        part=0,
        state=state,
        due_at=due,
        payload=DigestPost("x", (), 0, ""),
        channel=CHANNEL,
        platform="slack",
        team="T1",
        attempts=attempts,
        last_error=error,
        lease_until=lease,
        settled_at=due if state in ("sent", "blocked", "parked") else None,
    )


def told(*waiting: Delivery, sent: Delivery | None = None, settings: DigestSettings = SETTINGS) -> tuple[str, str]:
    line = status_line(Standing(settings, CHANNEL, waiting, sent), NOON)
    assert line.what == "digest daily of #papers"
    return line.state, line.detail


def test_all_is_well() -> None:
    assert told(sent=row("sent")) == ("ok", "next Mon 9 Jun 2025 09:00 Europe/Berlin; last posted today 09:00")


def test_a_digest_by_hand_after_the_days_own_is_no_silence() -> None:
    assert "nothing was new" not in told(sent=row("sent", "now:abc", due=NOON))[1]
    yesterday = told(sent=row("sent", "now:abc", due=NOON - dt.timedelta(days=1)))[1]
    assert yesterday.endswith("; nothing was new on Fri 6 Jun 2025")


@pytest.mark.parametrize(
    ("waiting", "words"),
    [
        (row("pending", attempts=0, due=NOON), "is about to be posted"),
        (row("pending", attempts=0), "waits to be posted since today 09:00: the service"),
        (row("pending", error="it is down", due=NOON), "was refused (it is down), tried once, next try today 14:00"),
        (
            row("pending", attempts=3, error="x", due=NINE),
            "was refused (x), tried 3 times, next try was due today 09:00: the service",
        ),
        (
            row("pending", error="it can't be read", due=NINE, lease=NOON),
            "was refused (it can't be read), tried once, next try today 14:00",
        ),
        (row("sending", lease=NOON), "is being sent"),
        (row("sending", lease=NINE), "is being sent, but nobody has ended that; the service"),
        (row("sending", error="reset", lease=NOON), "may have arrived or not (reset); it is looked for at today 14:00"),
        (row("sending", error="reset", lease=NINE), "may have arrived or not (reset); the service"),
    ],
)
def test_what_is_on_its_way_is_told_with_what_comes_next(waiting: Delivery, words: str) -> None:
    state, detail = told(waiting)
    assert detail.startswith(f"the one of Fri 6 Jun 2025 {words}")
    assert state == ("ok" if waiting.attempts == 0 and waiting.due_at == NOON else "warn")
    assert "last posted" not in detail
    assert "nothing posted" not in detail


def test_many_at_once_are_cut_short() -> None:
    waiting = [row("parked", f"2025-06-0{day}", error="?") for day in range(1, 7)]
    state, detail = told(*waiting)
    assert state == "fail"
    assert detail.count("nobody knows") == 3
    assert "and 3 more like that" in detail
    assert detail.count("type there: digest arrived 2025-06-01 name:daily, or if it is missing: digest again") == 1


def test_a_stopped_one_has_a_remedy_and_no_next_time() -> None:
    stopped = replace(SETTINGS, blocked="the channel is archived")
    state, detail = told(row("blocked", error="the channel is archived"), settings=stopped)
    assert state == "fail"
    assert detail == (
        "stopped since today 09:00: the channel is archived; un-archive it, or set a digest in another channel, then"
        " type in #papers: digest resume name:daily; held back till then: 1 digest"
    )
    assert "next" not in detail


@pytest.mark.parametrize(
    ("reason", "mended"),
    [
        ("is_archived", "un-archive it"),
        ("the channel is archived", "un-archive it"),
        ("not_in_channel", "invite me"),
        ("I was removed from it", "invite me"),
        ("token_revoked", "install me again"),
        ("Missing Permissions", "let me post there"),
        ("channel_not_found", "bring it back"),
        ("whatever else", "mend that"),
    ],
)
def test_a_reason_has_what_mends_it(reason: str, mended: str) -> None:
    assert mended in remedy(reason)


def test_a_pause_that_is_over_is_none() -> None:
    over = replace(SETTINGS, paused=True, paused_until=NINE)
    assert told(settings=over)[1].startswith("next Mon 9 Jun")
    on_and_on = replace(SETTINGS, paused=True, next_due_at=NINE)
    assert told(settings=on_and_on)[0] == "ok"
    assert "paused until you type: digest resume name:daily" in told(settings=on_and_on)[1]


def test_overdue_is_told_after_five_minutes() -> None:
    due = replace(SETTINGS, next_due_at=NOON - dt.timedelta(minutes=5))
    assert told(settings=due)[0] == "ok"
    assert told(settings=replace(due, next_due_at=NOON - dt.timedelta(minutes=6)))[0] == "warn"
    assert told(settings=replace(due, next_due_at=NINE, blocked="x"))[0] == "fail"


def test_slots_and_ends_in_words() -> None:
    assert slot_words("now:abc") == "the one asked for by hand"
    assert where_it_is(row("sent"), SETTINGS, NOON) == "is there"
    assert where_it_is(row("blocked", error="x"), SETTINGS, NOON) == "is held back (x)"
