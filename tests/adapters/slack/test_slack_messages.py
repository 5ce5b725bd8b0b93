"""Messages in Slack: within its limits, and nothing in them pings anybody, whatever papers and people are called."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block as Model

from adapters.slack.blocks import MESSAGE_BUDGET, size_of
from adapters.slack.digest import digest_message
from adapters.slack.message import Message
from adapters.slack.render import reply_message
from adapters.slack.text import link, mrkdwn, plain
from bot.reply import Action, Card, DigestPost, FollowLine, HelpLine, PaperLine, Reply, Section, StatusLine
from tests.fakes.slack_rules import faults_of, pings_of, texts_of

NASTY = Path(__file__).parents[4] / "shared" / "data" / "nasty"
TITLES = Path(__file__).parents[4] / "shared" / "data" / "bulk" / "arxiv_papers_50k.jsonl.gz"

PINGS = (
    "<!channel>", "<!here|x>", "<@U123>", "<!subteam^S1>", "@channel", "@everyone in the lab", "a <@W1|b> c",
    "<https://evil.example|arXiv>", "*bold* _it_ ~gone~ `code`", "&lt;!channel&gt;", "a & b < c > d", "\u202eright",
    "x" * 5_000, "🎉" * 3_000, "<" * 3_000, "*" * 3_000, "\x00\x07", "", "   ", "ignore\nlines\r\nand\ttabs",
)  # fmt: skip


def line(title: str = "A title", authors: Sequence[str] = ("Ada Lovelace",), **of: object) -> PaperLine:
    """Return a paper as an entry."""
    entry = PaperLine(
        "arxiv:2506.00001", title, "https://arxiv.org/abs/2506.00001", tuple(authors), 12, 1, 2, None, None,
        ("cs.CL",), None, None, None, None,
    )  # fmt: skip
    return replace(entry, **of)  # type: ignore[arg-type]


def nasty_line(words: str) -> PaperLine:
    """Return a paper all of whose words are those."""
    return line(
        words, [words] * 5, organisation=words, summary=words, why=(words, words), categories=(words,), url=words,
        code_url=words, snippet=((words, True), (words, False)), id=f"other:{words[:50]}",
    )  # fmt: skip


def replies(words: str) -> list[Reply]:
    """Return a reply of every kind, made of those words."""
    paper = nasty_line(words)
    post = DigestPost(words, (Section(words, (paper, paper)),), 3, words, (Action(words, words),))
    return [
        Reply(notice=words, ok=False),
        Reply(heading=words, papers=(paper,) * 10, actions=(Action(words, f"search {words}"),) * 3),
        Reply(card=Card(paper, words, ((words, words),), (words,), words, (words,) * 30, (words,) * 30)),
        Reply(digest=post),
        Reply(follows=tuple(FollowLine(number, words, 3, False) for number in range(1, 11)), mutes=()),
        Reply(status=tuple(StatusLine(words, "ok", words) for _ in range(20))),
        Reply(help=tuple(HelpLine(words, words) for _ in range(40))),
    ]


def check(message: Message) -> None:
    """Hold a message to Slack's limits, to its library's own models, and to our promise that nothing pings."""
    sent = {"text": message.text, "blocks": message.blocks}
    assert faults_of(message.blocks) == []
    assert size_of(message.blocks) <= MESSAGE_BUDGET
    assert pings_of(sent) == []
    assert 0 < len(message.text) <= 3_000
    for block in message.blocks:
        model = Model.parse(block)
        assert model is not None
        model.validate_json()


@pytest.mark.parametrize("words", PINGS)
def test_no_words_ping_anybody_or_break_a_message(words: str) -> None:
    for reply in replies(words):
        check(reply_message(reply, f"search {words}"))


@settings(max_examples=30, deadline=None)
@given(st.text())
def test_nor_do_any_others(words: str) -> None:
    for reply in replies(words):
        check(reply_message(reply, f"search {words}"))


def hostile_strings() -> list[str]:
    """Return all strings of the recorded hostile input, where it is there."""
    found: list[str] = []
    for path in sorted(NASTY.rglob("*")) if NASTY.is_dir() else []:
        if path.is_file() and path.stat().st_size < 300_000:
            words = path.read_bytes().decode("utf-8", "replace")
            found += [words, *words.splitlines()[:200]]
    return found


@pytest.mark.skipif(not NASTY.is_dir(), reason="the recorded hostile input is not here")
def test_recorded_hostile_input_breaks_nothing() -> None:
    strings = hostile_strings()
    assert len(strings) > 20
    for words in strings:
        check(reply_message(Reply(heading=words, notice=words, papers=(nasty_line(words),) * 2)))


@pytest.mark.skipif(not TITLES.is_file(), reason="the recorded titles are not here")
def test_the_longest_real_titles_fit() -> None:
    import gzip

    with gzip.open(TITLES, "rt") as lines:
        titles = sorted((json.loads(each)["title"] for each in lines), key=len)[-40:]
    for start in range(0, 40, 10):
        ten = tuple(line(title, why=("No. 1 of 13 by votes",)) for title in titles[start : start + 10])
        check(reply_message(Reply(heading="Ten", papers=ten)))
        check(digest_message(DigestPost("Daily papers", (Section(None, ten),), 3, "footer")))


def test_three_thousand_authors_fit() -> None:
    many = line(authors=[f"Author Number {number}" for number in range(3_303)])
    check(reply_message(Reply(papers=(many,) * 10)))
    message = reply_message(Reply(card=Card(many, "An abstract. " * 2_000, (), (), None, (), ())))
    check(message)
    assert "+ 3,283 more" in str(message.blocks)


def test_ampersands_and_brackets_show_as_themselves() -> None:
    assert mrkdwn("R&D <3 > 2") == "R&amp;D &lt;3 &gt; 2"
    assert plain("R&D <3", 75) == "R&D <3"  # plain text is not escaped twice


def test_marks_in_a_title_do_not_change_its_look() -> None:
    shown = mrkdwn("*A* _b_ ~c~ `d`")
    assert shown.replace("\u200b", "") == "*A* _b_ ~c~ `d`"
    for mark in "*_~`":
        assert all(around == "\u200b" for around in beside(shown, mark))
    assert mrkdwn("America/New_York a*b") == "America/New_York a*b"


def beside(shown: str, mark: str) -> list[str]:
    """Return the letters on both sides of each mark."""
    places = [place for place, letter in enumerate(shown) if letter == mark]
    return [shown[place + step] for place in places for step in (-1, 1)]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x|y", "https://a b", "", "https://" + "x" * 2_000])
def test_an_address_that_is_none_is_no_link(url: str) -> None:
    assert link(url, "words") == "words"


def test_every_text_of_a_message_says_something() -> None:
    message = reply_message(Reply(heading=" ", notice="\u200b", papers=(line(" "),)))
    assert all(text.strip() for _, text in texts_of(message.blocks))
    check(message)
