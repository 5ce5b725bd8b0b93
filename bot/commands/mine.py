"""What somebody's follows brought, each paper with the rules that brought it."""

import asyncio
import datetime as dt
from collections.abc import Mapping

from bot import text
from bot.commands.paper_news import news_followed
from bot.commands.search import saves_named
from bot.commands.table import PAGE, PAGE_SIZE, Call, Command, Param, Shape, page_actions
from bot.dates import parse_day, spoken
from bot.errors import UserError
from bot.evaluation import Evaluated
from bot.follow import Follow, matches_of
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.reply import Reply, paper_line


async def mine(call: Call) -> Reply:
    """Show what matched the caller's follows since a day, with the rules that brought each paper."""
    since = parse_day(call.rest, call.today) if call.rest else call.today - dt.timedelta(days=7)
    async with call.world.store.read() as session:
        entries = await session.follows.of(call.caller.member.person_id)
    active = [entry for entry in entries if entry.stance == "follow" and not entry.paused]
    if not active:
        raise UserError('You follow nothing that could bring papers; start, for example: follow author:"Yann LeCun"')
    query = tuple(entry.rule for entry in active)
    mutes = [entry.rule for entry in entries if entry.stance == "mute" and not entry.paused]
    saves = await saves_named(call, (*query, *mutes))
    found = await call.world.index.search(
        query,
        order="newest",
        since=since,
        until=call.today,
        excluding=mutes,
        saves=saves,
        offset=call.offset,
        limit=PAGE_SIZE,
    )
    async with call.world.store.read() as session:
        papers = await session.papers.get_many(found.ids)
        votes = await session.opinions.votes(call.caller.team.id, found.ids)
        names = await session.organisations.names()
        savers = (
            {paper.id: await session.opinions.savers(call.caller.team.id, paper.id) for paper in papers}
            if saves
            else {}
        )
    reasons = await asyncio.to_thread(_reasons, papers, active, savers, names)
    pages = call.pages(found.total)
    news = await news_followed(call, active, since)
    command = f"mine {call.rest}".strip()
    return Reply(
        notice=news or (None if papers else _nothing(active, since)),
        heading=f"Matched by your follows since {spoken(since)} · {text.plural(found.total, 'paper')}",
        papers=tuple(paper_line(paper, votes.get(paper.id, 0), reasons[paper.id]) for paper in papers),
        pages=pages,
        actions=page_actions(command, pages),
    )


def _nothing(active: list[Follow], since: dt.date) -> str:
    return f"Nothing matched your {text.plural(len(active), 'follow')} since {spoken(since)}."


def _reasons(
    papers: list[Paper], follows: list[Follow], savers: dict[PaperId, list[str]], names: Mapping[str, str]
) -> dict[PaperId, tuple[str, ...]]:
    """Return for each paper which follow brought it, and by which words."""
    return {
        paper.id: tuple(
            f"follow {match.follow.number}: {match.follow.rule} — {', '.join(match.reasons)}"
            for match in matches_of(Evaluated(paper, savers.get(paper.id, ())), follows, names)
        )
        for paper in papers
    }


COMMANDS = (
    Command(
        "mine",
        "what my follows brought, each with the rule",
        mine,
        (Param("since", Shape.DAY, "from that day on; 7 days where none is given"), PAGE),
        "mine 30d",
    ),
)
