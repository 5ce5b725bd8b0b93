"""`paperround console`: the chat's commands at the configured store, for people and for machines."""

import shutil
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from adapters.cli import main
from adapters.cli.clock import SystemClock
from adapters.cli.intruders import refuse_intruders
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.discord.roles import DiscordRoles
from bot.commands.dispatch import TABLE
from bot.commands.table import on_platform
from tests.fakes.command_line import COMMAND, LONGEST, RECORDED, CommandLine
from tests.fakes.service_process import SlowMessenger

NOON = "2025-09-02T12:00"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two days: Monday 1 and Tuesday 2 September 2025."""
    paperround = CommandLine(tmp_path_factory.mktemp("loaded"))
    days = [RECORDED / f"2025-09-0{day}.json" for day in (1, 2)]
    assert paperround("ingest", "huggingface", "--from-file", *days).status == 0
    return paperround.data


@pytest.fixture
def paperround(tmp_path: Path, loaded: Path) -> CommandLine:
    made = CommandLine(tmp_path)
    shutil.copytree(loaded, made.data)
    return made


def ask(paperround: CommandLine, line: str, *options: str) -> dict[str, Any]:
    """Ask one thing, which must go well, and return the reply for machines."""
    done = paperround("console", "--now", NOON, *options, "--json", "-c", line)
    assert (done.status, done.err) == (0, "")
    (reply,) = done.replies
    assert reply["ok"] is True
    return reply


def ids(reply: dict[str, Any]) -> list[str]:
    return [paper["id"] for paper in reply["papers"]]


def test_one_command_is_answered_for_a_person(paperround: CommandLine) -> None:
    done = paperround("console", "-c", "/papers 2025-09-01")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("Daily papers · Mon 1 Sep 2025 · 2 papers\n")
    assert "A.S.E: A Repository-Level Benchmark" in done.out
    assert "\x1b" not in done.out


def test_several_commands_are_answered_in_order(paperround: CommandLine) -> None:
    done = paperround("console", "--json", "-c", "2025-09-02", "-c", "2025-09-01", "-c", "status")
    first, second, third = done.replies
    assert ids(first) == ["arxiv:2508.18106", "arxiv:2508.19060"]
    assert ids(second) == ["arxiv:2508.18106", "arxiv:2508.21290"]
    assert "status" in third


def test_lines_of_a_pipe_are_commands(paperround: CommandLine) -> None:
    done = paperround("console", "--json", typed="# what was new\n2025-09-02\n\n  show 2508.21290\n")
    assert (done.status, [ids(reply) for reply in done.replies]) == (
        0,
        [["arxiv:2508.18106", "arxiv:2508.19060"], ["arxiv:2508.21290"]],
    )


def test_a_pipe_without_lines_asks_nothing(paperround: CommandLine) -> None:
    assert (done := paperround("console", typed="")).status == 0
    assert (done.out, done.err) == ("", "")


def test_every_reply_for_machines_is_a_line_that_begins_with_ok_and_notice(paperround: CommandLine) -> None:
    words = ["help", "search code", "nonsense", "following", "digest on 09:00 Europe/Berlin", "why 2508.18106"]
    done = paperround("console", "--json", *[part for word in words for part in ("-c", word)])
    assert len(done.replies) == len(words)
    assert {tuple(reply)[:2] for reply in done.replies} == {("ok", "notice")}
    assert [reply["ok"] for reply in done.replies] == [True, True, False, True, True, True]


def test_a_refused_command_is_exit_status_1_and_the_others_are_carried_out(paperround: CommandLine) -> None:
    done = paperround("console", "--json", "-c", "serch code", "-c", "2025-09-01")
    refused, day = done.replies
    assert done.status == 1
    assert (refused["ok"], "did you mean search?" in refused["notice"]) == (False, True)
    assert len(day["papers"]) == 2
    in_words = paperround("console", "-c", "serch code")
    assert (in_words.status, in_words.out[:2]) == (1, "✗ ")


def test_the_leading_papers_may_be_left_out(paperround: CommandLine) -> None:
    for typed in ("search benchmark", "following", "2025-09-01"):
        assert ask(paperround, f"/papers {typed}") == ask(paperround, typed)


def test_everyone_has_follows_of_their_own(paperround: CommandLine) -> None:
    ask(paperround, "follow benchmark", "--user", "ana")
    rules = {
        person: [line["rule"] for line in ask(paperround, "following", *options)["follows"]]
        for person, options in {
            "ana": ["--user", "ana"], "bob": ["--user", "bob"], "me": [],
            "another team's ana": ["--user", "ana", "--team", "lab"],
        }.items()
    }  # fmt: skip
    assert rules == {"ana": ["benchmark"], "bob": [], "me": [], "another team's ana": []}


def test_follows_go_with_a_person_from_channel_to_channel_and_digests_stay(paperround: CommandLine) -> None:
    ask(paperround, "follow benchmark", "--channel", "#vision")
    ask(paperround, "digest on 09:00 Europe/Berlin", "--channel", "#vision")
    assert len(ask(paperround, "following", "--channel", "#code")["follows"]) == 1
    assert ask(paperround, "digest show", "--channel", "#vision")["digests"][0]["channel"] == "#vision"
    assert ask(paperround, "digest show", "--channel", "#code").get("digests", []) == []


def test_a_vote_counts_in_its_team_alone(paperround: CommandLine) -> None:
    ask(paperround, "vote 2508.18106", "--user", "ana")
    ask(paperround, "vote 2508.18106", "--user", "bob")
    votes = [ask(paperround, "show 2508.18106", "--team", team)["papers"][0]["team_votes"] for team in ("local", "lab")]
    assert votes == [2, 0]


@pytest.mark.parametrize(
    ("now", "paper"),
    [
        ("2025-09-01T12:00", "arxiv:2508.21290"),
        ("2025-09-02", "arxiv:2508.19060"),
        ("2025-09-01T23:30-03:00", "arxiv:2508.19060"),
    ],
)
def test_today_follows_the_clock_that_was_set(paperround: CommandLine, now: str, paper: str) -> None:
    done = paperround("console", "--json", "--now", now, "-c", "today")
    assert ids(done.replies[0]) == ["arxiv:2508.18106", paper]


@pytest.mark.parametrize("now", ["tomorrow", "2025-13-01", "12:00", ""])
def test_a_time_that_is_none_is_wrong_usage(paperround: CommandLine, now: str) -> None:
    done = paperround("console", "--now", now, "-c", "today")
    assert done.status == 2
    assert done.failure == f"--now “{now}” is no time; write it like 2025-06-12T09:00+02:00"


def test_a_posted_digest_does_not_get_between_the_replies_for_machines(paperround: CommandLine) -> None:
    on, now = "digest on 09:00 UTC", "digest now yes"
    done = paperround("console", "--now", "2025-09-02T12:00", "--json", "-c", on, "-c", now)
    assert [reply["ok"] for reply in done.replies] == [True, True]
    assert done.replies[1]["notice"] == "Posted to #papers: 2 papers."
    assert done.err.startswith("╭─ #papers ──")
    assert "A.S.E: A Repository-Level Benchmark" in done.err
    again = paperround("console", "--now", "2025-09-02T12:01", "--json", "-c", now)
    assert again.replies[0]["notice"].startswith("#papers has had all that is settled")
    assert again.err == "", "a paper is posted to a channel once"


def test_a_digest_for_a_person_is_posted_among_the_replies(paperround: CommandLine) -> None:
    done = paperround("console", "--now", NOON, "-c", "digest on 09:00 UTC", "-c", "digest now yes")
    assert (done.status, done.err) == (0, "")
    assert "╭─ #papers ──" in done.out


def test_a_store_that_is_none_is_told_in_one_line(paperround: CommandLine) -> None:
    notes = paperround.folder / "notes.txt"
    notes.write_text("Milk, bread and a database.\n" * 100)
    paperround.settings["PAPERROUND_DATABASE_URL"] = f"sqlite:///{notes}"
    done = paperround.process("console", "-c", "today")
    assert done.status == 1
    assert done.failure.startswith(f"{notes} is not an SQLite database")
    assert notes.read_text().startswith("Milk"), "it is left as it was"
    traced = paperround.process("--debug", "console", "-c", "today")
    assert traced.status == 1
    assert "Traceback" in traced.err
    assert f"StoreError: {notes} is not an SQLite database" in traced.err


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("notes.txt", "'notes.txt' is no address of a database"),
        ("mysql://db/papers", "'mysql://db/papers' can't hold the store"),
        ("sqlite:////", "/ can't be opened"),
    ],
)
def test_an_address_that_can_not_hold_the_store_is_told_in_one_line(
    paperround: CommandLine, address: str, told: str
) -> None:
    paperround.settings["PAPERROUND_DATABASE_URL"] = address
    done = paperround("console", "-c", "today")
    assert (done.status, done.failure[: len(told)]) == (1, told)


@pytest.mark.parametrize(
    ("name", "value"), [("PAPERROUND_LOG_LEVEL", "LOUD"), ("PAPERROUND_CONTACT", "everybody\r\nX-Evil: 1")]
)
@pytest.mark.parametrize("words", [["console", "-c", "today"], ["demo"], ["ingest", "huggingface"]])
def test_a_wrong_setting_is_named_in_one_line(paperround: CommandLine, words: list[str], name: str, value: str) -> None:
    paperround.settings[name] = value
    done = paperround(*words)
    assert done.status == 1
    assert done.failure.startswith(f"the setting {name} is wrong: ")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LOG_LEVEL", "LOUD", "write DEBUG, INFO, WARNING or ERROR"),
        ("POLL", "perhaps", "write on or off"),
        ("HTTP_BIND", "8585", "write it like 127.0.0.1:8585"),
        ("PUBLIC_URL", "papers.example", "write it like https://papers.example.org"),
        ("ARXIV_CATEGORIES", "zz.YY", "arXiv has no category “zz.YY”; write it as in cs.CL"),
    ],
)
def test_a_wrong_setting_is_told_with_what_to_write(paperround: CommandLine, name: str, value: str, told: str) -> None:
    paperround.settings[f"PAPERROUND_{name}"] = value
    assert paperround("console", "-c", "today").failure.startswith(f"the setting PAPERROUND_{name} is wrong: {told}")


def test_settings_are_read_from_a_file_too(paperround: CommandLine) -> None:
    (paperround.folder / ".env").write_text("PAPERROUND_LOG_LEVEL=LOUD\n")
    assert paperround("console", "-c", "today").failure.startswith("the setting PAPERROUND_LOG_LEVEL is wrong")


def test_a_pipe_that_is_no_text_is_told_in_one_line(paperround: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8:strict")
    done = paperround.process("console", typed=b"today\n\xff\xfe\n")
    assert (done.status, done.failure) == (1, "the standard input can't be read: it is not UTF-8 text")


def test_another_package_of_our_name_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    owners = {"bot": ["PaperRound", "python-bot"], "adapters": ["paperround"], "click": ["click"]}
    monkeypatch.setattr(metadata, "packages_distributions", lambda: owners)
    monkeypatch.setattr(sys, "argv", ["paperround", "--help"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1
    assert capsys.readouterr() == (
        "",
        "paperround: python-bot is installed here too, and has a package named bot as well;"
        " install paperround in an environment of its own.\n",
    )


def test_our_own_packages_are_no_intruders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "packages_distributions", lambda: {"bot": ["paperround"], "storage": ["PaperRound"]})
    refuse_intruders()


def test_what_nobody_foresaw_is_told_in_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stumble() -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(metadata, "packages_distributions", dict[str, list[str]])
    monkeypatch.setattr(main, "app", stumble)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "paperround: this should not have happened: ZeroDivisionError: division by zero."
        " paperround --debug shows where; please report it.\n"
    )


def test_a_closed_standard_input_asks_nothing(paperround: CommandLine) -> None:
    closed = ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, "console"]
    done = subprocess.run(closed, env=paperround.environment(), capture_output=True, timeout=LONGEST, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_where_there_are_no_threads_abstracts_in_one_are_refused_in_a_line(paperround: CommandLine) -> None:
    for line in ("digest on 09:00 UTC abstracts:thread", "digest preview 09:00 UTC abstracts:thread"):
        done = paperround("console", "--now", NOON, "--json", "-c", line)
        assert done.status == 1
        (reply,) = done.replies
        assert reply["notice"].startswith("Abstracts would come in the digest's thread, and there are no threads here")
        assert "show ID" in reply["notice"]
        assert "\n" not in reply["notice"]
    assert ask(paperround, "digest show")["digests"] == []
    (line,) = ask(paperround, "digest on 09:00 UTC abstracts:off")["digests"]
    assert set(line) == {"name", "channel", "time", "zone", "days", "top", "rule", "next_due_at", "paused"}
    wrong = paperround("console", "--now", NOON, "--json", "-c", "digest on abstracts:everywhere")
    assert "write abstracts:thread or off" in wrong.replies[0]["notice"]


def test_help_offers_only_what_works_in_the_terminal(paperround: CommandLine) -> None:
    told = paperround("console", "-c", "help digest on").out
    assert "[name:WORD]" in told
    assert "abstracts:" not in told
    assert "mention:" not in told


async def test_help_offers_what_a_platform_has(tmp_path: Path) -> None:
    async with open_world(Settings(data_dir=tmp_path, database_url=""), SystemClock()) as bare:
        messenger = SlowMessenger(0, tmp_path / "diary", platform="slack", thread_room=3_000)
        world = replace(bare, messengers={"slack": messenger}, roles={"discord": DiscordRoles(lambda: None)})
        offered = {
            platform: {param.name for param in on_platform(TABLE, world, platform)["digest on"].params}
            for platform in ("slack", "discord")
        }
    assert offered["discord"] - offered["slack"] == {"mention"}
    assert "abstracts" in offered["slack"]
