"""A button is a command: its custom id holds the line that a press types, so that it outlives every restart.

    n:<place>:<command>      a button, the command itself
    q:<place>:<id>           a button whose command is too long for Discord's 100 characters: kept under that id
    s:, t:                   the same for the button that shares a private answer
    m:<place>                a menu: the value that somebody chooses is the command

<place> tells a button from others of its message. Behind it may stand `@<team>.<channel>`, where the command acts
somewhere else than where it is pressed, or `#<key>`, the key of the digest's delivery; for both there is no room.
"""

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, Self, cast

import discord

from adapters.discord.limits import (
    ACTION_ROW,
    BUTTON,
    BUTTON_LABEL,
    CUSTOM_ID,
    MENU_OPTIONS,
    OPTION_DESCRIPTION,
    OPTION_LABEL,
    OPTION_VALUE,
    PLACEHOLDER,
    SECONDARY,
    STRING_SELECT,
    Component,
)
from adapters.discord.text import plain
from bot.reply import Action

REMEMBERED: Final = dt.timedelta(days=180)
"""How long a long command is kept after it was last sent; a press after that is told that the button is too old."""

TOO_OLD: Final = "This button is too old to know its command; type the command again, /papers help lists them all."
"""What a press is told whose command is kept no more."""

_AT = r"(?P<place>[a-z0-9]{1,8})(?:@(?P<team>[0-9]{1,20})\.(?P<channel>[0-9]{1,20}))?(?:#(?P<key>[0-9A-Za-z_-]{1,40}))?"
_BUTTON: Final = re.compile(rf"(?P<kind>[nqst]):{_AT}:(?P<rest>.+)", re.DOTALL)
_MENU: Final = re.compile(rf"(?P<kind>m):{_AT}")
_UNSENDABLE: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_SHARED: Final = {"n": False, "q": False, "s": True, "t": True, "m": False}


class Remember(Protocol):
    """Keeps commands that are too long for a custom id, for `REMEMBERED` from when they were last kept."""

    async def keep(self, commands: Mapping[str, str]) -> None:
        """Keep commands, each under its id; one that is there is kept anew from now on."""
        ...

    async def recall(self, command_id: str) -> str | None:
        """Return the command of an id, None where it is kept no more."""
        ...


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where a command acts that is pressed in a direct message: a guild's id, and a channel's of it.

    It comes back from Discord as we sent it, but the presser may have left the guild: whoever answers checks that.
    """

    team: str
    channel: str


@dataclass(frozen=True, slots=True)
class Press:
    """What a custom id tells: the command, or the id under which it is kept (`command_id`), whether its answer is
    to be shared, the delivery's key in a digest, and where it acts if that is elsewhere."""

    command: str | None
    command_id: str | None = None
    share: bool = False
    key: str | None = None
    elsewhere: Elsewhere | None = None


@dataclass(slots=True)
class Ids:
    """Makes the custom ids of one message, and collects the commands that did not fit into theirs."""

    key: str = ""
    elsewhere: Elsewhere | None = None
    long_commands: dict[str, str] = field(default_factory=dict)

    def of(self, command: str, place: str, share: bool = False) -> str | None:
        """Return the custom id of a button; None for a command that nobody can send: empty, or of control letters."""
        if not command.strip() or _UNSENDABLE.search(command):
            return None
        at = self._at(place)
        whole = f"{'s' if share else 'n'}:{at}:{command}"
        if len(whole) <= CUSTOM_ID:
            return whole
        known = command_id(command)
        self.long_commands[known] = command
        return f"{'t' if share else 'q'}:{at}:{known}"

    def of_menu(self, place: str) -> str:
        """Return the custom id of a menu."""
        return f"m:{self._at(place)}"

    def _at(self, place: str) -> str:
        at = f"@{self.elsewhere.team}.{self.elsewhere.channel}" if self.elsewhere else ""
        return f"{place}{at}#{self.key}" if self.key else f"{place}{at}"


