"""What a paper is: one work, whatever its versions and sources, and the days on which sources listed it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from bot.paper_ids import PaperId


@dataclass(frozen=True, slots=True)
class Listing:
    """A source featuring a paper on a day, with the source's own facts about it.

    A fact that the source did not give is None; zero votes are zero. Times are aware, in UTC.
    """

    source: str
    day: dt.date
    votes: int | None = None
    comments: int | None = None
    submitter: str | None = None
    organisation: str | None = None
    stars: int | None = None
    summary: str | None = None
    keywords: tuple[str, ...] = ()
    listed_at: dt.datetime | None = None  # as the source says
    first_seen: dt.datetime | None = None  # as we saw it; kept from the first time on
    url: str | None = None  # where the source's own discussion is


@dataclass(frozen=True, slots=True)
class Paper:
    """One work. `id` is its stable name; `other_ids` are further names that lead to it."""

    id: PaperId
    title: str
    authors: tuple[str, ...] = ()
    abstract: str = ""
    published: dt.date | None = None
    categories: tuple[str, ...] = ()
    other_ids: tuple[PaperId, ...] = ()
    version: int | None = None
    venue: str | None = None
    comment: str | None = None
    code_url: str | None = None
    project_url: str | None = None
    video_url: str | None = None
    models: int | None = None  # models on Hugging Face that name the paper
    listings: tuple[Listing, ...] = ()
    first_seen: dt.datetime | None = None
    withdrawn: bool = False  # by its authors, as the source says
    told_by: str | None = None  # the source whose title, authors, abstract and dates these are

    @property
    def names(self) -> tuple[PaperId, ...]:
        """Every id that leads to it, the main one first."""
        return self.id, *self.other_ids

    @property
    def url(self) -> str | None:
        """Where a person reads it."""
        return self.id.url or self.project_url

    @property
    def votes(self) -> int | None:
        """The most votes that any listing has; None where no source counts votes."""
        return _most(listing.votes for listing in self.listings)

    @property
    def comments(self) -> int | None:
        """The most comments that any listing has."""
        return _most(listing.comments for listing in self.listings)

    @property
    def stars(self) -> int | None:
        """Stars of the code repository, as a listing told them."""
        return _most(listing.stars for listing in self.listings)

    @property
    def announced(self) -> dt.date | None:
        """The first day on which a source listed it."""
        return min((listing.day for listing in self.listings), default=None)

    @property
    def date(self) -> dt.date | None:
        """The day that `after:` and `before:` compare: announced, else published."""
        return self.announced or self.published

    @property
    def organisation(self) -> str | None:
        """The organisation named by the newest listing that names one."""
        return next((found.organisation for found in reversed(self.listings) if found.organisation), None)

    @property
    def summary(self) -> str | None:
        """One line that a source wrote about it, where one did."""
        return next((found.summary for found in reversed(self.listings) if found.summary), None)

    @property
    def has(self) -> frozenset[str]:
        """Which of `has:code`, `has:project`, `has:video`, `has:model` hold."""
        held = {
            "code": self.code_url,
            "project": self.project_url,
            "video": self.video_url,
            "model": self.models,
        }
        return frozenset(name for name, value in held.items() if value)


def _most(counts: Iterable[int | None]) -> int | None:
    return max((count for count in counts if count is not None), default=None)
