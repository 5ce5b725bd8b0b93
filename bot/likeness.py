"""The nearest right form for something misspelt: commands, kinds, zones and other short closed lists."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

from bot.text import fold


def nearest(typed: str, options: Iterable[str], floor: float = 70) -> str | None:
    """Return the option most like `typed` (rapidfuzz ratio of folded forms, 0 to 100), or None below `floor`."""
    best = process.extractOne(typed[:100], list(options), scorer=fuzz.ratio, processor=fold, score_cutoff=floor)
    return best[0] if best else None
