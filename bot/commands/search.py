"""Searching all papers."""

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from bot import recent_matches, text
from bot.commands.lookup import EMPTY_STORE
from bot.commands.table import PAGE, PAGE_SIZE, Call, Command, Param, Shape, page_actions, required
from bot.names import same_author
from bot.paper_ids import PaperId
from bot.ports import Found, Mended, Order
from bot.query import Kind, Query, Rule, written
from bot.query_parser import MAX_LENGTH, parse_search
from bot.reply import Action, Pages, Reply, paper_line
from bot.snippet import snippet

_ORDERS: dict[str, tuple[Order, str]] = {
    "relevance": ("relevance", "best match first"),
    "new": ("newest", "newest first"),
    "votes": ("votes", "most votes first"),
}


EXACTLY = re.compile(r"exactly\b\s*", re.IGNORECASE)
_FEW = 3  # papers, below which typing errors are looked for
_FAR_MORE = 20  # times as many papers as were found: then what was typed is an error of somebody else's, too
_NAMES = 2  # suggested for each that was typed


@dataclass(frozen=True, slots=True)
class _Search:
    """What is looked for and how; `exactly` as it was typed."""

    query: Query
    sort: str
    exactly: bool
    saves: Mapping[str, Collection[PaperId]]

    @property
    def command(self) -> str:
        """What to type for the same again."""
        return self.sorted_by(self.sort)

    def sorted_by(self, sort: str) -> str:
        exactly = "exactly " if self.exactly else ""
        return f"search {exactly}{written(self.query)}" + (f" sort:{sort}" if sort != "relevance" else "")


async def search(call: Call) -> Reply:
    """Show papers that match a query, a page at a time; typing errors in one that finds little are forgiven."""
    typed = required(call, "What shall I look for?", 'search diffusion author:"Yann LeCun"')
    exactly = EXACTLY.match(typed)
    query = parse_search(typed[exactly.end() :] if exactly else typed, call.today)
    asked = _Search(query, call.options.get("sort", "relevance"), bool(exactly), await saves_named(call, query))
    found = await _found(call, asked)
    mended = None if exactly else await _mended(call, asked, found.total)
    if mended is None:
        return await _results(call, asked, found, None if found.total else await _nothing_found(call, asked))
    meant, better = replace(asked, query=mended.query), mended.found
    if better.total < found.total * _FAR_MORE:
        hint = f"Did you mean “{written(meant.query)}” ({text.plural(better.total, 'paper')})?"
        return await _results(call, asked, found, hint, Action("Search for that", meant.command))
    as_typed = replace(asked, exactly=True)
    notice = f"Showing results for “{written(meant.query)}” (you typed “{written(query)}”)."
    notice += f" To search for that as typed: {as_typed.command}"
    return await _results(call, meant, better, notice, Action("Search as typed", as_typed.command))


async def _mended(call: Call, asked: _Search, found: int) -> Mended | None:
    """Return the query with its typing errors mended, if that finds more and can be typed again."""
    if found >= _FEW and not (len(asked.query) == 1 and asked.query[0].wanted(Kind.AUTHOR)):
        return None  # else the author may be somebody whose initials alone agree with the name
    order, _ = _ORDERS[asked.sort]
    mended = await call.world.index.mended(
        asked.query, found, order=order, offset=call.offset, limit=PAGE_SIZE, saves=asked.saves
    )
    return mended if mended and len(written(mended.query)) <= MAX_LENGTH else None


async def _found(call: Call, asked: _Search) -> Found:
    order, _ = _ORDERS[asked.sort]
    return await call.world.index.search(
        asked.query, order=order, offset=call.offset, limit=PAGE_SIZE, saves=asked.saves
    )


async def _results(call: Call, shown: _Search, found: Found, notice: str | None, *actions: Action) -> Reply:
    pages = call.pages(found.total)
    _, in_words = _ORDERS[shown.sort]
    async with call.world.store.read() as session:
        papers = await session.papers.get_many(found.ids)
        votes = await session.opinions.votes(call.caller.team.id, found.ids)
    return Reply(
        notice=notice,
        heading=f"{_counted(found)} · {text.cut(written(shown.query), 60)} · {in_words}",
        papers=tuple(
            paper_line(paper, votes.get(paper.id, 0), snippet=snippet(paper.title, paper.abstract, shown.query))
            for paper in papers
        ),
        pages=pages,
        actions=(*actions, *(_actions(shown, pages) if papers else ())),
    )


def _counted(found: Found) -> str:
    return ("at least " if found.at_least else "") + text.plural(found.total, "paper")


async def saves_named(call: Call, query: Query) -> dict[str, Collection[PaperId]]:
    """Return what each team mate named as `by:@name` in the query has saved."""
    return await recent_matches.saves_named(call.world, call.caller.team.id, query)


async def _nothing_found(call: Call, asked: _Search) -> str:
    async with call.world.store.read() as session:
        count = await session.papers.count()
    if not count:
        return EMPTY_STORE
    typed = [name for rule in asked.query for name in rule.wanted(Kind.AUTHOR)]
    near = [f'author:"{name}"' for one in typed[:_NAMES] for name in await _names_like(call, one)]
    one = sum(len(rule.terms) for rule in asked.query) == 1
    other = "Try another word." if one else "Try fewer words, or one of them alone."
    hint = f"Did you mean {text.either(near)}?" if near else other
    return f"None of {text.plural(count, 'paper')} matches {text.shown(written(asked.query), 80)}. {hint}"


async def _names_like(call: Call, typed: str) -> list[str]:
    """Return authors who may have been meant; none where papers have that very name."""
    names = await call.world.index.names_like(typed)
    return [] if any(same_author(typed, name) for name in names) else names[:_NAMES]


def _actions(shown: _Search, pages: Pages) -> tuple[Action, ...]:
    actions = list(page_actions(shown.command, pages))
    if shown.sort != "new":
        actions.append(Action("Newest first", shown.sorted_by("new")))
    if standing := _standing(shown.query):
        actions.append(Action("Follow this search", f"follow {written(standing)}"))
    return tuple(actions)


def _standing(query: Query) -> Query:
    """Return the query without dates, which a follow can't have."""
    dates = (Kind.AFTER, Kind.BEFORE)
    rules = (replace(rule, terms=tuple(term for term in rule.terms if term.kind not in dates)) for rule in query)
    return tuple(rule for rule in rules if not rule.only_excludes)


async def count_since(call: Call, rule: Rule, since: dt.date) -> int:
    """Return how many papers dated from then to today the rule matches."""
    return await recent_matches.count_matches(
        call.world, recent_matches.Span(call.caller.team.id, since, call.today), rule
    )


_HOW_SORTED = (
    "relevance: rare and repeated words first, titles three times; of the best 300, votes and newness lift a little;"
    " new: the newest day; votes: the most votes"
)
COMMANDS = (
    Command(
        "search",
        "papers that match words, phrases and facets, best first",
        search,
        (
            Param("query", Shape.QUERY, "words and facets; after “exactly” typing errors stay", required=True),
            Param("sort", Shape.WORD, _HOW_SORTED, option=True, choices=tuple(_ORDERS)),
            PAGE,
        ),
        'search diffusion "language model" -cat:cs.CV',
    ),
)
