"""A message to Discord, and how it is made to fit.

A message is plain dicts, as Discord takes them, not a `discord.ui.LayoutView` of items. discord.py keeps such a view in
memory as long as it may be pressed, with a timer of 15 minutes for each private answer, and building it takes 0.06 ms
more for ten papers. Ours has no state: every button is answered by its custom id alone (`adapters.discord.buttons`).
Where discord.py asks for a view, `Message.view` hands the dicts over (2 µs).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import discord

from adapters.discord.limits import Component, size_of

FLAGS: Final = discord.MessageFlags(components_v2=True, suppress_embeds=True).value
"""The flags of every message of ours, for those sent without discord.py's view; ephemeral ones add that flag."""

DETAILS: Final = (4, 3, 2, 1, 0)
"""Levels of detail, the richest first."""


class Payload(discord.ui.LayoutView):
    """Components as dicts, where discord.py asks for a view; it never waits for a press, so none is kept."""

    def __init__(self, components: list[Component]) -> None:
        super().__init__(timeout=None)
        self._components = components

    def to_components(self) -> list[Component]:
        """Return the components."""
        return self._components

    def has_components_v2(self) -> bool:
        """Return True: texts and sections are of the second version."""
        return True

    def is_finished(self) -> bool:
        """Return True: discord.py would else keep the view, and a timer of 15 minutes for each private answer."""
        return True


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: components; their gist in plain words, at most 100 characters (a forum post's title, a log's
    line); and the commands too long for a custom id, by the ids that stand for them.

    Whoever sends the message keeps `long_commands` before (`adapters.discord.buttons.Remember`).
    """

    components: list[Component]
    text: str
    long_commands: Mapping[str, str] = field(default_factory=dict)

    @property
    def view(self) -> discord.ui.LayoutView:
        """The components, for calls of discord.py that take a view."""
        return Payload(self.components)

    @property
    def payload(self) -> dict[str, Any]:
        """The components and flags, for a request made by hand; allowed mentions are the sender's to add."""
        return {"components": self.components, "flags": FLAGS}


def fitted(make: Callable[[int, int], list[Component]], entries: int) -> list[Component]:
    """Return components in the greatest detail in which Discord takes them, else with as many entries as it takes.

    `make(detail, most)` returns them with at most so many entries of a list, and says so where some are left out.
    """
    components: list[Component] = []
    for detail in DETAILS:
        components = make(detail, entries)
        if size_of(components).fits:
            return components
    for most in range(entries - 1, -1, -1):
        components = make(0, most)
        if size_of(components).fits:
            return components
    return components
