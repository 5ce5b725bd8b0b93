"""XML that nobody should read, XML that is something else, and XML that was cut off."""

import subprocess
import sys
from pathlib import Path
from xml.etree.ElementTree import tostring

import pytest

from adapters.sources.xml import DEEPEST, MOST_BYTES, line, parse_xml
from bot.errors import SourceError

ROOT = Path(__file__).parents[2]
FEED = "{http://www.w3.org/2005/Atom}feed"
NAMESPACE = "xmlns='http://www.w3.org/2005/Atom'"


def refusal(body: bytes) -> str:
    with pytest.raises(SourceError) as told:
        parse_xml(body, "It", {FEED})
    return str(told.value)


def title(body: bytes) -> str:
    return line(parse_xml(body, "It", {FEED})[0], 100)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "It is empty."),
        (b" \n\t", "It is empty."),
        (b"Rate exceeded.", "It is not XML: “Rate exceeded.”."),
        (b'{"code":"429"}', 'It is not XML: “{"code":"429"}”.'),
        (b"\x1f\x8b\x08\x00", "It is not XML: “�”."),
        (
            b"<!DOCTYPE html><html><title>503 Service\nUnavailable</title>",
            "It is a web page (“503 Service Unavailable”), not XML.",
        ),
        (b"\xef\xbb\xbf\n<!-- - --><HTML><body>", "It is a web page, not XML."),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "It is a web page, not XML."),
        (b"<rss/>", "It is a <rss>, not <feed>."),
        (b"<feed/>", "It is a <feed> of another kind (namespace “”)."),
        (
            b"<feed xmlns='http://purl.org/atom/ns#'/>",
            "It is a <feed> of another kind (namespace “http://purl.org/atom/ns#”).",
        ),
        (f"<feed {NAMESPACE}><title>R&D</title></feed>".encode(), "It is not well-formed XML (line 1, column 53)."),
        (f"<feed {NAMESPACE}><dc:creator/></feed>".encode(), "It is not well-formed XML (line 1, column 43)."),
        (f"<feed {NAMESPACE}>\x0b</feed>".encode(), "It is not well-formed XML (line 1, column 43)."),
        (f"<feed {NAMESPACE}/><feed/>".encode(), "It is not well-formed XML (line 1, column 44)."),
    ],
)
def test_what_is_not_the_wanted_xml_is_told_in_words(body: bytes, why: str) -> None:
    assert refusal(body) == why


def test_a_document_is_known_to_be_cut_off_wherever_it_is_cut() -> None:
    inner = "<title>Müller &amp; <![CDATA[x]]></title>"
    whole = f"<?xml version='1.0' encoding='UTF-8'?>\n<feed {NAMESPACE}>{inner}</feed>".encode()
    parse_xml(whole, "It", {FEED})
    for length in range(1, len(whole)):
        assert refusal(whole[:length]) == "It is cut off.", whole[:length]


@pytest.mark.parametrize(
    "inner", ["", "[<!ENTITY a 'b'>]", " SYSTEM 'http://127.0.0.1:9/x.dtd'", "[<!ELEMENT feed ANY>]"]
)
def test_a_document_type_is_not_read(inner: str) -> None:
    assert "document type" in refusal(f"<!DOCTYPE feed {inner}><feed {NAMESPACE}/>".encode())


def test_the_root_is_looked_at_before_anything_else_is() -> None:
    """What follows would be another failure."""
    assert refusal(b"<note><a></b>") == "It is a <note>, not <feed>."


def test_deep_nesting_is_refused_and_what_feeds_need_is_not() -> None:
    assert (
        refusal(f"<feed {NAMESPACE}>{'<a>' * 1_000_000}".encode()) == f"It nests its elements more than {DEEPEST} deep."
    )
    depth = DEEPEST - 1
    parse_xml(f"<feed {NAMESPACE}>{'<a>' * depth}{'</a>' * depth}</feed>".encode(), "It", {FEED})


