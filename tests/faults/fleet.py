"""Starts, stops and kills workers."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.fakes.waiting import wait_until
from tests.faults.work import Work

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that delivers."""

    pid: int

    @property
    def state(self) -> str:
        """The kernel's letter for what it does: T is stopped, and X it is gone."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return "X"
        return stat.rpartition(")")[2].split()[0]

    @property
    def is_gone(self) -> bool:
        """Whether it has ended."""
        return self.state in "XZ"

    def kill(self) -> None:
        """End it by SIGKILL, if it has not ended by itself."""
        self._signal(signal.SIGKILL)
        self.wait_gone()

    def wait_gone(self, seconds: float = 60) -> None:
        """Wait until it has ended."""
        wait_until(lambda: self.is_gone, f"worker {self.pid} is gone", seconds)

    def wait_stopped(self) -> None:
        """Wait until it stands still."""
        wait_until(lambda: self.state == "T", f"worker {self.pid} stands still")

    def stop(self) -> None:
        """Let it stand still."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on as if nothing had been."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if not self.is_gone:
            os.kill(self.pid, number)


class Fleet:
    """Workers of one store and one board."""

    def __init__(self, nursery: "subprocess.Popen[str]", work: Work) -> None:
        self._nursery = nursery
        self._work = work
        self.workers: list[Worker] = []

    def start(self, **changed: object) -> Worker:
        """Start another worker."""
        work = asdict(self._work) | changed
        assert self._nursery.stdin
        assert self._nursery.stdout
        self._nursery.stdin.write(json.dumps(work) + "\n")
        self._nursery.stdin.flush()
        worker = Worker(int(self._nursery.stdout.readline()))
        self.workers.append(worker)
        return worker

    def kill_all(self) -> None:
        """Kill whoever is there."""
        for worker in self.workers:
            worker.kill()
        self.workers.clear()


@contextmanager
def nursery() -> Iterator["subprocess.Popen[str]"]:
    """Run what forks workers for as long as the block runs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV_")}
    command = [sys.executable, "-m", "tests.faults.worker"]
    process = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.communicate(timeout=30)
