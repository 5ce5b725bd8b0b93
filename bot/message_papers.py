"""What can be done with the papers that somebody's message names: save them, or follow their authors."""

import re
from collections.abc import Iterable, Sequence

from bot.ports import World
from bot.references import parse_reference
from bot.reply import Reply

MOST = 5
"""Papers of a message, and authors of a paper, that something is done with."""

_ADDRESS = re.compile(r"https?://[^\s<>|]+|\b\d{4}\.\d{4,5}\b")


def papers_in(texts: Iterable[str]) -> list[str]:
    """Return the papers that a message's texts link or name, as they stand there, each once."""
    found = [reference for words in texts for reference in _ADDRESS.findall(words)]
    return [paper for paper in dict.fromkeys(found) if parse_reference(paper)]


def lines_to_save(papers: Sequence[str]) -> list[str]:
    """Return the lines that save the first of those papers."""
    return [f"save {paper}" for paper in papers[:MOST]]


async def lines_to_follow(world: World, papers: Sequence[str]) -> list[str]:
    """Return the lines that follow the authors of the first of those papers, as far as they are known."""
    references = [reference for paper in papers[:MOST] if (reference := parse_reference(paper))]
    async with world.store.read() as session:
        known = [await session.papers.get(reference.id) for reference in references]
    names = [name.replace('"', "") for paper in known if paper for name in paper.authors[:MOST]]
    return [f'follow author:"{name}"' for name in dict.fromkeys(names)]


def together(replies: Iterable[Reply], verb: str) -> Reply:
    """Return one answer for all; where there is nothing to tell, that there was no paper to save or to follow."""
    notices = [reply.notice for reply in replies if reply.notice]
    return Reply(notice=" ".join(notices)) if notices else Reply(notice=f"There is no paper in it to {verb}.", ok=False)
