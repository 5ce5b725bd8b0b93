"""Forms as Slack shows them: its limits on views, and what a form's fields hold when it is opened and changed.

https://docs.slack.dev/reference/views/modal-views and https://docs.slack.dev/reference/methods/views.update
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.slack_rules import elements_of, faults_of, texts_of

Json = dict[str, Any]

_HELD = {
    "plain_text_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "timepicker": ("selected_time", "initial_time"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
}


def shown(view: Json, mark: str, before: Json | None = None) -> Json:
    """Return a view with what its fields hold: what they held before, in the same field, else what they begin with."""
    held = before["state"]["values"] if before else {}
    values: Json = {}
    for block in inputs_of(view):
        element = block["element"]
        kept = held.get(block["block_id"], {}).get(element["action_id"])
        name, initial = _HELD[element["type"]]
        begun = {"type": element["type"], name: element.get(initial, [] if name == "selected_options" else None)}
        values[block["block_id"]] = {element["action_id"]: kept or begun}
    return {**view, "hash": mark, "state": {"values": values}}


def inputs_of(view: Mapping[str, Any]) -> list[Json]:
    """Return the fields of a view."""
    return [block for block in view["blocks"] if block["type"] == "input"]


def fill(view: Json, block_id: str, value: Any) -> Json:
    """Type or choose something in a field, as a person could; return the field."""
    (block,) = [each for each in inputs_of(view) if each["block_id"] == block_id]
    element = block["element"]
    name, _ = _HELD[element["type"]]
    held: Any = value
    if element["type"] == "static_select":
        (held,) = [each for each in element["options"] if each["value"] == value]
    if element["type"] == "checkboxes":
        held = [each for each in element["options"] if each["value"] in value]
    if element["type"] == "external_select":
        held = {"text": {"type": "plain_text", "text": str(value)}, "value": value}
    view["state"]["values"][block_id] = {element["action_id"]: {"type": element["type"], name: held}}
    return block


def held_in(view: Mapping[str, Any], block_id: str) -> Any:
    """Return what a field holds."""
    (held,) = view["state"]["values"][block_id].values()
    return next(value for name, value in held.items() if name != "type")


def faults_of_view(view: Mapping[str, Any]) -> list[str]:
    """Return what Slack would refuse about a view, and why."""
    found = faults_of(view["blocks"], most=100, budget=None)
    if view["type"] == "modal":
        found += _faults_of_modal(view)
    found += ["private_metadata"] * (len(view.get("private_metadata", "")) > 3_000)
    ids = [block["block_id"] for block in view["blocks"] if "block_id" in block]
    found += [f"block_id {one} stands twice" for one in sorted({one for one in ids if ids.count(one) > 1})]
    for block in inputs_of(view):
        found += _faults_of_field(block)
    return found


def _faults_of_modal(view: Mapping[str, Any]) -> Iterator[str]:
    for name in ("title", "submit", "close"):
        if name in view and not 1 <= len(view[name]["text"]) <= 24:
            yield f"{name} has {len(view[name]['text'])} characters, of 24"
    if inputs_of(view) and "submit" not in view:
        yield "fields, but nothing to submit them"
    if len(view.get("callback_id", "")) > 255:
        yield "callback_id over 255"


def _faults_of_field(block: Json) -> Iterator[str]:
    element = block["element"]
    if element["type"] not in _HELD:
        yield f"{element['type']} is no field"
    if any(kind != "plain_text" for kind, _ in texts_of({**block, "element": {}})):
        yield "a label or hint with markup"
    if len(element.get("placeholder", {}).get("text", "")) > 150:
        yield "placeholder over 150"
    options = element.get("options", [])
    if element["type"] == "checkboxes" and not 1 <= len(options) <= 10:
        yield f"{len(options)} checkboxes, of 10"
    begun = element.get("initial_options", [element["initial_option"]] if "initial_option" in element else [])
    if options and any(each not in options for each in begun):
        yield "begins with what is no option"
    if element["type"] == "plain_text_input":
        if not 0 < element.get("max_length", 1) <= 3_000:
            yield "max_length over 3000"
        if len(element.get("initial_value", "")) > element.get("max_length", 3_000):
            yield "begins with more than it takes"
    if "initial_conversation" in element and "default_to_current_conversation" in element:
        yield "two conversations to begin with"


def buttons_of(view: Mapping[str, Any]) -> dict[str, Json]:
    """Return the buttons of a view or message, by what is written on them."""
    found = (each for each in elements_of(view["blocks"]) if each["type"] == "button")
    return {each["text"]["text"]: dict(each) for each in found}
