"""`paperround ingest` from files that were kept: what is counted, what is named, and what is never half loaded."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.command_line import RECORDED, CommandLine
from tests.fakes.huggingface import Item, item

MONDAY, TUESDAY = RECORDED / "2025-09-01.json", RECORDED / "2025-09-02.json"
SHAPE = ["source", "read", "new", "updated", "unchanged", "skipped", "failed_files"]


@pytest.fixture
def paperround(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def load(paperround: CommandLine, *files: str | Path) -> dict[str, Any]:
    """Load files, all of which must be fine; return the report."""
    done = paperround("ingest", "huggingface", "--from-file", *files, "--json")
    assert (done.status, done.err) == (0, "")
    report: dict[str, Any] = done.json
    assert list(report) == SHAPE
    return report


def counts(report: dict[str, Any]) -> tuple[int, ...]:
    return tuple(report[name] for name in ("read", "new", "updated", "unchanged"))


def keep(paperround: CommandLine, name: str, items: Iterable[Item]) -> Path:
    """Write a day's list to a file, as somebody who kept the answer would."""
    path = paperround.folder / name
    path.write_text(json.dumps(list(items)))
    return path


def stored(paperround: CommandLine) -> set[str]:
    """Return the ids in the store."""
    with closing(sqlite3.connect(paperround.database)) as database:
        return {key for (key,) in database.execute("SELECT key FROM papers")}


def test_new_papers_are_counted(paperround: CommandLine) -> None:
    assert load(paperround, MONDAY) == {
        "source": "huggingface", "read": 2, "new": 2, "updated": 0, "unchanged": 0, "skipped": {}, "failed_files": [],
    }  # fmt: skip


def test_several_files_are_one_report(paperround: CommandLine) -> None:
    report = load(paperround, MONDAY, TUESDAY)
    assert counts(report) == (4, 3, 1, 0), "a paper of both days is one paper, which the second day changes"


def test_a_person_reads_the_counts_in_words(paperround: CommandLine) -> None:
    done = paperround("ingest", "huggingface", "--from-file", MONDAY, RECORDED / "wrapped.json")
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        "huggingface: read 4 items · 3 new · 0 updated · 0 unchanged · 1 skipped (item is text, not an object: 1)\n"
    )


def test_new_papers_are_in_the_search_index_when_it_ends(paperround: CommandLine) -> None:
    paperround("console", "-c", "status")
    load(paperround, MONDAY, TUESDAY)
    assert paperround.behind() == 0


def test_a_second_run_changes_nothing_and_says_so(paperround: CommandLine) -> None:
    load(paperround, MONDAY, TUESDAY)
    assert counts(load(paperround, TUESDAY)) == (2, 0, 0, 2)
    words = paperround("ingest", "huggingface", "--from-file", TUESDAY)
    assert words.out == "huggingface: read 2 items · nothing changed, 2 papers known already\n"


def test_the_whole_pass_repeated_changes_nothing(paperround: CommandLine) -> None:
    load(paperround, MONDAY, TUESDAY)
    assert counts(load(paperround, MONDAY, TUESDAY)) == (4, 0, 0, 4)


def test_a_changed_vote_updates_its_paper_alone(paperround: CommandLine) -> None:
    load(paperround, keep(paperround, "2025-09-03.json", [item("2509.00001", votes=3), item("2509.00002", votes=3)]))
    later = keep(paperround, "later-2025-09-03.json", [item("2509.00001", votes=4), item("2509.00002", votes=3)])
    assert counts(load(paperround, later)) == (2, 0, 1, 1)
    (day,) = paperround("console", "-c", "2025-09-03", "--json").replies
    assert [(paper["id"], paper["votes"]) for paper in day["papers"]] == [
        ("arxiv:2509.00001", 4),
        ("arxiv:2509.00002", 3),
    ]


def test_damaged_items_are_read_skipped_and_counted_by_reason(paperround: CommandLine) -> None:
    path = RECORDED / "2025-03-04-damaged.json"
    report = load(paperround, path)
    assert report["read"] == len(json.loads(path.read_text()))
    assert report["read"] == report["new"] + sum(report["skipped"].values())
    assert report["skipped"]["item is text, not an object"] == 1
    assert report["skipped"]["same paper twice"] == 1


def test_a_wrapped_day_is_unwrapped_and_tells_its_day_itself(paperround: CommandLine) -> None:
    report = load(paperround, RECORDED / "wrapped.json")
    assert (counts(report), report["skipped"]) == ((2, 1, 0, 0), {"item is text, not an object": 1})
    (day,) = paperround("console", "-c", "2025-01-10", "--json").replies
    assert [paper["id"] for paper in day["papers"]] == ["arxiv:2501.04519"]


