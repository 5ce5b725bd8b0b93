"""The service in a process of its own: `paperround run`, or this module with a messenger that takes its time."""

import asyncio
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.ports import Finding, Posting
from bot.reply import DigestPost, Post, Reply
from tests.fakes.command_line import COMMAND, CommandLine

LONGEST = 30
"""Seconds after which what a service was to do counts as not done."""


@dataclass(slots=True)
class SlowMessenger:
    """Takes some seconds for each post, and writes into a file when it began and when it had posted."""

    seconds: float
    diary: Path
    platform: str = "terminal"
    thread_room: int = 0

    async def post(self, team: str, channel: str, post: Post, key: str, thread: str | None = None) -> Posting:
        """Post, slowly."""
        self._note("began", key)
        await asyncio.sleep(self.seconds)
        self._note("posted", key)
        return Posting("accepted", message_id=key)

    async def find(self, team: str, channel: str, key: str, since: dt.datetime, thread: str | None = None) -> Finding:
        """Find what was posted with that key."""
        lines = self.diary.read_text().splitlines() if self.diary.exists() else []
        return Finding("read", (key,) if f"posted {key}" in lines else ())

    async def delete(self, team: str, channel: str, message_id: str, thread: str | None = None) -> Posting:
        """Nothing is ever there twice."""
        raise AssertionError(f"{message_id} would be deleted")

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Nothing is changed."""
        return Posting("accepted", message_id=message_id)

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Note it."""
        self._note("told", member)
        return Posting("accepted")

    def _note(self, what: str, key: str) -> None:
        with self.diary.open("a") as diary:
            diary.write(f"{what} {key}\n")


@dataclass(slots=True)
class Running:
    """A service at work: its process, and the files of its output and its log."""

    process: "subprocess.Popen[bytes]"
    out: Path
    err: Path

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log so far."""
        whole = [line for line in self.err.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [json.loads(line) for line in whole]

    def told(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of one event."""
        return [line for line in self.lines if line["event"].startswith(event)]

    def wait_for(self, event: str) -> dict[str, Any]:
        """Wait until the log tells of an event; return its first line."""
        wait_until(lambda: bool(self.told(event)) or self.process.poll() is not None, f"{event}: {self.err}")
        assert self.told(event), f"it ended without it: {self.err.read_text()}"
        return self.told(event)[0]

    def end(self, which: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; return the exit status."""
        self.process.send_signal(which)
        return self.process.wait(LONGEST)


def wait_until(done: Callable[[], bool], what: str) -> None:
    """Wait until it is done, for some seconds."""
    give_up_at = time.monotonic() + LONGEST
    while not done():
        assert time.monotonic() < give_up_at, f"not within {LONGEST} s: {what}"
        time.sleep(0.02)


@contextmanager
def running(shell: CommandLine, *words: str, name: str = "service") -> Iterator[Running]:
    """Run `paperround run`, or this module with those words; whatever still runs at the end is killed."""
    command = [sys.executable, "-m", "tests.fakes.service_process", *words] if words else [*COMMAND, "run"]
    out, err = shell.folder / f"{name}.out", shell.folder / f"{name}.err"
    with out.open("wb") as standard, err.open("wb") as log:
        process = subprocess.Popen(command, stdout=standard, stderr=log, cwd=shell.folder, env=shell.environment())
    try:
        yield Running(process, out, err)
    finally:
        process.kill()
        process.wait(LONGEST)


def main(diary: str, seconds: str, stop: str) -> None:
    """Serve the configured store with a slow messenger; a stop waits `stop` seconds for it."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.logs import set_up_logs
    from adapters.cli.service import run_service
    from adapters.cli.settings import load_settings
    from bot.timings import DeliveryTimings

    set_up_logs("INFO")
    messengers = [SlowMessenger(float(seconds), Path(diary))]
    timings = DeliveryTimings(stop=dt.timedelta(seconds=float(stop)))
    asyncio.run(run_service(load_settings(), SystemClock(), messengers, timings=timings))


if __name__ == "__main__":
    assert os.environ["PAPERROUND_DATA_DIR"], "it must not serve somebody's own store"
    main(*sys.argv[1:])
