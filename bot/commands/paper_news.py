"""What has happened to papers since they were first seen, in words: to those that somebody follows, and to one."""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from zoneinfo import ZoneInfo

from bot import text
from bot.commands.table import Call
from bot.dates import spoken
from bot.evaluation import paper_id_of
from bot.follow import Follow
from bot.latex import readable
from bot.merging import PaperEvent
from bot.paper import Paper
from bot.query import Kind

_SHOWN = 10
_EVER = dt.datetime.min.replace(tzinfo=dt.UTC)


async def news_followed(call: Call, follows: Sequence[Follow], since: dt.date) -> str | None:
    """Return what happened since a day to the papers that these follows name (`paper:`); None for nothing."""
    named = [paper_id_of(value) for each in follows for value in each.rule.wanted(Kind.PAPER)]
    begin = dt.datetime.combine(since, dt.time(), ZoneInfo(call.caller.zone or "UTC")).astimezone(dt.UTC)
    async with call.world.store.read() as session:
        events = await session.events.of(named, begin) if named else []
        papers = {each: await session.papers.get(each) for each in dict.fromkeys(event.paper for event in events)}
    by_paper = groupby(sorted(events, key=lambda event: str(event.paper)), key=lambda event: event.paper)
    lines = [_line(call, papers[name], list(found)) for name, found in by_paper]
    if not lines:
        return None
    more = f"\nand {text.plural(len(lines) - _SHOWN, 'more paper')}" if len(lines) > _SHOWN else ""
    return "News of papers that you follow:\n" + "\n".join(lines[:_SHOWN]) + more


async def news_of(call: Call, paper: Paper) -> str | None:
    """Return what has happened to a paper since it was first seen; that it is withdrawn, first of all."""
    async with call.world.store.read() as session:
        events = await session.events.of([paper.id], _EVER)
    told = [_event(call, event) for event in events if not (paper.withdrawn and event.kind == "withdrawn")]
    withdrawn = [f"Withdrawn by its authors: {text.shown(paper.comment or 'no reason is given', 300)}"]
    return ". ".join([*withdrawn * paper.withdrawn, *(f"{each[0].upper()}{each[1:]}" for each in told)]) or None


def _line(call: Call, paper: Paper | None, events: Sequence[PaperEvent]) -> str:
    title = text.shown(readable(paper.title), 120) if paper else ""
    label = str(events[0].paper).removeprefix("arxiv:")
    return f"“{title}” ({label}): {', '.join(_event(call, event) for event in events)}"


def _event(call: Call, event: PaperEvent) -> str:
    detail = text.shown(event.detail, 200)
    said = {
        "version": f"version {detail.removeprefix('v')}",
        "published": f"published: {detail}",
        "withdrawn": f"withdrawn by its authors: {detail}",
        "code": f"code released: {detail}",
    }[event.kind]
    return f"{said} ({spoken(event.at.astimezone(ZoneInfo(call.caller.zone or 'UTC')).date())})"
