"""`paperround run` as an operator runs it: started, stopped, killed, and started again."""

import datetime as dt
import json
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.command_line import CommandLine
from tests.fakes.huggingface import hugging_face, item
from tests.fakes.service_process import running, wait_until


@pytest.fixture
def paperround(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path, {"PAPERROUND_POLL": "off"})


def with_a_digest_due(paperround: CommandLine) -> None:
    """Fill the store: papers of yesterday, and a digest that was due last midnight."""
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    answer = paperround.folder / f"{yesterday:%Y-%m-%d}.json"
    answer.write_text(json.dumps([item("2506.00001", "Due today", votes=5)]))
    assert paperround("ingest", "huggingface", "--from-file", answer).status == 0
    then = f"{yesterday:%Y-%m-%dT12:00Z}"
    assert paperround("console", "--now", then, "-c", "digest on 00:00 UTC daily").status == 0


def states(paperround: CommandLine) -> list[tuple[str, bool]]:
    """Return the state of each delivery, and whether it may have arrived."""
    with closing(sqlite3.connect(paperround.database)) as database:
        rows = database.execute("SELECT state, uncertain FROM deliveries").fetchall()
    return [(state, bool(uncertain)) for state, uncertain in rows]


def test_it_says_when_it_is_ready_and_what_it_serves_and_ends_well_when_told_to(paperround: CommandLine) -> None:
    with_a_digest_due(paperround)
    with running(paperround) as service:
        ready = service.wait_for("ready")
        assert ready["store"] == f"sqlite:///{paperround.database}"
        assert (ready["papers"], ready["posts_to"], ready["polls"], ready["inbox"]) == (1, ["terminal"], "off", "none")
        assert service.end() == 0
        assert [line["event"] for line in service.lines][-1] == "stopped"


def test_a_misspelt_setting_is_told_in_the_log_when_it_starts(paperround: CommandLine) -> None:
    paperround.settings["PAPERROUND_DISCORD_TOKN"] = "secret"
    with running(paperround) as service:
        service.wait_for("ready")
        (told,) = service.told("there is no such setting")
        assert (told["setting"], told["advice"]) == (
            "PAPERROUND_DISCORD_TOKN",
            "did you mean PAPERROUND_DISCORD_TOKEN? else take it out",
        )
        assert "secret" not in service.err.read_text()


def test_a_digest_that_is_due_is_printed_once_however_often_the_service_is_started(paperround: CommandLine) -> None:
    with_a_digest_due(paperround)
    with running(paperround) as service:
        service.wait_for("a delivery is sent")
        assert service.out.read_text().count("Due today") == 1
        assert service.end(signal.SIGKILL) == -signal.SIGKILL
    for start in ("second", "third"):
        with running(paperround, name=start) as service:
            service.wait_for("ready")
            time.sleep(1.5)  # two looks at what is due
            assert service.end() == 0
            assert service.out.read_text() == ""


def test_a_second_service_on_one_file_is_refused_and_short_commands_are_not(paperround: CommandLine) -> None:
    with running(paperround) as service:
        service.wait_for("ready")
        refused = paperround.process("run")
        assert (refused.status, str(service.process.pid) in refused.failure) == (1, True)
        assert "PostgreSQL" in refused.failure
        linked = paperround.folder / "linked.db"
        linked.symlink_to(paperround.database)
        by_another_name = CommandLine(paperround.folder, {"PAPERROUND_DATABASE_URL": f"sqlite:///{linked}"})
        assert by_another_name.process("run").status == 1
        assert paperround("console", "-c", "status").status == 0
        with_a_digest_due(paperround)
        assert paperround("digest", "due").status == 0
        too_early = paperround("restored")
        assert (too_early.status, "stop that one first" in too_early.failure) == (1, True)


def test_a_killed_service_does_not_lock_out_the_next(paperround: CommandLine) -> None:
    with running(paperround) as service:
        service.wait_for("ready")
        service.end(signal.SIGKILL)
    with running(paperround, name="next") as service:
        service.wait_for("ready")
        assert service.end(signal.SIGINT) == 0


def test_what_is_in_hand_is_finished_before_it_stops(paperround: CommandLine) -> None:
    with_a_digest_due(paperround)
    diary = paperround.folder / "diary"
    with running(paperround, str(diary), "1", "10") as service:
        wait_until(diary.exists, "a post begins")
        assert service.end() == 0
        assert [line.split()[0] for line in diary.read_text().splitlines()] == ["began", "posted"]
        assert states(paperround) == [("sent", False)]


