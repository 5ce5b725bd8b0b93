"""What people do with forms in the fake Slack: open, fill in, look at suggestions, submit, close."""

import itertools
import time
from typing import Any

from tests.fakes.slack import Json
from tests.fakes.slack_people import Person
from tests.fakes.slack_views import fill, inputs_of

_times = itertools.count(1)


def pressed_in(person: Person, view: Json, element: Json) -> Json:
    """Return the payload of a press in a view: the home, or a form."""
    action: Json = {key: element[key] for key in ("type", "action_id", "value") if key in element}
    if element["type"] == "overflow":
        action["selected_option"] = element["options"][0]
    return _base(person, "block_actions") | {
        "trigger_id": person.slack.trigger(),
        "container": {"type": "view", "view_id": view.get("id", "V0")},
        "view": view,
        "actions": [action | {"block_id": "b", "action_ts": f"{time.time():.6f}{next(_times)}"}],
    }


async def presses_in(person: Person, view: Json, element: Json) -> None:
    """Press a button of a view."""
    status, _ = await person.exchanges("interactive", pressed_in(person, view, element))
    assert status == 200


async def chooses_in(person: Person, view: Json, block_id: str, value: Any) -> None:
    """Choose something in a field; where the form wants to know at once, it is told."""
    block = fill(view, block_id, value)
    if block.get("dispatch_action"):
        await presses_in(person, view, block["element"])


async def submits(person: Person, view: Json, /, **values: Any) -> dict[str, str]:
    """Fill fields in and submit the form: it closes, or shows what is wrong. Returns that, by field."""
    for block_id, value in values.items():
        fill(view, block_id.replace("__", "-"), value)
    status, answer = await person.exchanges("interactive", submission(person, view))
    assert status == 200
    wrong: dict[str, str] = answer.get("errors", {})
    if not answer:
        modals = person.workspace.modals
        modals[:] = [each for each in modals if each["id"] != view["id"]]  # it may have been changed meanwhile
        return {}
    assert answer["response_action"] == "errors"
    assert wrong
    assert wrong.keys() <= {block["block_id"] for block in inputs_of(view)}, "Slack shows errors at fields alone"
    assert all(wrong.values())
    return wrong


def submission(person: Person, view: Json) -> Json:
    """Return the payload of a submitted form."""
    return _base(person, "view_submission") | {"view": view, "response_urls": []}


async def looks_for(person: Person, view: Json, block_id: str, typed: str) -> list[str]:
    """Type into a field that suggests; return the suggestions' labels."""
    (block,) = [each for each in inputs_of(view) if each["block_id"] == block_id]
    element = block["element"]
    assert element["type"] == "external_select"
    asked = {"action_id": element["action_id"], "block_id": block_id, "value": typed, "view": view}
    status, answer = await person.exchanges("interactive", _base(person, "block_suggestion") | asked)
    assert status == 200
    options = answer["options"]
    assert len(options) <= 100
    assert all(1 <= len(each["text"]["text"]) <= 75 and 1 <= len(each["value"]) <= 150 for each in options)
    return [each["text"]["text"] for each in options]


def _base(person: Person, kind: str) -> Json:
    workspace = person.workspace
    return {
        "type": kind,
        "user": person.who(),
        "team": {"id": workspace.team, "enterprise_id": workspace.enterprise},
        "enterprise": {"id": workspace.enterprise} if workspace.enterprise else None,
        "api_app_id": "A1",
    }
