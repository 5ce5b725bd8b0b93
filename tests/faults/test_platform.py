"""A platform that misbehaves: what it accepts is never posted twice, what it refuses waits, and people are told."""

import pytest

from tests.faults.conftest import MakeGround
from tests.faults.ground import Ground
from tests.faults.sizes import postgresql_in_full, short_and_full
from tests.faults.speaking import say, status

ACCEPTED_THEN = ("reset after", "silent after", "500 after")


def tries(ground: Ground) -> int:
    """How many posts were sent."""
    return sum(event["call"] == "post" for event in ground.board.events("request"))


@short_and_full("posts", 150, 1_000)
def test_case_02_what_was_accepted_is_found_and_not_posted_again(make_ground: MakeGround, posts: int) -> None:
    ground = make_ground(seed=2, after=1, ways_after=ACCEPTED_THEN, in_a_row=1)
    ground.write_papers()
    ground.set_digests(posts)
    ground.start()
    ground.settle()
    ground.assert_once_each()
    assert (tries(ground), len(ground.board.events("accepted"))) == (posts, posts), "each was sent once"
    assert {event["way"] for event in ground.board.events("fault")} == set(ACCEPTED_THEN)


@postgresql_in_full
def test_case_02_without_reading_back_the_same_run_shows_doubles(make_ground: MakeGround) -> None:
    ground = make_ground(seed=2, after=1, ways_after=ACCEPTED_THEN, in_a_row=1)
    ground.reconcile = ground.audit = False
    ground.write_papers()
    ground.set_digests(30)
    ground.start()
    ground.settle()
    assert ground.verdict().faults == {"doubled": 30}


def post_late_and_die(ground: Ground) -> None:
    """Let posts be accepted when their sender is dead, and another has read the channel back and posted again."""
    ground.write_papers()
    ground.set_digests(10)
    ground.start(die_at="after post").wait_gone()
    ground.board.wait_for("fault", 10)
    ground.board.faults(before=0)
    ground.start()
    ground.board.wait_for("accepted", 20)
    ground.settle()


LATE = {"before": 1, "ways_before": ("late",), "late": 30, "silent": 0.2}


def test_case_04_a_late_post_of_a_dead_sender_does_not_stay(make_ground: MakeGround) -> None:
    ground = make_ground(**LATE)
    post_late_and_die(ground)
    ground.board.wait_for("deleted", 10)
    ground.settle()
    ground.assert_once_each()


def test_case_04_without_the_audit_a_late_post_stays(make_ground: MakeGround) -> None:
    ground = make_ground(**LATE)
    ground.audit = False
    post_late_and_die(ground)
    assert ground.verdict().faults == {"doubled": 10}


def test_case_04_a_history_that_lags_less_than_the_settling_time(make_ground: MakeGround) -> None:
    ground = make_ground(lag=0.3, after=1, ways_after=ACCEPTED_THEN, in_a_row=1)
    ground.write_papers()
    ground.set_digests(30)
    ground.start()
    ground.settle()
    ground.assert_once_each()
    assert len(ground.board.events("accepted")) == 30, "none was there twice, not even for a moment"


@postgresql_in_full
def test_case_04_a_history_that_lags_longer_leaves_one_visible_after_the_audit(make_ground: MakeGround) -> None:
    ground = make_ground(lag=0.9, after=1, ways_after=("500 after",), in_a_row=1)
    ground.write_papers()
    ground.set_digests(30)
    ground.start()
    ground.settle()
    assert len(ground.board.events("deleted")) > 0, "the history did lag"
    ground.assert_once_each()


@short_and_full("channels", 150, 1_000)
def test_case_10_a_storm_of_429_is_waited_out(make_ground: MakeGround, channels: int) -> None:
    ground = make_ground(before=1, ways_before=("429",), in_a_row=2, retry_after=(0.3, 1.2))
    ground.write_papers()
    ground.set_digests(channels)
    ground.start()
    if not ground.on_sqlite:
        ground.start()
    ground.settle(120)
    ground.assert_once_each()  # no request came before its Retry-After, either
    assert tries(ground) == 3 * channels, "no try was wasted"


@postgresql_in_full
def test_case_10_who_does_not_wait_is_seen(make_ground: MakeGround) -> None:
    ground = make_ground(before=1, ways_before=("429",), in_a_row=1, retry_after=(20, 20))
    ground.write_papers()
    ground.set_digests(1)
    ground.start(die_at="after post").wait_gone()  # nobody has written down how long to wait
    ground.start()
    ground.settle()
    assert set(ground.verdict().faults) == {"early"}


BROKEN = ("archived", "kicked", "gone")
WORDS = {
    "archived": "the channel is archived",
    "kicked": "the bot was removed from the channel",
    "gone": "the channel is gone",
    "revoked": "the bot's access was revoked",
}


def test_case_13_a_channel_that_is_broken_stops_alone_and_resumes(make_ground: MakeGround) -> None:
    ground = make_ground(broken={f"{fault}0000": fault for fault in BROKEN})
    ground.write_papers()
    for fault in BROKEN:
        ground.set_digests(1, prefix=fault)
    ground.set_digests(20)
    ground.start()
    ground.settle()
    ground.board.wait_for("told", len(BROKEN))
    assert sorted(lost for lost, _ in ground.verdict().lost) == sorted(f"{fault}0000" for fault in BROKEN)
    for fault in BROKEN:
        assert WORDS[fault] in status(ground, f"{fault}0000")
    ground.board.faults(broken={})
    assert tries(ground) == len(ground.expected), "each was tried once"
    for fault in BROKEN:
        assert say(ground, "digest resume", f"{fault}0000").ok
    ground.settle()
    ground.assert_once_each()
    notes = [event["note"]["notice"] for event in ground.board.events("told")]
    assert len(notes) == len(BROKEN), "one note for each"
    assert all(any(WORDS[fault] in note for note in notes) for fault in BROKEN)


@postgresql_in_full
def test_case_13_a_revoked_token_stops_its_team_alone_and_it_resumes(make_ground: MakeGround) -> None:
    ground = make_ground(broken={"umbrella": "revoked"})
    ground.write_papers()
    ground.set_digests(3, team="umbrella", prefix="u")
    ground.set_digests(20)
    ground.start()
    ground.settle()
    assert sorted(ground.verdict().lost) == [(f"u000{number}", str(ground.today)) for number in range(3)]
    assert WORDS["revoked"] in status(ground, "u0000", "umbrella"), "in private nobody could be told"
    ground.board.faults(broken={})
    for number in range(3):
        assert say(ground, "digest resume", f"u000{number}", "umbrella").ok
    ground.settle()
    ground.assert_once_each()


@pytest.mark.parametrize(("answer", "posted"), [("again", 2), ("arrived", 1)])
def test_case_02_where_no_history_can_be_read_a_person_is_asked(
    make_ground: MakeGround, answer: str, posted: int
) -> None:
    way = "500 after" if answer == "arrived" else "500 before"
    ground = make_ground(blind=True, before=1, ways_before=(way,), in_a_row=1)
    ground.write_papers()
    ground.set_digests(1)
    ground.start()
    ground.settle()
    assert [row.state for row in ground.rows()] == ["parked"], "it is not posted again blindly"
    ground.board.wait_for("told", 1)
    assert "nobody knows" in status(ground)
    assert say(ground, f"digest {answer}").ok
    ground.board.faults(before=0)
    if answer == "again":
        ground.board.wait_for("accepted", 1)
    ground.settle()
    ground.assert_once_each()
    assert tries(ground) == posted
    assert len(ground.board.events("told")) == 1
