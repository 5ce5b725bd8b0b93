"""Words in Discord: whatever papers and people are called, they show as they are, and do nothing."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.text import code, escaped, heading, link, plain, with_channels
from bot import text
from tests.fakes.discord_look import look_of

NASTY = Path(__file__).parents[4] / "shared" / "data" / "nasty"
URL = "https://arxiv.org/abs/2506.00001"
PINGS = re.compile(r"@everyone|@here|<@[!&]?[0-9]+>", re.IGNORECASE)

HOSTILE = (
    "@everyone", "@here", "@Everyone", "<@1>", "<@!1>", "<@&1>", "<#1>", "<t:1700000000:R>", "</cmd:1>",
    "</papers today:1>", "<:emoji:1>", "<a:b:1>", "<id:customize>", ":smile:", "a :+1: b", "::x::", "||hidden||",
    "*a* **b** ***c*** _d_ __e__ ~~f~~ `g` ```h```", "# one", "## two", "-# small", "> quote", ">>> quotes", "- list",
    "* list", "1. list", "12. list", "[click](https://evil.example)", "[click](<https://evil.example>)", "[a](b",
    "](https://evil.example)", "[", "]", "[[x]]", "[x]", "a\\*b\\", "\\", "https://evil.example/a_b_c",
    "<https://evil.example>", "steam://run", "discord.gg/abc", "Discord.com/invite/abc", "snake_case_name and _this_",
    "A* search", "C*-algebras", "RT-2: a [re]view", "x < 3 > 2", "R&D", "C#", "#", "a|b", "¯\\_(ツ)_/¯", "🎉 a party",
    "text↔image", "a ✓", "\u202eright\u202c", "a\u200bb", "a\nb\r\n# c", "", "  ", "`", "``", "<", "5 * 3 * 2", "**",
    "<mailto:a@b.c>", "<a@b.cd>", "4.5 years of 3.1", "@everyone](x) @here", "Is 1 > 0?",
)  # fmt: skip

words = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join),
    st.text("*_~|`[]()<>@#:!&\\-.1 a\n/", max_size=40),
)


def shows_as_it_is(said: str) -> None:
    """Hold what is shown of some words to the words themselves, without any mark."""
    shown = escaped(said)
    look = look_of(shown)
    assert look.seen == text.clean(said)
    assert look.marks == []
    assert not PINGS.search(shown)


@pytest.mark.parametrize("said", HOSTILE)
def test_hostile_words_show_as_they_are(said: str) -> None:
    shows_as_it_is(said)


@settings(max_examples=400, deadline=None)
@given(words)
def test_any_words_show_as_they_are(said: str) -> None:
    shows_as_it_is(said)


@settings(max_examples=400, deadline=None)
@given(words.filter(text.clean))
def test_a_link_shows_its_words_as_they_are_and_leads_to_its_own_address_alone(said: str) -> None:
    shown = link(URL, said)
    look = look_of(f"**{shown}**")
    wanted = text.clean(said)
    assert (look.seen, look.links) in ((wanted, [(wanted, URL)]), (f"{wanted} (open)", [("open", URL)]))
    assert sorted(look.marks) == ["bold", "link"]
    assert not PINGS.search(shown)


@pytest.mark.parametrize("said", HOSTILE)
def test_hostile_words_break_no_link(said: str) -> None:
    look = look_of(link(URL, said))
    assert look.seen in (text.clean(said), f"{text.clean(said)} (open)")
    assert set(look.marks) <= {"link"}


@pytest.mark.parametrize("title", ["A* search", "RT-2: [Re] reproduced", "4.5 years (or so)", "x < 3", "Ünïcode: 数学"])
def test_the_link_sits_on_a_usual_title(title: str) -> None:
    assert look_of(link(URL, title)).links == [(title, URL)]


@pytest.mark.parametrize("title", ["A 🎉 title", "see https://evil.example", "snake_case_name", "@everyone", "a\\b"])
def test_beside_a_title_that_no_link_can_hold_stands_one(title: str) -> None:
    look = look_of(link(URL, title))
    assert (look.seen, look.links) == (f"{title} (open)", [("open", URL)])


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://a b",
        "",
        None,
        "https://" + "x" * 2_000,
        "https://[x",
        "https://a@b.c",
        "ftp://x",
    ],
)
def test_an_address_that_is_none_is_no_link(url: str | None) -> None:
    assert link(url, "words") == "words"


@pytest.mark.parametrize(
    ("url", "leads"),
    [
        ("https://doi.org/10.1016/S0140-6736(20)30183-5", "https://doi.org/10.1016/S0140-6736%2820%2930183-5"),
        ("https://a.b/**c**||d||>) [x](y)", None),
        ("https://a.b/**c**||d||>)[x](<y>)", "https://a.b/%2A%2Ac%2A%2A%7C%7Cd%7C%7C%3E%29%5Bx%5D%28%3Cy%3E%29"),
        ("https://a.b/c_d_e", "https://a.b/c_d_e"),
    ],
)
def test_no_address_ends_its_link_early(url: str, leads: str | None) -> None:
    look = look_of(f"**{link(url, 'words')}**")
    assert look.links == ([("words", leads)] if leads else [])
    assert look.seen == "words"


@settings(max_examples=200, deadline=None)
@given(words.map(lambda said: said * 30), st.integers(2, 300))
def test_what_is_cut_is_within_its_limit_and_still_harmless(said: str, limit: int) -> None:
    shown = escaped(said, limit)
    assert len(shown) <= limit
    look = look_of(shown)
    assert look.marks == []
    assert text.clean(said).startswith(look.seen.removesuffix("…"))
    assert len(plain(said, limit)) <= limit
    assert not PINGS.search(plain(said, limit))


def test_escapes_count_in_the_limit() -> None:
    assert escaped("*" * 100, 41) == "\\*" * 20 + "…"


def test_a_heading_keeps_the_marks_at_its_end() -> None:
    assert look_of(heading("Papers on C#", 3)).seen == "Papers on C#"
    assert look_of(heading("Papers on C#", 3)).marks == ["heading"]
    assert heading(" ", 2) == ""


@settings(max_examples=200, deadline=None)
@given(words)
def test_what_is_to_be_typed_stands_in_code(said: str) -> None:
    shown = code(said)
    assert not PINGS.search(shown)
    if shown:
        assert look_of(shown).marks == ["code"]
        assert look_of(shown).seen == text.clean(said).replace("`", "'")


def test_a_channel_is_shown_by_its_name() -> None:
    assert with_channels(escaped("Posted to 123456789012345678: 5 papers.")) == (
        "Posted to <#123456789012345678>: 5 papers."
    )
    for said in ("<#123456789012345678>", "by:@123456789012345678", "<@123456789012345678>", "2506.00001", "12345"):
        assert "<#" not in with_channels(escaped(said)).replace("\\<#", "")


@pytest.mark.skipif(not NASTY.is_dir(), reason="the recorded hostile input is not here")
def test_recorded_hostile_input_shows_as_it_is() -> None:
    recorded = json.loads((NASTY / "mentions" / "mention_injection.json").read_text())["strings"]
    recorded += json.loads((NASTY / "naughty_strings" / "blns.json").read_text())
    assert len(recorded) > 500
    for said in recorded:
        if len(said) < 1_000:
            shows_as_it_is(said)
            look = look_of(link(URL, said))
            assert look.seen.removesuffix(" (open)") == text.clean(said)
            assert set(look.marks) <= {"link"}
        assert len(escaped(said)) <= 2_000
