"""The daily papers: a day's list by votes, and one paper's card; `spans` has the lists of several days."""

import datetime as dt

from bot import text
from bot.commands.lookup import find_paper
from bot.commands.paper_news import news_of
from bot.commands.spans import (
    all_action,
    asked_source,
    month,
    of_source,
    show_span,
    show_trending,
    week,
    with_source,
)
from bot.commands.table import PAGE, PAGE_SIZE, Call, Command, Param, Shape, page_actions, required
from bot.dates import FORMS, find_day, find_span, spoken
from bot.errors import UserError
from bot.latex import readable
from bot.linked import linked_links
from bot.paper import Paper
from bot.paper_ids import Scheme
from bot.ranking import ALL, TRENDING_WINDOWS, day_list, day_listing
from bot.reply import Action, Card, Reply, paper_line

ANY_DAY = dt.date(2024, 2, 29)
"""A day to ask with whether words name a day at all."""


async def today(call: Call) -> Reply:
    """Show today's list so far."""
    return await _day(call, call.today)


async def yesterday(call: Call) -> Reply:
    """Show yesterday's list."""
    return await _day(call, call.today - dt.timedelta(days=1))


async def day(call: Call) -> Reply:
    """Show the list of the day, week or month that was typed."""
    typed = required(call, "Which day?", f"day {FORMS.split(',')[0]}")
    if span := find_span(typed, call.today):
        return await show_span(call, *span, typed)
    found = find_day(typed, call.today)
    if found is None:
        raise UserError(f"“{text.shown(typed)}” is no day that I know; write it like {FORMS}, 2025-W24 or 2025-06.")
    return await _day(call, found)


async def _day(call: Call, day: dt.date) -> Reply:
    if day > call.today:
        raise UserError(f"{spoken(day)} is still to come; today is {spoken(call.today)}. Write today or a day before.")
    async with call.world.store.read() as session:
        found, source = await session.papers.listed(day, day), asked_source(call)
        listed = day_list(found, day, source)
        before, after = await session.papers.days_around(day)
        pages = call.pages(len(listed))
        shown = listed[call.offset : call.offset + PAGE_SIZE]
        votes = await session.opinions.votes(call.caller.team.id, [paper.id for paper in shown])
    lines = [paper_line(paper, votes.get(paper.id, 0), (), day_listing(paper, day)) for paper in shown]
    return Reply(
        notice=_day_notice(call, day, len(listed), before, source),
        heading=f"Daily papers{of_source(source)} · {spoken(day)}"
        + (f" · {text.plural(len(listed), 'paper')}" if listed else ""),
        papers=tuple(lines),
        pages=pages,
        actions=(
            *page_actions(with_source(str(day), source), pages),
            *all_action(str(day), len(found) - len(listed), source),
            *_day_actions(before, after, call.today),
        ),
    )


def _day_notice(call: Call, day: dt.date, count: int, before: dt.date | None, source: str | None) -> str | None:
    if count:
        return "Votes are still coming in." if day == call.today else None
    if source not in (None, ALL):
        return f"{source} listed nothing on {spoken(day)}; status shows the sources."
    if before is None:
        of_day = "" if day == call.today else f" --date {day}"
        return f"No daily papers on {spoken(day)} or before; paperround ingest huggingface{of_day} brings them."
    why = "yet" if day == call.today else "; there are no lists at weekends" if day.weekday() > 4 else ""
    space = "" if why.startswith(";") or not why else " "
    return f"No daily papers on {spoken(day)}{space}{why}. The last list before is of {spoken(before)}: {before}"


def _day_actions(before: dt.date | None, after: dt.date | None, today: dt.date) -> tuple[Action, ...]:
    actions = []
    if before:
        actions.append(Action(spoken(before), str(before)))
    if after and after <= today:
        actions.append(Action(spoken(after), str(after)))
    return tuple(actions)


async def show(call: Call) -> Reply:
    """Show a paper's card, by id, address or title."""
    typed = required(call, "Which paper? Give its id, address or title.", "show 2506.01234")
    found = await find_paper(call, typed)
    if isinstance(found, Reply):
        return found
    return Reply(notice=await news_of(call, found), card=await _card(call, found), actions=_card_actions(found))


async def _card(call: Call, paper: Paper) -> Card:
    team = call.caller.team.id
    counts = await call.world.linked.of(paper) if call.world.linked else None
    async with call.world.store.read() as session:
        votes = await session.opinions.votes(team, [paper.id])
        voters = await session.opinions.voters(team, paper.id)
        savers = await session.opinions.savers(team, paper.id)
    newest = paper.listings[-1] if paper.listings else None
    return Card(
        line=paper_line(paper, votes.get(paper.id, 0)),
        abstract=readable(paper.abstract),
        links=(*_links(paper), *(linked_links(paper, counts) if counts else ())),
        keywords=newest.keywords if newest else (),
        submitter=newest.submitter if newest else None,
        voters=tuple(voters),
        savers=tuple(savers),
        venue=readable(paper.venue) if paper.venue else None,
    )


def _links(paper: Paper) -> list[tuple[str, str]]:
    links = [
        ("Abstract", paper.url),
        ("Code", paper.code_url),
        ("Project", paper.project_url),
        ("Video", paper.video_url),
    ]
    if paper.id.scheme is Scheme.ARXIV:
        links.insert(1, ("PDF", f"https://arxiv.org/pdf/{paper.id.value}"))
    links += [("Discussion", listing.url) for listing in paper.listings[-1:] if listing.url != paper.url]
    return [(label, url) for label, url in links if url]


def _card_actions(paper: Paper) -> tuple[Action, ...]:
    label = paper.id.value if paper.id.scheme is Scheme.ARXIV else str(paper.id)
    first = [Action("Follow " + paper.authors[0], f'follow author:"{paper.authors[0]}"')] if paper.authors else []
    return (
        Action("Vote", f"vote {label}"),
        Action("Save", f"save {label}"),
        Action("Similar", f"similar {label}"),
        Action("Why?", f"why {label}"),
        *first,
    )


_OF = Param("source", Shape.WORD, "arxiv, for example, or all; else what a source picked out", option=True)
_DAY = Param("day", Shape.DAY, "a day, 2025-W24 or 2025-06", required=True)
COMMANDS = (
    Command("today", "today's papers by votes, which are still coming in", today, (_OF, PAGE)),
    Command("yesterday", "yesterday's papers by votes", yesterday, (_OF, PAGE)),
    Command(
        "day",
        "the papers of a day, week or month; the word day may be left out",
        day,
        (_DAY, _OF, PAGE),
        "2025-06-12",
    ),
    Command("week", "the last 7 days by votes", week, (_OF, PAGE)),
    Command("month", "the last 30 days by votes", month, (_OF, PAGE)),
    Command(
        "trending",
        "what rises by votes, comments, stars and the team's votes, against age",
        show_trending,
        (Param("window", Shape.WORD, "how far back", choices=tuple(TRENDING_WINDOWS)), PAGE),
        "trending week",
    ),
    Command(
        "show",
        "one paper in full: abstract, links, who voted or saved",
        show,
        (Param("paper", Shape.PAPER, "id, address or title", required=True),),
        "show 2506.01234",
    ),
)
