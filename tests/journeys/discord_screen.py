"""A Discord message as its reader sees it (https://docs.discord.com/developers/components/reference)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from adapters.discord.buttons import press_of
from adapters.discord.limits import (
    ACTION_ROW,
    BUTTON,
    CONTAINER,
    MESSAGE_COMPONENTS,
    MESSAGE_TEXT,
    MESSAGE_WEIGHT,
    SECTION,
    STRING_SELECT,
    TEXT_DISPLAY,
    size_of,
)
from adapters.discord.papers import SHORT_SUMMARY, SUMMARY
from bot import text
from bot.reply import Reply
from tests.fakes.discord_look import Component, Look, look_of
from tests.journeys.facts import OPENING
from tests.journeys.screen import Control, Part, Screen

_OURS = {"heading", "small", "list", "bold", "code", "link", "channel"}
"""How we mark words; any other mark is one that came with foreign words, and changes how they look."""

_BESIDE = re.compile(r"(?P<words>.*) \(\[open\]\(<(?P<address>[^>]*)>\)\)(?P<rest>(?:\*\*)?)")
"""A title that no link can hold has its link behind it."""

_SECTION_SIZE = 3


@dataclass(slots=True)
class _Reader:
    """Reads components; `kept` are the commands that are too long for a button, by their ids."""

    named: Mapping[str, str]
    kept: Mapping[str, str]
    parts: list[Part] = field(default_factory=list)
    menus: list[tuple[Control, ...]] = field(default_factory=list)

    def read(self, components: Sequence[Component]) -> None:
        """Read all of them."""
        for each in components:
            if each["type"] == CONTAINER:
                self.read(each["components"])
            elif each["type"] == ACTION_ROW:
                self._row(each["components"])
            elif each["type"] == TEXT_DISPLAY:
                self.parts += self._texts(each["content"])
            else:
                assert each["type"] == SECTION, f"nobody knows how {each} looks"
                (shown,) = each["components"]
                *above, last = self._texts(shown["content"])
                self.parts += [*above, replace(last, controls=(self._button(each["accessory"]),))]

    def _row(self, elements: Sequence[Component]) -> None:
        for each in elements:
            if each["type"] == STRING_SELECT:
                assert press_of(each["custom_id"]), f"nobody answers the menu {each['custom_id']}"
                self.menus.append(tuple((option["label"], option["value"]) for option in each["options"]))
        if found := tuple(self._button(each) for each in elements if each["type"] == BUTTON):
            self.parts.append(Part("", (), found))

    def _button(self, element: Component) -> Control:
        press = press_of(element["custom_id"])
        assert press, f"nobody answers the button {element['custom_id']}"
        command = press.command if press.command_id is None else self.kept.get(press.command_id)
        assert command, f"the command of the button {element['custom_id']} was not kept"
        return element["label"], command

    def _texts(self, markup: str) -> Iterator[Part]:
        """Yield a text's parts: a heading is one, and small print or an empty line ends one."""
        lines: list[Look] = []
        for line in markup.split("\n"):
            look = _look(line)
            assert _OURS.issuperset(look.marks), f"{line!r} looks different: {look.marks}"
            kind = look.marks[0] if look.marks else ""
            if lines and (kind == "heading" or not line):
                yield self._part(lines)
                lines = []
            lines += [look] if line else []
            if lines and kind in ("heading", "small"):
                yield self._part(lines)
                lines = []
        if lines:
            yield self._part(lines)

    def _part(self, lines: Sequence[Look]) -> Part:
        return Part(
            "\n".join(self._words(line.seen) for line in lines),
            tuple((self._words(label), address) for line in lines for label, address in line.links),
        )

    def _words(self, seen: str) -> str:
        for key, name in self.named.items():
            seen = seen.replace(f"<#{key}>", name)
        return text.clean(seen)


def screen_of(components: Sequence[Component], named: dict[str, str], kept: Mapping[str, str]) -> Screen:
    """Return what a message shows; `named` are the channels' names by their ids, `kept` the buttons' long commands."""
    reader = _Reader(named, kept)
    reader.read(components)
    size = size_of(components)
    left = min(MESSAGE_TEXT - size.characters, MESSAGE_WEIGHT - size.weight)
    # All summaries of a list are there, or the beginnings of all, or none; only the openings of each are looked for.
    room = left * OPENING // SUMMARY
    return Screen(
        tuple(reader.parts),
        "\n".join(part.text for part in reader.parts),
        room,
        named,
        menus=tuple(reader.menus),
        one_button=True,
        is_full=MESSAGE_COMPONENTS - size.components < _SECTION_SIZE,
        brief=SHORT_SUMMARY * OPENING // SUMMARY,
    )


def _look(line: str) -> Look:
    found = _BESIDE.fullmatch(line)
    if not found:
        return look_of(line)
    look = look_of(found["words"] + found["rest"])
    look.links.append((look.seen, found["address"]))
    return look


def extras_of(reply: Reply, line: str, shares: bool = True) -> list[Control]:
    """Return the button that is Discord's own: to share papers with the channel, not from another one."""
    wanted = shares and reply.ok and (reply.papers or reply.card) and line
    return [("Share with the channel", line)] if wanted else []
