"""The passage that a search result shows: which one it is, how it is cut, and which words are marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text
from bot.query import Kind, Rule, Term
from bot.query_parser import parse_rules
from bot.snippet import LENGTH, Snippet, snippet

FILLER = "This sentence says nothing of interest to anybody at all. "


def shown(made: Snippet) -> str:
    """As people see it, marked words in brackets."""
    return "".join(f"[{piece}]" if marked else piece for piece, marked in made)


def found(typed: str, abstract: str, title: str = "A title") -> str:
    return shown(snippet(title, abstract, parse_rules(typed)))


@pytest.mark.parametrize(
    ("typed", "abstract", "expected"),
    [
        ("plans", "We study planning.", "We study [planning]."),
        ("naive", "A naïve Bayes model.", "A [naïve] Bayes model."),
        ("schrödinger", "Schro\u0308dinger bridges", "[Schro\u0308dinger] bridges"),
        ('"language models"', "A language model of languages", "A [language model] of languages"),
        ("vision-language", "vision language, Vision-Language", "[vision language], [Vision-Language]"),
        ("diffusion -video", "Diffusion for video", "[Diffusion] for video"),
        ("graphs ; trees", "Trees are graphs", "[Trees] are [graphs]"),
        ("straße", "Die STRASSE", "Die [STRASSE]"),
        ("ﬁt", "We fit the ﬁt", "We [fit] the [ﬁt]"),
        ("model", "A\n\nmodel\tof   x", "A [model] of x"),
        ("model", "Supermodels remodel models", "Supermodels remodel [models]"),
        ("models", "A metamodel, a model: modelled", "A metamodel, a [model]: [modelled]"),
    ],
)
def test_words_are_marked_whatever_their_ending_case_and_accents(typed: str, abstract: str, expected: str) -> None:
    assert found(typed, abstract) == expected


def test_the_passage_with_most_of_the_words_is_shown() -> None:
    abstract = f"Diffusion alone. {FILLER * 4}Here diffusion meets robots. {FILLER * 4}"
    assert found("diffusion robots", abstract) == (
        "…Here [diffusion] meets [robots]. This sentence says nothing of interest to anybody at all."
        " This sentence says nothing of interest to anybody at all. This sentence…"
    )


def test_a_passage_with_a_phrase_comes_before_one_with_a_word() -> None:
    abstract = f"Videos, videos, videos. {FILLER * 4}By flow matching."
    assert "[flow matching]" in found('"flow matching" video', abstract)


def test_words_that_are_only_in_the_title_are_marked_there() -> None:
    assert found("diffusion", FILLER, title="On Diffusion") == "On [Diffusion]"
    assert found("title:diffusion", "Diffusion.", title="On Diffusion") == "On [Diffusion]"


@pytest.mark.parametrize("typed", ["cat:cs.CL", "nowhere", 'author:"Jane Doe"'])
def test_without_a_word_to_mark_there_is_none(typed: str) -> None:
    assert snippet("A title", FILLER, parse_rules(typed)) == ()


words = st.sampled_from(
    ["flow", "Flow-matching", "naïve", "Łódź", "注意", "a", "matching,", "x" * 200, "e\u0301", "😀"]
)


@given(st.lists(words, max_size=80).map(" ".join), st.lists(words.filter(text.words), min_size=1, max_size=3))
def test_a_snippet_is_a_short_part_of_the_text_with_whole_words_marked(abstract: str, values: list[str]) -> None:
    made = snippet("", abstract, (Rule.of(Term(Kind.TEXT, value) for value in values),))
    stems = text.stems(abstract)
    held = any(
        tuple(run) in zip(*(stems[at:] for at in range(len(run))), strict=False) for run in map(text.stems, values)
    )
    assert bool(made) == held
    whole = "".join(piece for piece, _ in made)
    assert whole.removeprefix("…").removesuffix("…") in text.clean(abstract)
    assert len(whole) <= LENGTH + 2 or any(len(word) > LENGTH // 2 for word in whole.split())
    wanted = [text.stems(value) for value in values]
    assert all(text.stems(piece) in wanted for piece, marked in made if marked)
    assert not made or any(marked for _, marked in made)
