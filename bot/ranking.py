"""Orders of papers: the day's order, and trending."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping

from bot.paper import Listing, Paper
from bot.paper_ids import PaperId

TRENDING_WINDOWS = {"day": 1, "week": 7, "month": 30}
"""Days that each trending window looks back."""

ALL = "all"
"""Stands for every source."""

_PICKY = frozenset({"huggingface"})
"""Sources whose list is a choice; the others list all that there is."""

_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


def day_order(paper: Paper, listing: Listing) -> tuple[int, int, dt.datetime, str]:
    """Sort key of a day's list: votes, comments, first seen, id. Votes tie on nine days of ten."""
    seen = listing.first_seen or _LONG_AGO
    return (-(listing.votes or 0), -(listing.comments or 0), seen, str(paper.id))


def day_listing(paper: Paper, day: dt.date) -> Listing | None:
    """Return the paper's listing of that day; of several sources' the one with the most votes."""
    listed = [listing for listing in paper.listings if listing.day == day]
    return max(listed, key=lambda listing: -1 if listing.votes is None else listing.votes, default=None)


def is_featured(listing: Listing) -> bool:
    """Return whether a source picked the paper out, or counts votes for it: arXiv announces hundreds a day."""
    return listing.source in _PICKY or listing.votes is not None


def listed_by(papers: Iterable[Paper], first: dt.date, last: dt.date, source: str | None = None) -> list[Paper]:
    """Return the papers that a source listed on one of the days; `all` is any source.

    Without a source, those that one picked out, or that it counts votes for; where none did, all that were listed.
    """
    listed = [(paper, [each for each in paper.listings if first <= each.day <= last]) for paper in papers]
    if source == ALL:
        return [paper for paper, listings in listed if listings]
    if source is not None:
        return [paper for paper, listings in listed if any(each.source == source for each in listings)]
    picked = [paper for paper, listings in listed if any(map(is_featured, listings))]
    return picked or [paper for paper, listings in listed if listings]


def day_list(papers: Iterable[Paper], day: dt.date, source: str | None = None) -> list[Paper]:
    """Return the papers listed on that day, as `listed_by` has them, in the day's order."""
    listed = [(paper, found) for paper in listed_by(papers, day, day, source) if (found := day_listing(paper, day))]
    return [paper for paper, _ in sorted(listed, key=lambda pair: day_order(*pair))]


def by_votes(papers: Iterable[Paper]) -> list[Paper]:
    """Return papers of several days by votes, comments, newest day first, id."""
    return sorted(
        papers,
        key=lambda paper: (
            -(paper.votes or 0),
            -(paper.comments or 0),
            -(paper.announced or dt.date.min).toordinal(),
            str(paper.id),
        ),
    )


def trending_score(paper: Paper, gained: int, team_votes: int, now: dt.datetime) -> float:
    """Return how fast a paper rises: points won within the window over its age in days, to the power 1.5.

    Points are the votes gained in the window, two for a comment, five for a vote of the team, and the
    natural logarithm of the code's stars. Gravity is that of Hacker News' published ranking, in days.
    """
    points = gained + 2 * (paper.comments or 0) + 5 * team_votes + math.log1p(paper.stars or 0)
    return float(points / (age_in_days(paper, now) + 1) ** 1.5)


def age_in_days(paper: Paper, now: dt.datetime) -> float:
    """Return the days since a source first listed the paper, zero at the least."""
    if not paper.listings:
        return 0.0 if paper.published is None else max(0.0, float((now.date() - paper.published).days))
    first = min(listing.listed_at or _midnight(listing.day) for listing in paper.listings)
    return max(0.0, (now - first) / dt.timedelta(days=1))


def trending(
    papers: Iterable[Paper],
    votes_before: Mapping[PaperId, int],
    team_votes: Mapping[PaperId, int],
    now: dt.datetime,
) -> list[tuple[Paper, int]]:
    """Return papers by falling score, each with the votes gained since `votes_before` was counted."""
    gained = [(paper, max(0, (paper.votes or 0) - votes_before.get(paper.id, 0))) for paper in papers]
    return sorted(
        gained,
        key=lambda pair: (-trending_score(pair[0], pair[1], team_votes.get(pair[0].id, 0), now), str(pair[0].id)),
    )


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
