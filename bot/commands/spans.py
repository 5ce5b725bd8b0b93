"""The papers of several days: by votes, and trending. A month holds thousands; those that are shown are loaded."""

import asyncio
import datetime as dt
from collections.abc import Sequence

from bot import text
from bot.commands.table import PAGE_SIZE, Call, page_actions
from bot.dates import find_span, spoken
from bot.errors import UserError
from bot.paper_ids import PaperId
from bot.query_parser import known_source
from bot.ranking import ALL, TRENDING_WINDOWS, by_votes, pickings, trending
from bot.reply import Action, Reply, paper_line
from bot.store import Session
from bot.tally import Tally


async def week(call: Call) -> Reply:
    """Show the last 7 days by votes."""
    return await show_span(call, *_known_span("week", call.today), "week")


async def month(call: Call) -> Reply:
    """Show the last 30 days by votes."""
    return await show_span(call, *_known_span("month", call.today), "month")


def _known_span(name: str, today: dt.date) -> tuple[dt.date, dt.date]:
    span = find_span(name, today)
    assert span is not None  # both names are words of `find_span`
    return span


async def show_span(call: Call, first: dt.date, last: dt.date, typed: str) -> Reply:
    """Show the papers of some days by votes; `typed` is the command that does."""
    if first > call.today:
        raise UserError(f"{spoken(first)} is still to come; today is {spoken(call.today)}.")
    last = min(last, call.today)
    source = asked_source(call)
    async with call.world.store.read() as session:
        ordered = await asyncio.to_thread(by_votes, await _listed_by(session, first, last, source))
        more = await session.spans.count(first, last) - len(ordered) if source is None else 0
        pages = call.pages(len(ordered))
        shown = [tally.id for tally in ordered[call.offset : call.offset + PAGE_SIZE]]
        papers = await session.papers.get_many(shown)
        votes = await session.opinions.votes(call.caller.team.id, shown)
    return Reply(
        notice=None if ordered else _span_notice(first, last, source),
        heading=f"Daily papers{of_source(source)} by votes · {spoken(first)} to {spoken(last)}"
        f" · {text.plural(len(ordered), 'paper')}",
        papers=tuple(paper_line(paper, votes.get(paper.id, 0)) for paper in papers),
        pages=pages,
        actions=(*page_actions(with_source(typed, source), pages), *all_action(typed, more, source)),
    )


async def _listed_by(session: Session, first: dt.date, last: dt.date, source: str | None = None) -> Sequence[Tally]:
    """Return the papers that the source listed on one of the days, as `pickings` has it."""
    for picking in pickings(source):
        if found := await session.spans.tallies(first, last, picking):
            return found
    return ()


def _span_notice(first: dt.date, last: dt.date, source: str | None) -> str:
    days = f"from {spoken(first)} to {spoken(last)}"
    if source in (None, ALL):
        return f"No daily papers {days}."
    return f"{source} listed nothing {days}; status shows the sources."


async def show_trending(call: Call) -> Reply:
    """Show what rises: points won within the window, against age."""
    window = call.rest.lower() or "week"
    if window not in TRENDING_WINDOWS:
        raise UserError(
            f"There is no trending “{text.shown(call.rest)}”; write trending {text.either(list(TRENDING_WINDOWS))}."
        )
    days = TRENDING_WINDOWS[window]
    first, team = call.today - dt.timedelta(days=days), call.caller.team.id
    async with call.world.store.read() as session:
        team_votes = await session.spans.team_votes(team, first, call.today)
        risen = await _risen(session, first, call.today, team_votes)
        counted = [tally.id for tally in risen if tally.votes]  # the others have gained none, whatever they had
        then = await session.papers.votes_at(counted, call.now - dt.timedelta(days=days))
        before = {str(paper): votes for paper, votes in then.items()}
        ranked = await asyncio.to_thread(trending, risen, before, team_votes, call.now)
        pages = call.pages(len(ranked))
        shown = ranked[call.offset : call.offset + PAGE_SIZE]
        papers = await session.papers.get_many([tally.id for tally, _ in shown])
    lines = (
        paper_line(paper, team_votes.get(tally.key, 0), (_rise(tally, gained, call.today),))
        for paper, (tally, gained) in zip(papers, shown, strict=True)
    )
    return Reply(
        notice=None if ranked else f"Nothing was listed in the last {text.plural(days, 'day')}; try trending month.",
        heading=f"Trending · the last {text.plural(days, 'day')}",
        papers=tuple(lines),
        pages=pages,
        actions=page_actions(f"trending {window}", pages),
    )


async def _risen(session: Session, first: dt.date, last: dt.date, team_votes: dict[str, int]) -> list[Tally]:
    """Return the papers that may rise: those of the list, and those that the team has voted for."""
    listed = await _listed_by(session, first, last)
    others = team_votes.keys() - {tally.key for tally in listed}
    voted_for = await session.papers.get_many([PaperId.parse(key) for key in others])
    return [*listed, *map(Tally.of, voted_for)]


def _rise(tally: Tally, gained: int, today: dt.date) -> str:
    age = (today - tally.announced).days
    listed = "today" if age <= 0 else f"{text.plural(age, 'day')} ago"
    return f"+{text.plural(gained, 'vote')}, listed {listed}"


def asked_source(call: Call) -> str | None:
    """Return the source whose papers are asked for. Raises UserError where there is none of that name."""
    named = call.options.get("source", "").lower()
    return (named if named == ALL else known_source(named)) if named else None


def of_source(source: str | None) -> str:
    """Return what a heading says of the source."""
    return "" if source is None else " of all sources" if source == ALL else f" of {source}"


def with_source(command: str, source: str | None) -> str:
    """Return the command with the source that was asked for."""
    return f"{command} source:{source}" if source else command


def all_action(command: str, more: int, source: str | None) -> list[Action]:
    """Return the button that brings those as well that no source picked out."""
    if source is not None or more <= 0:
        return []
    return [Action(f"{more:,} more, of all sources", f"{command} source:{ALL}")]
