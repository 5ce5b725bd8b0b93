"""`paperround digest due`: what would go out at a time; and `paperround restored`."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.command_line import CommandLine
from tests.fakes.huggingface import item

EVENING = "2025-06-11T18:00Z"
MORNING = "2025-06-12T09:00+02:00"


@pytest.fixture
def paperround(tmp_path: Path) -> CommandLine:
    """A store with the papers of Wednesday, on Wednesday evening."""
    shell = CommandLine(tmp_path)
    answer = tmp_path / "2025-06-11.json"
    answer.write_text(json.dumps([item("2506.00001", "The best", votes=9), item("2506.00002", "The other", votes=3)]))
    assert shell("ingest", "huggingface", "--from-file", answer).status == 0
    return shell


def type_(paperround: CommandLine, *lines: str, channel: str = "#papers") -> None:
    """Type lines on Wednesday evening."""
    for line in lines:
        assert paperround("console", "--now", EVENING, "--channel", channel, "-c", line).status == 0


def ledger(paperround: CommandLine) -> list[tuple[object, ...]]:
    """Return all that a digest may write."""
    with closing(sqlite3.connect(paperround.database)) as database:
        tables = ("deliveries", "digest_items", "digest_slots", "digests")
        return [tuple(row) for table in tables for row in database.execute(f"SELECT * FROM {table}")]


def test_what_is_due_is_told_to_machines_and_nothing_is_written(paperround: CommandLine) -> None:
    type_(paperround, "digest on 09:00 Europe/Berlin")
    before = ledger(paperround)
    for _ in range(2):
        assert paperround("digest", "due", "--now", MORNING, "--json").json == [
            {
                "channel": "#papers",
                "slot": "2025-06-12",
                "due_at": "2025-06-12T07:00:00Z",
                "papers": ["arxiv:2506.00001", "arxiv:2506.00002"],
            }
        ]
    assert ledger(paperround) == before


def test_what_is_due_is_told_to_people(paperround: CommandLine) -> None:
    type_(paperround, "digest on 09:00 Europe/Berlin")
    type_(paperround, 'digest on 08:00 Europe/Berlin top 1 -- "nowhere"', channel="#empty")
    assert paperround("digest", "due", "--now", MORNING).out == (
        "#empty · daily · due Thu 12 Jun 2025 08:00 Europe/Berlin: nothing new, no message\n"
        "#papers · daily · due Thu 12 Jun 2025 09:00 Europe/Berlin: 2 papers\n"
        "  2506.00001  The best\n"
        "  2506.00002  The other\n"
    )


def test_where_nothing_is_due_the_next_one_is_told(paperround: CommandLine) -> None:
    type_(paperround, "digest on name:late 17:00 Europe/Berlin", "digest on 09:00 Europe/Berlin")
    early = paperround("digest", "due", "--now", "2025-06-12T08:59+02:00")
    assert (early.status, early.out) == (
        0,
        "No digest is due; the next is daily of #papers: next Thu 12 Jun 2025 09:00 Europe/Berlin\n",
    )
    assert paperround("digest", "due", "--now", EVENING, "--json").json == []


def test_where_no_digest_is_set_it_says_how_to_set_one(paperround: CommandLine) -> None:
    assert "set one in a channel" in paperround("digest", "due").out


def test_a_paused_digest_is_not_due_and_two_of_a_channel_bring_no_paper_twice(paperround: CommandLine) -> None:
    type_(paperround, "digest on name:first 08:00 UTC top 1", "digest on name:second 08:30 UTC")
    type_(paperround, "digest on 08:00 UTC", "digest pause", channel="#quiet")
    due = paperround("digest", "due", "--now", "2025-06-12T09:00Z", "--json").json
    assert [(each["channel"], each["papers"]) for each in due] == [
        ("#papers", ["arxiv:2506.00001"]),
        ("#papers", ["arxiv:2506.00002"]),
    ]


def test_a_digest_that_was_missed_for_days_is_due_once(paperround: CommandLine) -> None:
    type_(paperround, "digest on 09:00 UTC daily")
    (due,) = paperround("digest", "due", "--now", "2025-06-14T12:00Z", "--json").json
    assert (due["slot"], due["due_at"]) == ("2025-06-14", "2025-06-14T09:00:00Z")
    assert set(due["papers"]) == {"arxiv:2506.00001", "arxiv:2506.00002"}


def test_a_time_that_is_none_is_wrong_usage(paperround: CommandLine) -> None:
    done = paperround("digest", "due", "--now", "soon")
    assert (done.status, done.failure) == (2, "--now “soon” is no time; write it like 2025-06-12T09:00+02:00")


def test_after_a_backup_was_put_back_it_says_what_will_be_read_back(paperround: CommandLine) -> None:
    type_(paperround, "digest on 09:00 UTC")
    assert paperround("console", "--now", MORNING, "-c", "digest now yes").out.count("The best") == 1
    with closing(sqlite3.connect(paperround.database)) as database, database:  # as if it were the real time of day
        database.execute("UPDATE deliveries SET settled_at = datetime('now', '-1 hour') || '.000000'")
    done = paperround("restored")
    assert done.status == 0
    assert "posted: 1 message of the last 2 days or still on the way, and every digest" in done.out
    with closing(sqlite3.connect(paperround.database)) as database:
        assert database.execute("SELECT count(*) FROM deliveries WHERE audit_at IS NOT NULL").fetchone() == (1,)
        assert database.execute("SELECT restored_at IS NOT NULL FROM store_meta").fetchone() == (1,)


def test_after_a_backup_was_put_back_the_inbox_is_read_anew(paperround: CommandLine) -> None:
    memory = next((paperround.data / "index").iterdir()).name
    kept = paperround.data / "inbox" / f"{memory}.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    assert paperround("restored").status == 0
    assert not kept.exists()


def test_an_operator_sees_a_channels_next_digest_and_nothing_is_written(paperround: CommandLine) -> None:
    type_(paperround, "digest on 09:00 Europe/Berlin", "digest pause")
    before = ledger(paperround)
    told = paperround("digest", "preview", "#papers", "--now", EVENING)
    assert (told.status, told.out) == (
        0,
        "#papers · daily · due Thu 12 Jun 2025 09:00 Europe/Berlin: 2 papers\n"
        "  2506.00001  The best\n"
        "  2506.00002  The other\n",
    )
    (machine,) = paperround("digest", "preview", "#papers", "--now", EVENING, "--json").json
    assert machine["papers"] == ["arxiv:2506.00001", "arxiv:2506.00002"]
    assert ledger(paperround) == before
    assert (
        paperround("digest", "preview", "papers", "--now", EVENING).out == told.out
    )  # for shells, #papers is a comment
    refused = paperround("digest", "preview", "#nowhere", "--now", EVENING)
    assert refused.failure == "no channel #nowhere has a digest; set one there with: digest on"
