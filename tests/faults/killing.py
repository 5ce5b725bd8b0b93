"""Kills workers at odd moments, again and again, while digests fall due."""

import random
import time
from dataclasses import dataclass

from tests.fakes.waiting import wait_until
from tests.faults.far_ends import TEAMS
from tests.faults.fleet import Worker
from tests.faults.ground import Ground
from tests.faults.work import STEPS

FAULTY = {"before": 0.25, "after": 0.25, "slow": 0.03}
MOST_WAITING = 60
"""How many digests may be due when a worker is killed; on a busy machine, the next kill waits for them."""

BEGUN = 1.0
"""Seconds after which a worker that says nothing has nothing to say."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many digests are to arrive, while so many workers are killed."""

    digests: int
    kills: int


def kill_over_and_over(ground: Ground, size: Size, seed: int = 1, at_work: bool = False) -> float:
    """Kill a worker again and again, at odd moments or at odd steps, while digests fall due all the time.

    With `at_work`, a worker is left alone until it has begun to talk to the platform, if it has anything to say.
    Return how many seconds it took from the last kill until all was settled.
    """
    chance = random.Random(seed)
    ground.write_papers()
    processes = 1 if ground.on_sqlite else 3
    workers = [ground.start() for _ in range(processes)]
    for kill in range(size.kills):
        due = size.digests * (kill + 1) // size.kills - size.digests * kill // size.kills
        if due:
            ground.set_digests(due, team=TEAMS[kill % len(TEAMS)], prefix=f"k{kill}-")
        wait_until(lambda: _is_time_to_kill(ground, workers), "the workers get on with it", 120)
        gone = [worker for worker in workers if worker.is_gone]
        victim = chance.choice(gone or workers)
        workers.remove(victim)
        if at_work:
            _let_begin(ground, victim)
        _let_die(victim, chance.uniform(0.02, 0.3))
        fate = {"die_at": chance.choice(STEPS), "nth": chance.randint(1, 8)} if chance.random() < 0.5 else {}
        last = kill == size.kills - 1
        workers.append(ground.start(**({} if last else fate)))
    for doomed in workers[:-1]:  # the steps at which they would die may come later
        doomed.kill()
        ground.start()
    return ground.settle(120)


def _is_time_to_kill(ground: Ground, workers: list[Worker]) -> bool:
    """Whether the workers have kept up, or one has met its fate already."""
    return ground.backlog() <= MOST_WAITING or any(worker.is_gone for worker in workers)


def _let_begin(ground: Ground, worker: Worker) -> None:
    """Wait until the platform is asked for something, or for a second."""
    before, over = len(ground.board.events("request")), time.monotonic() + BEGUN
    while len(ground.board.events("request")) == before and time.monotonic() < over and not worker.is_gone:
        time.sleep(0.01)


def _let_die(worker: Worker, seconds: float) -> None:
    """Let it work for a moment, which it may not survive, and kill it then."""
    over = time.monotonic() + seconds
    while time.monotonic() < over and not worker.is_gone:
        time.sleep(0.01)
    worker.kill()
