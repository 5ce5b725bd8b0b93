"""Papers' ids: whatever people paste names the same paper, and nothing else is taken for one."""

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv_categories import ARCHIVES
from bot.paper_ids import PaperId, Scheme, web_id
from bot.references import Reference, parse_reference

BULK = Path(__file__).parents[3] / "shared/data/bulk/arxiv_papers_50k.jsonl.gz"

Form = tuple[str, str, int | None]  # what is pasted, the id's value, the version

ARXIV: list[Form] = [
    ("2506.01234", "2506.01234", None),
    ("2506.01234v2", "2506.01234", 2),
    ("2506.01234V12", "2506.01234", 12),
    ("0704.0001", "0704.0001", None),
    ("hep-th/9901001", "hep-th/9901001", None),
    ("HEP-TH/9901001", "hep-th/9901001", None),
    ("math.GT/0309136", "math/0309136", None),
    ("math.GT/0309136v2", "math/0309136", 2),
    ("cond-mat.mtrl-sci/0301001", "cond-mat/0301001", None),
    ("cmp-lg/9404003v1", "cmp-lg/9404003", 1),
    ("arXiv:2506.01234", "2506.01234", None),
    ("ARXIV: 2506.01234v3", "2506.01234", 3),
    ("arxiv:hep-th/9901001", "hep-th/9901001", None),
    ("arXiv:2506.01234v2 [cs.CL]", "2506.01234", 2),
    ("[2506.01234]", "2506.01234", None),
    ("(arXiv:2506.01234).", "2506.01234", None),
    ("(2506.01234,", "2506.01234", None),
    (" “2506.01234v1”,\n", "2506.01234", 1),
    ("`2506.01234`", "2506.01234", None),
    ("https://arxiv.org/abs/2506.01234", "2506.01234", None),
    ("http://arxiv.org/abs/2506.01234v2", "2506.01234", 2),
    ("HTTPS://ArXiv.org/abs/2506.01234", "2506.01234", None),
    ("arxiv.org/abs/2506.01234", "2506.01234", None),
    ("https://www.arxiv.org/pdf/2506.01234.pdf", "2506.01234", None),
    ("https://arxiv.org/pdf/2506.01234v2.pdf#page=3", "2506.01234", 2),
    ("https://arxiv.org/pdf/2506.01234v2", "2506.01234", 2),
    ("https://arxiv.org/html/2506.01234v1/#S1", "2506.01234", 1),
    ("https://arxiv.org/format/2506.01234", "2506.01234", None),
    ("https://arxiv.org/ps/hep-th/9901001v1", "hep-th/9901001", 1),
    ("https://arxiv.org/abs/math.GT/0309136", "math/0309136", None),
    ("https://arxiv.org/abs/math.GT%2F0309136", "math/0309136", None),
    ("https://export.arxiv.org/abs/2506.01234?context=cs.CL", "2506.01234", None),
    ("https://ar5iv.labs.arxiv.org/html/2506.01234", "2506.01234", None),
    ("https://ar5iv.org/abs/2506.01234", "2506.01234", None),
    ("https://www.alphaxiv.org/abs/2506.01234v1", "2506.01234", 1),
    ("https://alphaxiv.org/overview/2506.01234", "2506.01234", None),
    ("<https://arxiv.org/abs/2506.01234|A paper – *new*>", "2506.01234", None),
    ("<https://arxiv.org/abs/2506.01234>.", "2506.01234", None),
    ("https://huggingface.co/papers/2506.01234", "2506.01234", None),
    ("https://hf.co/papers/2506.01234#comments", "2506.01234", None),
    ("10.48550/arXiv.2506.01234", "2506.01234", None),
    ("https://doi.org/10.48550/arXiv.2506.01234v2", "2506.01234", 2),
    ("doi:10.48550/ARXIV.hep-th/9901001", "hep-th/9901001", None),
]
PREPRINT = "10.1101/2024.01.01.573800"
SICI = "10.1002/1097(199808)17:15<1661::aid>3.0.co;2-2"
DOI: list[Form] = [
    ("10.1101/2024.01.01.123456", "10.1101/2024.01.01.123456", None),
    ("10.1038/S41586-021-03819-2.", "10.1038/s41586-021-03819-2", None),
    ("doi:10.1038/s41586-021-03819-2", "10.1038/s41586-021-03819-2", None),
    ("DOI: 10.1038/s41586-021-03819-2", "10.1038/s41586-021-03819-2", None),
    ("doi.org/10.1038/s41586-021-03819-2", "10.1038/s41586-021-03819-2", None),
    ("http://dx.doi.org/10.1016/0022-2836%2870%2990057-4", "10.1016/0022-2836(70)90057-4", None),
    ("(10.1016/S0140-6736(20)).", "10.1016/s0140-6736(20)", None),
    ("<https://doi.org/10.1000/a&amp;b|x>", "10.1000/a&b", None),
    ("https://doi.org/10.1002/1097(199808)17:15%3C1661::AID%3E3.0.CO;2-2", SICI, None),
    ("10.18653/v1/2022.acl-long.1", "10.18653/v1/2022.acl-long.1", None),
    (f"{PREPRINT}v2", PREPRINT, 2),
    (f"https://doi.org/{PREPRINT}v2", PREPRINT, 2),
    (f"https://www.biorxiv.org/content/{PREPRINT}v2.full.pdf", PREPRINT, 2),
    (f"https://www.biorxiv.org/content/{PREPRINT}v1.full-text", PREPRINT, 1),
    (f"https://www.biorxiv.org/content/{PREPRINT}v1?rss=1", PREPRINT, 1),
    (f"https://www.biorxiv.org/content/{PREPRINT}.abstract", PREPRINT, None),
    ("https://www.medrxiv.org/content/10.64898/2025.12.01.25341v3.full", "10.64898/2025.12.01.25341", 3),
    ("https://www.biorxiv.org/content/10.1101/055699v1", "10.1101/055699", 1),
]
ACL: list[Form] = [
    ("https://aclanthology.org/2022.acl-long.1/", "2022.acl-long.1", None),
    ("https://aclanthology.org/2022.acl-long.1.pdf", "2022.acl-long.1", None),
    ("https://aclanthology.org/2022.acl-long.1v2.pdf", "2022.acl-long.1", 2),
    ("aclanthology.org/2022.acl-long.1.bib", "2022.acl-long.1", None),
    ("2022.acl-long.1", "2022.acl-long.1", None),
    ("2022.ACL-long.1", "2022.acl-long.1", None),
    ("P19-1001", "P19-1001", None),
    ("p19-1001", "P19-1001", None),
    ("https://www.aclweb.org/anthology/P19-1001", "P19-1001", None),
    ("https://www.aclweb.org/anthology/papers/P/P19/P19-1001/", "P19-1001", None),
    ("acl:2022.acl-long.1", "2022.acl-long.1", None),
]
OPENREVIEW: list[Form] = [
    ("https://openreview.net/forum?id=B1gabhRcYX", "B1gabhRcYX", None),
    ("https://openreview.net/pdf?id=_-aBc", "_-aBc", None),
    ("https://openreview.net/forum?id=B1gabhRcYX&noteId=zzz", "B1gabhRcYX", None),
    ("<https://openreview.net/forum?noteId=zzz&amp;id=B1gabhRcYX|paper>", "B1gabhRcYX", None),
    ("openreview:B1gabhRcYX", "B1gabhRcYX", None),
]
FORMS: dict[Scheme, list[Form]] = {
    Scheme.ARXIV: ARXIV,
    Scheme.DOI: DOI,
    Scheme.ACL: ACL,
    Scheme.OPENREVIEW: OPENREVIEW,
}


