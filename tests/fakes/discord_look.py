"""What people see of a Discord message: a small model of its markdown, and its words.

Written from what Discord's client does (its own help page, and the cases of discord-api-docs issues 6185, 6565, 7673
and 7721), independently of `adapters.discord.text`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Component = Mapping[str, Any]

_PICTURES = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff\u203c\u2049\u2194-\u2199\u231a-\u23ff\u2b50\ufe0f]")
_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_STYLES = (
    ("code", re.compile(r"(`+)(.+?)(?<!`)\1(?!`)", re.DOTALL), 2),
    ("bold", re.compile(r"\*\*((?:\\.|[^\\])+?)\*\*(?!\*)", re.DOTALL), 1),
    ("underlined", re.compile(r"__((?:\\.|[^\\])+?)__(?!_)", re.DOTALL), 1),
    ("italic", re.compile(r"\*(?!\s)((?:\\.|\*\*|[^*\\])+?)(?<!\s)\*(?!\*)", re.DOTALL), 1),
    ("italic", re.compile(r"_((?:\\.|__|[^_\\])+?)_(?![0-9A-Za-z_])", re.DOTALL), 1),
    ("struck", re.compile(r"~~(.+?)~~(?!_)", re.DOTALL), 1),
    ("hidden", re.compile(r"\|\|(.+?)\|\|", re.DOTALL), 1),
)
_THINGS = (
    ("mention", re.compile(r"@everyone|@here|<@[!&]?\d+>")),
    ("channel", re.compile(r"<#\d+>|<id:\w+>")),
    ("command", re.compile(r"</[^>]+:\d+>")),
    ("time", re.compile(r"<t:-?\d+(?::\w)?>")),
    ("picture", re.compile(r"<a?:\w+:\d+>|:[\w+-]+:")),
    ("address", re.compile(r"<[^: >]+:/[^ >]+>|<[^\s<>@]+@[^\s<>]+\.\w+>|(?:https?|steam)://[^\s<]+[^<.,:;\"'\]\s]")),
    ("invitation", re.compile(r"discord(?:app)?\.(?:gg|com/invite)/\w+", re.IGNORECASE)),
)
_LINK = re.compile(r"\[((?:\[[^\]]*\]|[^\[\]])*)\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?\s*\)", re.DOTALL)
_BLOCKS = (
    ("heading", re.compile(r"#{1,3}\s+([^\n]*?)#*\s*(?:\n|$)")),
    ("small", re.compile(r"-#\s+([^\n]*)(?:\n|$)")),
    ("quote", re.compile(r">(?:>>)?\s+([^\n]*)(?:\n|$)")),
    ("list", re.compile(r"(?:[*-]|\d+\.)\s+([^\n]*)(?:\n|$)")),
)


@dataclass(slots=True)
class Look:
    """How a text looks: its characters as they are seen, what is marked how, and where its links lead."""

    seen: str = ""
    marks: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


def look_of(markup: str) -> Look:
    """Return how Discord shows a text."""
    look = Look()
    _read(markup, look, at_start=True)
    look.seen = look.seen.replace("\u200b", "")
    return look


def _read(markup: str, look: Look, at_start: bool, in_link: bool = False) -> None:
    place = 0
    while place < len(markup):
        line_start = (at_start and place == 0) or (place > 0 and markup[place - 1] == "\n")
        place = _token(markup, place, look, line_start and not in_link, in_link)


def _token(markup: str, place: int, look: Look, line_start: bool, in_link: bool) -> int:
    """Read what stands at a place; return where it ends."""
    if not in_link and (found := _ESCAPE.match(markup, place)):
        look.seen += found[1]
        return found.end()
    for name, pattern in _BLOCKS if line_start else ():
        if found := pattern.match(markup, place):
            look.marks.append(name)
            _read(found[1], look, at_start=True)
            look.seen += "\n" * found[0].endswith("\n")
            return found.end()
    for name, pattern in _THINGS:
        if found := pattern.match(markup, place):
            look.marks.append(name)
            look.seen += found[0]
            return found.end()
    for name, pattern, inner in _STYLES:
        if found := pattern.match(markup, place):
            look.marks.append(name)
            if name == "code":
                look.seen += found[inner]
            else:
                _read(found[inner], look, at_start=line_start, in_link=in_link)
            return found.end()
    if not in_link and (found := _LINK.match(markup, place)):
        label = Look()
        _read(found[1], label, at_start=False, in_link=True)
        whole = re.match(r"(?:[*-]|\d+\.|#{1,3}|>) ", found[1]) or _PICTURES.search(found[1])
        things = {name for name, _ in _THINGS}.intersection(label.marks)
        if not whole and not things and not _LINK.search(found[1]):
            look.marks += ["link", *label.marks]
            look.links.append((label.seen, found[2]))
            look.seen += label.seen
            return found.end()
    look.seen += markup[place]
    return place + 1


def texts_of(components: Sequence[Component]) -> Iterator[str]:
    """Yield all texts of a message, in order."""
    for component in _all(components):
        if component["type"] == 10:
            yield component["content"]


def custom_ids_of(components: Sequence[Component]) -> list[str]:
    """Return all custom ids of a message, in order."""
    return [component["custom_id"] for component in _all(components) if "custom_id" in component]


def words_of(components: Sequence[Component], indent: str = "") -> list[str]:
    """Return a message as lines that can be read in review: texts as they are seen, buttons in brackets."""
    lines: list[str] = []
    for component in components:
        inner = component.get("components", ())
        if component["type"] == 10:
            lines += [indent + line for line in _lines_seen(component["content"])]
        elif component["type"] == 2:
            lines.append(f"{indent}[{component['label']}] {component['custom_id']}")
        elif component["type"] == 3:
            lines.append(f"{indent}[{component['placeholder']} v] {component['custom_id']}")
            for option in component["options"]:
                lines.append(f"{indent}    {option['label']} ({option.get('description', '')}) {option['value']}")
        elif component["type"] == 17:
            lines += ["", "---", *words_of(inner), "---"]
        else:
            lines += words_of(inner)
            if accessory := component.get("accessory"):
                lines += words_of([accessory], "    ")
    return lines


def _lines_seen(markup: str) -> list[str]:
    lines = []
    for line in markup.split("\n"):
        look = look_of(line)
        leads = "".join(f" -> {url}" for _, url in look.links)
        kind = {"heading": "# ", "small": ". ", "list": "- "}.get(next(iter(look.marks), ""), "")
        lines.append(f"{kind}{look.seen.strip()}{leads}")
    return lines


def _all(components: Sequence[Component]) -> Iterator[Component]:
    for component in components:
        yield component
        yield from _all(component.get("components") or ())
        if component.get("accessory"):
            yield from _all([component["accessory"]])
