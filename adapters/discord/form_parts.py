"""What forms are made of. https://docs.discord.com/developers/interactions/receiving-and-responding#modals"""

from collections.abc import Mapping, Sequence
from typing import Any

import discord

PREFIX = "f:"
"""How the custom ids of forms begin, and of the buttons that open them; the form's name follows."""

DIGEST, FOLLOW = "digest", "follow"
_LABEL = 45
_OPEN_FOR = 900.0


class Form(discord.ui.Modal):
    """A form. What is sent is read from the interaction, so that it may come after a restart as well."""

    def __init__(self, name: str, title: str, fields: Sequence[discord.ui.Label[Any]]) -> None:
        super().__init__(title=title, custom_id=f"{PREFIX}{name}", timeout=_OPEN_FOR)
        for field in fields:
            self.add_item(field)

    def is_finished(self) -> bool:
        """Return True: discord.py would else keep each form, with a timer."""
        return True


def line(
    name: str, label: str, hint: str, typed: Mapping[str, list[str]], *, most: int, first: str = "", needed: bool = True
) -> discord.ui.Label[Any]:
    """Return a line to type into, filled as it was typed before, else with `first`."""
    filled = (typed.get(name) or [first])[0] if name in typed or first else ""
    box = discord.ui.TextInput[Any](
        custom_id=name, required=needed, max_length=most, default=filled[:most] or None, style=discord.TextStyle.short
    )
    return discord.ui.Label(text=label[:_LABEL], description=hint or None, component=box)


def choice(
    name: str,
    label: str,
    hint: str,
    options: Mapping[str, str],
    chosen: Sequence[str],
    *,
    several: bool = False,
    needed: bool = True,
) -> discord.ui.Label[Any]:
    """Return a list to choose one from, or several, or none if not `needed`; values with what is shown for each."""
    entries = [discord.SelectOption(label=shown, value=key, default=key in chosen) for key, shown in options.items()]
    box = discord.ui.Select[Any](
        custom_id=name,
        options=entries,
        min_values=int(needed),
        max_values=len(entries) if several else 1,
        required=needed,
    )
    return discord.ui.Label(text=label[:_LABEL], description=hint or None, component=box)
