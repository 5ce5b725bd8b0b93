"""Forms (modals) as a person fills them in: what is sent for what was shown."""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.fakes.discord_world import Channel, Json, Role, User, walk


def filled_in(modal: Json, values: dict[str, Any]) -> tuple[list[Json], list[User | Role | Channel]]:
    """Return a modal's components as they are submitted, and the things that were chosen.

    `values` is by custom_id or label. AssertionError where a person could not send this: a required field left
    empty, a text too long, an entry that isn't in the menu, a field that isn't there.
    """
    fields = {part["custom_id"] for part in walk(modal["components"]) if "custom_id" in part}
    by_label = dict(_labels(modal["components"]))
    chosen = {by_label.get(name, name): value for name, value in values.items()}
    assert set(chosen) <= fields, f"the form has the fields {sorted(fields)}, not {sorted(chosen)}"
    things: list[User | Role | Channel] = []
    return [_submitted(part, chosen, things) for part in modal["components"]], things


def _labels(components: Sequence[Json]) -> Iterator[tuple[str, str]]:
    for part in components:
        if part["type"] == 18:
            yield part["label"], part["component"]["custom_id"]
        for inner in part.get("components", ()):
            if inner.get("label"):
                yield inner["label"], inner["custom_id"]


def _submitted(part: Json, chosen: dict[str, Any], things: list[User | Role | Channel]) -> Json:
    told: Json = {"type": part["type"], "id": part.get("id", 0)}
    if part["type"] == 18:
        return told | {"component": _field(part["component"], chosen, things)}
    if part["type"] == 1:
        return told | {"components": [_field(inner, chosen, things) for inner in part["components"]]}
    return told


def _field(part: Json, chosen: dict[str, Any], things: list[User | Role | Channel]) -> Json:
    name = part["custom_id"]
    told: Json = {"type": part["type"], "custom_id": name, "id": part.get("id", 0)}
    if part["type"] == 4:
        return told | {"value": _typed(part, str(chosen.get(name, part.get("value") or "")))}
    if part["type"] == 23:
        return told | {"value": bool(chosen.get(name, part.get("default", False)))}
    options = part.get("options") or []
    default = [one["value"] for one in options if one.get("default")]
    default += [str(one["id"]) for one in part.get("default_values") or ()]
    given = chosen.get(name, default)
    given = list(given) if isinstance(given, list | tuple) else [given]
    things += [one for one in given if isinstance(one, User | Role | Channel)]
    values = [_entry(options, one) if isinstance(one, str) else str(one.id) for one in given]
    most = 1 if part["type"] == 21 else part.get("max_values", len(options) if part["type"] == 22 else 1)
    least = part.get("min_values", 1) if part.get("required", True) else 0
    assert least <= len(values) <= most, f"{name} takes {least} to {most} values, not {values}"
    if part["type"] == 21:
        return told | {"value": values[0] if values else None}
    return told | {"values": values}


def _typed(part: Json, value: str) -> str:
    name = part["custom_id"]
    assert value or not part.get("required", True), f"{name} is required"
    least, most = part.get("min_length") or 0, part.get("max_length") or 4000
    assert not value or least <= len(value) <= most, f"{name}: {len(value)} characters, not {least} to {most}"
    return value


def _entry(options: Sequence[Json], chosen: str) -> str:
    for option in options:
        if chosen in (option["value"], option["label"]):
            return str(option["value"])
    assert not options, f"{chosen!r} is none of {[option['label'] for option in options]}"
    return chosen
