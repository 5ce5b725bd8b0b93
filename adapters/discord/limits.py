"""Discord's limits on a message of components, and how much of them a message takes.

https://docs.discord.com/developers/components/reference; lengths are counted in code points, as Python does it
(https://github.com/discord/discord-api-docs/issues/1315).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Component = dict[str, Any]

MESSAGE_COMPONENTS: Final = 40
"""Components of a message, those inside others included."""

MESSAGE_TEXT: Final = 4_000
"""Characters of all texts of a message together; discord.py 2.7 does not check them."""

MESSAGE_WEIGHT: Final = 10_170
"""Bytes of a message's components, its texts in UTF-8 and `_EACH` more for every component: with more, Discord answers
500, which is documented nowhere (https://github.com/discord/discord-api-docs/issues/8554)."""

_EACH: Final = 12

SECTION_TEXTS: Final = 3
CUSTOM_ID: Final = 100
BUTTON_LABEL: Final = 80
ROW_BUTTONS: Final = 5
MENU_OPTIONS: Final = 25
OPTION_LABEL: Final = 100
OPTION_VALUE: Final = 100
OPTION_DESCRIPTION: Final = 60
"""Discord takes 100, but two menus of ten rules would be too heavy for a message, in letters of four bytes."""

PLACEHOLDER: Final = 150
URL: Final = 512

ACTION_ROW: Final = 1
BUTTON: Final = 2
STRING_SELECT: Final = 3
SECTION: Final = 9
TEXT_DISPLAY: Final = 10
CONTAINER: Final = 17
SECONDARY: Final = 2
"""The grey style of a button: no answer is urged upon anybody."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many components a message has, how many characters of text, and how many bytes of both."""

    components: int
    characters: int
    weight: int

    @property
    def fits(self) -> bool:
        """Whether Discord takes a message of this size."""
        few = self.components <= MESSAGE_COMPONENTS and self.characters <= MESSAGE_TEXT
        return few and self.weight <= MESSAGE_WEIGHT


def size_of(components: Iterable[Mapping[str, Any]]) -> Size:
    """Return the size of a message's components, counted as Discord does: each counts, and so do those inside it."""
    count = characters = weight = 0
    for component in _all(components):
        count += 1
        weight += _EACH
        for name, value in component.items():
            if isinstance(value, str):
                weight += len(value) if value.isascii() else len(value.encode())
                characters += len(value) if name == "content" and component["type"] == TEXT_DISPLAY else 0
        weight += sum(len(value.encode()) for value in _in_options(component))
    return Size(count, characters, weight)


def count_of(components: Iterable[Mapping[str, Any]]) -> int:
    """Return how many components there are, those inside others included."""
    return len(_all(components))


def _all(components: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    found = [*components]
    for component in found:  # it grows meanwhile
        found += component.get("components", ())
        if accessory := component.get("accessory"):
            found.append(accessory)
    return found


def _in_options(component: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of a menu: what others than text displays weigh is unknown, so all are counted, which is too
    much."""
    return (value for option in component.get("options", ()) for value in option.values() if isinstance(value, str))


def text_display(markup: str) -> Component:
    """Return a text of markdown; it is not empty."""
    return {"type": TEXT_DISPLAY, "content": markup}


def section(markup: str, accessory: Component) -> Component:
    """Return a text with a button beside it."""
    return {"type": SECTION, "components": [text_display(markup)], "accessory": accessory}


def rows(buttons: list[Component]) -> list[Component]:
    """Return rows of buttons."""
    starts = range(0, len(buttons), ROW_BUTTONS)
    return [{"type": ACTION_ROW, "components": buttons[start : start + ROW_BUTTONS]} for start in starts]
