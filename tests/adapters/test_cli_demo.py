"""`paperround demo`: the whole product in one terminal, with no token, and nothing left behind."""

import datetime as dt
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.command_line import COMMAND, LONGEST, PROJECT, CommandLine
from tests.fakes.huggingface import SERVER_ERROR, Site, hugging_face, item

MAIN_JOB = """\
# The main job, from the first look to the digest.
today
2025-06-04
search reasoning -video
show 2506.03569
follow author:"Juanzi Li"
following
digest on 09:00 Europe/Berlin
clock tomorrow
why 2506.03569
"""


@pytest.fixture
def paperround(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def answers(out: str) -> dict[str, str]:
    """Return what was answered to each line of a script; the welcome under an empty line."""
    welcome, *parts = re.split(r"^› ", out, flags=re.MULTILINE)
    found = {"": welcome}
    for part in parts:
        line, _, answer = part.partition("\n")
        found[line] = answer
    return found


def play(paperround: CommandLine, *lines: str) -> dict[str, str]:
    """Type lines into the demo, through a pipe; it must end well."""
    done = paperround("demo", typed="\n".join(lines))
    assert (done.status, done.err) == (0, "")
    return answers(done.out)


def test_a_script_goes_through_the_main_job(paperround: CommandLine) -> None:
    (paperround.folder / "job.txt").write_text(MAIN_JOB)
    done = paperround("demo", "--script", "job.txt")
    assert (done.status, done.err) == (0, "")
    said = answers(done.out)
    assert list(said)[1:] == MAIN_JOB.splitlines()[1:]
    assert "✗" not in done.out
    assert said["today"].startswith("Daily papers · Thu 5 Jun 2025 · 13 papers")
    assert said["2025-06-04"].startswith("Daily papers · Wed 4 Jun 2025 · 12 papers")
    assert "reasoning -video · best match first" in said["search reasoning -video"]
    assert "https://github.com/XiaomiMiMo/MiMo-VL" in said["show 2506.03569"]
    assert "Following papers by Juanzi Li (number 1)" in said['follow author:"Juanzi Li"']
    assert 'author:"Juanzi Li"' in said["following"]
    assert "Fri 6 Jun 2025 09:00 Europe/Berlin" in said["digest on 09:00 Europe/Berlin"]
    posted = said["clock tomorrow"]
    assert posted.startswith("╭─ #papers ──")
    assert "Daily papers · Thu 5 Jun 2025" in posted
    assert "MiMo-VL Technical Report" in posted
    assert "It is Fri 6 Jun 2025 16:00 Europe/Berlin now. 1 digest arrived on the way." in posted
    assert "#papers had it in the digest “daily” of Fri 6 Jun 2025, as No. 1" in said["why 2506.03569"]


def test_the_same_script_says_the_same_every_time_piped_or_from_a_file(paperround: CommandLine) -> None:
    (paperround.folder / "job.txt").write_text(MAIN_JOB)
    runs = [paperround.process("demo", "--script", "job.txt"), paperround.process("demo", typed=MAIN_JOB)]
    assert [(run.status, run.err) for run in runs] == [(0, ""), (0, "")]
    assert runs[0].out == runs[1].out
    assert "\x1b" not in runs[0].out, "no escape codes in a pipe"


def test_everything_that_the_readme_says_to_type_works(paperround: CommandLine) -> None:
    readme = (PROJECT / "README.md").read_text()
    block = re.search(r"^Type these.*?^```\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert block
    lines = [re.split(r" {2,}", line)[0] for line in block[1].splitlines()]
    assert len(lines) >= 8
    said = play(paperround, *lines)
    assert list(said)[1:] == lines
    assert [line for line, answer in said.items() if "✗" in answer] == []


def test_it_opens_on_a_working_day_with_a_list_and_another_working_day_to_come(paperround: CommandLine) -> None:
    said = play(paperround, "today")
    told = re.search(r"it is (\w{3} \d+ \w{3} \d{4}) ", said[""].replace("\n", " "))
    assert told
    opens = dt.datetime.strptime(told[1], "%a %d %b %Y").replace(tzinfo=dt.UTC)
    assert opens.weekday() < 4, "from Monday to Thursday: the digest comes on weekdays"
    assert f"Daily papers · {told[1]}" in said["today"]


def test_the_first_steps_that_it_offers_all_work(paperround: CommandLine) -> None:
    offered = re.findall(r"^→ .*? {2,}(.*)$", play(paperround)[""], re.MULTILINE)
    assert len(offered) >= 5
    said = play(paperround, *offered)
    assert [line for line, answer in said.items() if "✗" in answer] == []


def test_quit_leaves_at_once(paperround: CommandLine) -> None:
    assert list(play(paperround, "clock", "QUIT", "today")) == ["", "clock", "QUIT"]


def test_help_tells_the_clock_too(paperround: CommandLine) -> None:
    assert "clock tomorrow  " in play(paperround, "help")["help"]


def test_the_clock_goes_by_hours_by_days_and_to_a_time(paperround: CommandLine) -> None:
    said = play(paperround, "clock", "clock +3h", "clock + 2 days", "/papers clock tomorrow", "clock 2025-06-09 08:00")
    assert "It is Thu 5 Jun 2025 14:00 UTC in the demo" in said["clock"]
    assert "It is Thu 5 Jun 2025 17:00 UTC now. No digest was due" in said["clock +3h"]
    assert "It is Sat 7 Jun 2025 17:00 UTC now." in said["clock + 2 days"]
    assert "It is Sun 8 Jun 2025 17:00 UTC now." in said["/papers clock tomorrow"]
    assert "It is Mon 9 Jun 2025 08:00 UTC now." in said["clock 2025-06-09 08:00"]


def test_a_digest_comes_at_its_minute_in_the_channels_zone(paperround: CommandLine) -> None:
    before, then = "clock 2025-06-06 08:59", "clock 2025-06-06T09:00+09:00"
    said = play(paperround, "digest on 09:00 Asia/Tokyo", before, then)
    assert said[before].startswith("It is Fri 6 Jun 2025 08:59 Asia/Tokyo now. No digest was due")
    assert said[then].startswith("╭─ #papers ──")
    assert "It is Fri 6 Jun 2025 09:00 Asia/Tokyo now. 1 digest arrived on the way." in said[then]


def test_a_clock_that_leaps_days_ahead_stops_wherever_a_digest_is_due(paperround: CommandLine) -> None:
    said = play(paperround, "digest on 09:00 Europe/Berlin daily", "clock +3 days", "why 2506.03569")
    assert "│ Daily papers · Thu 5 Jun 2025" in said["clock +3 days"]
    assert "It is Sun 8 Jun 2025 16:00 Europe/Berlin now." in said["clock +3 days"]
    assert "in the digest “daily” of Fri 6 Jun 2025" in said["why 2506.03569"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("clock 2025-06-01", "The clock goes forward only, and it is Thu 5 Jun 2025 14:00 UTC"),
        ("clock 2025-06-05 14:00", "The clock goes forward only"),
        ("clock +0h", "The clock goes forward only"),
        ("clock yesterday", "“yesterday” is no time for the clock; write tomorrow"),
        ("clock -3h", "“-3h” is no time for the clock"),
        ("clock 2025-02-30", "“2025-02-30” is no time for the clock"),
        ("clock +3 fortnights", "“+3 fortnights” is no time for the clock"),
    ],
)
def test_a_clock_that_can_not_go_there_says_so(paperround: CommandLine, typed: str, told: str) -> None:
    said = play(paperround, typed, "clock")
    assert said[typed].replace("\n", " ").startswith(f"✗ {told}")
    assert "It is Thu 5 Jun 2025 14:00 UTC" in said["clock"], "and it stands where it stood"


def test_a_script_that_can_not_be_read_is_told_in_one_line(paperround: CommandLine) -> None:
    (paperround.folder / "latin1.txt").write_bytes(b"search caf\xe9\n")
    for script, reason in {
        "nowhere.txt": "No such file or directory",
        ".": "Is a directory",
        "latin1.txt": "it is not UTF-8 text",
    }.items():
        done = paperround("demo", "--script", script)
        assert (done.status, done.failure) == (1, f"the script {script} can't be read: {reason}")


def test_it_leaves_nothing_behind(paperround: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    assert paperround.process("demo", typed=MAIN_JOB).status == 0
    assert list(temporary.iterdir()) == []
    assert not paperround.data.exists()


def test_it_does_not_touch_the_operators_own_store(paperround: CommandLine) -> None:
    paperround("console", "-c", "follow pigeons")
    kept = paperround.database.read_bytes()
    paperround.settings["PAPERROUND_DATABASE_URL"] = f"sqlite:///{paperround.database}"
    said = play(paperround, "following", "follow agents")
    assert "pigeons" not in said["following"]
    assert paperround.database.read_bytes() == kept


def test_it_works_with_its_input_closed(paperround: CommandLine) -> None:
    closed = ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, "demo"]
    done = subprocess.run(closed, env=paperround.environment(), capture_output=True, timeout=LONGEST, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"Paper Round demo\n")


@pytest.fixture
def site() -> Iterator[Site]:
    with hugging_face() as served:
        yield served


def test_live_brings_the_last_days_of_the_site(paperround: CommandLine, site: Site) -> None:
    paperround.settings["PAPERROUND_HF_URL"] = site.url
    now = dt.datetime.now(dt.UTC)
    days = [str((now - dt.timedelta(days=ago)).date()) for ago in (1, 0, -1)]  # the last, in case it is midnight
    site.lists = {day: [item(f"2506.0000{place}", f"Pigeon {day}", 9)] for place, day in enumerate(days)}
    done = paperround("demo", "--live", typed=f"{days[0]}\nsearch pigeon\n")
    assert (done.status, done.err) == (0, "")
    assert len(site.asked) == 7
    said = answers(done.out)
    assert "from Hugging Face" in said[""].replace("\n", " ")
    assert f"Pigeon {days[0]}" in said[days[0]]
    assert f"Pigeon {days[1]}" in said["search pigeon"]


def test_live_says_in_one_line_why_it_can_not_be(paperround: CommandLine, site: Site) -> None:
    site.trouble = SERVER_ERROR
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and never listens
        for url, reason in {
            site.url: "answered 500 (Internal Server Error)",
            f"http://127.0.0.1:{nobody.getsockname()[1]}": "refused the connection",
        }.items():
            paperround.settings["PAPERROUND_HF_URL"] = url
            done = paperround("demo", "--live")
            assert done.status == 1
            assert done.failure.startswith("--live can't reach Hugging Face: 127.0.0.1:")
            assert f" {reason}. Without --live, " in done.failure
