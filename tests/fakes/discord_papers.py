"""Papers to be shown in Discord, ordinary and hostile, and what every message is held to."""

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
from discord.components import _component_factory
from discord.ui.view import _component_to_item

from adapters.discord.limits import size_of
from adapters.discord.message import Message
from bot.reply import Action, Card, DigestLine, DigestPost, FollowLine, HelpLine, Pages, PaperLine, Reply, Section
from bot.reply import StatusLine as Status
from tests.fakes.discord_look import look_of, texts_of
from tests.fakes.discord_rules import faults_of_message

SHARED = Path(__file__).parents[3] / "shared" / "data"
NASTY = SHARED / "nasty"
TITLES = SHARED / "bulk" / "arxiv_papers_50k.jsonl.gz"

HOSTILE = (
    "@everyone", "<@1>", "<@&1>", "<#1>", "<t:1:R>", "</a:1>", "<:e:1>", ":smile:", "||hidden||", "*a* **b** __c__",
    "# one", "-# small", "> quote", "- list", "1. list", "[click](<https://evil.example>)", "](https://evil.example)",
    "a\\", "https://evil.example", "discord.gg/abc", "x" * 5_000, "🎉" * 3_000, "*" * 3_000, "<" * 3_000, "[" * 500,
    "\\" * 3_000, "1234567890" * 400, "\x00\x07", "", "   ", "ignore\nlines\r\nand\ttabs", "\ud800", "\u202eright",
)  # fmt: skip

STYLES = {"bold", "heading", "small", "list", "code", "link"}
"""What our own markdown uses; foreign words bring nothing else."""


def line(title: str = "A title", authors: Sequence[str] = ("Ada Lovelace",), **of: Any) -> PaperLine:
    """Return a paper as an entry."""
    entry = PaperLine(
        "arxiv:2506.00001", title, "https://arxiv.org/abs/2506.00001", tuple(authors), 12, 1, 2, None, None,
        ("cs.CL",), None, None, None, None,
    )  # fmt: skip
    return replace(entry, **of)


def nasty_line(words: str) -> PaperLine:
    """Return a paper all of whose words are those."""
    return line(
        words, [words] * 5, organisation=words, summary=words, why=(words, words), categories=(words,) * 30, url=words,
        code_url=words, snippet=((words, True), (words, True), (words, False)), id=f"other:{words[:50]}",
    )  # fmt: skip


def replies_of(words: str) -> list[Reply]:
    """Return a reply of every kind, made of those words."""
    paper = nasty_line(words)
    linked = replace(paper, url="https://a.b/" + "c" * 380, code_url="https://a.b/" + "d" * 380)
    post = DigestPost(words, (Section(words, (paper, linked)),), 3, words, (Action(words, words),) * 3)
    rules = tuple(FollowLine(number, words, 3, number % 2 == 0) for number in range(1, 11))
    digest = DigestLine(words, words, "09:00", "Europe/Berlin", ("mon", "fri"), 5, words, None, False)
    card = Card(linked, words, ((words, "https://a.b/c"), (words, words)) * 5, (words,), words, (words,) * 9, (words,))
    return [
        Reply(notice=words, ok=False),
        Reply(notice=words, heading=words, papers=(linked,) * 10, actions=(Action(words, f"search {words}"),) * 6),
        Reply(card=card, actions=(Action(words, words),) * 4),
        Reply(notice=words, digest=post),
        Reply(heading=words, notice=words, follows=rules, mutes=rules, pages=Pages(2, 3, 25)),
        Reply(digests=(digest,) * 5, actions=(Action(words, words),)),
        Reply(status=tuple(Status(words, words, words) for _ in range(20))),
        Reply(help=tuple(HelpLine(words, words) for _ in range(40))),
    ]


def check(message: Message, role: str | None = None) -> None:
    """Hold a message to Discord's limits, to discord.py's own items, and to our promise that nothing pings, but for a
    role that was chosen, in the first line.

    discord.py reads the components as those of a message it got, adds them to a view, which refuses more than 40, and
    writes them again.
    """
    assert faults_of_message(message.payload) == []
    assert size_of(message.components).fits
    assert 0 < len(message.text) <= 100
    view = discord.ui.LayoutView(timeout=None)
    for each in message.components:
        component = _component_factory(each)  # type: ignore[arg-type]  # a plain dict
        assert component is not None
        view.add_item(_component_to_item(component))
    written = view.to_components()  # type: ignore[no-untyped-call]  # discord.py's
    assert [_bare(each) for each in written] == [_bare(each) for each in message.components]
    assert (view.total_children_count, view.content_length()) == (
        size_of(message.components).components,
        size_of(message.components).characters,
    )
    shown_texts = list(texts_of(message.components))
    if role:
        assert shown_texts.pop(0) == f"<@&{role}>"
    for shown in shown_texts:
        assert set(look_of(shown).marks) - STYLES <= {"channel"}
        assert "@everyone" not in shown.lower()
        assert "@here" not in shown.lower()
        assert not re.search("<@[!&]?[0-9]", shown)


def hostile_strings() -> list[str]:
    """Return all strings of the recorded hostile input, where it is there."""
    found: list[str] = []
    for path in sorted(NASTY.rglob("*")) if NASTY.is_dir() else []:
        if path.is_file() and path.stat().st_size < 300_000:
            words = path.read_bytes().decode("utf-8", "replace")
            found += [words[:20_000], *words.splitlines()[:100]]
    return found


def longest_titles(count: int) -> list[str]:
    """Return the longest titles of the recorded papers."""
    with gzip.open(TITLES, "rt") as lines:
        return sorted((json.loads(each)["title"] for each in lines), key=len)[-count:]


def _bare(component: Any) -> Any:
    """Return a component without what says nothing: discord.py adds and leaves out fields that are None or false."""
    if isinstance(component, dict):
        return {
            key: _bare(value) for key, value in component.items() if value not in (None, False) and key != "required"
        }
    return [_bare(each) for each in component] if isinstance(component, list) else component
