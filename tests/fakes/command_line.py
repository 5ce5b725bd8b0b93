"""The `paperround` command as a person runs it: within this process, or in one of its own where that matters."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from typer.testing import CliRunner

from adapters.cli.main import app
from storage.database import open_store
from storage.search_index import TantivyIndex

PROJECT = Path(__file__).parents[2]
RECORDED = PROJECT / "tests" / "data" / "huggingface"
COMMAND = (sys.executable, "-m", "adapters.cli.main")
LONGEST = 120
"""Seconds after which a process counts as hanging."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The JSON value that is the whole standard output."""
        return json.loads(self.out)

    @property
    def replies(self) -> list[dict[str, Any]]:
        """The JSON objects of the standard output, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def failure(self) -> str:
        """The one line of a failure, without the program's name; there must be nothing else."""
        assert self.status != 0, self.out
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("paperround: ")
        return line.removeprefix("paperround: ")


@dataclass(slots=True)
class CommandLine:
    """A shell in a folder of its own, whose `data` is the data folder; `settings` go into the environment."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.data / "paperround.db"

    def __call__(self, *words: str | Path, typed: str | None = None) -> Outcome:
        """Run the command within this process; a failure that nobody foresaw is raised."""
        environment: dict[str, str | None] = {name: None for name in os.environ if name.startswith("PAPERROUND_")}
        try:
            with chdir(self.folder):
                done = CliRunner().invoke(app, list(map(str, words)), input=typed, env=environment | self._settings())
        finally:
            structlog.reset_defaults()  # else other tests would log to the stream of this run
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Outcome(done.exit_code, done.stdout, done.stderr)

    def process(self, *words: str | Path, typed: str | bytes = "") -> Outcome:
        """Run the command in a process of its own."""
        given = typed.encode() if isinstance(typed, str) else typed
        done = subprocess.run(
            [*COMMAND, *map(str, words)],
            input=given, capture_output=True, cwd=self.folder, env=self.environment(), timeout=LONGEST, check=False,
        )  # fmt: skip
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def behind(self) -> int:
        """Return how many changes of the store the search index lacks, as the last command left it."""

        async def count() -> int:
            store = await open_store(f"sqlite:///{self.database}")
            try:
                return await TantivyIndex(self.data / "index" / str(store.store_id), store).behind()
            finally:
                await store.close()

        return asyncio.run(count())

    def environment(self) -> dict[str, str]:
        """Return the environment of a process: the settings, and none of the machine's own."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("PAPERROUND_", "COV_"))}
        return mine | {"PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1"} | self._settings()

    def _settings(self) -> dict[str, str]:
        return {"PAPERROUND_DATA_DIR": str(self.data)} | self.settings