def test_what_takes_too_long_is_left_to_its_lease_and_it_stops_in_time(paperround: CommandLine) -> None:
    with_a_digest_due(paperround)
    diary = paperround.folder / "diary"
    with running(paperround, str(diary), "60", "0.5") as service:
        wait_until(diary.exists, "a post begins")
        began = time.monotonic()
        assert service.end() == 0
        assert time.monotonic() - began < 5
        assert states(paperround) == [("sending", True)], "nobody knows whether it was posted"


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(paperround: CommandLine, which: signal.Signals) -> None:
    with_a_digest_due(paperround)
    diary = paperround.folder / "diary"
    with running(paperround, str(diary), "60", "60") as service:
        wait_until(diary.exists, "a post begins")
        os.kill(service.process.pid, which)
        service.wait_for("stopping")
        began = time.monotonic()
        assert service.end(which) == -which
        assert time.monotonic() - began < 2
    assert states(paperround) == [("sending", True)]


def test_replicas_on_postgresql_post_a_digest_once(paperround: CommandLine, postgres_url: str) -> None:
    paperround.settings["PAPERROUND_DATABASE_URL"] = postgres_url
    with_a_digest_due(paperround)
    diary = paperround.folder / "diary"
    words = (str(diary), "0.2", "10")
    with running(paperround, *words, name="one") as one, running(paperround, *words, name="two") as two:
        one.wait_for("ready")
        two.wait_for("ready")
        wait_until(lambda: bool(one.told("a delivery is sent") + two.told("a delivery is sent")), "it is posted")
        time.sleep(1.5)
        assert (one.end(), two.end()) == (0, 0)
    assert [line.split()[0] for line in diary.read_text().splitlines()].count("posted") == 1


def test_a_store_that_can_not_be_opened_is_told_in_one_line(paperround: CommandLine) -> None:
    paperround.settings["PAPERROUND_DATABASE_URL"] = "sqlite:////proc/nothing/here.db"
    assert "/proc/nothing" in paperround.process("run").failure


def test_it_reads_the_source_by_itself_and_a_source_that_is_down_is_noted(paperround: CommandLine) -> None:
    del paperround.settings["PAPERROUND_POLL"]
    today = dt.datetime.now(dt.UTC).date()
    days = [str(today - dt.timedelta(days=passed)) for passed in range(8)]
    with hugging_face() as site:
        paperround.settings["PAPERROUND_HF_URL"] = site.url
        site.lists[days[3]] = [item("2506.00001"), item("2506.00002")]
        with running(paperround) as service:
            assert service.wait_for("ready")["polls"] == ["huggingface", "arxiv"]
            assert service.wait_for("a source was read")["new"] == 2
            assert service.end() == 0
        assert set(site.asked) >= set(days[:7]), "midnight may pass meanwhile"
    with closing(sqlite3.connect(paperround.database)) as database, database:
        database.execute("DELETE FROM leases")  # as if half an hour had passed
    with running(paperround, name="down") as service:
        assert "refused the connection" in service.wait_for("a source could not be read")["reason"]
        assert service.end() == 0
    (reply,) = paperround("console", "-c", "status", "--json").replies
    assert [line["state"] for line in reply["status"] if line["what"] == "source huggingface"] == ["fail"]


def test_it_takes_answers_from_the_inbox_without_a_network(paperround: CommandLine) -> None:
    inbox = paperround.folder / "inbox"
    inbox.mkdir()
    paperround.settings["PAPERROUND_INBOX"] = str(inbox)
    (inbox / "2025-06-11.json").write_text(json.dumps([item("2506.00001")]))
    with running(paperround) as service:
        assert service.wait_for("a file of the inbox was read")["new"] == 1
        (inbox / "2025-06-12.json").write_text("[")
        assert service.wait_for("a file of the inbox can't be used")["reason"] == "2025-06-12.json is cut off."
        wait_until(lambda: paperround.behind() == 0, "what was read can be found")
        assert service.end() == 0
    (reply,) = paperround("console", "-c", "status", "--json").replies
    (line,) = [line for line in reply["status"] if line["what"] == "source inbox"]
    assert (line["state"], "2025-06-12.json is cut off" in line["detail"]) == ("fail", True)
