"""Discord's limits of each component, by hand; the source of each beside it.

[C] https://docs.discord.com/developers/components/reference
A character is a Unicode code point: Discord's server is written where a string's length is that.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tests.fakes.discord_world import Json, walk

ROW_BUTTONS = 5  # [C] action row: five buttons or one select
CUSTOM_ID, LABEL, URL = 100, 80, 512  # [C] custom id; button
OPTIONS, OPTION_PART, PLACEHOLDER = 25, 100, 150  # [C] string select
SECTION_TEXTS, GALLERY, ALT_TEXT = 3, 10, 1024  # [C] section, media gallery, thumbnail
LABEL_TEXT, LABEL_MORE, INPUT, INPUT_PLACEHOLDER = 45, 100, 4000, 100  # [C] label, text input

ROW, BUTTON, SELECT, TEXT_INPUT, SECTION, TEXT, THUMBNAIL = 1, 2, 3, 4, 9, 10, 11
GALLERY_OF, FILE, SEPARATOR, CONTAINER, LABEL_OF = 12, 13, 14, 17, 18
SELECTS = (3, 5, 6, 7, 8)
INTERACTIVE = (BUTTON, TEXT_INPUT, 19, 21, 22, 23, *SELECTS)
IN_CONTAINER = (ROW, SECTION, TEXT, GALLERY_OF, FILE, SEPARATOR)


def required(where: str, text: Any, limit: int) -> list[str]:
    """A text that must be there."""
    if not isinstance(text, str) or not text.strip():
        return [f"{where}: required"]
    return bounded(where, text, limit)


def bounded(where: str, text: Any, limit: int) -> list[str]:
    """A text that may be absent."""
    return [f"{where}: {len(text)} characters, over {limit}"] if text is not None and len(text) > limit else []


def placed(where: str, part: Json, allowed: Sequence[int]) -> list[str]:
    return [] if part.get("type") in allowed else [f"{where}: type {part.get('type')} can't stand here"]


def faults_of_tree(components: Sequence[Json]) -> Iterator[str]:
    """What is wrong in each component, and what is there twice."""
    everything = walk(list(components))
    for part in everything:
        yield from _CHECKS.get(part.get("type", 0), _nothing)(part)
        if part.get("type") in INTERACTIVE and not (part["type"] == BUTTON and part.get("style") in (5, 6)):
            yield from required(f"{_name(part)}.custom_id", part.get("custom_id"), CUSTOM_ID)
    for key in ("custom_id", "id"):
        counted = Counter(part[key] for part in everything if part.get(key))
        yield from (f"{key}: {of!r} stands {times} times" for of, times in counted.items() if times > 1)


def _name(part: Json) -> str:
    return f"component {part.get('type')} {part.get('custom_id') or part.get('label') or ''}".strip()


def _nothing(part: Json) -> Iterator[str]:
    return iter(())


def _row(part: Json) -> Iterator[str]:
    kinds = [inner.get("type") for inner in part.get("components") or ()]
    if not kinds:
        yield "action row: empty"
    if len(kinds) > (ROW_BUTTONS if set(kinds) <= {BUTTON} else 1):
        yield f"action row: {len(kinds)} components of types {kinds}"
    for inner in part.get("components") or ():
        yield from placed("action row", inner, (BUTTON, TEXT_INPUT, *SELECTS))


def _button(part: Json) -> Iterator[str]:
    name, style = _name(part), part.get("style")
    yield from bounded(f"{name}.label", part.get("label"), LABEL)
    if style not in (1, 2, 3, 4, 5, 6):
        yield f"{name}.style: {style!r}"
    if style != 6 and not (part.get("label") or part.get("emoji")):
        yield f"{name}: needs a label or an emoji"
    if style == 5:
        url = part.get("url") or ""
        if not url.startswith(("http://", "https://", "discord://")):
            yield f"{name}.url: {url[:60]!r} is no address"
        yield from bounded(f"{name}.url", url, URL)
    if (style == 5) != ("url" in part and part["url"] is not None) or (style == 5 and part.get("custom_id")):
        yield f"{name}: a url belongs to the link style, a custom_id to the others"


def _select(part: Json) -> Iterator[str]:
    name, least, most = _name(part), part.get("min_values", 1), part.get("max_values", 1)
    yield from bounded(f"{name}.placeholder", part.get("placeholder"), PLACEHOLDER)
    if not 0 <= least <= 25 or not 1 <= most <= 25 or least > most:
        yield f"{name}: from {least} to {most} values"
    if part["type"] != SELECT:
        return
    options = part.get("options") or []
    if not 1 <= len(options) <= OPTIONS or most > len(options):
        yield f"{name}.options: {len(options)}, for up to {most} values"
    for option in options:
        for key in ("label", "value"):
            yield from required(f"{name}.options.{key}", option.get(key), OPTION_PART)
        yield from bounded(f"{name}.options.description", option.get("description"), OPTION_PART)
    if len({option.get("value") for option in options}) < len(options):
        yield f"{name}.options: a value stands twice"
    if sum(bool(option.get("default")) for option in options) > most:
        yield f"{name}.options: more defaults than values"


def _section(part: Json) -> Iterator[str]:
    texts = part.get("components") or []
    if not 1 <= len(texts) <= SECTION_TEXTS:
        yield f"section: {len(texts)} texts"
    for inner in texts:
        yield from placed("section", inner, (TEXT,))
    yield from placed("section.accessory", part.get("accessory") or {}, (BUTTON, THUMBNAIL))


def _text_display(part: Json) -> Iterator[str]:
    if not (part.get("content") or "").strip():
        yield "text display: empty"


def _container(part: Json) -> Iterator[str]:
    if not part.get("components"):
        yield "container: empty"
    for inner in part.get("components") or ():
        yield from placed("container", inner, IN_CONTAINER)


def _gallery(part: Json) -> Iterator[str]:
    items = part.get("items") or []
    if not 1 <= len(items) <= GALLERY:
        yield f"media gallery: {len(items)} items"
    for item in items:
        yield from bounded("media gallery.description", item.get("description"), ALT_TEXT)


def _thumbnail(part: Json) -> Iterator[str]:
    yield from bounded("thumbnail.description", part.get("description"), ALT_TEXT)


def _label(part: Json) -> Iterator[str]:
    yield from required("label.label", part.get("label"), LABEL_TEXT)
    yield from bounded("label.description", part.get("description"), LABEL_MORE)


def _text_input(part: Json) -> Iterator[str]:
    name = _name(part)
    yield from bounded(f"{name}.label", part.get("label"), LABEL_TEXT)
    yield from bounded(f"{name}.placeholder", part.get("placeholder"), INPUT_PLACEHOLDER)
    least, most = part.get("min_length") or 0, part.get("max_length") or INPUT
    if not 0 <= least <= most <= INPUT:
        yield f"{name}: from {least} to {most} characters"
    yield from bounded(f"{name}.value", part.get("value"), most)


_CHECKS = {
    ROW: _row, BUTTON: _button, TEXT_INPUT: _text_input, SECTION: _section, TEXT: _text_display,
    THUMBNAIL: _thumbnail, GALLERY_OF: _gallery, CONTAINER: _container, LABEL_OF: _label,
} | dict.fromkeys(SELECTS, _select)  # fmt: skip
