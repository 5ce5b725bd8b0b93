"""A Slack message as its reader sees it (https://docs.slack.dev/messaging/formatting-message-text)."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.slack.blocks import MESSAGE_BUDGET, size_of
from bot import text
from tests.fakes.slack_rules import elements_of
from tests.journeys.screen import Control, Part, Screen

_CODE = re.compile(r"`([^`\n]*)`")
_LINK = re.compile(r"<([^>|]*)(?:\|([^>]*))?>")
_SHIELDED = re.compile("\u200b([*_~`])\u200b")
_MARK = re.compile(r"(?<![^\W_])[*_~`]|[*_~`](?![^\W_])")
"""A mark at a word's edge formats, and is not seen; within a word, or beside a zero-width space, it is a letter."""

_LETTERS = {mark: chr(0xE000 + number) for number, mark in enumerate("*_~`<>|")}


def screen_of(message: Mapping[str, Any], named: dict[str, str]) -> Screen:
    """Return what a message shows; `named` are the channels' names by their ids."""
    blocks = message["blocks"]
    parts = tuple(part for block in blocks if (part := _part(block, named)))
    return Screen(parts, _read(message["text"], named)[0], MESSAGE_BUDGET - size_of(blocks), named)


def _part(block: Mapping[str, Any], named: Mapping[str, str]) -> Part | None:
    found = [_read(each["text"], named, each["type"] == "mrkdwn") for each in _texts(block)]
    controls = tuple(control for element in elements_of([block]) for control in _controls(element))
    links = tuple(link for _, links in found for link in links)
    return Part("\n".join(words for words, _ in found), links, controls) if found or controls else None


def _texts(block: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    named = [block["text"]] if "text" in block else []
    return [*named, *block.get("fields", []), *(block["elements"] if block["type"] == "context" else [])]


def _controls(element: Mapping[str, Any]) -> Iterator[Control]:
    for each in element.get("options") or [element]:
        yield each["text"]["text"], str(each.get("value", ""))


def _read(words: str, named: Mapping[str, str], marked: bool = True) -> tuple[str, list[tuple[str, str]]]:
    """Return words as they look, line by line, and their links."""
    links: list[tuple[str, str]] = []

    def link(found: re.Match[str]) -> str:
        address, label = found[1], found[2]
        assert address[:1] not in "@!", f"{found[0]} pings"
        if address.startswith("#"):
            return f"#{named[address[1:]]}".replace("##", "#")
        links.append((_letters(label or address), html.unescape(address)))
        return label or address

    if marked:
        words = _LINK.sub(link, _CODE.sub(lambda code: _kept(code[1]), words))
    return "\n".join(map(_letters if marked else text.clean, words.split("\n"))), links


def _letters(words: str) -> str:
    """Return words without the marks that format them."""
    plain = _MARK.sub("", _SHIELDED.sub(lambda mark: _LETTERS[mark[1]], words))
    for mark, letter in _LETTERS.items():
        plain = plain.replace(letter, mark)
    return text.clean(html.unescape(plain).replace("\u200b", ""))


def _kept(words: str) -> str:
    """Return words in which no mark formats."""
    for mark, letter in _LETTERS.items():
        words = words.replace(mark, letter)
    return words
