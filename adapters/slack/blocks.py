"""Slack's blocks as dicts, each cut to Slack's limits (https://docs.slack.dev/reference/block-kit/blocks).

Dicts, because building ten papers takes 0.14 ms so, and 2.4 ms by slack_sdk's models, which check them in tests.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

Block = dict[str, Any]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_BUDGET = 12_000
"""Characters of JSON in a message's blocks: at about 13,200 Slack refuses the whole message."""

SECTION_TEXT = 3_000
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
ACTION_ELEMENTS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
OPTION_VALUE = 150
FALLBACK_TEXT = 3_000


def header(words: str) -> Block:
    """Return a heading; `words` is plain text, within the limit."""
    return {"type": "header", "text": {"type": "plain_text", "text": words, "emoji": False}}


def section(markup: str, accessory: Block | None = None) -> Block:
    """Return a paragraph of mrkdwn, with a button or a menu beside it."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": markup, "verbatim": True}, "expand": True}
    return block | {"accessory": accessory} if accessory else block


def context(markups: Iterable[str]) -> Block:
    """Return a small grey line of several parts."""
    parts = [{"type": "mrkdwn", "text": markup, "verbatim": True} for markup in markups]
    return {"type": "context", "elements": parts[:CONTEXT_ELEMENTS]}


def divider() -> Block:
    """Return a rule."""
    return {"type": "divider"}


def action_rows(elements: Sequence[Block]) -> list[Block]:
    """Return rows of buttons."""
    rows = [elements[start : start + ACTION_ELEMENTS] for start in range(0, len(elements), ACTION_ELEMENTS)]
    return [{"type": "actions", "elements": list(row)} for row in rows]


def size_of(blocks: Sequence[Block]) -> int:
    """Return how many characters the blocks take on their way."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def paragraphs(lines: Sequence[str], limit: int = SECTION_TEXT) -> list[str]:
    """Return lines of mrkdwn, joined into as few texts as the limit allows."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + len(line) + 1 <= limit:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line[:limit])
    return texts
