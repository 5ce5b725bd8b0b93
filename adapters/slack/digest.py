"""A digest as a Slack message. Many channels get the same papers: their entries are made once, and kept."""

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any

from adapters.slack.blocks import FALLBACK_TEXT, HEADER_TEXT, Block, action_rows, context, header, section
from adapters.slack.buttons import buttons, menu
from adapters.slack.message import Message, fitted
from adapters.slack.paper_blocks import paper_words
from adapters.slack.text import mrkdwn, plain
from bot.reply import Action, DigestPost, PaperLine

_DONE = {"Vote": "vote", "Save": "save", "Abstract": "show"}
"""What can be done with a paper, and the command for it. Why it is here, and what is like it, is on its card."""

KEY = "digest:"
"""How the id of a digest's first block begins; the delivery's key follows."""


def digest_message(post: DigestPost, key: str = "") -> Message:
    """Return the message of a digest; with the delivery's key, by which a press in it tells which digest it is."""
    titles = ". ".join(f"{paper.title} ({paper.label})" for paper in post.papers)
    message = Message(mrkdwn(f"{post.heading}. {titles}", FALLBACK_TEXT), fitted(partial(digest_blocks, post)))
    if key:
        message.blocks[0]["block_id"] = f"{KEY}{key}"
    return message


def key_of(message: Mapping[str, Any]) -> str | None:
    """Return the key of the delivery that a message is, as a press in it tells; None for any other message.

    Slack promises a message's blocks with a press, and says nothing of its metadata.
    """
    first: Mapping[str, Any] = next(iter(message.get("blocks") or []), {})
    named = str(first.get("block_id", ""))
    return named.removeprefix(KEY) if named.startswith(KEY) else None


def digest_blocks(post: DigestPost, detail: int = 2) -> list[Block]:
    """Return the blocks of a digest: heading, an entry for each paper, how many more there are, and buttons."""
    blocks = [header(plain(post.heading, HEADER_TEXT) or "Daily papers")]
    number = 0
    for part in post.sections:
        if title := mrkdwn(part.title or "", 300):
            blocks.append(section(f"*{title}*"))
        for paper in part.papers:
            blocks += _entry(paper, number, detail)
            number += 1
    small = [f"and {post.more:,} more"] if post.more > 0 else []
    if footer := mrkdwn(post.footer, 1_000):
        small.append(footer)
    if small:
        blocks.append(context(small))
    return blocks + action_rows(buttons(post.actions, "d"))


@lru_cache(maxsize=4_096)
def _entry(paper: PaperLine, number: int, detail: int) -> tuple[Block, ...]:
    """Return a paper's blocks: its words, and below them what can be done; where room is scarce, in a menu beside."""
    words, place = paper_words(paper, detail), f"p{number}"
    actions = [Action(label, f"{verb} {paper.label}") for label, verb in _DONE.items()]
    if detail == 2:
        return (section(words), *action_rows(buttons(actions, f"{place}b")))
    return (section(words, menu(actions, place)),)
