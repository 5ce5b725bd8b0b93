"""Components as Discord keeps and returns them: with an id each and the defaults filled in."""

import copy
import itertools
from collections.abc import Iterator, Sequence

from tests.fakes.discord_world import Json, walk

_DEFAULTS: dict[int, Json] = {
    3: {"min_values": 1, "max_values": 1, "disabled": False, "options": []},
    5: {"min_values": 1, "max_values": 1, "disabled": False},
    6: {"min_values": 1, "max_values": 1, "disabled": False},
    7: {"min_values": 1, "max_values": 1, "disabled": False},
    8: {"min_values": 1, "max_values": 1, "disabled": False},
    11: {"description": None, "spoiler": False},
    14: {"spacing": 1, "divider": True},
    17: {"accent_color": None, "spoiler": False},
}


def kept(components: Sequence[Json]) -> list[Json]:
    """Return components as they are stored: ids in the order of the tree, defaults, nulls gone."""
    copied = copy.deepcopy(list(components))
    everything = walk(copied)
    taken = {part["id"] for part in everything if part.get("id")}
    free = _free(taken)
    for part in everything:
        for key in [key for key, value in part.items() if value is None]:
            del part[key]
        for key, value in _DEFAULTS.get(part["type"], {}).items():
            part.setdefault(key, value)
        part["id"] = part.get("id") or next(free)
        if part["type"] == 11:
            part["media"] = _media(part["media"])
        for item in part.get("items", ()) if part["type"] == 12 else ():
            item["media"] = _media(item["media"])
    return copied


def _free(taken: set[int]) -> Iterator[int]:
    return (number for number in itertools.count(1) if number not in taken)


def _media(told: Json) -> Json:
    return {
        "id": "1", "url": told["url"], "proxy_url": told["url"], "width": None, "height": None,
        "content_type": "image/png", "loading_state": 2, "flags": 0, "placeholder": "", "placeholder_version": 1,
    }  # fmt: skip
