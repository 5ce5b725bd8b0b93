"""`paperround bench`: rows of the documented shape, chosen by name, beside a yardstick that does the same work."""

import asyncio
import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapters.cli.bench import corpus, start_rows
from adapters.cli.bench.bench import BENCHES, choose, measure
from adapters.cli.bench.command_rows import peopled_world, typed
from adapters.cli.bench.command_steps import PLAYS
from adapters.cli.bench.corpus import QUICK_DAYS, find_corpus
from adapters.cli.bench.ground import Ground, percentile
from adapters.cli.bench.rows import Row, rows_json, rows_table
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from bot.commands.dispatch import TABLE
from bot.errors import PaperRoundError, UserError

RECORDED = corpus.RECORDED
KEYS = ["name", "value", "unit", "yardstick", "ratio", "goal", "met"]


@pytest.fixture(autouse=True)
def _nothing_recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(corpus, "RECORDED", tmp_path / "nothing")


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = tmp_path / "made"
    made.mkdir()
    return Ground(Settings(data_dir=tmp_path), tmp_path, find_corpus(None, made, quick=True), quick=True)


def paperround(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = "from adapters.cli.main import main; main()"
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60)


async def test_a_quick_run_gives_every_row_in_the_documented_shape(tmp_path: Path) -> None:
    told: list[str] = []
    rows = await measure(BENCHES, Settings(data_dir=tmp_path / "mine"), None, quick=True, tell=told.append)
    found = json.loads(json.dumps(rows_json(rows)))
    assert all(list(row) == KEYS for row in found)
    for row in found:
        if row["unit"] != "":  # how something grows: with so little of it, noise may say that it shrinks
            assert row["value"] > 0 or row["unit"] == "MB", "a process takes no memory that it has already"
            assert row["yardstick"] > 0
        assert row["ratio"] == row["value"] / row["yardstick"]
        assert row["unit"] in ("s", "ms", "µs", "MB", "%", "papers/s", "calls", "")
        assert row["met"] is None if row["goal"] is None else row["met"] in (True, False)
    names = [row["name"] for row in found]
    assert len(set(names)) == len(names)
    assert {f"command {name}" for name in TABLE} <= set(names)
    assert all(any(name.startswith(bench.name) for name in names) for bench in BENCHES)
    assert told[0].startswith("20 days of ")
    assert told[0].endswith("papers, made, in the shape and size of recorded ones; each once")
    assert not (tmp_path / "mine").exists()


def test_only_what_is_named_is_measured_and_json_is_all_that_is_printed() -> None:
    done = paperround("bench", "help", "--quick", "--json")
    assert done.returncode == 0, done.stderr
    assert [row["name"] for row in json.loads(done.stdout)] == ["help"]
    assert "1 of 1: help" in done.stderr


def test_a_name_may_be_written_with_hyphens_and_keeps_its_place() -> None:
    assert [bench.name for bench in choose(["Day-view", "ingest one day"])] == ["ingest one day", "day view"]
    assert choose([]) == list(BENCHES)


def test_an_unknown_name_is_wrong_usage_and_the_nearest_is_named() -> None:
    done = paperround("bench", "day vew")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "paperround: there is no bench “day vew”; did you mean 'day view'?\n"
    with pytest.raises(UserError, match="write 'ingest days', "):
        choose(["qqq"])


def test_a_folder_without_days_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PaperRoundError, match="has no day"):
        find_corpus(tmp_path, tmp_path, quick=False)


async def test_the_yardstick_holds_the_same_papers(ground: Ground) -> None:
    await same_papers(ground)


async def test_the_yardstick_holds_the_same_papers_of_recorded_days(ground: Ground, tmp_path: Path) -> None:
    if not RECORDED.is_dir():
        pytest.skip("the recorded days (../shared/data/hf_daily) are not beside this checkout")
    ground.corpus = await asyncio.to_thread(find_corpus, RECORDED, tmp_path, True)
    await same_papers(ground)


async def same_papers(ground: Ground) -> None:
    """Compare both stores: how many papers, the day lists, and a second pass that changes nothing."""
    days = ground.corpus.days
    assert len(days) == QUICK_DAYS
    with closing(ground.full_raw()) as plain:
        for file in ground.corpus.files:
            plain.ingest(file)
        async with open_world(await ground.full(), ground.clock) as world, world.store.read() as session:
            assert plain.count("papers") == await session.papers.count() == ground.corpus.papers
            assert plain.count("paper_ids") == plain.count("words") == ground.corpus.papers
            for day in days:
                ours = await session.papers.listed(day, day)
                seen = {(paper.id.value, paper.authors, paper.listings[-1].votes) for paper in ours}
                assert {(row[0], tuple(row[2]), row[4]) for row in plain.day(day)} == seen


async def test_what_the_bench_types_is_understood(ground: Ground) -> None:
    async with peopled_world(ground) as (world, papers):
        for name, play in PLAYS.items():
            for step in play(papers)[: 20 if name in ("search", "show") else 4]:
                for line in filter(None, (step.before, step.typed, step.after)):
                    reply = await typed(world, line, step.channel)
                    assert reply.ok, (line, reply.notice)


def test_memory_is_the_programs_own_not_the_benchs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERROUND_LOG_LEVEL", "nonsense")
    ballast = bytearray(100_000_000)
    assert 1 < start_rows.run_process(tmp_path, "pass")[1] < 60
    assert 100 < start_rows.run_process(tmp_path, "b = bytearray(100_000_000); b[::4096] = b[::4096]")[1] < 160
    assert len(ballast) == 100_000_000
    with pytest.raises(RuntimeError, match="failed: oh no"):
        start_rows.run_process(tmp_path, "raise SystemExit('oh no')")


def test_the_percentile_is_the_nearest_rank() -> None:
    hundred = [float(number) for number in range(100, 0, -1)]
    assert [percentile(hundred, percent) for percent in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert percentile([3.0, 1.0, 2.0], 99) == 3
    assert percentile([7.0], 50) == 7


def test_the_table_is_aligned_and_fits() -> None:
    rows = [
        Row("ingest days", 12.34, "s", 3, below=20),
        Row("command " + "x" * 60, 1234.5, "ms", 0.0456, below=100),
        Row("ingest again", 5, "ms", 2),
    ]
    assert rows_table(rows).splitlines() == [
        "what                                             value  yardstick    ratio      goal  met",
        "ingest days                                     12.3 s     3.00 s    4.11x    < 20 s  yes",
        "command xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…  1,234 ms   0.046 ms  27,072x  < 100 ms  no",
        "ingest again                                   5.00 ms    2.00 ms    2.50x",
    ]