@pytest.mark.parametrize(
    ("pasted", "paper", "version"),
    [(pasted, PaperId(scheme, value), version) for scheme, forms in FORMS.items() for pasted, value, version in forms],
)
def test_what_people_paste_names_the_paper(pasted: str, paper: PaperId, version: int | None) -> None:
    assert parse_reference(pasted) == Reference(paper, version)


def test_a_key_of_a_paper_from_the_web_names_it() -> None:
    assert parse_reference("web:0123456789ABCDEF") == Reference(PaperId(Scheme.WEB, "0123456789abcdef"), None)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "...",
            "()",
            "<>",
            "3.14",
            "2024",
            "2025-06-12",
            "12.06.2025",
            "transformers",
            "attention is all",
        ),
        *("2513.01234", "2500.01234", "710.1153", "2506.012345", "2506.01234v0", "2506.01234vv2"),
        *("٢٥٠٦.٠١٢٣٤", "arXiv:", "arXiv:hello", "arxiv.org", "10.5/7", "10.1101", "10.1101/", "https://[x"),
        *("nonsense/9901001", "hep-th/9913001", "hep-th/0801001", "hep-th/990100", "B19-1001", "P19-10012"),
        *("https://arxiv.org/list/cs.CL/recent", "https://arxiv.org/abs/", "https://evil.org/abs/2506.01234"),
        *("https://arxiv.org.evil.org/abs/2506.01234", "https://huggingface.co/models/2506.01234"),
        *("https://aclanthology.org/volumes/2022.acl-long/", "https://openreview.net/group?id=ICLR.cc"),
        *(
            "https://openreview.net/forum?id=",
            "https://www.biorxiv.org/content/early/recent",
            "web:xyz",
            "acl:x",
        ),
        *("see 2506.01234", "2506.01234 2506.01235", "https://arxiv.org/abs/2506.01234?x=1 is good"),
        *(
            "2506.01234\x00",
            "2506.01234🤖",
            "<https://arxiv.org/abs/2506.01234",
            "a" * 10_000,
            "2506.01234" * 300,
        ),
    ],
)
def test_what_is_no_reference_is_left_alone(text: str) -> None:
    assert parse_reference(text) is None


