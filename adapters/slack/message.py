"""A Slack message, and how its blocks are made to fit."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.slack.blocks import MESSAGE_BLOCKS, MESSAGE_BUDGET, Block, context, size_of


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: blocks, and the text of notifications and screen readers."""

    text: str
    blocks: list[Block]


def fitted(make: Callable[[int], list[Block]]) -> list[Block]:
    """Return the blocks in the greatest detail (2 to 0) in which Slack takes them, else as many as it takes."""
    for detail in (2, 1, 0):
        blocks = make(detail)
        if len(blocks) <= MESSAGE_BLOCKS and size_of(blocks) <= MESSAGE_BUDGET:
            return blocks
    kept = blocks[: MESSAGE_BLOCKS - 1]
    while size_of(kept) > MESSAGE_BUDGET - 200:
        kept.pop()
    return [*kept, context(["This is cut: Slack takes no longer message."])]
