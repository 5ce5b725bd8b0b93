"""`paperround ingest` over many days and from arXiv: few requests, and a run that was stopped goes on where it was."""

import datetime as dt
import os
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.sources import gates
from adapters.sources.arxiv_entries import NEW_YORK
from adapters.sources.arxiv_schedule import submissions
from adapters.sources.huggingface_spans import asked_as, spans
from bot.gates import Gate
from tests.fakes.arxiv_days import ArxivDays, Work
from tests.fakes.arxiv_site import arxiv_site
from tests.fakes.command_line import COMMAND, LONGEST, PROJECT, CommandLine
from tests.fakes.huggingface import WEB_PAGE, Site, hugging_face, item

RECORDED = PROJECT / "tests" / "data" / "arxiv"
_DAY = dt.timedelta(days=1)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(
        gates, "HUGGING_FACE", Gate("Hugging Face", dt.timedelta(), 3)
    )  # one more than a killed process has
    with hugging_face() as served:
        yield served


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[ArxivDays]:
    monkeypatch.setattr(gates, "ARXIV", Gate("arXiv", dt.timedelta(), 1))  # nobody is asked too often here
    with arxiv_site() as served:
        yield served


@pytest.fixture
def paperround(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.fixture
def at_hugging_face(paperround: CommandLine, site: Site) -> CommandLine:
    paperround.settings["PAPERROUND_HF_URL"] = site.url
    return paperround


@pytest.fixture
def at_arxiv(paperround: CommandLine, arxiv: ArxivDays) -> CommandLine:
    for name in ("RSS", "API", "OAI"):
        paperround.settings[f"PAPERROUND_ARXIV_{name}_URL"] = arxiv.url
    paperround.settings["PAPERROUND_ARXIV_CATEGORIES"] = "cs.CL"
    return paperround


def fill(site: Site, first: dt.date, last: dt.date) -> int:
    """List two papers on each weekday; return how many that is."""
    for passed in range((last - first).days + 1):
        day = first + passed * _DAY
        if day.weekday() < 5:
            site.lists[str(day)] = [item(f"{day:%y%m}.{day.day:03}{number:02}") for number in (1, 2)]
    return 2 * len(site.lists)


def listed(paperround: CommandLine) -> dict[str, str]:
    """Return the day of each paper; each has one."""
    with closing(sqlite3.connect(paperround.database)) as database:
        rows = database.execute("SELECT key, day FROM papers JOIN listings ON listings.paper = papers.id").fetchall()
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def test_months_and_weeks_are_asked_for_as_such() -> None:
    found = spans(dt.date(2025, 5, 29), dt.date(2025, 8, 13))
    assert [asked_as(*span).get("month") or asked_as(*span).get("week") or str(span[0]) for span in found] == [
        "2025-05-29", "2025-05-30", "2025-05-31", "2025-06", "2025-07", "2025-08-01", "2025-08-02", "2025-08-03",
        "2025-W32", "2025-08-11", "2025-08-12", "2025-08-13",
    ]  # fmt: skip
    assert asked_as(dt.date(2025, 12, 29), dt.date(2026, 1, 4)) == {"week": "2026-W01"}


def test_a_long_backfill_takes_few_requests_and_has_every_day(at_hugging_face: CommandLine, site: Site) -> None:
    today = dt.datetime.now(dt.UTC).date()
    first = (today.replace(day=1) - 40 * _DAY).replace(day=1)
    count = fill(site, first, today)
    done = at_hugging_face("ingest", "huggingface", "--since", str(first), "--json")
    assert (done.status, done.json["new"]) == (0, count)
    assert {asked for asked in site.asked if len(asked) == 7} >= {f"{first:%Y-%m}", f"{first + 31 * _DAY:%Y-%m}"}
    assert len(site.asked) <= 2 + 4 + 12
    assert set(listed(at_hugging_face).values()) == set(site.lists)
    days = (today - first).days + 1
    assert re.fullmatch(rf"([0-9]+ of {days}: 20[0-9-]+\n){{1,2}}", done.err), "a line for every fifty days"


@pytest.mark.parametrize("untold", ["all", "one"])
def test_where_a_month_does_not_tell_its_days_each_day_is_asked_for(
    at_hugging_face: CommandLine, site: Site, untold: str
) -> None:
    today = dt.datetime.now(dt.UTC).date()
    first = (today.replace(day=1) - _DAY).replace(day=1)
    count = fill(site, first, today)
    site.untold = set(site.lists) if untold == "all" else {min(site.lists)}
    done = at_hugging_face("ingest", "huggingface", "--since", str(first), "--json")
    assert (done.status, done.json["new"], done.json["skipped"]) == (0, count, {})
    assert set(listed(at_hugging_face).values()) == set(site.lists)


def test_a_backfill_that_failed_goes_on_with_the_day_that_failed(at_hugging_face: CommandLine, site: Site) -> None:
    today = dt.datetime.now(dt.UTC).date()
    since, wrong = today - 3 * _DAY, today - _DAY
    site.troubles = {str(wrong): WEB_PAGE}
    assert at_hugging_face("ingest", "huggingface", "--since", str(since)).status == 1
    site.troubles = {}
    site.asked.clear()
    (line,) = [line for line in at_hugging_face("doctor").out.splitlines() if "source huggingface" in line]
    assert "answered with text/html, not JSON" in line
    done = at_hugging_face("ingest", "huggingface", "--since", str(since), "--json")
    assert (done.status, done.err) == (0, f"goes on from {wrong}, where it stopped\n")
    assert "a backfill since" not in at_hugging_face("doctor").out
    assert site.asked == [str(wrong), str(today)]
    site.asked.clear()
    assert at_hugging_face("ingest", "huggingface", "--since", str(since)).err == ""
    assert len(site.asked) == 4, "the next one begins at its beginning"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_backfill_that_was_stopped_goes_on_where_it_was(
    at_hugging_face: CommandLine, site: Site, how: signal.Signals
) -> None:
    today = dt.datetime.now(dt.UTC).date()
    since = (today.replace(day=1) - 100 * _DAY).replace(day=1)
    count = fill(site, since, today)
    command = [*COMMAND, "ingest", "huggingface", "--since", str(since)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=at_hugging_face.environment(), stdout=quiet, stderr=quiet) as process:
        end = time.monotonic() + LONGEST
        while len(site.asked) < 3 and process.poll() is None:
            assert time.monotonic() < end, "it hangs"
            time.sleep(0.01)
        os.kill(process.pid, how)
    assert process.returncode in (-signal.SIGKILL, 130)
    done = at_hugging_face("ingest", "huggingface", "--since", str(since), "--json")
    assert (done.status, done.err.startswith("goes on from ")) == (0, True)
    assert len(set(site.asked)) >= len(site.asked) - 1, "at most the part in which it was is asked for twice"
    assert (len(listed(at_hugging_face)), set(listed(at_hugging_face).values())) == (count, set(site.lists))


def test_a_day_of_arxiv_is_asked_for_by_the_days_of_new_york(at_arxiv: CommandLine, arxiv: ArxivDays) -> None:
    arxiv.works = [Work("2506.00001", dt.date(2025, 6, 12)), Work("2506.00002", dt.date(2025, 6, 13))]
    arxiv.works.append(Work("2506.00003", dt.date(2025, 6, 12), ("cs.CV",)))
    done = at_arxiv("ingest", "arxiv", "--date", "2025-06-12", "--json")
    assert (done.status, done.err) == (0, "")
    assert done.json == {
        "source": "arxiv", "read": 1, "new": 1, "updated": 0, "unchanged": 0, "skipped": {}, "failed_files": [],
    }  # fmt: skip
    assert listed(at_arxiv) == {"arxiv:2506.00001": "2025-06-12"}


def test_todays_papers_of_arxiv_come_from_the_announcements(at_arxiv: CommandLine, arxiv: ArxivDays) -> None:
    today = dt.datetime.now(NEW_YORK).date()
    arxiv.works = [Work("2506.00001", today)]
    assert at_arxiv("ingest", "arxiv").status == 0
    assert arxiv.asked == ["/atom/cs.CL"]
    card = at_arxiv("console", "-c", "show 2506.00001").out
    assert ("Abstract  " in card, "Discussion" in card) == (True, False), "its page is no discussion"


def test_weeks_of_arxiv_are_asked_for_together_and_a_stopped_run_goes_on(
    at_arxiv: CommandLine, arxiv: ArxivDays
) -> None:
    today = dt.datetime.now(NEW_YORK).date()
    since = today - 20 * _DAY
    days = [day for passed in range(20) if (day := since + passed * _DAY).weekday() < 5]
    arxiv.works = [Work(f"2506.{day:%m%d}{number}", day) for day in days for number in range(2)]
    arxiv.works[0].versions.append(today - _DAY)
    weeks = [submissions(since + start * _DAY, since + end * _DAY) for start, end in ((0, 6), (7, 13), (14, 19))]
    assert weeks[1] is not None
    arxiv.fails_from = weeks[1][0].date()
    assert at_arxiv("ingest", "arxiv", "--since", str(since)).status == 1
    arxiv.fails_from = None
    arxiv.asked.clear()
    done = at_arxiv("ingest", "arxiv", "--since", str(since))
    assert (done.status, done.err) == (0, f"goes on from {since + 7 * _DAY}, where it stopped\n")
    windows = [f"[{week[0]:%Y%m%d%H%M} TO {week[1]:%Y%m%d%H%M}]" for week in weeks if week]
    assert [asked.partition("submittedDate:")[2] for asked in arxiv.searches] == windows[1:]
    assert len(arxiv.asked) == 3, "two weeks, and today"
    assert listed(at_arxiv) == {f"arxiv:{work.id}": str(work.day) for work in arxiv.works}


def test_months_of_a_category_are_what_was_announced_there_whatever_changed_since(
    at_arxiv: CommandLine, arxiv: ArxivDays
) -> None:
    today = dt.datetime.now(NEW_YORK).date()
    since = today - 90 * _DAY
    days = [day for passed in range(90) if (day := since + passed * _DAY).weekday() < 5]
    arxiv.works = [Work(f"2506.{day:%m%d}{number}", day) for day in days for number in range(2)]
    for work in arxiv.works[::2]:
        work.versions.append(work.day + 30 * _DAY)
    arxiv.works.append(Work("2401.00001", today - 300 * _DAY, versions=[days[5]]))
    arxiv.works.append(Work("2506.00001", days[5], ("cs.CV",)))
    done = at_arxiv("ingest", "arxiv", "--since", str(since), "--json")
    assert (done.status, done.json["new"]) == (0, 2 * len(days))
    assert listed(at_arxiv) == {f"arxiv:{work.id}": str(work.day) for work in arxiv.works[:-2]}
    assert not any(asked.startswith("/oai") for asked in arxiv.asked)
    again = at_arxiv("ingest", "arxiv", "--date", str(arxiv.works[0].day), "--json")
    assert (again.json["read"], again.json["unchanged"]) == (2, 2)


@pytest.mark.parametrize("day", ["2025-06-14", "2025-06-15"])
def test_a_day_without_announcements_is_not_asked_for(at_arxiv: CommandLine, arxiv: ArxivDays, day: str) -> None:
    arxiv.works = [Work("2506.00001", dt.date(2025, 6, 13)), Work("2506.00002", dt.date(2025, 6, 16))]
    done = at_arxiv("ingest", "arxiv", "--date", day, "--json")
    assert (done.status, done.json["read"], arxiv.asked) == (0, 0, [])


def test_papers_of_arxiv_are_looked_up_by_their_ids(at_arxiv: CommandLine, arxiv: ArxivDays) -> None:
    arxiv.works = [Work("2506.00001", dt.date(2025, 6, 12)), Work("2506.00002", dt.date(2025, 6, 12))]
    ids = "--id", "2506.00001", "--id", "https://arxiv.org/abs/2506.00002v3"
    assert at_arxiv("ingest", "arxiv", *ids, "--json").json["new"] == 2
    done = at_arxiv("ingest", "arxiv", "--id", "2506.99999")
    assert (done.status, done.failure) == (1, "arXiv knows no paper 2506.99999.")


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["arxiv", "--id", "nonsense"], 2, "“nonsense” is no id of a paper; write it like 2506.01234"),
        (["arxiv", "--id", "2506.00001", "--since", "7d"], 2, "--id goes without --date, --since and --for"),
        (["huggingface", "--id", "2506.00001"], 2, "huggingface can't be asked for a paper by its id; leave out --id"),
        (["crossref"], 2, "crossref has no lists of days; read recorded answers with --from-file, or name an --id"),
        (["feed"], 2, "feed has no lists of days; read recorded answers with --from-file"),
        (["dblp"], 1, "dblp is not asked: nobody wants it: follow an author, as in author:"),
        (["arxive"], 2, "there is no source “arxive”; write arxiv"),
        (["nonsense"], 2, "there is no source “nonsense”; write huggingface, arxiv, biorxiv, medrxiv, acl, crossref,"),
        (["arxiv", "--date", "2025-06-12"], 1, "arXiv is not asked: nobody wants it: set PAPERROUND_ARXIV_CATEGORIES"),
    ],
)
def test_what_can_not_be_asked_is_told_in_one_line(
    paperround: CommandLine, words: list[str], status: int, told: str
) -> None:
    done = paperround("ingest", *words)
    assert done.status == status
    assert done.failure.startswith(told)


def test_a_category_that_arxiv_does_not_have_is_told_with_the_nearest(paperround: CommandLine) -> None:
    for wrong, near in (("cs.CL,cs.CLL", "“cs.CLL”; did you mean cs.CL?"), ("cmp-lg", "“cmp-lg”")):
        paperround.settings["PAPERROUND_ARXIV_CATEGORIES"] = wrong
        done = paperround("ingest", "arxiv")
        assert done.status == 1
        assert done.failure.startswith(
            f"the setting PAPERROUND_ARXIV_CATEGORIES is wrong: arXiv has no category {near}"
        )


def test_recorded_answers_of_arxiv_are_told_apart_by_themselves(paperround: CommandLine) -> None:
    files = sorted(path for path in RECORDED.glob("*.xml") if "error" not in path.name)
    done = paperround("ingest", "arxiv", "--from-file", *files, "--json")
    assert (done.status, done.json["failed_files"]) == (0, [])
    assert done.json["new"] > 5
    wrong = paperround("ingest", "arxiv", "--from-file", RECORDED / "feed_error.xml")
    assert (wrong.status, "is an error of arXiv" in wrong.err) == (1, True)
