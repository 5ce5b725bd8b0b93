"""What a form suggests while somebody types: authors, categories, organisations and time zones.

Each of them answers from what is known here, within a few milliseconds, and takes half a word for its beginning.
"""

import asyncio
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot import text
from bot.arxiv_categories import ARCHIVES, CATEGORIES, archive_of, nearest_categories
from bot.ports import World
from bot.schedule import zones_by_spelling

_NAMES_READ = 500
"""Names of authors that are read for one beginning: more of them are told apart by another letter."""

_FEW = 3
_NEAR = 75


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that may be meant: the value as a rule takes it, and what a person reads."""

    value: str
    label: str


async def suggest_authors(world: World, typed: str, limit: int) -> list[Suggestion]:
    """Return authors whose name begins so, given or family name first: those with the very words, then who wrote most.

    Where hardly any does, those whose names look like it, for it may be misspelt.
    """
    words = text.words(typed[:100])
    if not words:
        return []
    async with world.store.read() as session:
        read = [await session.papers.author_names_from(key, _NAMES_READ) for key in _keys(words)]
    begun = await asyncio.to_thread(_begun, words, _distinct(name for found in read for name in found))
    counts = await world.index.author_counts(begun)
    names = sorted(begun, key=lambda name: (-begun[name], -counts[name], name))
    if len(names) < _FEW:
        names = _distinct([*names, *await world.index.names_like(typed[:100])])
    return [Suggestion(name, name) for name in names[:limit]]


def _begun(words: Sequence[str], names: Iterable[str]) -> dict[str, int]:
    """Return the names that begin so, each with how many of the words stand in it in full."""
    parted = {name: text.words(name) for name in names}
    return {name: len({*words} & {*parts}) for name, parts in parted.items() if _begins(words, parts)}


def suggest_categories(typed: str, limit: int) -> list[Suggestion]:
    """Return categories by the beginning of their id, or of words of their name; else the nearest."""
    asked, words = typed.strip().lower(), text.words(typed[:100])
    known = _categories()
    by_id = [name for name in known if name.lower().startswith(asked) or name.lower().endswith(f".{asked}")]
    by_name = [name for name, (_, parts) in known.items() if _begins(words, parts)]
    found = _distinct([*by_id, *by_name]) or nearest_categories(typed, limit)
    return [Suggestion(name, f"{name} {known[name][0]}") for name in found[:limit]]


@functools.cache
def _categories() -> dict[str, tuple[str, list[str]]]:
    """Return every category and archive that takes papers: what it is called, and the words of that."""
    living = {archive_of(name): ARCHIVES[archive_of(name)] for name in CATEGORIES}
    titles = sorted({**living, **CATEGORIES}.items(), key=lambda each: each[0].lower())
    return {name: (title, text.words(title)) for name, title in titles}


def suggest_organisations(known: Sequence[str], typed: str, limit: int) -> list[Suggestion]:
    """Return organisations of those known (`Papers.organisations`) by the beginnings of their words, else the nearest.

    For 100,000 of them: call it in a thread.
    """
    words = text.words(typed[:100])
    found = [name for name in known if _begins(words, text.words(name))]
    if not found:
        near = process.extract(typed[:100], known, scorer=fuzz.ratio, processor=text.fold, score_cutoff=_NEAR, limit=5)
        found = [name for name, _, _ in near]
    return [Suggestion(name, name) for name in found[:limit]]


def suggest_zones(typed: str, own: str | None, limit: int) -> list[Suggestion]:
    """Return time zones by the beginnings of their words, or as chats call them ("CET"); one's own first."""
    words = text.words(typed[:100])
    spellings = zones_by_spelling()
    every = sorted({zone for zones in spellings.values() for zone in zones if _is_place(zone)})
    called = [zone for zone in spellings.get("_".join(words), ()) if _is_place(zone)]
    fitting = [zone for zone in every if _begins(words, text.words(zone))]
    if not fitting and not called:
        near = process.extractOne("_".join(words), list(spellings), scorer=fuzz.ratio, score_cutoff=_NEAR)
        fitting = list(spellings[near[0]]) if near else []
    mine = [own] if own and (not words or own in fitting) else []
    return [Suggestion(zone, zone) for zone in _distinct([*mine, *called, *fitting])[:limit]]


def _keys(words: Sequence[str]) -> list[str]:
    """Return beginnings of the keys (`bot.names.block_keys`) that a name that begins with these words may have.

    With one word, that is any name of a person; with more, the last one has just begun.
    """
    if len(words) == 1:
        return [words[0]]
    *before, last = words
    return _distinct([f"{''.join(before)}|{last[0]}", f"{words[0]}|{last[0]}", last])


def _begins(typed: Sequence[str], words: Iterable[str]) -> bool:
    """Return whether each typed word begins a word of its own, in whatever order."""
    left = sorted(words, key=len)
    for word in sorted(typed, key=len, reverse=True):
        match = next((each for each in left if each.startswith(word)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _is_place(zone: str) -> bool:
    return zone == "UTC" or ("/" in zone and not zone.startswith(("Etc/", "US/", "SystemV/")))


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
