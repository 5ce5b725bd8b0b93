"""`paperround ingest` from the site itself, a loopback server in its place, and what `status` says afterwards."""

import datetime as dt
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.command_line import CommandLine
from tests.fakes.huggingface import CUT_OFF, SERVER_ERROR, WEB_PAGE, Site, Trouble, hugging_face, item


@pytest.fixture
def site() -> Iterator[Site]:
    with hugging_face() as served:
        served.lists = {
            "2025-06-12": [item("2506.00001", votes=5), item("2506.00002", votes=9)],
            "2025-06-13": [item("2506.00003", votes=1)],
        }
        yield served


@pytest.fixture
def paperround(tmp_path: Path, site: Site) -> CommandLine:
    return CommandLine(tmp_path, {"PAPERROUND_HF_URL": site.url})


def listed(paperround: CommandLine, day: str) -> list[str]:
    (reply,) = paperround("console", "-c", day, "--json").replies
    return [paper["id"] for paper in reply["papers"]]


def source_status(paperround: CommandLine) -> tuple[str, str]:
    """Return how `status` says the source does: its state, and the words."""
    (reply,) = paperround("console", "-c", "status", "--json").replies
    (line,) = [line for line in reply["status"] if line["what"] == "source huggingface"]
    return line["state"], line["detail"]


def test_a_day_is_asked_for_and_stored(paperround: CommandLine, site: Site) -> None:
    done = paperround("ingest", "huggingface", "--date", "2025-06-12", "--json")
    assert (done.status, done.err) == (0, "")
    assert done.json == {
        "source": "huggingface", "read": 2, "new": 2, "updated": 0, "unchanged": 0, "skipped": {}, "failed_files": [],
    }  # fmt: skip
    assert site.asked == ["2025-06-12"]
    assert listed(paperround, "2025-06-12") == ["arxiv:2506.00002", "arxiv:2506.00001"]


def test_all_days_since_one_are_asked_for(paperround: CommandLine, site: Site) -> None:
    before = dt.datetime.now(dt.UTC).date()
    done = paperround("ingest", "huggingface", "--since", "3d")
    assert done.status == 0
    after = dt.datetime.now(dt.UTC).date()
    assert site.asked in [[str(today - dt.timedelta(days=ago)) for ago in (3, 2, 1, 0)] for today in (before, after)]


def test_without_a_day_it_is_today(paperround: CommandLine, site: Site) -> None:
    before = dt.datetime.now(dt.UTC).date()
    site.lists = {str(before + dt.timedelta(days=passed)): [item("2506.00007")] for passed in (0, 1)}
    assert paperround("ingest", "huggingface").status == 0
    assert site.asked in ([str(before)], [str(dt.datetime.now(dt.UTC).date())])
    (today,) = paperround("console", "-c", site.asked[0], "--json").replies
    assert [paper["id"] for paper in today["papers"]] == ["arxiv:2506.00007"]


def test_a_day_without_papers_is_no_failure(paperround: CommandLine) -> None:
    done = paperround("ingest", "huggingface", "--date", "2025-06-14")
    assert (done.status, done.out) == (0, "huggingface: read 0 items\n")


def test_a_day_asked_for_again_changes_only_what_changed(paperround: CommandLine, site: Site) -> None:
    paperround("ingest", "huggingface", "--date", "2025-06-12")
    site.lists["2025-06-12"] = [item("2506.00001", votes=6), item("2506.00002", votes=9), item("2506.00004")]
    done = paperround("ingest", "huggingface", "--date", "2025-06-12", "--json")
    assert [done.json[name] for name in ("read", "new", "updated", "unchanged")] == [3, 1, 1, 1]


TROUBLES = {
    "a server error": (SERVER_ERROR, "answered 500 (Internal Server Error)"),
    "a web page": (WEB_PAGE, "answered with text/html, not JSON"),
    "half an answer": (CUT_OFF, "is cut off"),
}


@pytest.mark.parametrize(("trouble", "told"), TROUBLES.values(), ids=TROUBLES)
def test_a_site_in_trouble_is_told_in_one_line_and_by_status_until_it_is_well(
    paperround: CommandLine, site: Site, trouble: Trouble, told: str
) -> None:
    site.trouble = trouble
    done = paperround("ingest", "huggingface", "--date", "2025-06-12")
    assert done.status == 1
    assert told in done.failure
    assert "127.0.0.1" in done.failure
    state, detail = source_status(paperround)
    assert state == "fail"
    assert told in detail
    site.trouble = None
    assert paperround("ingest", "huggingface", "--date", "2025-06-12").status == 0
    assert source_status(paperround)[0] == "ok"


def test_a_site_that_refuses_is_told_in_one_line(paperround: CommandLine) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and never listens
        paperround.settings["PAPERROUND_HF_URL"] = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        done = paperround.process("ingest", "huggingface", "--date", "2025-06-12")
    assert done.status == 1
    assert done.failure.endswith(
        "refused the connection. See whether this machine is connected, or read answers that were kept:"
        " paperround ingest huggingface --from-file PATH..."
    )
    state, detail = source_status(paperround)
    assert (state, "refused the connection" in detail) == ("fail", True)


def test_the_days_before_a_failure_stay_and_can_be_searched(paperround: CommandLine, site: Site) -> None:
    today = dt.datetime.now(dt.UTC).date()
    site.lists = {str(today - dt.timedelta(days=2)): [item("2506.00009", title="Homing pigeons")]}
    site.troubles = {str(today - dt.timedelta(days=1)): WEB_PAGE}
    assert paperround("ingest", "huggingface", "--since", str(today - dt.timedelta(days=2))).status == 1
    assert paperround.behind() == 0
    (found,) = paperround("console", "-c", "search pigeons", "--json").replies
    assert [paper["id"] for paper in found["papers"]] == ["arxiv:2506.00009"]


def test_an_address_that_is_none_is_told_in_one_line(paperround: CommandLine) -> None:
    paperround.settings["PAPERROUND_HF_URL"] = "huggingface"
    done = paperround("ingest", "huggingface", "--date", "2025-06-12")
    assert (done.status, done.failure) == (1, "huggingface/api/daily_papers is no web address.")


def test_a_failure_does_not_hide_what_is_stored(paperround: CommandLine, site: Site) -> None:
    paperround("ingest", "huggingface", "--date", "2025-06-12")
    site.trouble = SERVER_ERROR
    assert paperround("ingest", "huggingface", "--date", "2025-06-13").status == 1
    assert len(listed(paperround, "2025-06-12")) == 2