@pytest.mark.parametrize("hostile", ["(" * 2_000, ")" * 2_000, "[]" * 1_000, "arxiv:" + " [" * 900, "a-" * 999])
def test_a_hostile_text_takes_no_time(hostile: str) -> None:
    began = time.perf_counter()
    assert parse_reference(hostile) is None
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("paper", "url"),
    [
        ("arxiv:2506.01234", "https://arxiv.org/abs/2506.01234"),
        ("arxiv:hep-th/9901001", "https://arxiv.org/abs/hep-th/9901001"),
        ("doi:10.1/x", "https://doi.org/10.1/x"),
        ("doi:10.1016/s0140-6736(20)", "https://doi.org/10.1016/s0140-6736%2820%29"),
        ("doi:10.1000/a#b?c<d>", "https://doi.org/10.1000/a%23b%3Fc%3Cd%3E"),
        ("acl:P19-1001", "https://aclanthology.org/P19-1001/"),
        ("openreview:B1gabhRcYX", "https://openreview.net/forum?id=B1gabhRcYX"),
        ("web:0123456789abcdef", None),
    ],
)
def test_a_person_can_open_the_paper(paper: str, url: str | None) -> None:
    assert PaperId.parse(paper).url == url


@pytest.mark.parametrize(
    "key",
    [
        *("", "arxiv", "arxiv:", "2506.01234", "ARXIV:2506.01234", "arxiv: 2506.01234", "arxiv:2506.01234v2"),
        *(
            "arxiv:2506.01234\n",
            "arxiv:math.GT/0309136",
            "doi:10.1000/ABC",
            "doi:10.1000/a b",
            "acl:p19-1001",
        ),
        *("openreview:a b", "web:0123456789ABCDEF", "pmid:123", "arxiv:٢٥٠٦.٠١٢٣٤"),
    ],
)
def test_only_a_canonical_key_is_a_key(key: str) -> None:
    with pytest.raises(ValueError, match="not"):
        PaperId.parse(key)


def test_ids_sort_by_scheme_and_value() -> None:
    keys = ["doi:10.1/x", "arxiv:2506.01235", "acl:P19-1001", "arxiv:2506.01234"]
    assert [str(paper) for paper in sorted(map(PaperId.parse, keys))] == sorted(keys)


ONE_PAGE = "https://lab.example.org/Papers/one?id=7"


@pytest.mark.parametrize(
    "same",
    [
        ONE_PAGE,
        "http://lab.example.org/Papers/one?id=7",
        "HTTPS://Lab.Example.ORG/Papers/one/?id=7#results",
        " https://lab.example.org/Papers/one?utm_source=rss&id=7&UTM_medium=feed ",
    ],
)
def test_one_page_is_one_paper_however_it_was_linked(same: str) -> None:
    assert web_id(same) == web_id(ONE_PAGE)


@pytest.mark.parametrize("other", ["https://lab.example.org/papers/one?id=7", ONE_PAGE + "0", "https://x.org"])
def test_different_pages_are_different_papers(other: str) -> None:
    assert web_id(other) != web_id(ONE_PAGE)


