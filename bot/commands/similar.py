"""Papers like one: by what we compare ourselves, and by what Semantic Scholar recommends."""

import asyncio

from bot import text
from bot.commands.lookup import find_paper
from bot.commands.table import PAGE, PAGE_SIZE, Call, Command, Param, Shape, page_actions, required
from bot.errors import UserError
from bot.latex import readable
from bot.paper import Paper
from bot.recommended import NAME
from bot.reply import Action, PaperLine, Reply, paper_line
from bot.similar import likeness

BY = Param(
    "by",
    Shape.WORD,
    f"whose list; {NAME}'s where a key allows it",
    option=True,
    choices=("semanticscholar",),
    works=lambda world, _: world.recommended is not None,
)
"""Theirs is a list of its own behind a button, not a second part of ours: each has its order, pages and total, ours
does not wait for them, and only those who want theirs cost a question, of which all teams have one a second."""

_THEIRS = f"similar {BY.name}:{BY.choices[0]}"


async def similar(call: Call) -> Reply:
    """Show the papers that are most like one, each with what it shares with it; or those that others recommend."""
    theirs = BY.name in call.options
    typed = required(call, "Similar to which paper? Give its id, address or title.", "similar 2506.01234")
    paper = await find_paper(call, typed, _THEIRS if theirs else "similar")
    if isinstance(paper, Reply):
        return paper
    return await (_recommended(call, paper) if theirs else _ours(call, paper))


async def _ours(call: Call, paper: Paper) -> Reply:
    found = await call.world.index.similar(paper, offset=call.offset, limit=PAGE_SIZE)
    pages = call.pages(found.total)
    async with call.world.store.read() as session:
        papers = await session.papers.get_many(found.ids)
    reasons = await asyncio.to_thread(_reasons, paper, papers, found.stems)
    label = paper_line(paper).label
    others = call.world.recommended
    theirs = (Action(f"Recommended by {NAME}", f"{_THEIRS} {label}"),) if others and others.knows(paper) else ()
    return Reply(
        notice=None if papers else "No other paper here is like it; search finds papers by words.",
        heading=f"{text.plural(found.total, 'paper')} like {_titled(paper)} · closest first",
        papers=await _lines(call, papers, reasons),
        pages=pages,
        actions=(*page_actions(f"similar {label}", pages), *theirs, _itself(label)),
    )


async def _recommended(call: Call, paper: Paper) -> Reply:
    label = paper_line(paper).label
    if call.world.recommended is None:
        raise UserError(
            f"{NAME} is not asked here, for want of a key; for papers like it in our store: similar {label}"
        )
    ids = await call.world.recommended.for_paper(paper)
    async with call.world.store.read() as session:
        stored = await session.papers.get_many(ids or ())
    papers = [other for other in stored if other.id != paper.id and not other.withdrawn]
    pages = call.pages(len(papers))
    nothing = "does not say just now; try again in a minute" if ids is None else "recommends nothing beside this paper"
    shown = papers[call.offset : call.offset + PAGE_SIZE]
    return Reply(
        notice=None if papers else f"{NAME} {nothing}.",
        heading=f"{text.plural(len(papers), 'paper')} that {NAME} recommends beside {_titled(paper)}"
        if papers
        else None,
        papers=await _lines(call, shown, [(f"recommended by {NAME}",)] * len(shown)),
        pages=pages,
        actions=(*page_actions(f"{_THEIRS} {label}", pages), Action("Similar", f"similar {label}"), _itself(label)),
    )


async def _lines(call: Call, papers: list[Paper], reasons: list[tuple[str, ...]]) -> tuple[PaperLine, ...]:
    async with call.world.store.read() as session:
        votes = await session.opinions.votes(call.caller.team.id, [paper.id for paper in papers])
    return tuple(paper_line(paper, votes.get(paper.id, 0), why) for paper, why in zip(papers, reasons, strict=True))


def _reasons(paper: Paper, others: list[Paper], stems: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [likeness(paper, other, stems) for other in others]


def _titled(paper: Paper) -> str:
    return f"“{text.cut(readable(paper.title), 60)}” · {paper_line(paper).label}"


def _itself(label: str) -> Action:
    return Action("The paper itself", f"show {label}")


COMMANDS = (
    Command(
        "similar",
        "papers like one, by words, authors and categories, and what they share",
        similar,
        (Param("paper", Shape.PAPER, "id, address or title", required=True), BY, PAGE),
        "similar 2506.01234",
    ),
)
