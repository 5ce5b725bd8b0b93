"""Words as the analyser cuts them, and text made fit to be shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import clean, clean_paragraphs, cut, either, fold, plural, shown, stems, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LLM", "LLMs"),
        ("CNN", "CNNs"),
        ("VLM agents", "VLMs' agent"),
        ("Schrödinger", "schrodinger"),
        ("naïve Łukasiewicz", "NAIVE LUKASIEWICZ"),
        ("ﬁne-tuning", "fine tuned"),
        ("Straße", "strasse"),
    ],
)
def test_spellings_of_one_thing_are_the_same_words(one: str, other: str) -> None:
    assert stems(one) == stems(other)


@pytest.mark.parametrize(("one", "other"), [("css", "cs"), ("bias", "bia"), ("class", "clas"), ("3d", "2d")])
def test_words_that_only_look_alike_stay_apart(one: str, other: str) -> None:
    assert stems(one) != stems(other)


def test_punctuation_divides_words_and_is_none() -> None:
    found = words('GPT-4o: C++ & "Rust" (2024), état_d\'âme!')
    assert found == ["gpt", "4o", "c", "rust", "2024", "etat", "d", "ame"]
    assert words("!!! … 🤖") == []


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_through_ascii_gives_the_same_words(text: str) -> None:
    assert words(text) == words(f"{text} é")[:-1]


@given(st.text())
def test_folding_and_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert clean(clean(text)) == clean(text)


@given(st.text())
def test_what_is_shown_is_one_short_line_without_hidden_characters(text: str) -> None:
    line = shown(text)
    assert len(line) <= 40
    assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in line)
    assert "\u202e" not in line


def test_paragraphs_are_kept() -> None:
    assert clean_paragraphs(" One\nline. \n\n \n Two\x00. ") == "One line.\n\nTwo."


def test_a_cut_falls_between_words() -> None:
    assert cut("a few words more", 12) == "a few words…"
    assert cut("abcdefghijklmnop", 8) == "abcdefg…"
    assert cut("short", 8) == "short"


def test_counts_and_choices_are_spoken() -> None:
    assert plural(1, "paper") == "1 paper"
    assert plural(1204, "paper") == "1,204 papers"
    assert plural(2, "entry", "entries") == "2 entries"
    assert either(["a"]) == "a"
    assert either(["a", "b", "c"]) == "a, b or c"
