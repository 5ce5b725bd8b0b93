"""Rules as people type them: what is understood, what is refused and with which words."""

import datetime as dt
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.arxiv_categories import ARCHIVES, CATEGORIES
from bot.errors import UserError
from bot.query import HAS, Kind, Rule, Term, written
from bot.query_parser import MAX_LENGTH, SOURCES, parse_rule, parse_rules, parse_search

TODAY = dt.date(2025, 6, 12)

values = st.one_of(
    st.sampled_from(["diffusion", "vision-language", "Müller", "GPT-4o", "état", "a", "Flow  Matching", "x:y", "1,2"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20),
)


@st.composite
def terms(draw: st.DrawFn) -> str:
    """One term as somebody could type it, well formed."""
    kind = draw(st.sampled_from([kind for kind in Kind if kind is not Kind.TEXT] + [Kind.TEXT] * 5))
    choices = {
        Kind.CATEGORY: st.sampled_from([*CATEGORIES, *ARCHIVES]),
        Kind.SOURCE: st.sampled_from(SOURCES),
        Kind.HAS: st.sampled_from(HAS),
        Kind.VOTES: st.integers(0, 999_999).map(str),
        Kind.PAPER: st.sampled_from(["2506.01234", "math/0309136", "doi:10.1101/2024.01.01.123456", "acl:P19-1001"]),
        Kind.AFTER: st.dates(dt.date(1990, 1, 1), dt.date(2030, 1, 1)).map(str),
        Kind.BEFORE: st.sampled_from(["7d", "yesterday", "2025-06-01"]),
    }
    value = draw(choices.get(kind, values))
    sign = draw(st.sampled_from(["", "", "-"]))
    quoted = '"' + value.replace('"', "'") + '"'
    return sign + (quoted if kind is Kind.TEXT else f"{kind}:{quoted}")


queries = st.lists(st.lists(terms(), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=3).map(" ; ".join)


@given(queries)
def test_a_rule_written_out_and_read_again_is_the_same_rule(typed: str) -> None:
    try:
        query = parse_search(typed, TODAY)
    except UserError:
        return  # only excludes, or holds a value of punctuation alone: refused, which other tests look at
    assert parse_search(written(query), TODAY) == query


@given(queries)
def test_order_case_and_accents_do_not_make_another_rule(typed: str) -> None:
    try:
        rules = parse_search(typed, TODAY)
    except UserError:
        return
    for rule in rules:
        shuffled = Rule.of(Term(term.kind, term.value.swapcase(), term.excluded) for term in reversed(rule.terms))
        if all(term.value.swapcase().swapcase() == term.value for term in rule.terms):
            assert shuffled.key == rule.key


@given(st.text(max_size=300))
def test_whatever_is_typed_gives_rules_or_one_clear_line(typed: str) -> None:
    try:
        rules = parse_search(typed, TODAY)
    except UserError as wrong:
        assert_clear(str(wrong))
    else:
        assert rules
        assert all(rule.describe() for rule in rules)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None)
@given(st.one_of(st.text(max_size=2_000), st.text('"-;:,() \\\t*^~[]{}abc@', max_size=300), queries))
def test_the_parser_stands_twenty_thousand_lines_of_anything(typed: str) -> None:
    try:
        rules = parse_search(typed, TODAY)
    except UserError as wrong:
        assert_clear(str(wrong))
    else:
        assert parse_search(written(rules), TODAY) == rules


def assert_clear(message: str) -> None:
    """One line, not too long, with nothing in it that a terminal or a chat could trip over."""
    assert "\n" not in message
    assert 10 < len(message) < 400
    assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in message)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("diffusion", [Term(Kind.TEXT, "diffusion")]),
        ('"language model" -survey', [Term(Kind.TEXT, "language model"), Term(Kind.TEXT, "survey", True)]),
        ("“language model”", [Term(Kind.TEXT, "language model")]),
        ('author:"LeCun, Yann"', [Term(Kind.AUTHOR, "LeCun, Yann")]),
        ("AUTHOR:LeCun,Bengio", [Term(Kind.AUTHOR, "LeCun"), Term(Kind.AUTHOR, "Bengio")]),
        (
            "-cat:CS.cl,stat x",
            [Term(Kind.TEXT, "x"), Term(Kind.CATEGORY, "cs.CL", True), Term(Kind.CATEGORY, "stat", True)],
        ),
        ("–video diffusion", [Term(Kind.TEXT, "diffusion"), Term(Kind.TEXT, "video", True)]),
        ("min:020", [Term(Kind.VOTES, "20")]),
        ("paper:https://arxiv.org/abs/2506.01234v2", [Term(Kind.PAPER, "2506.01234")]),
        ("https://huggingface.co/papers/2506.01234", [Term(Kind.PAPER, "2506.01234")]),
        ("10.1016/S0140-6736(20)", [Term(Kind.PAPER, "doi:10.1016/s0140-6736(20)")]),
        ("by:@ana has:Code,video", [Term(Kind.SUBMITTER, "@ana"), Term(Kind.HAS, "code"), Term(Kind.HAS, "video")]),
        ("diffusion Diffusion DIFFUSION", [Term(Kind.TEXT, "diffusion")]),
        ("search & rescue - robots", [Term(Kind.TEXT, "search"), Term(Kind.TEXT, "rescue"), Term(Kind.TEXT, "robots")]),
        ("what, exactly?", [Term(Kind.TEXT, "what"), Term(Kind.TEXT, "exactly")]),
    ],
)
def test_what_people_type_is_understood(typed: str, terms: list[Term]) -> None:
    assert set(parse_rule(typed).terms) == set(terms)