def test_a_flood_of_elements_and_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.sources.xml.MOST_ELEMENTS", 1_000)
    assert refusal(f"<feed {NAMESPACE}>{'<a/>' * 1_000}</feed>".encode()) == "It has more than 1,000 elements."
    assert refusal(b"<" * (MOST_BYTES + 1)) == "It is larger than 32 MB."


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "iso8859-1", "windows-1252", "latin1"]
)
def test_text_comes_as_it_was_meant_in_the_encoding_that_it_says(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    body = f"<?xml version='1.0' encoding='{declared}'?><feed {NAMESPACE}><title>José Müller</title></feed>"
    assert title(body.encode(encoding)) == "José Müller"


@pytest.mark.parametrize(
    ("encoding", "words"),
    [("koi8-r", "Пример"), ("shift_jis", "日本語"), ("gb2312", "中文"), ("windows-1251", "Цитатник")],
)
def test_feeds_in_other_scripts_are_read(encoding: str, words: str) -> None:
    body = f"<?xml version='1.0' encoding='{encoding}'?><feed {NAMESPACE}><title>{words}</title></feed>"
    assert title(body.encode(encoding)) == words


def test_utf_8_that_says_to_be_something_else_is_read_as_utf_8() -> None:
    for declared in ("ISO-8859-1", "windows-1252", "nonsense", "utf-16", "us-ascii"):
        body = f"<?xml version='1.0' encoding='{declared}'?><feed {NAMESPACE}><title>José 테</title></feed>"
        assert title(body.encode()) == "José 테"


@pytest.mark.parametrize(
    ("declaration", "why"),
    [
        ("<?xml version='1.0' encoding='UTF-8'?>", "says that it is in UTF-8, but is not"),
        ("", "is not in UTF-8 and doesn't say in what else"),
        ("<?xml version='1.0'?>", "is not in UTF-8 and doesn't say in what else"),
        ("<?xml version='1.0' encoding='ascii'?>", "says that it is in ascii, but is not"),
        ("<?xml version='1.0' encoding='nonsense'?>", "is in an encoding that is not read here: nonsense"),
        ("<?xml version='1.0' encoding='punycode'?>", "is in an encoding that is not read here: punycode"),
        ("<?xml version='1.0' encoding='zlib'?>", "is in an encoding that is not read here: zlib"),
    ],
)
def test_a_wrong_encoding_is_told_and_nothing_is_guessed(declaration: str, why: str) -> None:
    body = f"{declaration}<feed {NAMESPACE}><title>José Müller</title></feed>".encode("latin-1")
    assert refusal(body) == f"It {why}."


@pytest.mark.parametrize("declared", ["nonsense", "shift_jis"])
def test_a_mark_of_utf_16_and_the_name_of_another_encoding_are_refused(declared: str) -> None:
    body = f"<?xml version='1.0' encoding='{declared}'?><feed {NAMESPACE}/>".encode("utf-16")
    assert refusal(body) == "It is in an encoding that is not read here."


def test_letters_that_were_misread_before_are_mended() -> None:
    assert title(f"<feed {NAMESPACE}><title>GuimarÃ£es &#xC3;&#xA9;</title></feed>".encode()) == "Guimarães é"


def test_markup_within_text_is_left_out_and_its_words_stay() -> None:
    assert title(f"<feed {NAMESPACE}><title>A <sub>2</sub> B</title></feed>".encode()) == "A 2 B"


_LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
BOMBS = {
    "laughs": f"<!DOCTYPE f [<!ENTITY l0 'lol'>{_LAUGHS}]><feed {NAMESPACE}><title>&l9;</title></feed>".encode(),
    "quadratic": f"<!DOCTYPE f [<!ENTITY a '{'B' * 100_000}'>]><feed {NAMESPACE}>{'&a;' * 100_000}</feed>".encode(),
    "parameter": b"<!DOCTYPE f [<!ENTITY % a '%b;%b;'><!ENTITY % b '%a;%a;'> %a;]><feed/>",
    "local file": b"<!DOCTYPE f [<!ENTITY a SYSTEM 'file:///dev/zero'>]><feed>&a;</feed>",
    "nested": f"<feed {NAMESPACE}>{'<a>' * 5_000_000}".encode(),
    "utf-16": f"<!DOCTYPE f [<!ENTITY l0 'lol'>{_LAUGHS}]><feed>&l9;</feed>".encode("utf-16"),
    "late": f"<feed {NAMESPACE}><title>{'<!ENTITY x>' * 100_000}".encode(),
}

WITH_A_DOCUMENT_TYPE = BOMBS.keys() - {"nested", "late"}

MEASURED = """
import resource, sys, time
from adapters.sources.xml import parse_xml
from bot.errors import SourceError
body = sys.stdin.buffer.read()
def pages():
    return int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (pages() + 50 * 2**20,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
began = time.process_time()
try:
    parse_xml(body, "It", {"{http://www.w3.org/2005/Atom}feed"})
except SourceError as told:
    print(f"{time.process_time() - began:.3f} {told}")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited and read as Linux does")
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_within_100_ms_and_50_mb(bomb: str) -> None:
    ran = subprocess.run([sys.executable, "-c", MEASURED], input=BOMBS[bomb], capture_output=True, cwd=ROOT, timeout=60)
    assert ran.returncode == 0, ran.stderr.decode()
    seconds, _, told = ran.stdout.decode().partition(" ")
    assert told.startswith("It brings a document type" if bomb in WITH_A_DOCUMENT_TYPE else "It ")
    assert float(seconds) < 0.1, told


def test_the_tree_is_the_plain_one() -> None:
    root = parse_xml(f"<feed {NAMESPACE}><a b='c'>d</a>e</feed>".encode(), "It", {FEED})
    assert tostring(root) == b'<ns0:feed xmlns:ns0="http://www.w3.org/2005/Atom"><ns0:a b="c">d</ns0:a>e</ns0:feed>'
