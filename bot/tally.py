"""What the orders of several days ask of a paper, and no more: a month lists thousands, and people are shown ten."""

import datetime as dt
from dataclasses import dataclass

from bot.paper import Listing, Paper
from bot.paper_ids import PaperId


@dataclass(frozen=True, slots=True)
class Tally:
    """What counts for a paper's place among those of several days; the counts and days are of all its listings.

    `key` is its id as it is stored: of thousands, only those that are shown need be taken apart. `first_listed` is in
    UTC; a listing of which the source does not say when it was made counts from its day's midnight.
    """

    key: str
    votes: int | None
    comments: int | None
    stars: int | None
    announced: dt.date
    first_listed: dt.datetime

    @property
    def id(self) -> PaperId:
        """The paper's id."""
        return PaperId.parse(self.key)

    @classmethod
    def of(cls, paper: Paper) -> "Tally":
        """Return the tally of a paper. ValueError where no source has listed it."""
        return cls(
            str(paper.id),
            paper.votes,
            paper.comments,
            paper.stars,
            min(listing.day for listing in paper.listings),
            min(listing.listed_at or midnight(listing.day) for listing in paper.listings),
        )


def midnight(day: dt.date) -> dt.datetime:
    """Return the beginning of a day in UTC."""
    return dt.datetime.combine(day, dt.time(), dt.UTC)


@dataclass(frozen=True, slots=True)
class Picking:
    """Which listings bring a paper on a list: those by one of the sources, and if `or_counted`, those with votes told.

    Where `sources` is None, every listing does.
    """

    sources: frozenset[str] | None = None
    or_counted: bool = False

    def takes(self, listing: Listing) -> bool:
        """Return whether that listing does."""
        if self.sources is None or listing.source in self.sources:
            return True
        return self.or_counted and listing.votes is not None
