"""Searching all papers."""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

from bot import text
from bot.authors import suggest_authors
from bot.commands.table import PAGE, PAGE_SIZE, Call, Command, Param, Shape, page_actions, required
from bot.paper_ids import PaperId
from bot.ports import Order
from bot.query import Kind, Query, Rule, written
from bot.query_parser import parse_search
from bot.reply import Action, Pages, Reply, paper_line

_ORDERS: dict[str, tuple[Order, str]] = {
    "relevance": ("relevance", "best match first"),
    "new": ("newest", "newest first"),
    "votes": ("votes", "most votes first"),
}


async def search(call: Call) -> Reply:
    """Show papers that match a query, a page at a time."""
    typed = required(call, "What shall I look for?", 'search diffusion author:"Yann LeCun"')
    query = parse_search(typed, call.today)
    sort = call.options.get("sort", "relevance")
    order, in_words = _ORDERS[sort]
    found = await call.world.index.search(
        query, order=order, offset=call.offset, limit=PAGE_SIZE, saves=await saves_named(call, query)
    )
    pages = call.pages(found.total)
    async with call.world.store.read() as session:
        papers = await session.papers.get_many(found.ids)
        votes = await session.opinions.votes(call.caller.team.id, found.ids)
    return Reply(
        notice=None if papers else await _nothing_found(call, query),
        heading=f"{text.plural(found.total, 'paper')} · {text.cut(written(query), 60)} · {in_words}",
        papers=tuple(paper_line(paper, votes.get(paper.id, 0)) for paper in papers),
        pages=pages,
        actions=_actions(query, sort, pages) if papers else (),
    )


async def saves_named(call: Call, query: Query) -> dict[str, Collection[PaperId]]:
    """Return what each team mate named as `by:@name` in the query has saved."""
    names = {
        term.value for rule in query for term in rule.terms if term.kind is Kind.SUBMITTER and term.value[0] == "@"
    }
    async with call.world.store.read() as session:
        return {name: await session.opinions.saved_by(call.caller.team.id, name[1:]) for name in sorted(names)}


async def _nothing_found(call: Call, query: Query) -> str:
    async with call.world.store.read() as session:
        count = await session.papers.count()
        near = [
            f'author:"{name}"'
            for rule in query
            for typed in rule.wanted(Kind.AUTHOR)
            for name in (await suggest_authors(session.papers, typed))[:2]
        ]
    hint = f"Did you mean {text.either(near)}?" if near else "Try fewer words, or one of them alone."
    return f"None of {text.plural(count, 'paper')} matches {text.shown(written(query), 80)}. {hint}"


def _actions(query: Query, sort: str, pages: Pages) -> tuple[Action, ...]:
    command = f"search {written(query)}" + (f" sort:{sort}" if sort != "relevance" else "")
    actions = list(page_actions(command, pages))
    if sort != "new":
        actions.append(Action("Newest first", f"search {written(query)} sort:new"))
    if standing := _standing(query):
        actions.append(Action("Follow this search", f"follow {written(standing)}"))
    return tuple(actions)


def _standing(query: Query) -> Query:
    """Return the query without dates, which a follow can't have."""
    dates = (Kind.AFTER, Kind.BEFORE)
    rules = (replace(rule, terms=tuple(term for term in rule.terms if term.kind not in dates)) for rule in query)
    return tuple(rule for rule in rules if not rule.only_excludes)


async def count_since(call: Call, rule: Rule, since: dt.date) -> int:
    """Return how many papers dated from then to today the rule matches."""
    query = (rule,)
    saves = await saves_named(call, query)
    found = await call.world.index.search(query, since=since, until=call.today, limit=0, saves=saves)
    return found.total


COMMANDS = (
    Command(
        "search",
        "papers that match words, phrases and facets, best first",
        search,
        (
            Param("query", Shape.QUERY, "words and facets", required=True),
            Param("sort", Shape.WORD, "the order", option=True, choices=tuple(_ORDERS)),
            PAGE,
        ),
        'search diffusion "language model" -cat:cs.CV',
    ),
)
