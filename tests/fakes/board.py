"""The board as the tests see it: its process, its faults, and its log."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes.waiting import wait_until

PROJECT = Path(__file__).parents[2]
LONGEST = 900
"""Seconds after which a board that nobody stopped stops by itself."""

Event = dict[str, Any]


class Events:
    """What happened on a platform, by its log."""

    __slots__ = ()

    def all_events(self) -> list[Event]:
        """Return the log."""
        raise NotImplementedError

    def events(self, *kinds: str) -> list[Event]:
        """Return what the log says, of those kinds alone where some are named."""
        return [event for event in self.all_events() if not kinds or event["what"] in kinds]

    def wait_for(self, kind: str, count: int) -> None:
        """Wait until the log has that many events of a kind."""
        wait_until(lambda: len(self.events(kind)) >= count, f"{kind} {count} times")

    def visible(self) -> list[Event]:
        """Return the messages that were accepted and not deleted, the earliest first."""
        deleted = {event["id"] for event in self.events("deleted")}
        return [event for event in self.events("accepted") if event["id"] not in deleted]


@dataclass(slots=True)
class RunningBoard(Events):
    """A board that serves."""

    url: str
    log: Path
    process: "subprocess.Popen[str]"

    def faults(self, **changed: Any) -> None:
        """Change how it misbehaves (`tests.fakes.board_server.Faults`)."""
        request = urllib.request.Request(
            f"{self.url}/faults", data=json.dumps(changed).encode(), headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30):
            pass

    def all_events(self) -> list[Event]:
        """Return the log."""
        lines = self.log.read_text(encoding="utf-8").split("\n")[:-1]  # what follows is not written to its end
        return [json.loads(line) for line in lines]


@contextmanager
def running_board(log: Path, **faults: Any) -> Iterator[RunningBoard]:
    """Serve a board for as long as the block runs."""
    command = [sys.executable, "-m", "tests.fakes.board_server", str(log), str(LONGEST), json.dumps(faults)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV_")}
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        port = process.stdout.readline().strip()
        assert port, "the board did not start"
        yield RunningBoard(f"http://127.0.0.1:{port}", log, process)
    finally:
        process.kill()
        process.communicate(timeout=30)
