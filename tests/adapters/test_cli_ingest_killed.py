"""An ingest that is killed in the middle: nothing half loaded, nothing lost, and the next run goes on."""

import datetime as dt
import json
import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from tests.fakes.command_line import COMMAND, LONGEST, CommandLine
from tests.fakes.huggingface import item

DAYS, A_DAY = 40, 30
KILLED_AT = (1, 8, 17, 29, 38, 40)
"""How many days are stored when the process is killed; at the last, it is writing the search index."""


def write_days(folder: Path) -> list[Path]:
    """Write the lists of consecutive days, each with papers of its own."""
    files = []
    for number in range(DAYS):
        ids = [f"2506.{number * A_DAY + place:05}" for place in range(A_DAY)]
        authors = tuple(f"Ada {'abcdefghij'[place]} Lovelace" for place in range(10))
        path = folder / f"{dt.date(2025, 6, 2) + dt.timedelta(days=number)}.json"
        path.write_text(json.dumps([item(each, f"Carrier pigeon {each[5:]}", 3, authors) for each in ids]))
        files.append(path)
    return files


def stored_days(database: Path) -> dict[str, int]:
    """Return how many papers the store has of each day; none while there is no store yet."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
            return dict(opened.execute("SELECT day, count(*) FROM listings GROUP BY day"))
    except sqlite3.OperationalError:
        return {}


def kill_when_stored(
    paperround: CommandLine, files: list[Path], days: int, delay: float
) -> tuple[dict[str, int], bool]:
    """Begin to load, kill the process soon after so many days are stored.

    Return what was stored just before, and whether the process was still at work.
    """
    command = [*COMMAND, "ingest", "huggingface", "--from-file", *map(str, files)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=paperround.environment(), stdout=quiet, stderr=quiet) as process:
        end = time.monotonic() + LONGEST
        while len(seen := stored_days(paperround.database)) < days and process.poll() is None:
            assert time.monotonic() < end, "it hangs"
        time.sleep(delay)  # so that it is hit anywhere between two days
        process.kill()
    assert process.returncode in (-signal.SIGKILL, 0)
    return seen, process.returncode != 0


def test_a_killed_ingest_loses_no_stored_day_and_leaves_none_half_loaded(tmp_path: Path) -> None:
    paperround = CommandLine(tmp_path)
    files = write_days(tmp_path)
    chance = random.Random(20250612)
    killed = 0
    for days in KILLED_AT:
        seen, in_the_middle = kill_when_stored(paperround, files, days, delay=chance.uniform(0, 0.02))
        killed += in_the_middle
        with closing(sqlite3.connect(paperround.database)) as opened:
            assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert opened.execute("PRAGMA foreign_key_check").fetchall() == []
        after = stored_days(paperround.database)
        assert seen.keys() <= after.keys(), "what was stored stays"
        assert set(after.values()) == {A_DAY}, "a day is there wholly or not at all"
        assert sorted(after) == [file.stem for file in files[: len(after)]]
        status = paperround("console", "-c", "status", "--json")
        assert (status.status, status.replies[0]["status"][-1]["state"]) == (0, "ok"), "the index caught up"
    assert killed >= 3, "a machine under load may let a late one finish, not most of them"

    done = paperround("ingest", "huggingface", "--from-file", *files, "--json")
    assert done.status == 0
    assert stored_days(paperround.database) == {file.stem: A_DAY for file in files}
    assert done.json["new"] + done.json["unchanged"] == done.json["read"] == DAYS * A_DAY

    undisturbed = CommandLine(tmp_path / "undisturbed")
    undisturbed.folder.mkdir()
    assert undisturbed("ingest", "huggingface", "--from-file", *files, "--json").json["new"] == DAYS * A_DAY
    searches = [f"search pigeon sort:new page:{page}" for page in (1, 60, 120)]
    words = [word for search in searches for word in ("-c", search)]
    found = paperround("console", *words, "--json")
    assert found.replies[0]["total"] == DAYS * A_DAY, "everything is found, and nothing twice"
    assert found.out == undisturbed("console", *words, "--json").out
