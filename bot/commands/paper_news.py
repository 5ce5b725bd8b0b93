"""What has happened to papers since they were first seen, in words: to those that somebody follows, and to one."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot import text
from bot.commands.table import Call
from bot.dates import spoken
from bot.evaluation import paper_id_of
from bot.follow import Follow
from bot.latex import readable
from bot.merging import PaperEvent
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme
from bot.query import Kind
from bot.store import Session

_SHOWN = 10
_EVER = dt.datetime.min.replace(tzinfo=dt.UTC)


async def news_followed(call: Call, follows: Sequence[Follow], since: dt.date) -> str | None:
    """Return what happened since a day to the papers that these follows name (`paper:`); None for nothing."""
    named = [paper_id_of(value) for each in follows for value in each.rule.wanted(Kind.PAPER)]
    begin = dt.datetime.combine(since, dt.time(), ZoneInfo(call.caller.zone or "UTC")).astimezone(dt.UTC)
    async with call.world.store.read() as session:
        events = await session.events.of(named, begin) if named else []
        papers = {each: await session.papers.get(each) for each in dict.fromkeys(event.paper for event in events)}
        shown = {paper.id: name for name, paper in sorted(papers.items(), reverse=True) if paper}  # under one name each
        told = {name: [event for event in events if event.paper == name] for name in shown.values()}
        lines = [_line(papers[name], name, await _news(call, session, told[name])) for name in sorted(told, key=str)]
    if not lines:
        return None
    more = f"\nand {text.plural(len(lines) - _SHOWN, 'more paper')}" if len(lines) > _SHOWN else ""
    return "News of papers that you follow:\n" + "\n".join(lines[:_SHOWN]) + more


async def news_of(call: Call, paper: Paper) -> str | None:
    """Return what has happened to a paper since it was first seen; that it is withdrawn, first of all."""
    async with call.world.store.read() as session:
        events = await session.events.of([paper.id], _EVER)
        if paper.withdrawn:  # said first, by the paper's own comment
            events = [event for event in events if event.kind != "withdrawn"]
        told = [f"{each[0].upper()}{each[1:]}" for each in await _news(call, session, events)]
    if paper.withdrawn:
        told.insert(0, f"Withdrawn by its authors: {text.shown(paper.comment or 'no reason is given', 300)}")
    return ". ".join(told) or None


def _line(paper: Paper | None, name: PaperId, news: Sequence[str]) -> str:
    return f"“{_title(paper, 120)}” ({_label(name)}): {', '.join(news)}"


async def _news(call: Call, session: Session, events: Sequence[PaperEvent]) -> list[str]:
    """Return events in words, the newest first; of the papers that cite one, the newest, and how many more."""
    cited = next((event for event in events if event.kind == "cited"), None)
    told = [_event(call, event) for event in events if event.kind != "cited"]
    if cited is None:
        return told
    newest = PaperId.parse(cited.detail)
    title = _title(await session.papers.get(newest), 100)
    more = f" and {text.plural(cited.more, 'more paper')}" if cited.more else ""
    label = "" if newest.scheme is Scheme.WEB else f" ({_label(newest)})"
    return [*told, f"cited by “{title}”{label}{more} ({_day(call, cited)})"]


def _event(call: Call, event: PaperEvent) -> str:
    detail = text.shown(event.detail, 200)
    said = {
        "version": f"version {detail.removeprefix('v')}",
        "published": f"published: {detail}",
        "withdrawn": f"withdrawn by its authors: {detail}",
        "code": f"code released: {detail}",
    }[event.kind]
    return f"{said} ({_day(call, event)})"


def _day(call: Call, event: PaperEvent) -> str:
    return spoken(event.at.astimezone(ZoneInfo(call.caller.zone or "UTC")).date())


def _title(paper: Paper | None, limit: int) -> str:
    return text.shown(readable(paper.title), limit) if paper else ""


def _label(name: PaperId) -> str:
    return str(name).removeprefix("arxiv:")
