"""Recorded and hostile answers of arXiv, read from files: what each gives, and what each is refused for."""

import json
import re
from pathlib import Path

import pytest

from adapters.sources.arxiv_entries import identified
from adapters.sources.arxiv_files import parse_any, read_file
from adapters.sources.entries import DamagedError
from bot.errors import SourceError
from bot.ports import Batch
from tests.fakes.arxiv import answer_of, found

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "arxiv"
SHARED = ROOT.parent / "shared" / "data"

NOT_XML = r"is not XML"
DTD = r"brings a document type or entities of its own"
OTHER_ROOT = r"is a <\w+>, not <OAI-PMH> or <feed> or <rss>"
OTHER_FEED = r"is a feed of something else"
ERROR = r"is an error of arXiv"

# Folder -> how many papers the files give whose name begins so, or why they are refused.
RECORDED: dict[str, dict[str, int | str]] = {
    "arxiv/announcements": {"tests__retriever__arxiv_rss_example.xml": 7},
    "arxiv/api": {
        "schema__resources__AtomXML.yaml": NOT_XML,
        "test__error_response.xml": rf"{ERROR}: “incorrect id format for 2202\.016”",
        "test__one_response.xml": 1,
        "test__two_response.xml": 2,
        "tests__fixtures__id_0000.0000": 0,  # unknown ids
        "tests__fixtures__id_0808.05394_1707": 1,
        "tests__fixtures__id_0808.05394_s0": 0,
        "tests__fixtures__id_1605": 1,
        "tests__fixtures__id_1707": 1,
        "tests__fixtures__id_2104": 1,
        "tests__fixtures__id_abc": rf"{ERROR}: “incorrect id format for abc”",
        "tests__fixtures__id_astro-ph": 1,
        "tests__fixtures__id_quant-ph": 1,
        "tests__fixtures__q_testing_s0_m100": 100,
        "tests__fixtures__q_testing_s0_m10_": 10,
        "tests__fixtures__q_testing_s0_m15": 15,
        "tests__fixtures__q_testing_s10": 10,
        "tests__fixtures__q_testing_s20": 10,
        "tests__fixtures__q_testing_s30": 10,
        "tests__fixtures__q_testing_s40": 10,
        "tests__fixtures__q_testing_s50": 10,
        "tests__fixtures__q_testing_s5_m10": 10,
        "tests__fixtures__q_testing_s5_m15": 15,
        "tests__fixtures__q_testing_s9": 15,
        "widis__.widi-pasa__extensions__pasa-tools__tests__fixtures__arxiv-empty-feed": 0,
        "widis__.widi-pasa__extensions__pasa-tools__tests__fixtures__arxiv-id-list": 2,
        "widis__.widi-pasa__extensions__pasa-tools__tests__fixtures__arxiv-title-search": 1,
    },
    "arxiv/oai": {
        "python__tests__files__arxivraw_1810.09584": 1,
        "src__main__resources__": OTHER_ROOT,  # schemas
        "src__test__resources__ErrorResponseBadArgument": rf"{ERROR}: “Verb 'ListRecords', illegal argument",
        "src__test__resources__ErrorResponseBadResumptionToken": rf"{ERROR}: “The resumptionToken supplied is illegal",
        "src__test__resources__ErrorResponseBadVerb": rf"{ERROR}: “Bad verb",
        "src__test__resources__ErrorResponseIdDoesNotExist": rf"{ERROR}: “Identifier 'oai:arXiv.org:0813.2274'",
        "src__test__resources__ErrorResponseNoRecordsMatch": 0,
        "src__test__resources__GetRecordResponse": 1,
        "src__test__resources__ListRecordsResponse": 6,
        "tests__functional__arxiv__fixtures__http_server__records__arxiv-physics-hep-ex": 3,
        "tests__functional__arxiv__fixtures__http_server__records__arxiv-physics-hep-th": 3,
        "tests__functional__arxiv__fixtures__http_server__records__arxiv-single": 1,
        "tests__stubdata__input__arxiv_multi_20230125": 0,  # Dublin Core: see SKIPPED
        "tests__stubdata__input__arxiv_": OTHER_ROOT,  # bare records
        "tests__unit__responses__arxiv__sample_arxiv_record.xml": 12,
        "tests__unit__responses__arxiv__sample_arxiv_record": 1,
    },
    "nasty/synthetic": {
        "bad_date": 1,
        "bare_ampersand": "is not well-formed XML",
        "billion_laughs": DTD,
        "cdata_script": 1,
        "control_char": "is not well-formed XML",
        "deep_nesting": "nests its elements more than 50 deep",
        "double_escaped": 1,
        "dup_versions": 4,
        "empty": "is empty",
        "error_entry": ERROR,
        "far_future": 1,
        "html_503": "is a web page",
        "huge_title": 1,
        "json_instead": NOT_XML,
        "latin1_declared_utf8": "says that it is in UTF-8, but is not",
        "many_authors": 1,
        "many_entries": NOT_XML,
        "nested_markup_title": 1,
        "no_author": 1,
        "no_id": 0,
        "no_title": 0,
        "ok": 1,
        "quadratic": DTD,
        "rate_exceeded": rf"{NOT_XML}: “Rate exceeded\.”",
        "rss_empty_weekend": 0,
        "rss_feed_error": ERROR,
        "rss_missing_ns": "is not well-formed XML",
        "truncated": "is cut off",
        "utf16_bom": 1,
        "utf8_bom": 1,
        "whitespace": "is empty",
        "xhtml_title": 1,
        "xxe_": DTD,
        "year_0": 1,
        "zero_entries_total_positive": 0,
    },
    "nasty/xml_attacks": {"simple": OTHER_ROOT, "xalan": OTHER_ROOT, "": DTD},
    "nasty/encodings": {
        "internal__reader__encoding__testdata__invalid-prolog": "of another kind",
        "internal__reader__encoding__testdata__utf8": "of another kind",
        "internal__reader__encoding__testdata__": OTHER_FEED,
        "internal__reader__parser__testdata__no_encoding": "is not in UTF-8 and doesn't say in what else",
        "internal__reader__parser__testdata__rdf": OTHER_ROOT,
        "internal__reader__parser__testdata__": OTHER_FEED,
        "internal__reader__xml__testdata__iso88591_utf8_mismatch": "says that it is in UTF-8, but is not",
        "internal__reader__xml__testdata__iso88591": OTHER_ROOT,
        "internal__reader__xml__testdata__koi8r": OTHER_FEED,
    },
}
SKIPPED = {
    "dup_versions.xml": {"same paper twice": 2},
    "no_id.xml": {"no id": 1},
    "no_title.xml": {"no title": 1},
    "tests__stubdata__input__arxiv_multi_20230125.xml": {"metadata in a format that is not read: dc": 3},
}


