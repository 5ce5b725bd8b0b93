"""The abstracts of a digest's papers, for its thread: in as few messages as the platform takes."""

from collections.abc import Iterable, Mapping

from bot import text
from bot.latex import readable
from bot.paper import Paper
from bot.ports import Messenger
from bot.reply import Abstract, AbstractsPost

MOST = 2_000
"""Characters of an abstract; arXiv takes 1,920 (https://info.arxiv.org/help/prep.html#abstracts)."""

UNKNOWN_ROOM = 3_000
"""Characters in a message of a platform that another process serves; Discord takes 4,000."""

_AROUND = 100
"""Characters that a platform adds to a title and an abstract, at most."""


def thread_room(messengers: Mapping[str, Messenger], platform: str) -> int:
    """Return how many characters a message in a thread of that platform holds; 0 where there are no threads."""
    messenger = messengers.get(platform)
    return messenger.thread_room if messenger else UNKNOWN_ROOM


def thread_of(papers: Iterable[Paper], room: int) -> tuple[AbstractsPost, ...]:
    """Return the abstracts of papers, in their order, in messages of so many characters; papers without are left out.

    One that is longer than a message stands in it alone, and is the platform's to cut.
    """
    messages: list[list[Abstract]] = []
    left = 0
    for paper in papers:
        title = readable(paper.title)
        if not (words := text.cut(text.clean(readable(paper.abstract)), MOST)):
            continue
        size = len(title) + len(words) + _AROUND
        if size > left:
            messages.append([])
            left = room
        messages[-1].append(Abstract(str(paper.id), title, paper.url, words))
        left -= size
    return tuple(map(AbstractsPost, map(tuple, messages)))
