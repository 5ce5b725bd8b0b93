"""Finding the one paper that somebody means by an id, an address or a title."""

import re

from bot import text
from bot.commands.table import PAGE_SIZE, Call
from bot.errors import UserError
from bot.paper import Paper
from bot.query import Kind, Query, Rule, Term
from bot.references import parse_reference
from bot.reply import Action, Reply, paper_line
from bot.same_work import title_key

_MISTYPED_ID = re.compile(r"[0-9]{3,5}[.,][0-9]{3,6}(v[0-9]+)?")


EMPTY_STORE = "There are no papers here yet; paperround ingest huggingface brings them."


async def find_paper(call: Call, typed: str, then: str = "show") -> Paper | Reply:
    """Return the paper that is meant, or a Reply that asks which of several. Raises UserError where there is none.

    The answers to that question are buttons for the command `then`.
    """
    if reference := parse_reference(typed):
        async with call.world.store.read() as session:
            paper = await session.papers.get(reference.id)
            count = await session.papers.count()
        if paper:
            return paper
        if not count:
            raise UserError(EMPTY_STORE)
        raise UserError(
            f"{reference.id.value} is not among the {text.plural(count, 'paper')} here; search finds papers by words."
        )
    if _MISTYPED_ID.fullmatch(typed):
        raise UserError(f"There is no arXiv id {typed}; one looks like 2506.01234: year, month, a point, a number.")
    return await _by_title(call, typed, then)


async def one_paper(call: Call, typed: str) -> Paper:
    """Return the paper that is meant. Raises UserError where there is none, or several."""
    found = await find_paper(call, typed)
    if isinstance(found, Reply):
        raise UserError(f"{found.notice} Give the id: {_ids(found)}")
    return found


async def _by_title(call: Call, typed: str, then: str) -> Paper | Reply:
    words = [Term(Kind.TITLE, word) for word in text.words(typed[:400])[:30]]
    if not words:
        raise UserError(
            f"“{text.shown(typed)}” is no id, address or title of a paper; write, for example: {then} 2506.01234"
        )
    query = (Rule.of([Term(Kind.TITLE, " ".join(term.value for term in words))]),)
    found = await call.world.index.search(query, limit=PAGE_SIZE)
    async with call.world.store.read() as session:
        papers = await session.papers.get_many(found.ids)
    same = [paper for paper in papers if title_key(paper.title) == title_key(typed)]
    if len(same) == 1 or len(papers) == 1:
        return (same or papers)[0]
    if papers:
        return _asked(
            f"{text.plural(found.total, 'paper')} have “{text.shown(typed)}” in the title. Which one?", papers, then
        )
    if meant := await _nearly_titled(call, query):
        return _asked(f"No paper here is titled “{text.shown(typed)}”. Did you mean this?", meant, then)
    raise UserError(
        f"No paper here is titled “{text.shown(typed)}”; to look in abstracts too: search {text.shown(typed)}"
    )


async def _nearly_titled(call: Call, query: Query) -> list[Paper]:
    """Return the papers that a title with typing errors may mean."""
    mended = await call.world.index.corrected(query)
    if mended is None:
        return []
    found = await call.world.index.search(mended, limit=3)
    async with call.world.store.read() as session:
        return await session.papers.get_many(found.ids)


def _asked(question: str, papers: list[Paper], then: str) -> Reply:
    lines = tuple(map(paper_line, papers))
    return Reply(
        notice=question,
        papers=lines,
        actions=tuple(Action(text.cut(line.title, 40), f"{then} {line.label}") for line in lines),
    )


def _ids(reply: Reply) -> str:
    return text.either([line.label for line in (reply.papers or ())[:5]])