def test_semicolons_make_separate_rules() -> None:
    assert [str(rule) for rule in parse_rules("diffusion; author:LeCun ;; min:5")] == [
        "diffusion",
        "author:LeCun",
        "min:5",
    ]


def test_dates_count_from_today() -> None:
    (rule,) = parse_search("diffusion after:7d before:yesterday", TODAY)
    assert rule.wanted(Kind.AFTER) == ("2025-06-05",)
    assert rule.wanted(Kind.BEFORE) == ("2025-06-11",)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "nothing to look for"),
        ("  ;; ", "nothing to look for"),
        ("!!! ???", "nothing to look for"),
        ("🤖🎉", "nothing to look for"),
        ("-cat:cs.CV", "only excludes"),
        ("diffusion; -video", "only excludes"),
        ('diffusion "language mod', 'quote at character 11 is not closed; write "language mod"'),
        ("autor:LeCun", 'author:"Yann LeCun"'),
        ("colour:red", "the kinds are title, author"),
        ("text:foo", "no kind"),
        ("cat:cs.CLL", "cat:cs.CL"),
        ("cat:machine", "no arXiv category"),
        ("has:codes", "did you mean has:code?"),
        ("source:hugingface", "source:huggingface"),
        ("min:many", "min:20"),
        ("min:-5", "min:20"),
        ("paper:hello", "no id of a paper"),
        ("author:", "needs a value right after it"),
        ("author: LeCun", "needs a value right after it"),
        ("author:,", "needs a value right after it"),
        ("title:!!!", "holds no word"),
        ("after:7d diffusion", "works in searches only"),
        ("x" * 10_240, "10,240 characters long"),
        (" ".join(f"w{number}" for number in range(100)), "more than 60"),
    ],
)
def test_what_is_wrong_is_told_with_the_right_form(typed: str, told: str) -> None:
    with pytest.raises(UserError) as refused:
        parse_rules(typed)
    assert told in str(refused.value)
    assert_clear(str(refused.value))


def test_a_date_in_no_format_is_told_in_a_search() -> None:
    with pytest.raises(UserError, match="2025-06-12, 12 Jun"):
        parse_search("x after:someday", TODAY)


@pytest.mark.parametrize("typed", ["\x00diffusion\x00", "\u202ediffusion\u202c", "dif\u200bfusion", "\ud800diffusion"])
def test_unseen_characters_are_dropped(typed: str) -> None:
    assert str(parse_rule(typed)) == "diffusion"


def test_mentions_stay_text() -> None:
    assert str(parse_rule("<!channel> @everyone x")) == "<!channel> @everyone x"


def test_refusing_ten_kilobytes_takes_no_time() -> None:
    started = time.process_time()
    for typed in ('"' * 10_000, "a:" * 5_000, "-" * 10_000, "(" * 10_000):
        with pytest.raises(UserError):
            parse_rules(typed)
    assert time.process_time() - started < 0.1 * 4
    assert MAX_LENGTH < 10_000


def test_a_rule_is_told_in_words() -> None:
    rule = parse_rule('diffusion "flow matching" author:"Yann LeCun",Bengio cat:cs.CL -org:ByteDance min:1')
    assert rule.describe() == (
        "with “diffusion” and “flow matching” in title or abstract, by Yann LeCun or Bengio, in cs.CL,"
        " with at least 1 vote, but not from ByteDance"
    )


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("title:a,b", "with “a” or “b” in the title"),
        ("venue:ACL", "at ACL"),
        ("source:arxiv", "listed by arxiv"),
        ("by:@ana", "submitted or saved by @ana"),
        ("paper:2506.01234", "the paper 2506.01234"),
        ("has:code,video", "with code or video"),
        ("x -y -z", "with “x” in title or abstract, but not with “y” or “z” in title or abstract"),
        ("x after:7d before:2d", "with “x” in title or abstract, since 2025-06-05, before 2025-06-10"),
    ],
)
def test_every_kind_is_told_in_words(typed: str, words: str) -> None:
    assert parse_search(typed, TODAY)[0].describe() == words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("author:LeCun", "papers by LeCun"),
        ("paper:2506.01234", "the paper 2506.01234"),
        ("x -paper:2506.01234", "papers with “x” in title or abstract, but not the paper 2506.01234"),
    ],
)
def test_what_a_rule_brings_is_papers_or_the_one_paper_that_it_names(typed: str, words: str) -> None:
    assert parse_rule(typed).describe_papers() == words
