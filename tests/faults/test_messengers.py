"""The messengers of real platforms, through their own libraries: killed, dropped and refused, nothing doubles.

Every platform of `tests.faults.far_ends` beside the board, by whether its channels can be read back. Where they can,
each digest is there once. Where they can't, nobody can know whether an unsure one arrived: none is posted twice, and
somebody is asked about each.
"""

import asyncio
import datetime as dt

import pytest

from bot.commands.dispatch import answer
from bot.reply import Reply
from tests.fakes.waiting import wait_until
from tests.faults.conftest import MakeGround
from tests.faults.far_ends import FAR_ENDS
from tests.faults.ground import Ground, Row
from tests.faults.killing import FAULTY, Size, kill_over_and_over
from tests.faults.sizes import full, postgresql_in_full, short_and_full
from tests.faults.speaking import who, world_of

READ = [name for name, platform in FAR_ENDS.items() if platform.reads and name != "board"]
DOUBLING = [name for name in READ if not FAR_ENDS[name].knows_twins]
TWINLESS = [name for name in READ if FAR_ENDS[name].knows_twins]
BLIND = [name for name, platform in FAR_ENDS.items() if not platform.reads]


def tried_on(names: list[str]) -> pytest.MarkDecorator:
    """Run a test on these far ends, on some in full alone."""
    return pytest.mark.parametrize("on", [pytest.param(on, marks=full if FAR_ENDS[on].seldom else ()) for on in names])


read_back = tried_on(READ)
not_read_back = tried_on(BLIND)

ACCEPTED_THEN = ("reset after", "500 after", "silent after")
DROPS_ALL = {"after": 1, "ways_after": ACCEPTED_THEN, "in_a_row": 1}


def parked(ground: Ground) -> list[Row]:
    """The digests of which nobody knows."""
    return [row for row in ground.rows() if row.state == "parked"]


def asked(ground: Ground) -> str:
    """What was written to people in private."""
    return "\n".join(event["note"]["notice"] for event in ground.board.events("told"))


def ask_of_each(ground: Ground, rows: list[Row], line: str) -> list[Reply]:
    """Let who set the digests up type a line in the channel of each; return the answers."""

    async def type_them() -> list[Reply]:
        async with world_of(ground) as world:
            people = [who(row.channel, team=ground.team_of[row.channel], platform=ground.platform) for row in rows]
            return [await answer(world, person, line) for person in people]

    return asyncio.run(type_them())


@postgresql_in_full
@read_back
@short_and_full("size", Size(40, 10), Size(500, 100))
def test_case_01_killed_over_and_over_every_digest_arrives_once(make_ground: MakeGround, on: str, size: Size) -> None:
    ground = make_ground(on, seed=1, **FAULTY)
    took = kill_over_and_over(ground, size, at_work=True)
    ground.assert_once_each()
    ways = {event["way"].partition(" ")[2] for event in ground.board.events("fault")}
    assert {"before", "after"} <= ways
    ground.report(f"on {on}, {size.kills} kills, settled {took:.1f} s after the last")


@postgresql_in_full
@read_back
@short_and_full("posts", 40, 500)
def test_case_02_what_was_accepted_is_found_and_not_posted_again(make_ground: MakeGround, on: str, posts: int) -> None:
    ground = make_ground(on, seed=2, **DROPS_ALL)
    ground.write_papers()
    ground.set_digests(posts)
    ground.start()
    ground.settle()
    ground.assert_once_each()
    assert len(ground.board.events("accepted")) == posts, "each was accepted once"
    assert {event["way"] for event in ground.board.events("fault")} == set(ACCEPTED_THEN)


def settle_without_reading_back(ground: Ground) -> None:
    """Let 15 posts be accepted that seem not to be, and nobody look."""
    ground.reconcile = ground.audit = False
    ground.write_papers()
    ground.set_digests(15)
    ground.start()
    ground.settle()


@postgresql_in_full
@pytest.mark.parametrize("on", DOUBLING)
def test_case_02_without_reading_back_the_same_run_shows_doubles(make_ground: MakeGround, on: str) -> None:
    ground = make_ground(on, seed=2, **DROPS_ALL)
    settle_without_reading_back(ground)
    assert ground.verdict().faults == {"doubled": 15}


@postgresql_in_full
@pytest.mark.parametrize("on", TWINLESS)
def test_case_02_a_nonce_alone_keeps_early_repeats_from_doubling(make_ground: MakeGround, on: str) -> None:
    ground = make_ground(on, seed=2, **DROPS_ALL)
    settle_without_reading_back(ground)
    ground.assert_once_each()


@postgresql_in_full
@not_read_back
@short_and_full("size", Size(40, 10), Size(500, 100))
def test_case_01_where_nothing_can_be_read_back_nothing_doubles_and_the_unsure_ones_are_asked_about(
    make_ground: MakeGround, on: str, size: Size
) -> None:
    ground = make_ground(on, seed=1, **FAULTY)
    kill_over_and_over(ground, size, at_work=True)
    unsure = parked(ground)
    verdict = ground.verdict()
    assert set(verdict.faults) <= {"lost"}, verdict.faults
    assert {channel for channel, _ in verdict.lost} <= {row.channel for row in unsure}, "only what is asked about"
    ground.report(f"on {on}, {size.kills} kills: {len(unsure)} are asked about, {len(verdict.lost)} did not arrive")
    assert any(row.state == "sent" for row in ground.rows()), "of some, it is known that they arrived"
    answer_truly(ground, unsure)
    ground.assert_once_each()


@postgresql_in_full
@not_read_back
@short_and_full("posts", 20, 500)
def test_case_02_where_nothing_can_be_read_back_each_is_posted_once_and_asked_about(
    make_ground: MakeGround, on: str, posts: int
) -> None:
    ground = make_ground(on, seed=2, **DROPS_ALL)
    ground.write_papers()
    ground.set_digests(posts)
    ground.start()
    ground.settle()
    ground.assert_once_each()
    unsure = parked(ground)
    assert len(unsure) == len(ground.board.events("accepted")) == posts
    answer_truly(ground, unsure)
    ground.assert_once_each()


def answer_truly(ground: Ground, unsure: list[Row]) -> None:
    """Look at each channel whose digest `status` asks about, and say if it is there; wait until all is settled."""
    assert unsure, "the run left nobody unsure"
    ground.move_clock(dt.timedelta(minutes=6))  # a note whose sender was killed goes out five minutes later
    wait_until(lambda: not [row for row in unsure if row.channel not in asked(ground)], "each is asked about")
    for row, reply in zip(unsure, ask_of_each(ground, unsure, "status"), strict=True):
        (line,) = [line for line in reply.status or () if line.what == f"digest daily of {row.channel}"]
        assert "nobody knows" in line.detail
        assert line.state == "fail"
    ground.board.faults(before=0, after=0)
    there = {message["channel"] for message in ground.board.visible()}
    for typed, rows in (
        ("digest arrived", [row for row in unsure if row.channel in there]),
        ("digest again", [row for row in unsure if row.channel not in there]),
    ):
        assert all(reply.ok for reply in ask_of_each(ground, rows, typed))
    ground.start()
    ground.settle()
    assert parked(ground) == []
