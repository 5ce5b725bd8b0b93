"""Orders of papers: the day's order, and trending."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping

from bot.paper import Listing, Paper
from bot.tally import Picking, Tally

TRENDING_WINDOWS = {"day": 1, "week": 7, "month": 30}
"""Days that each trending window looks back."""

ALL = "all"
"""Stands for every source."""

_FEATURED = Picking(frozenset({"huggingface"}), or_counted=True)
"""By sources whose list is a choice; the others list all that there is, unless they count votes."""

_ANY = Picking()
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


def pickings(source: str | None = None) -> tuple[Picking, ...]:
    """Return what brings papers on a list of that source's; `all` is any source. The first that brings any counts.

    Without a source, that is those that one picked out, or that it counts votes for; where none did, all.
    """
    if source is None:
        return _FEATURED, _ANY
    return (_ANY,) if source == ALL else (Picking(frozenset({source})),)


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
    return _FEATURED.takes(listing)


def day_list(papers: Iterable[Paper], day: dt.date, source: str | None = None) -> list[Paper]:
    """Return the papers that the source listed on that day, as `pickings` has it, in the day's order."""
    told = [(paper, [listing for listing in paper.listings if listing.day == day]) for paper in papers]
    for picking in pickings(source):
        if picked := [paper for paper, listings in told if any(map(picking.takes, listings))]:
            listed = [(paper, found) for paper in picked if (found := day_listing(paper, day))]
            return [paper for paper, _ in sorted(listed, key=lambda pair: day_order(*pair))]
    return []


def by_votes(tallies: Iterable[Tally]) -> list[Tally]:
    """Return papers of several days by votes, comments, newest day first, id."""
    return sorted(
        tallies,
        key=lambda tally: (-(tally.votes or 0), -(tally.comments or 0), -tally.announced.toordinal(), tally.key),
    )


def trending_score(tally: Tally, gained: int, team_votes: int, now: dt.datetime) -> float:
    """Return how fast a paper rises: points won within the window over its age in days, to the power 1.5.

    Points are the votes gained in the window, two for a comment, five for a vote of the team, and the
    natural logarithm of the code's stars. Gravity is that of Hacker News' published ranking, in days.
    """
    points = gained + 2 * (tally.comments or 0) + 5 * team_votes + math.log1p(tally.stars or 0)
    return float(points / (age_in_days(tally, now) + 1) ** 1.5)


def age_in_days(tally: Tally, now: dt.datetime) -> float:
    """Return the days since a source first listed the paper, zero at the least."""
    return max(0.0, (now - tally.first_listed) / dt.timedelta(days=1))


def trending(
    tallies: Iterable[Tally],
    votes_before: Mapping[str, int],
    team_votes: Mapping[str, int],
    now: dt.datetime,
) -> list[tuple[Tally, int]]:
    """Return papers by falling score, each with the votes gained since `votes_before` was counted; votes are by key."""
    gained = [(tally, max(0, (tally.votes or 0) - votes_before.get(tally.key, 0))) for tally in tallies]
    return sorted(
        gained,
        key=lambda pair: (-trending_score(pair[0], pair[1], team_votes.get(pair[0].key, 0), now), pair[0].key),
    )
