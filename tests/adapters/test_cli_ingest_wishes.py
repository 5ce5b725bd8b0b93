"""`paperround ingest` of sources that are asked for what rules name, and which of them the service asks."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.cli.settings import Settings, SettingsError
from adapters.cli.sources import polled
from tests.fakes.bibliographies import Bibliographies, Work, bibliographies
from tests.fakes.command_line import CommandLine

TODAY = dt.datetime.now(dt.UTC).date()
KEYS = {
    "PAPERROUND_SEMANTIC_SCHOLAR_KEY": "key",
    "PAPERROUND_OPENALEX_KEY": "key",
    "PAPERROUND_OPENREVIEW_USER": "ada@example.org",
    "PAPERROUND_OPENREVIEW_PASSWORD": "swordfish",
}
BY_ADA = 'author:"Ada Byron"'


@pytest.fixture
def site() -> Iterator[Bibliographies]:
    with bibliographies() as served:
        served.works = [Work("Tides of ponds", "10.5555/2", day=str(TODAY))]
        yield served


@pytest.fixture
def paperround(tmp_path: Path, site: Bibliographies) -> CommandLine:
    services = ("DBLP", "OPENALEX", "OPENREVIEW", "SEMANTIC_SCHOLAR")
    return CommandLine(tmp_path, {**KEYS, **{f"PAPERROUND_{name}_URL": site.url for name in services}})


def found(paperround: CommandLine, query: str) -> list[str]:
    (reply,) = paperround("console", "-c", f"search {query}", "--json").replies
    return [paper["title"] for paper in reply["papers"]]


def test_an_author_is_asked_for_by_name(paperround: CommandLine, site: Bibliographies) -> None:
    done = paperround("ingest", "dblp", "--for", BY_ADA)
    assert (done.status, done.out) == (0, "dblp: read 1 item · 1 new · 0 updated · 0 unchanged\n")
    assert found(paperround, "tides") == ["Tides of ponds"]
    assert site.asked[0].startswith("/search/publ/api q=author:Ada_Byron:")


def test_since_a_day_what_came_before_is_left_out(paperround: CommandLine, site: Bibliographies) -> None:
    site.works.append(Work("Of long ago", "10.5555/3", day="2001-02-03"))
    assert paperround("ingest", "openalex", "--for", BY_ADA, "--since", "2d", "--json").json["read"] == 1
    assert f"from_publication_date:{TODAY - dt.timedelta(days=2)}" in site.asked[0]
    assert paperround("ingest", "openalex", "--for", BY_ADA, "--since", "2000-01-01", "--json").json["new"] == 1


def test_without_for_it_is_what_follows_name(paperround: CommandLine, site: Bibliographies) -> None:
    nobody = 'dblp is not asked: nobody wants it: follow an author, as in author:"Yann LeCun".'
    assert paperround("ingest", "dblp").failure == nobody
    assert site.asked == []
    paperround("console", "-c", f"follow exactly {BY_ADA}")
    assert paperround("ingest", "dblp", "--json").json["new"] == 1
    assert found(paperround, "tides") == ["Tides of ponds"]


def test_who_cites_a_paper_is_read_and_told_to_who_follows_it(paperround: CommandLine, site: Bibliographies) -> None:
    site.citing["ARXIV:1706.03762"] = [Work("Tides that cite", "10.5555/9", day=str(TODAY))]
    paperround("console", "-c", "follow exactly paper:1706.03762")
    assert paperround("ingest", "semanticscholar", "--json").json["new"] == 2
    (mine,) = paperround("console", "-c", "mine", "--json").replies
    assert "cited by “Tides that cite”" in mine["notice"]


def test_a_venue_of_openreview_is_read_with_a_login(paperround: CommandLine, site: Bibliographies) -> None:
    site.works = [Work("Tides of ponds", "", venue="POND.cc/2025/Conference")]
    assert paperround("ingest", "openreview", "--for", "venue:POND.cc/2025/Conference", "--json").json["new"] == 1
    assert site.logins == 1


@pytest.mark.parametrize(
    ("words", "said", "status"),
    [
        (("dblp", "--for", "paper:1706.03762"), "dblp is asked for author:… or venue:…, not for paper:1706.03762", 2),
        (("dblp", "--for", "-author:Ada owls"), "dblp is asked for author:… or venue:…, not for owls", 2),
        (("dblp", "--for", "colour:blue"), "There is no kind “colour:”", 2),
        (("huggingface", "--for", BY_ADA), "huggingface can't be asked for what rules name; leave out --for", 2),
        (("dblp", "--date", "2025-06-12"), "dblp has no lists of days; write --since DAY", 2),
        (("dblp", "--id", "2506.01234", "--for", BY_ADA), "--id goes without --date, --since and --for", 2),
    ],
)
def test_what_can_t_be_asked_for_is_told_in_one_line(
    paperround: CommandLine, site: Bibliographies, words: tuple[str, ...], said: str, status: int
) -> None:
    done = paperround("ingest", *words)
    assert done.status == status
    assert said in done.err
    assert site.asked == []


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("semanticscholar", "PAPERROUND_SEMANTIC_SCHOLAR_KEY"),
        ("openalex", "PAPERROUND_OPENALEX_KEY"),
        ("openreview", "PAPERROUND_OPENREVIEW_USER and PAPERROUND_OPENREVIEW_PASSWORD"),
    ],
)
def test_without_its_key_a_source_is_not_asked_and_says_which(tmp_path: Path, source: str, missing: str) -> None:
    paperround = CommandLine(tmp_path)
    for words in ((), ("--since", "7d"), ("--for", BY_ADA), ("--id", "2506.01234")):
        assert paperround("ingest", source, *words).failure == f"to ask {source}, set {missing}"


def test_whoever_sets_a_key_has_its_source_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert polled(Settings()) == ["huggingface", "arxiv"]
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    assert polled(Settings()) == ["huggingface", "arxiv", "semanticscholar", "openalex", "openreview"]
    assert polled(Settings(sources="dblp,openalex")) == ["dblp", "openalex", "semanticscholar", "openreview"]
    assert polled(Settings(poll=False)) == []
    for name in KEYS:
        monkeypatch.delenv(name)
    for source, missing in (
        ("openreview", "OPENREVIEW_USER and PAPERROUND_OPENREVIEW_P"),
        ("openalex", "OPENALEX_KEY"),
    ):
        with pytest.raises(SettingsError, match=f"names {source}; to have it asked, set PAPERROUND_{missing}"):
            polled(Settings(sources=source))


@pytest.mark.parametrize(
    ("alone", "missing"),
    [
        ("OPENREVIEW_USER", "PAPERROUND_OPENREVIEW_PASSWORD"),
        ("OPENREVIEW_PASSWORD", "PAPERROUND_OPENREVIEW_USER"),
        ("OPENREVIEW_VENUES", "PAPERROUND_OPENREVIEW_USER and PAPERROUND_OPENREVIEW_PASSWORD"),
    ],
)
def test_half_a_login_is_told_of_and_not_passed_over_in_silence(tmp_path: Path, alone: str, missing: str) -> None:
    done = CommandLine(tmp_path, {f"PAPERROUND_{alone}": "x"})("doctor")
    assert done.status == 1
    assert f"the setting PAPERROUND_{alone} is of no use alone; set {missing} as well" in done.out


@pytest.mark.parametrize("source", ["arxiv", "dblp"])
def test_a_source_of_which_nobody_wants_anything_did_not_fail(tmp_path: Path, source: str) -> None:
    paperround = CommandLine(tmp_path)
    assert "is not asked: nobody wants it: " in paperround("ingest", source).failure
    (reply,) = paperround("console", "-c", "status", "--json").replies
    assert [line for line in reply["status"] if line["what"] == f"source {source}"] == []


def test_a_key_with_a_line_break_behind_it_is_that_key(
    tmp_path: Path, site: Bibliographies, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"PAPERROUND_SEMANTIC_SCHOLAR_KEY": "key\n", "PAPERROUND_SEMANTIC_SCHOLAR_URL": site.url}
    paperround = CommandLine(tmp_path, key)
    assert paperround("ingest", "semanticscholar", "--id", "2506.01234").failure == (
        "Semantic Scholar does not know arxiv:2506.01234."
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAPERROUND_OPENALEX_KEY", " \n")
    assert "openalex" not in polled(Settings())
