"""Discord's limits of messages and modals, written by hand from its documentation; each fault names where it is.

Sources: [M] https://docs.discord.com/developers/resources/message
[C] https://docs.discord.com/developers/components/reference  [I] .../interactions/receiving-and-responding
"""

from collections.abc import Iterator, Sequence

from tests.fakes.discord_component_rules import (
    CONTAINER,
    CUSTOM_ID,
    FILE,
    GALLERY_OF,
    LABEL_OF,
    ROW,
    SECTION,
    SELECTS,
    SEPARATOR,
    TEXT,
    TEXT_INPUT,
    bounded,
    faults_of_tree,
    placed,
    required,
)
from tests.fakes.discord_world import Flag, Json, walk

CONTENT = 2000  # [M] create message: content
EMBEDS = 10  # [M] create message: embeds
EMBED_TOTAL = 6000  # [M] embed limits: over all embeds of a message
EMBED_PARTS = {"title": 256, "description": 4096}  # [M] embed limits
FIELDS, FIELD_NAME, FIELD_VALUE, FOOTER, AUTHOR = 25, 256, 1024, 2048, 256  # [M] embed limits
COMPONENTS = 40  # [C] "messages allow up to 40 total components", nested ones too
V2_TEXT = 4000  # [C] over all text displays of a message
WEIGHT, WEIGHT_EACH = 10170, 12  # of components, in bytes: https://github.com/discord/discord-api-docs/issues/8554
ROWS = 5  # [C] legacy message: five action rows
MODAL_TITLE, MODAL_PARTS = 45, 5  # [I] modal
NONCE = 25  # [M] create message: nonce
CHOICES, CHOICE = 25, 100  # [I] autocomplete

IN_MESSAGE = (ROW, SECTION, TEXT, GALLERY_OF, FILE, SEPARATOR, CONTAINER)
IN_MODAL = (ROW, TEXT, LABEL_OF)
IN_LABEL = (TEXT_INPUT, 19, 21, 22, 23, *SELECTS)


def faults_of_message(message: Json, was_v2: bool = False) -> list[str]:
    """Return what Discord would refuse in a message's body (after an edit is laid over what was there)."""
    components = message.get("components") or []
    content = message.get("content") or ""
    embeds = message.get("embeds") or []
    is_v2 = was_v2 or bool((message.get("flags") or 0) & Flag.IS_COMPONENTS_V2)
    found = [*bounded("content", content, CONTENT), *_faults_of_embeds(embeds), *_faults_of_mentions(message)]
    found += faults_of_tree(components)
    if is_v2:
        for name in ("content", "embeds", "poll", "sticker_ids"):
            if message.get(name):
                found.append(f"{name}: not allowed with IS_COMPONENTS_V2")
        found += _faults_of_v2(components)
    else:
        found += _faults_of_rows(components)
    if not (content.strip() or embeds or components or message.get("attachments")):
        found.append("message: empty")
    if len(str(message.get("nonce") or "")) > NONCE:
        found.append(f"nonce: over {NONCE}")
    return found


def faults_of_weight(components: Sequence[Json]) -> list[str]:
    """Return what Discord answers with a 500, instead of saying what is wrong: 10,170 bytes of components.

    Measured, not documented, and for text displays alone: their content in UTF-8 and 12 bytes each. What other
    components weigh is unknown; here all their texts count, and 12 bytes each, which is rather too much.
    """
    weight = sum(WEIGHT_EACH + _bytes(part) for part in walk(list(components)))
    return [f"components: {weight} bytes in all, over {WEIGHT}"] if weight > WEIGHT else []


def _bytes(part: Json) -> int:
    texts = [value for value in part.values() if isinstance(value, str)]
    texts += [value for option in part.get("options") or () for value in option.values() if isinstance(value, str)]
    return sum(len(text.encode()) for text in texts)


def faults_of_modal(modal: Json) -> list[str]:
    """Return what Discord would refuse in a modal."""
    parts = modal.get("components") or []
    found = [
        *required("title", modal.get("title"), MODAL_TITLE),
        *required("custom_id", modal.get("custom_id"), CUSTOM_ID),
    ]
    if not 1 <= len(parts) <= MODAL_PARTS:
        found.append(f"components: {len(parts)}, not 1 to {MODAL_PARTS}")
    for number, part in enumerate(parts):
        found += placed(f"components[{number}]", part, IN_MODAL)
        if part["type"] == LABEL_OF:
            found += placed(f"components[{number}].component", part.get("component") or {"type": None}, IN_LABEL)
    return [*found, *faults_of_tree(parts)]


def faults_of_choices(choices: Sequence[Json]) -> list[str]:
    """Return what Discord would refuse in suggestions."""
    found = [f"choices: {len(choices)}, over {CHOICES}"] if len(choices) > CHOICES else []
    for number, choice in enumerate(choices):
        found += required(f"choices[{number}].name", choice.get("name"), CHOICE)
        if isinstance(choice.get("value"), str):
            found += required(f"choices[{number}].value", choice["value"], CHOICE)
    return found


def _faults_of_embeds(embeds: Sequence[Json]) -> Iterator[str]:
    if len(embeds) > EMBEDS:
        yield f"embeds: {len(embeds)}, over {EMBEDS}"
    total = 0
    for number, embed in enumerate(embeds):
        fields, at = embed.get("fields") or [], f"embeds[{number}]"
        if len(fields) > FIELDS:
            yield f"{at}.fields: {len(fields)}, over {FIELDS}"
        parts = [(name, embed.get(name) or "", limit) for name, limit in EMBED_PARTS.items()]
        parts += [("footer.text", (embed.get("footer") or {}).get("text", ""), FOOTER)]
        parts += [("author.name", (embed.get("author") or {}).get("name", ""), AUTHOR)]
        for one in fields:
            yield from required(f"{at}.fields.name", one.get("name"), FIELD_NAME)
            yield from required(f"{at}.fields.value", one.get("value"), FIELD_VALUE)
            total += len(one.get("name") or "") + len(one.get("value") or "")
        for name, text, limit in parts:
            total += len(text)
            yield from bounded(f"{at}.{name}", text, limit)
    if total > EMBED_TOTAL:
        yield f"embeds: {total} characters in all, over {EMBED_TOTAL}"


def _faults_of_mentions(message: Json) -> Iterator[str]:
    """`parse` and a list of the same kind exclude each other; 100 of each ([M] allowed mentions)."""
    allowed = message.get("allowed_mentions") or {}
    for kind in ("users", "roles"):
        ids = allowed.get(kind) or []
        if ids and kind in (allowed.get("parse") or []):
            yield f"allowed_mentions.{kind}: excluded by parse"
        if len(ids) > 100:
            yield f"allowed_mentions.{kind}: {len(ids)}, over 100"


def _faults_of_v2(components: Sequence[Json]) -> Iterator[str]:
    everything = walk(list(components))
    if len(everything) > COMPONENTS:
        yield f"components: {len(everything)} in all, over {COMPONENTS}"
    total = sum(len(part.get("content") or "") for part in everything if part["type"] == TEXT)
    if total > V2_TEXT:
        yield f"components: {total} characters of text in all, over {V2_TEXT}"
    for number, part in enumerate(components):
        yield from placed(f"components[{number}]", part, IN_MESSAGE)


def _faults_of_rows(components: Sequence[Json]) -> Iterator[str]:
    if len(components) > ROWS:
        yield f"components: {len(components)} rows, over {ROWS}"
    for number, part in enumerate(components):
        if part.get("type") != ROW:
            yield f"components[{number}]: type {part.get('type')} needs the flag IS_COMPONENTS_V2"
