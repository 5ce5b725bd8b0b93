"""What forms are made of, and what was typed into them.

https://docs.slack.dev/reference/block-kit/blocks/input-block and https://docs.slack.dev/reference/views/modal-views
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters.slack.blocks import BUTTON_TEXT, OPTION_VALUE, Block
from adapters.slack.text import plain

OPEN = "open"
"""How the action ids of buttons begin that open a form; the form's name follows."""

FOLLOW, DIGEST = "follow", "digest"
SUGGEST = "suggest"
"""How the action ids of fields begin that are completed by us; what they hold follows."""

ERROR = 300
"""Characters of what is wrong, below a field."""

_PLACEHOLDER = 150
_METADATA = 3_000


def open_button(form: str, label: str) -> Block:
    """Return the button that opens a form."""
    text = {"type": "plain_text", "text": label, "emoji": False}
    return {"type": "button", "action_id": f"{OPEN}:{form}", "text": text, "value": form}


FOLLOW_BUTTON = open_button(FOLLOW, "Add a follow")
DIGEST_BUTTON = open_button(DIGEST, "Set up a digest")


def modal(callback_id: str, title: str, submit: str, blocks: Sequence[Block], metadata: str = "") -> Block:
    """Return a form; `metadata` comes back with what is typed, and is left out where it is too long for Slack."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": _words(title),
        "submit": _words(submit),
        "close": _words("Cancel"),
        "private_metadata": metadata if len(metadata) <= _METADATA else "",
        "blocks": list(blocks),
    }


def field(block_id: str, label: str, element: Block, hint: str = "", *, optional: bool = False) -> Block:
    """Return a field of a form: what is asked, where it is answered, and a word on how."""
    block: Block = {"type": "input", "block_id": block_id, "label": _words(label), "element": element}
    return block | ({"hint": _words(hint)} if hint else {}) | ({"optional": True} if optional else {})


def line_input(action_id: str, limit: int, example: str = "", initial: str = "") -> Block:
    """Return a line to type into."""
    element: Block = {"type": "plain_text_input", "action_id": action_id, "max_length": limit}
    element |= {"placeholder": _words(plain(example, _PLACEHOLDER))} if example else {}
    return element | ({"initial_value": initial} if initial else {})


def choice(action_id: str, options: Sequence[Block], initial: str) -> Block:
    """Return a list to choose one from."""
    (chosen,) = [each for each in options if each["value"] == initial]
    return {"type": "static_select", "action_id": action_id, "options": list(options), "initial_option": chosen}


def suggested(kind: str, placeholder: str, least: int = 1, initial: Block | None = None) -> Block:
    """Return a field that suggests while somebody types, from so many letters on."""
    element: Block = {"type": "external_select", "action_id": f"{SUGGEST}:{kind}", "min_query_length": least}
    element |= {"placeholder": _words(placeholder)}
    return element | ({"initial_option": initial} if initial else {})


def option(value: str, label: str) -> Block:
    """Return an entry of a list."""
    return {"text": _words(plain(label, BUTTON_TEXT)), "value": value}


def fits(value: str) -> bool:
    """Return whether Slack takes that as an entry's value."""
    return 0 < len(value) <= OPTION_VALUE


def typed_in(view: Mapping[str, Any], block_id: str) -> str:
    """Return what was typed or chosen in a field; nothing where it was left empty, or is not there."""
    (held,) = (view["state"]["values"].get(block_id) or {"": {}}).values()
    chosen = (held.get("selected_option") or {}).get("value")
    return str(chosen or held.get("value") or held.get("selected_time") or held.get("selected_conversation") or "")


def ticked_in(view: Mapping[str, Any], block_id: str) -> list[str]:
    """Return the boxes of a field that are ticked."""
    (held,) = (view["state"]["values"].get(block_id) or {"": {}}).values()
    return [str(each["value"]) for each in held.get("selected_options") or ()]


def without_buttons(blocks: Iterable[Block]) -> list[Block]:
    """Return blocks to be looked at alone, as a form shows them."""
    bare = [{key: value for key, value in block.items() if key != "accessory"} for block in blocks]
    return [block for block in bare if block["type"] != "actions"]


def _words(words: str) -> Block:
    return {"type": "plain_text", "text": words, "emoji": False}