def test_the_id_of_a_page_never_changes() -> None:
    assert str(web_id("http://Example.org/")) == "web:50d7a905e3046b88"


@pytest.mark.parametrize(
    "url", ["", "paper", "ftp://x.org/a", "https://", "mailto:a@b.c", "https://[x", "https://x/\ud800"]
)
def test_only_a_web_address_has_a_web_id(url: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        web_id(url)


months = st.integers(1, 12).map("{:02}".format)
new_ids = st.builds("{:02}{}.{}".format, st.integers(0, 99), months, st.from_regex(r"[0-9]{4,5}", fullmatch=True))
old_ids = st.builds(
    "{}/{:02}{}{:03}".format,
    st.sampled_from(sorted(ARCHIVES)),
    st.sampled_from([*range(91, 100), *range(8)]),
    months,
    st.integers(0, 999),
)
arxiv_ids = st.builds(PaperId, st.just(Scheme.ARXIV), new_ids | old_ids)
# Ends in a letter, as what prose would end in is taken for prose; "q", as "...v2" is a preprint's version.
dois = st.from_regex(r"10\.[0-9]{4,9}/[!-@\[-~]{0,40}q", fullmatch=True).map(lambda value: PaperId(Scheme.DOI, value))
acl_ids = st.from_regex(
    r"[0-9]{4}\.[a-z0-9]{1,9}-[a-z0-9]{1,9}\.[0-9]{1,4}|[PWDN][0-9]{2}-[0-9]{4}", fullmatch=True
).map(lambda value: PaperId(Scheme.ACL, value))
openreview_ids = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True).map(
    lambda value: PaperId(Scheme.OPENREVIEW, value)
)
web_ids = st.from_regex(r"[0-9a-f]{16}", fullmatch=True).map(lambda value: PaperId(Scheme.WEB, value))
ids = arxiv_ids | dois | acl_ids | openreview_ids | web_ids
versions = st.none() | st.integers(1, 9_999)


@given(ids)
def test_a_key_is_read_back_as_its_id(paper: PaperId) -> None:
    assert PaperId.parse(str(paper)) == paper
    assert parse_reference(str(paper)) == Reference(paper, None)


@given(st.text(st.characters()))
def test_what_is_read_as_a_key_is_written_as_it_was(text: str) -> None:
    try:
        paper = PaperId.parse(text)
    except ValueError:
        return
    assert str(paper) == text


@given(ids)
def test_the_page_of_a_paper_leads_back_to_it(paper: PaperId) -> None:
    if paper.url is not None:
        assert parse_reference(paper.url) == Reference(paper, None)
        assert parse_reference(f"(<{paper.url}|label>).") == Reference(paper, None)


@given(
    arxiv_ids,
    versions,
    st.sampled_from(["", "http://", "https://"]),
    st.sampled_from(
        ["arxiv.org/abs/", "www.arxiv.org/pdf/", "export.arxiv.org/html/", "ar5iv.org/abs/", "hf.co/papers/"]
    ),
    st.sampled_from(["", "/", "?a=b", "#S1", "?a=b#S1"]),
)
def test_every_address_of_an_arxiv_paper_leads_to_it(
    paper: PaperId, version: int | None, scheme: str, page: str, rest: str
) -> None:
    suffix = f"v{version}" if version else ""
    assert parse_reference(f"{scheme}{page}{paper.value}{suffix}{rest}") == Reference(paper, version)


PIECES = [
    "arxiv",
    ":",
    "https://",
    "arxiv.org",
    "/abs/",
    "2506.01234",
    "v2",
    "<",
    ">",
    "|",
    "[",
    "]",
    "%",
    "doi.org/",
    "10.1101/",
    "?id=",
]


@given(st.text(st.characters(), max_size=300) | st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join))
def test_no_text_breaks_the_reader(text: str) -> None:
    reference = parse_reference(text)
    assert reference is None or PaperId.parse(str(reference.id)) == reference.id


def test_the_ids_of_50_000_real_papers_are_read_as_they_are() -> None:
    if not BULK.exists():
        pytest.skip(f"the recorded papers are not here: {BULK}")
    with gzip.open(BULK, "rt", encoding="utf-8") as lines:
        real = [json.loads(line)["id"] for line in lines]
    assert [value for value in real if parse_reference(value) != Reference(PaperId(Scheme.ARXIV, value), None)] == []
