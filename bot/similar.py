"""What makes two papers alike, in words: the words, authors and categories that they share."""

import re
from collections import Counter
from collections.abc import Sequence

from bot import text
from bot.names import fold_name
from bot.paper import Paper

_READ = 10_000  # characters: more than any abstract needs, and what an endless one costs at most
_SHOWN = 4  # words, or names, or categories
_WORD = re.compile(r"[^\W_]+")
# In a store of millions their frequency tells; in one of a hundred papers “with” may be rarer than “model”.
_SAYS_NOTHING = """
    about above after all also although among an and any are as at based be because been before being best better
    between both but by can compared could do does due each either even every few for from further given had has have
    here how however if in into is it its itself less like many may me might more moreover most much must near neither
    no non nor not of often on once one only onto or other our out over own per propose same several shall should show
    since so some still such than that the their them then there thereby therefore these they this those though through
    thus to together too toward towards two under up upon us use used uses using various very via was we well were what
    when where whether which while who whose why will with within without would yet you your
"""
_PASSED_OVER = frozenset(text.stems(_SAYS_NOTHING))


def stem_counts(paper: Paper) -> Counter[str]:
    """Return how often title (counted twice) and abstract use each word that says something, by stem."""
    stems = text.stems(paper.title[:_READ]) * 2 + text.stems(paper.abstract[:_READ])
    return Counter(stem for stem in stems if stem not in _PASSED_OVER and len(stem) > 1 and not stem.isdigit())


def likeness(paper: Paper, other: Paper, telling: Sequence[str]) -> tuple[str, ...]:
    """Say in words what another paper shares with this one; of the words, the first among the `telling` stems."""
    used = stem_counts(other)
    shared = [stem for stem in telling if stem in used][:_SHOWN]
    spelled = _spellings(paper)
    words = [f"“{spelled.get(stem, stem)}”" for stem in shared]
    theirs = {fold_name(name) for name in other.authors}
    authors = [name for name in paper.authors if fold_name(name) in theirs]
    categories = [name for name in paper.categories if name in other.categories]
    return tuple(
        said
        for said in (
            f"shares {', '.join(words)}" if words else "",
            _listed("author", "authors", authors),
            _listed("category", "categories", categories),
        )
        if said
    )


def _spellings(paper: Paper) -> dict[str, str]:
    """Return by stem how the paper writes a word: in small letters where it does so anywhere, as in “LLM” it does not.

    The abstract comes first, since titles have capitals that mean nothing.
    """
    found: dict[str, str] = {}
    for word in _WORD.findall(f"{paper.abstract[:_READ]} {paper.title[:_READ]}"):
        for stem in text.word_stems(text.fold(word)):
            if stem not in found or (word.islower() and not found[stem].islower()):
                found[stem] = word
    return found


def _listed(one: str, many: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f"{one if len(names) == 1 else many} {', '.join(names[:_SHOWN])}{more}"