def read(path: Path) -> Batch:
    """One recording keeps answers in JSON, their bytes as Latin-1."""
    if path.suffix == ".json":
        return parse_any(json.loads(path.read_text("utf-8"))["body"].encode("latin-1"), path.name)
    return read_file(path)


@pytest.mark.parametrize("folder", RECORDED)
def test_each_recorded_or_hostile_answer_gives_its_papers_or_the_reason_for_none(folder: str) -> None:
    if not (SHARED / folder).is_dir():
        pytest.skip(f"the recorded answers (../shared/data/{folder}) are not beside this checkout")
    unmet = set(RECORDED[folder])
    for path in sorted((SHARED / folder).iterdir()):
        if path.suffix == ".md":
            continue
        known = next(begin for begin in RECORDED[folder] if path.name.startswith(begin))
        unmet.discard(known)
        expected = RECORDED[folder][known]
        if isinstance(expected, str):
            with pytest.raises(SourceError, match=rf"^{re.escape(path.name)} .*{expected}"):
                read(path)
        else:
            batch = read(path)
            assert (path.name, len(batch.papers)) == (path.name, expected)
            assert batch.skipped == SKIPPED.get(path.name, {}), path.name
            assert all(paper.title and paper.id.value for paper in batch.papers)
    assert not unmet


@pytest.mark.parametrize(
    ("file", "papers"),
    [("announcements.xml", 3), ("announcements_rss.xml", 1), ("oai_raw.xml", 3), ("oai_last.xml", 1), ("api.xml", 2)],
)
def test_a_file_is_read_for_what_it_is(file: str, papers: int) -> None:
    assert len(read_file(DATA / file).papers) == papers


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^gone\.xml can't be read: No such file"):
        read_file(tmp_path / "gone.xml")


def test_a_page_that_was_cut_off_gives_nothing_wherever_it_was_cut() -> None:
    for file in ("announcements.xml", "oai_raw.xml", "api.xml"):
        whole = (DATA / file).read_bytes().rstrip()
        for length in range(1, len(whole), 7):
            with pytest.raises(SourceError, match=r"^x is cut off\.$"):
                parse_any(whole[:length], "x")


def test_five_thousand_authors_and_twenty_thousand_entries_are_read() -> None:
    whole = (DATA / "api.xml").read_text("utf-8")
    many = "".join(f"<author><name>Author Number{'abcde'[n % 5]}{n}x</name></author>" for n in range(5_000))
    crowded = parse_any(whole.replace("<author>", f"{many}<author>", 1).encode(), "x").papers
    assert len(crowded[0].authors) == 5_001
    long = answer_of((found(f"2401.{n:05}") for n in range(20_000)), 20_000)
    assert len(parse_any(long.encode(), "x").papers) == 20_000


@pytest.mark.parametrize("date", ["0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "yesterday", ""])
def test_a_damaged_date_costs_the_date_alone(date: str) -> None:
    whole = (DATA / "api.xml").read_text("utf-8").replace("2006-01-02T14:57:58Z", date)
    assert parse_any(whole.encode(), "x").papers[0].published is None


def test_of_several_versions_on_a_page_the_newest_stands() -> None:
    whole = (DATA / "api.xml").read_text("utf-8").replace("2508.13003v1", "astro-ph/0601001v10")
    batch = parse_any(whole.encode(), "x")
    assert [(paper.id.value, paper.version) for paper in batch.papers] == [("astro-ph/0601001", 10)]
    assert batch.skipped == {"same paper twice": 1}


@pytest.mark.parametrize(
    ("told", "paper_id", "version"),
    [
        ("http://arxiv.org/abs/2401.00001v3", "2401.00001", 3),
        ("https://arxiv.org/abs/0704.0001", "0704.0001", None),
        ("oai:arXiv.org:2401.00001v12", "2401.00001", 12),
        ("http://arxiv.org/abs/hep-th/9901001v1", "hep-th/9901001", 1),
        ("http://arxiv.org/abs/math.GT/0309136v2", "math/0309136", 2),
        ("cs/0112017", "cs/0112017", None),
        ("2401.00001v0", "2401.00001", None),
    ],
)
def test_ids_come_in_one_spelling_and_versions_beside_them(told: str, paper_id: str, version: int | None) -> None:
    found_id, found_version = identified(told)
    assert (found_id.value, found_version) == (paper_id, version)


@pytest.mark.parametrize(
    "told", ["710.1153", "2413.00001", "2401.00001v", "2401.00001v1v2", "x/0112017", "1e5", "２４01.00001"]
)
def test_what_is_no_id_of_arxiv_is_no_paper(told: str) -> None:
    with pytest.raises(DamagedError, match="id is not arXiv's"):
        identified(told)
