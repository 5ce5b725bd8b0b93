"""Letters that were misread as another encoding's."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.mojibake import mended


@pytest.mark.parametrize(
    ("misread", "meant"),
    [
        ("Silvio GuimarÃ£es", "Silvio Guimarães"),
        ("BjÃ¶rn, Jean-FranÃ§ois", "Björn, Jean-François"),
        ("donâ€™t", "don’t"),
        ("AlzheimerÃ¢Â\x80Â\x99s", "Alzheimer’s"),  # misread twice
        ("Ã‰tat", "État"),
        ("æ—¥æœ¬", "日本"),
    ],
)
def test_misread_letters_are_mended(misread: str, meant: str) -> None:
    assert mended(misread) == meant


@pytest.mark.parametrize(
    "right", ["AVALIAÇÃO", "Ângela Ãlvares", "naïve café", "Müller", "Ô Ăn Quan", "MATA (māta)", "日本語", "Â"]
)
def test_letters_that_are_right_stay(right: str) -> None:
    assert mended(right) == right


@given(st.text(alphabet=st.characters(min_codepoint=0xC0, max_codepoint=0x24F, categories=("Lu", "Ll")), min_size=1))
def test_whatever_was_misread_as_latin_1_comes_back(word: str) -> None:
    assume(mended(word) == word)  # some words look misread themselves: "ÂÂŠ"
    assert mended(word.encode().decode("latin-1")) == word
