"""Papers like one."""

import asyncio

from bot import text
from bot.commands.lookup import find_paper
from bot.commands.table import PAGE, PAGE_SIZE, Call, Command, Param, Shape, page_actions, required
from bot.latex import readable
from bot.paper import Paper
from bot.reply import Action, Reply, paper_line
from bot.similar import likeness


async def similar(call: Call) -> Reply:
    """Show the papers that are most like one, each with what it shares with it."""
    typed = required(call, "Similar to which paper? Give its id, address or title.", "similar 2506.01234")
    paper = await find_paper(call, typed, "similar")
    if isinstance(paper, Reply):
        return paper
    found = await call.world.index.similar(paper, offset=call.offset, limit=PAGE_SIZE)
    pages = call.pages(found.total)
    async with call.world.store.read() as session:
        papers = await session.papers.get_many(found.ids)
        votes = await session.opinions.votes(call.caller.team.id, found.ids)
    reasons = await asyncio.to_thread(_reasons, paper, papers, found.stems)
    label, title = paper_line(paper).label, text.cut(readable(paper.title), 60)
    lines = (paper_line(other, votes.get(other.id, 0), why) for other, why in zip(papers, reasons, strict=True))
    return Reply(
        notice=None if papers else "No other paper here is like it; search finds papers by words.",
        heading=f"{text.plural(found.total, 'paper')} like “{title}” · {label} · closest first",
        papers=tuple(lines),
        pages=pages,
        actions=(*page_actions(f"similar {label}", pages), Action("The paper itself", f"show {label}")),
    )


def _reasons(paper: Paper, others: list[Paper], stems: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [likeness(paper, other, stems) for other in others]


COMMANDS = (
    Command(
        "similar",
        "papers like one, by words, authors and categories, and what they share",
        similar,
        (Param("paper", Shape.PAPER, "id, address or title", required=True), PAGE),
        "similar 2506.01234",
    ),
)
