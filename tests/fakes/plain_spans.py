"""The lists of several days made the slow way: load every paper, and sort. Shares no rule with the bot's."""

import datetime as dt
import math
from collections.abc import Iterable

from bot.paper import Paper
from bot.store import Session

Shown = tuple[str, int | None, int]
"""A paper's key, and its votes and the team's."""


async def span_by_votes(
    session: Session, team: int, first: dt.date, last: dt.date, source: str | None
) -> tuple[list[Shown], int]:
    """Return the papers of some days by votes, and how many more any source has listed."""
    found = await session.papers.listed(first, last)
    listed = sorted(
        _listed_by(found, first, last, source),
        key=lambda paper: (
            -max((each.votes or 0 for each in paper.listings), default=0),
            -max((each.comments or 0 for each in paper.listings), default=0),
            -min(each.day for each in paper.listings).toordinal(),
            str(paper.id),
        ),
    )
    votes = await session.opinions.votes(team, [paper.id for paper in listed])
    shown = [(str(paper.id), paper.votes, votes.get(paper.id, 0)) for paper in listed]
    return shown, len(found) - len(listed) if source is None else 0


async def trending_papers(session: Session, team: int, now: dt.datetime, days: int) -> list[tuple[Shown, str]]:
    """Return what rises, each with the reason that is told."""
    first, last = now.date() - dt.timedelta(days=days), now.date()
    found = await session.papers.listed(first, last)
    ids = [paper.id for paper in found]
    before = await session.papers.votes_at(ids, now - dt.timedelta(days=days))
    votes = await session.opinions.votes(team, ids)
    listed = _listed_by(found, first, last, None)
    risen = []
    for paper in found:
        if paper not in listed and not votes.get(paper.id):
            continue
        gained = max(0, (paper.votes or 0) - before.get(paper.id, 0))
        points = gained + 2 * (paper.comments or 0) + 5 * votes.get(paper.id, 0) + math.log1p(paper.stars or 0)
        times = [each.listed_at or dt.datetime.combine(each.day, dt.time(), dt.UTC) for each in paper.listings]
        age = max(0.0, (now - min(times)) / dt.timedelta(days=1))
        shown = str(paper.id), paper.votes, votes.get(paper.id, 0)
        risen.append((-points / (age + 1) ** 1.5, shown, _told(gained, paper, last)))
    return [(shown, told) for _, shown, told in sorted(risen, key=lambda one: (one[0], one[1][0]))]


def _told(gained: int, paper: Paper, today: dt.date) -> str:
    passed = (today - min(each.day for each in paper.listings)).days
    ago = "today" if passed <= 0 else f"{passed} day{'' if passed == 1 else 's'} ago"
    return f"+{gained} vote{'' if gained == 1 else 's'}, listed {ago}"


def _listed_by(papers: Iterable[Paper], first: dt.date, last: dt.date, source: str | None) -> list[Paper]:
    by_any, by_source, picked = [], [], []
    for paper in papers:
        within = [each for each in paper.listings if first <= each.day <= last]
        if within:
            by_any.append(paper)
        if any(each.source == source for each in within):
            by_source.append(paper)
        if any(each.source == "huggingface" or each.votes is not None for each in within):
            picked.append(paper)
    if source is None:
        return picked or by_any
    return by_any if source == "all" else by_source
