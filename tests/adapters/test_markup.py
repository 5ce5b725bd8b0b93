"""Marked-up text as plain text: no markup comes through, nothing that was said is lost, and no text takes long."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.markup import one_line, paragraphs


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("Effects of <i>E. coli</i> on H<sub>2</sub>O", "Effects of E. coli on H2O"),
        ("<scp>BERT</scp>: a model", "BERT: a model"),
        ("one<br/>two", "one two"),
        ("R&amp;D &lt;b&gt;in&lt;/b&gt; R&amp;amp;D", "R&D in R&D"),
        ("Hennessy&amp;#39;s &amp;lt;br&amp;gt; Merge", "Hennessy's Merge"),
        ("&amp;amp;lt;b&amp;amp;gt;x&amp;amp;lt;/b&amp;amp;gt;", "x"),
        ("a < b and c > d, p<0.05, q>0.1", "a < b and c > d, p<0.05, q>0.1"),
        ("p &lt; 0.05", "p < 0.05"),
        ("GuimarÃ£es", "Guimarães"),
        ("<!-- no --><![CDATA[x]]> text", "text"),
        ("<script>alert(1)</script>safe<style>p{}</style>", "safe"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;safe", "safe"),
        ("cut <img src=x onerror=alert(1)", "cut"),
        ("never closed <script>alert(1)", "never closed"),
        ("<tex-math>$x$</tex-math> alone", "$x$ alone"),
        ("<tex-math>$x$</tex-math><mml:math><mml:mi>x</mml:mi></mml:math> once", "x once"),
        ("<math><mi>x</mi><annotation>\\x</annotation></math> once", "x once"),
        ("", ""),
    ],
)
def test_a_line_says_what_the_markup_said(marked: str, plain: str) -> None:
    assert one_line(marked, 200) == plain


def test_paragraphs_and_the_parts_of_an_abstract_stay() -> None:
    marked = (
        "<jats:title>Abstract:</jats:title><jats:sec><jats:title>Aims.</jats:title> <jats:p>We\n  ask.</jats:p>"
        "</jats:sec><jats:p>We <jats:bold>answer</jats:bold>.</jats:p>"
    )
    assert paragraphs(marked, 200) == "Aims: We ask.\n\nWe answer."
    assert paragraphs("Plain.\n\nIn two.", 200) == "Plain.\n\nIn two."


def test_text_is_cut_to_its_limit() -> None:
    assert len(one_line("<b>word</b> " * 1_000, 100)) <= 100
    assert len(paragraphs("<p>word</p>" * 1_000, 100)) <= 100


@pytest.mark.parametrize(
    "piece",
    [
        "<", "<a ", "<a b=c ", "<p", "<!--", "<script>", "<script></script>", "<title>", "<title>a</title>", "&lt;",
        "&amp;", "<tex-math>", "<mml:math><tex-math>", "<title>" + " " * 50, "</title> <p", "&#60;",
    ],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    began = time.perf_counter()
    paragraphs(piece * (160_000 // len(piece)), 20_000)
    assert time.perf_counter() - began < 2  # 0.1 s where it was written


@given(st.text(alphabet=st.sampled_from("<>/!-&;#a1=\" 'pltgmx&"), max_size=80))
def test_no_tag_comes_through_whatever_is_sent(marked: str) -> None:
    assert not re.search(r"<(?:script|img|p)\b[^<>]*>", one_line(marked, 200))
    assert one_line(f"<p>{marked}</p>", 200) is not None
