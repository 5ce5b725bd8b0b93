"""The analyser that rules, evaluator and index share: which spellings are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text


@pytest.mark.parametrize(
    "spellings",
    [
        ("multimodal models", "Multi-Modal Model", "multi modal models"),
        ("pretraining", "pre-trained", "Pre Train"),
        ("post-training", "posttraining", "post training"),
        ("fine-tuning", "finetuned", "fine tune"),
        ("zero-shot", "zeroshot", "zero shot"),
        ("cross-entropy", "crossentropy", "cross entropy"),
        ("self-supervised", "selfsupervised", "self supervised"),
        ("vision-language models", "Vision Language Model", "vision–language model"),
        ("Schrödinger", "SCHRODINGER", "schro\u0308dinger"),
    ],
)
def test_spellings_of_one_word_have_the_same_stems(spellings: tuple[str, ...]) -> None:
    assert len({tuple(text.stems(spelling)) for spelling in spellings}) == 1


@pytest.mark.parametrize("word", ["multiple", "multiplication", "prediction", "present", "finery", "crossing", "none"])
def test_a_word_that_only_begins_like_a_compound_is_one(word: str) -> None:
    assert len(text.stems(word)) == 1


@given(st.text())
def test_the_stems_of_a_text_are_those_of_its_words(any_text: str) -> None:
    assert text.stems(any_text) == [stem for word in text.words(any_text) for stem in text.stems(word)]
