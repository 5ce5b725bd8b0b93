"""Where the code is, told by abstract and comment."""

import pytest

from bot.code_links import code_link


@pytest.mark.parametrize(
    ("told", "link"),
    [
        ("available at https://github.com/bytedance/pasa.", "https://github.com/bytedance/pasa"),
        ("(see github.com/a/b), and", "https://github.com/a/b"),
        (r"\url{https://github.com/a\_b/c_d}", "https://github.com/a_b/c_d"),
        (r"\href{http://www.GitHub.com/A/B}{here}", "https://github.com/A/B"),
        ("git clone https://github.com/x/y.git)", "https://github.com/x/y"),
        ("https://gitlab.com/g/sub/p;", "https://gitlab.com/g/sub/p"),
        ("models: https://huggingface.co/org/model-7b,", "https://huggingface.co/org/model-7b"),
        ("https://huggingface.co/datasets/x/y.z", "https://huggingface.co/datasets/x/y.z"),
        ("https://github.com/x/y/tree/main/z).", "https://github.com/x/y/tree/main/z"),
        ("https://github.com/a/b and https://github.com/c/d", "https://github.com/a/b"),
        ("https://huggingface.co/papers/2501.1", None),
        ("https://github.com/owner-alone", None),
        ("https://evilgithub.com/a/b, github.com.evil.org/a/b", None),
        ("on GitHub", None),
        ("", None),
        (None, None),
    ],
)
def test_the_repository_is_told_without_what_follows_it(told: str | None, link: str | None) -> None:
    assert code_link(told) == link


def test_the_abstract_comes_before_the_comment() -> None:
    assert code_link("no link", None, "github.com/c/d", "github.com/e/f") == "https://github.com/c/d"


def test_a_long_address_costs_no_time_and_no_room() -> None:
    assert len(code_link("https://github.com/a/" + "b" * 1_000_000) or "") <= 2_000
    assert code_link("github.com/" * 100_000) is not None
