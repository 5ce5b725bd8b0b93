"""Slack's limits on blocks, written by hand from its reference: what the real one would refuse, and why.

https://docs.slack.dev/reference/block-kit/blocks
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Block = Mapping[str, Any]

_PING = re.compile(r"<(?:!(?:channel|here|everyone|subteam)|@[UW])|(?<![\w\u200b])@(?:channel|here|everyone)\b")
_TEXTS = {"section": 3_000, "header": 150}


def faults_of(blocks: Sequence[Block], most: int = 50, budget: int | None = 13_200) -> list[str]:
    """Return what is wrong with the blocks of a message (or, with `most` 100 and no budget, of a view)."""
    found = [f"{len(blocks)} blocks"] * (len(blocks) > most)
    size = len(json.dumps(blocks, ensure_ascii=False))
    found += [f"msg_blocks_too_long: {size}"] * (budget is not None and size > budget)
    for block in blocks:
        found += _faults_of_block(block)
    ids = [element["action_id"] for element in elements_of(blocks) if "action_id" in element]
    found += [f"action_id {one} stands twice" for one in sorted({one for one in ids if ids.count(one) > 1})]
    return found


def elements_of(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield all buttons, menus and inputs of the blocks."""
    for block in blocks:
        if block["type"] == "actions":
            yield from block["elements"]
        if accessory := block.get("accessory"):
            yield accessory
        if block["type"] == "input":
            yield block["element"]


def texts_of(found: object) -> Iterator[tuple[str, str]]:
    """Yield every text object's type and text in blocks."""
    if isinstance(found, Mapping):
        if found.get("type") in ("mrkdwn", "plain_text") and isinstance(found.get("text"), str):
            yield found["type"], found["text"]
        for value in found.values():
            yield from texts_of(value)
    elif isinstance(found, Sequence) and not isinstance(found, str):
        for value in found:
            yield from texts_of(value)


def pings_of(message: Mapping[str, Any]) -> list[str]:
    """Return what in a message would notify somebody."""
    words = [text for kind, text in texts_of(message.get("blocks", [])) if kind == "mrkdwn"]
    return [found[0] for text in (*words, str(message.get("text", ""))) if (found := _PING.search(text))]


def _faults_of_block(block: Block) -> Iterator[str]:
    kind = block["type"]
    if kind in _TEXTS:
        yield from _length(f"{kind} text", block["text"]["text"] if block.get("text") else "x", _TEXTS[kind])
    if kind == "section":
        yield from (fault for field in block.get("fields", []) for fault in _length("field", field["text"], 2_000))
    if kind == "context":
        yield from _count("context elements", block["elements"], 10)
    if kind == "actions":
        yield from _count("actions", block["elements"], 25)
    if kind == "input":
        yield from _length("label", block["label"]["text"], 2_000)
    if len(block.get("block_id", "")) > 255:
        yield "block_id over 255"
    for kind_of_text, text in texts_of(block):
        if not text:
            yield f"an empty {kind_of_text} in a {kind}"
        if len(text) > 3_000:
            yield f"a text of {len(text)} in a {kind}"
    for element in elements_of([block]):
        yield from _faults_of_element(element)


def _faults_of_element(element: Block) -> Iterator[str]:
    kind = element["type"]
    yield from _length("action_id", element.get("action_id", "x"), 255)
    if kind == "button":
        yield from _length("button text", element["text"]["text"], 75)
        yield from _length("button value", element.get("value", "x"), 2_000)
    options = element.get("options", [])
    if kind == "overflow":
        yield from _count("overflow options", options, 5)
    elif options:
        yield from _count("options", options, 100)
    for option in options:
        yield from _length("option text", option["text"]["text"], 75)
        yield from _length("option value", option["value"], 150)


def _length(what: str, text: str, most: int) -> Iterator[str]:
    if not 1 <= len(text) <= most:
        yield f"{what} has {len(text)} characters, of {most}"


def _count(what: str, of: Sequence[object], most: int) -> Iterator[str]:
    if not 1 <= len(of) <= most:
        yield f"{len(of)} {what}, of {most}"