def command_id(command: str) -> str:
    """Return the id under which a long command is kept: 22 letters, 132 bits of its SHA-256."""
    return base64.urlsafe_b64encode(hashlib.sha256(command.encode()).digest())[:22].decode()


def press_of(custom_id: str) -> Press | None:
    """Return what a custom id tells; None for one that is not of our buttons and menus (a menu's command is None)."""
    found = _BUTTON.fullmatch(custom_id) or _MENU.fullmatch(custom_id)
    return _press(found) if found else None


def button(ids: Ids, action: Action, place: str, share: bool = False) -> Component | None:
    """Return a button, None where its command cannot be sent."""
    custom_id = ids.of(action.command, place, share)
    if custom_id is None:
        return None
    label = plain(action.label, BUTTON_LABEL) or "…"
    return {"type": BUTTON, "style": SECONDARY, "label": label, "custom_id": custom_id, "disabled": False}


def buttons(ids: Ids, actions: Sequence[Action], most: int, place: str = "a") -> list[Component]:
    """Return the buttons of those actions, at most so many."""
    made = (button(ids, action, f"{place}{number}") for number, action in enumerate(actions))
    return [one for one in made if one][:most]


def menu(ids: Ids, place: str, asks: str, options: Sequence[tuple[Action, str]]) -> Component | None:
    """Return a row with a menu of up to 25 actions, each with a line that describes it; `asks` stands in the empty
    menu. An action whose command is too long for a value is left out; None where none is left."""
    entries: dict[str, Component] = {}
    for action, about in options:
        command = action.command
        if 0 < len(command) <= OPTION_VALUE and command.strip() and not _UNSENDABLE.search(command):
            entry = {"label": plain(action.label, OPTION_LABEL) or "…", "value": command, "default": False}
            described = plain(about, OPTION_DESCRIPTION)
            entries.setdefault(command, entry | {"description": described} if described else entry)
    if not entries:
        return None
    chooser = {
        "type": STRING_SELECT,
        "custom_id": ids.of_menu(place),
        "placeholder": plain(asks, PLACEHOLDER),
        "min_values": 1,
        "max_values": 1,
        "disabled": False,
        "options": list(entries.values())[:MENU_OPTIONS],
    }
    return {"type": ACTION_ROW, "components": [chooser]}


class Presses(Protocol):
    """What the client has to have: where our buttons and menus are answered."""

    async def pressed(self, interaction: discord.Interaction[Any], press: Press) -> None:
        """Answer a press. It must not raise: discord.py would log that and tell nobody."""
        ...


class CommandButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_BUTTON):
    """A pressed button, made anew from its custom id alone: it needs nothing that was in memory when it was sent."""

    def __init__(self, item: discord.ui.Button[Any], press: Press) -> None:
        super().__init__(item)
        self.press = press

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button of a custom id that matches."""
        return cls(cast(discord.ui.Button[Any], item), _press(match))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press to the client (`Presses`)."""
        await cast(Presses, interaction.client).pressed(interaction, self.press)


class CommandMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=_MENU):
    """A menu in which something was chosen, made anew from its custom id."""

    def __init__(self, item: discord.ui.Select[Any], press: Press) -> None:
        super().__init__(item)
        self.press = press

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the menu of a custom id that matches."""
        return cls(cast(discord.ui.Select[Any], item), _press(match))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand what was chosen to the client (`Presses`), as if it were a button's command."""
        press = Press(self.item.values[0], key=self.press.key, elsewhere=self.press.elsewhere)
        await cast(Presses, interaction.client).pressed(interaction, press)


ITEMS: Final = (CommandButton, CommandMenu)
"""What the client registers, once, with `add_dynamic_items`."""


def _press(found: re.Match[str]) -> Press:
    parts = found.groupdict()
    kind, rest = parts["kind"], parts.get("rest")
    kept = kind in "qt"
    elsewhere = Elsewhere(parts["team"], parts["channel"]) if parts["team"] else None
    return Press(None if kept else rest, rest if kept else None, _SHARED[kind], parts["key"], elsewhere)