GOOD = [item("2506.00001"), item("2506.00002")]
WRONG_FILES = {
    "words.json": (b"Moved to another place.", "is not JSON"),
    "cut.json": (json.dumps(GOOD).encode()[:-40], "is cut off"),
    "2025-06-01.json": (json.dumps({"papers": GOOD}).encode(), "is of another shape"),
    "empty.json": (b"", "is empty"),
    "latin1.json": ('["é"]'.encode("latin-1"), "is not UTF-8 text"),
    "someday.json": (json.dumps(GOOD).encode(), "does not say which day"),
    "folder.json": (None, "can't be read: Is a directory"),
    "missing.json": (None, "can't be read: No such file or directory"),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_file_that_can_not_be_used_is_named_and_the_others_are_loaded(paperround: CommandLine, name: str) -> None:
    content, reason = WRONG_FILES[name]
    wrong = paperround.folder / "kept" / name
    (wrong if name == "folder.json" else wrong.parent).mkdir(parents=True)
    if content is not None:
        wrong.write_bytes(content)
    done = paperround("ingest", "huggingface", "--from-file", MONDAY, f"kept/{name}", TUESDAY, "--json")
    assert done.status == 1
    assert done.json["failed_files"] == [f"kept/{name}"], "as it was given"
    assert counts(done.json) == (4, 3, 1, 0)
    (line,) = done.err.splitlines()
    assert line.startswith(f"paperround: {name} {reason}")
    assert stored(paperround) == {"arxiv:2508.18106", "arxiv:2508.21290", "arxiv:2508.19060"}


def test_each_wrong_file_has_its_own_line(paperround: CommandLine) -> None:
    done = paperround("ingest", "huggingface", "--from-file", "one.json", "two.json")
    assert done.status == 1
    assert [line.split(" ")[1] for line in done.err.splitlines()] == ["one.json", "two.json"]
    assert done.out == "huggingface: read 0 items\n"


def test_where_the_run_is_comes_every_fifty_files_on_standard_error(paperround: CommandLine) -> None:
    done = paperround("ingest", "huggingface", "--from-file", *[MONDAY] * 120, "--json")
    assert done.err.splitlines() == ["50 of 120: 2025-09-01.json", "100 of 120: 2025-09-01.json"]
    assert counts(done.json) == (240, 2, 0, 238)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["huggingface", "--from-file"], "write: paperround ingest SOURCE --from-file PATH..."),
        (["huggingface", "2025-09-01.json"], "write: paperround ingest SOURCE --from-file PATH..."),
        (["huggingface", "--from-file", "a.json", "--date", "today"], "write: paperround ingest SOURCE --from-file"),
        (["huggingface", "--date", "2025-06-12", "--since", "7d"], "--date and --since exclude each other"),
        (["huggingface", "--date", "someday"], "“someday” is no date that I know; write it like 2025-06-12"),
        (["huggingface", "--since", "2025-02-30"], 'There is no day "2025-02-30"; write it like 2025-06-12'),
        (["huggingface", "--date", "2999-01-01"], "2999-01-01 is still to come"),
    ],
)
def test_wrong_usage_is_told_in_one_line(paperround: CommandLine, words: list[str], told: str) -> None:
    done = paperround("ingest", *words)
    assert done.status == 2
    assert done.failure.startswith(told)
    assert not paperround.data.exists(), "nothing was begun"


@pytest.mark.parametrize("files", [[], ["--from-file", str(MONDAY)]])
def test_an_unknown_source_is_told_with_the_nearest_name(paperround: CommandLine, files: list[str]) -> None:
    done = paperround("ingest", "hugingface", *files)
    assert (done.status, done.failure) == (2, "there is no source “hugingface”; write huggingface")


DAILY = Path(__file__).parents[3] / "shared" / "data" / "hf_daily"


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A store into which all recorded days were loaded, in a process of its own."""
    if not DAILY.is_dir():
        pytest.skip("the recorded days are not here: ../shared/data/hf_daily")
    paperround = CommandLine(tmp_path_factory.mktemp("everything"))
    done = paperround.process("ingest", "huggingface", "--from-file", *sorted(DAILY.glob("*.json")), "--json")
    assert done.status == 0, done.err
    (paperround.folder / "report.json").write_text(done.out)
    return paperround


def test_all_recorded_days_are_loaded(everything: CommandLine) -> None:
    report = json.loads((everything.folder / "report.json").read_text())
    assert report == {
        "source": "huggingface", "read": 6_141, "new": 5_841, "updated": 0, "unchanged": 0,
        "skipped": {"item is text, not an object": 300}, "failed_files": [],
    }  # fmt: skip


def test_all_recorded_days_once_more_change_nothing(everything: CommandLine) -> None:
    done = everything.process("ingest", "huggingface", "--from-file", *sorted(DAILY.glob("*.json")))
    assert done.status == 0
    assert done.out == (
        "huggingface: read 6,141 items · nothing changed, 5,841 papers known already"
        " · 300 skipped (item is text, not an object: 300)\n"
    )


def test_a_recorded_day_is_listed_by_votes(everything: CommandLine) -> None:
    (day,) = everything("console", "-c", "/papers 2025-06-12", "--json").replies
    votes = [paper["votes"] for paper in day["papers"]]
    assert (day["papers"][0]["id"], votes[0]) == ("arxiv:2506.09113", 24)
    assert len(votes) == 10
    assert votes == sorted(votes, reverse=True)
    assert {paper["announced"] for paper in day["papers"]} == {"2025-06-12"}
