"""A button is a command: its value is the line that a press types, so that it outlives every restart."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.slack.blocks import BUTTON_TEXT, BUTTON_VALUE, OPTION_VALUE, Block
from adapters.slack.text import plain
from bot.reply import Action

RUN = "run"
"""How the action ids of our buttons begin; a number follows, for they must differ within a message."""

_IN = "@"
"""What follows it in an action id is the channel in which the button acts."""

SHARE = "share"
"""The action id of the button that posts a private answer for all to see; its value is the answer's command."""


def button(action: Action, place: str) -> Block | None:
    """Return a button, None where its command is too long for one; `place` tells it from others of the message."""
    if len(action.command) > BUTTON_VALUE or not action.command.strip():
        return None
    return {
        "type": "button",
        "action_id": f"{RUN}:{place}",
        "text": {"type": "plain_text", "text": plain(action.label, BUTTON_TEXT) or "…", "emoji": False},
        "value": action.command,
    }


def buttons(actions: Sequence[Action], place: str = "a") -> list[Block]:
    """Return the buttons of those actions."""
    made = (button(action, f"{place}{number}") for number, action in enumerate(actions))
    return [one for one in made if one]


def share_button(command: str) -> Block | None:
    """Return the button that shares the answer to a command."""
    if len(command) > BUTTON_VALUE or not command.strip():
        return None
    return {
        "type": "button",
        "action_id": SHARE,
        "text": {"type": "plain_text", "text": "Share with the channel", "emoji": False},
        "value": command,
    }


def menu(actions: Sequence[Action], place: str) -> Block | None:
    """Return up to five actions as a menu, for a line of a list."""
    fitting = [action for action in actions if len(action.command) <= OPTION_VALUE][:5]
    if not fitting:
        return None
    options = [
        {"text": {"type": "plain_text", "text": plain(each.label, BUTTON_TEXT), "emoji": False}, "value": each.command}
        for each in fitting
    ]
    return {"type": "overflow", "action_id": f"{RUN}:{place}", "options": options}


def command_of(pressed: Mapping[str, Any]) -> str:
    """Return the command of a pressed button or a chosen entry of a menu (`actions[0]` of Slack's payload)."""
    chosen = pressed.get("selected_option") or pressed
    return str(chosen.get("value", ""))


def placed(blocks: Sequence[Block], channel: str | None) -> list[Block]:
    """Return blocks whose commands act in that channel, wherever they are pressed; as they are, where it is None."""
    return [_placed(block, channel) for block in blocks] if channel else list(blocks)


def place_of(pressed: Mapping[str, Any]) -> str | None:
    """Return the channel in which a pressed button acts; None for the one in which it was pressed."""
    return str(pressed.get("action_id", "")).partition(_IN)[2] or None


def _placed(part: Any, channel: str) -> Any:
    if isinstance(part, list):
        return [_placed(each, channel) for each in part]
    if not isinstance(part, dict):
        return part
    moved = {key: _placed(value, channel) for key, value in part.items()}
    if str(moved.get("action_id", "")).startswith(f"{RUN}:"):
        moved["action_id"] = f"{part['action_id'].partition(_IN)[0]}{_IN}{channel}"
    return moved
