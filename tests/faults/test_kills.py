"""Workers that are killed at odd moments, and at each step by its name."""

from tests.fakes.stores import only_on_postgresql
from tests.faults.conftest import MakeGround
from tests.faults.ground import Ground
from tests.faults.killing import FAULTY, Size, kill_over_and_over
from tests.faults.sizes import postgresql_in_full, short_and_full
from tests.faults.work import STEPS

LEASES_TO_SETTLE = 3


@short_and_full("size", Size(100, 25), Size(2_000, 300))
def test_case_01_killed_over_and_over_every_digest_arrives_once(make_ground: MakeGround, size: Size) -> None:
    ground = make_ground(seed=1, **FAULTY)
    took = kill_over_and_over(ground, size)
    ground.assert_once_each()
    doubled_for_a_while = len(ground.board.events("deleted"))
    assert doubled_for_a_while <= size.digests // 50, "the audit alone would make up for it, later"
    ground.report(f"{size.kills} kills, settled {took:.1f} s after the last")
    assert took < LEASES_TO_SETTLE * ground.timings.longest_lease.total_seconds()


@postgresql_in_full
@short_and_full("size", Size(60, 15), Size(400, 60))
def test_case_01_without_reading_back_the_same_run_shows_doubles(make_ground: MakeGround, size: Size) -> None:
    ground = make_ground(seed=1, **FAULTY)
    ground.reconcile = ground.audit = False
    kill_over_and_over(ground, size)
    faults = ground.verdict().faults
    ground.report(f"{faults} with neither step")
    assert set(faults) == {"doubled"}, faults


def test_case_01_a_worker_may_die_at_any_step(make_ground: MakeGround) -> None:
    ground = make_ground(seed=2, before=0.3, after=0.3, ways_before=("late", "500 before"), late=1.4, silent=3)
    ground.write_papers()
    for step in STEPS:
        ground.set_digests(8, prefix=f"{step} ")
        doomed = ground.start(die_at=step)
        doomed.wait_gone(30)
    ground.start()
    ground.settle()
    ground.assert_once_each()


def stop_and_overtake(ground: Ground, rounds: int) -> int:
    """Let a worker stand still right before it posts, another take over, and the first go on.

    Return how many posts came late. Its connections are warm: what it sends goes out before it looks at the clock.
    """
    ground.write_papers()
    late = 0
    for number in range(rounds):
        ground.set_digests(10, prefix=f"warm{number}-")
        paused = ground.start(stop_at="before post", nth=20)
        ground.settle()
        ground.set_digests(10, prefix=f"cold{number}-")
        paused.wait_stopped()
        other = ground.start()
        ground.settle()
        before = len(ground.board.events("accepted"))
        paused.go_on()
        ground.board.wait_for("accepted", before + 10)
        late += 10
        if ground.audit:
            ground.board.wait_for("deleted", late)
        ground.settle()
        for worker in (paused, other):
            worker.kill()
    return late


@only_on_postgresql
@short_and_full("rounds", 2, 100)
def test_case_03_stopped_past_the_lease_and_resumed(make_ground: MakeGround, rounds: int) -> None:
    ground = make_ground()
    late = stop_and_overtake(ground, rounds)
    assert len(ground.board.events("accepted")) == len(ground.expected) + late
    ground.assert_once_each()


@only_on_postgresql
def test_case_03_without_audits_the_same_run_shows_doubles(make_ground: MakeGround) -> None:
    ground = make_ground()
    ground.audit = False
    stop_and_overtake(ground, 1)
    assert ground.verdict().faults == {"doubled": 10}


@only_on_postgresql
@short_and_full("channels", 200, 500)
def test_case_05_five_planners_at_once(make_ground: MakeGround, channels: int) -> None:
    ground = make_ground()
    ground.write_papers()
    for _ in range(5):
        ground.start()
    ground.set_digests(channels)
    ground.settle()
    ground.assert_once_each()
    assert len(ground.board.events("accepted")) == channels, "none was posted twice, not even for a moment"
