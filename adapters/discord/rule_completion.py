"""What a rule that is being typed may become: its last facet completed, or a bare name taken for an author's."""

import asyncio
import re
from collections.abc import Sequence

from bot.ports import World
from bot.query import HAS, KINDS, Kind, quoted
from bot.suggestions import Suggestion, suggest_authors, suggest_categories, suggest_organisations

_LAST = re.compile(r'(?:[^\s";]|"[^"]*"?)*\Z')
_OPEN_NAME = re.compile(r'(?P<before>(?:.*[\s;])?)(?P<facet>-?(?:author|org):)(?P<name>[^":,;]*)\Z', re.IGNORECASE)
"""A name in several words without quotes: `author:yann le`."""

_SHORTEST_NAME = 3
_AUTHORS = 8
_CATEGORIES = 4


async def complete_rule(world: World, organisations: Sequence[str], typed: str, limit: int) -> list[Suggestion]:
    """Return whole rules that begin as typed; what is typed itself is among them where it can stand as it is."""
    if name := _OPEN_NAME.fullmatch(typed):
        found = await _of_kind(world, organisations, name["facet"], name["name"], limit)
        return [Suggestion(name["before"] + each.value, name["before"] + each.label) for each in found]
    last = _LAST.search(typed)
    token = last[0] if last else ""
    before = typed[: len(typed) - len(token)]
    facet, colon, values = token.partition(":")
    if colon and not token.startswith('"'):
        done, comma, value = values.rpartition(",") if values.count('"') % 2 == 0 else ("", "", values)
        found = await _of_kind(world, organisations, f"{facet}:", value, limit)
        start = f"{before}{facet}:{done}{comma}"
        inner = [Suggestion(start + each.value.removeprefix(f"{facet}:"), before + each.label) for each in found]
        return inner or _as_typed(typed)
    return [*_as_typed(typed), *await _of_word(world, typed, before, token)][:limit]


def _as_typed(typed: str) -> list[Suggestion]:
    can_stand = typed.strip() and typed.count('"') % 2 == 0
    return [Suggestion(typed.strip(), typed.strip())] if can_stand else []


async def _of_word(world: World, typed: str, before: str, token: str) -> list[Suggestion]:
    """Return what a word that was begun may be: a facet, and, alone with other words, an author or a category."""
    minus, word = ("-", token[1:]) if token.startswith("-") else ("", token)
    found = [
        Suggestion(f"{before}{minus}{kind}:", f"{before}{minus}{kind}: {means}: {example}")
        for kind, (means, example) in KINDS.items()
        if kind.startswith(word.lower())
    ]
    name = typed.strip()
    if len(name) < _SHORTEST_NAME or re.search(r'[":;-]', name):
        return found
    authors = await suggest_authors(world, name, _AUTHORS)
    found += [Suggestion(f"author:{quoted(each.value)}", f"author: {each.label}") for each in authors]
    categories = suggest_categories(name, _CATEGORIES)
    return found + [Suggestion(f"cat:{each.value}", f"cat: {each.label}") for each in categories]


async def _of_kind(world: World, organisations: Sequence[str], facet: str, typed: str, limit: int) -> list[Suggestion]:
    """Return a facet with each value that begins so."""
    kind, value = facet.removeprefix("-").removesuffix(":").lower(), typed.strip().replace('"', "")
    if kind == Kind.AUTHOR:
        found = await suggest_authors(world, value, limit) if value else []
    elif kind == Kind.ORGANISATION:
        found = await asyncio.to_thread(suggest_organisations, organisations, value, limit)
    elif kind == Kind.CATEGORY:
        found = suggest_categories(value, limit)
    elif kind == Kind.HAS:
        found = [Suggestion(each, each) for each in HAS if each.startswith(value.lower())]
    else:
        found = []
    return [Suggestion(f"{facet}{quoted(each.value)}", f"{facet} {each.label}") for each in found]
