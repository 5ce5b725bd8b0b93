"""What the core needs of a store for papers: those of days, those with names, those that changed, their votes."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.paper import Paper
from bot.paper_ids import PaperId


@dataclass(frozen=True, slots=True)
class VoteCount:
    """How many votes a listing, of that day and source, had from a time on."""

    day: dt.date
    source: str
    at: dt.datetime
    votes: int


class Papers(Protocol):
    """The paper store. Papers come with all their listings, the oldest day first."""

    async def get(self, paper_id: PaperId) -> Paper | None:
        """Return the paper that the id, or one of its other ids, leads to."""
        ...

    async def get_many(self, paper_ids: Sequence[PaperId]) -> list[Paper]:
        """Return the papers of those (main) ids in that order; unknown ones are left out."""
        ...

    async def listed(self, first: dt.date, last: dt.date) -> list[Paper]:
        """Return every paper with a listing on one of the days, both included, in no promised order."""
        ...

    async def days_around(self, day: dt.date) -> tuple[dt.date | None, dt.date | None]:
        """Return the nearest days before and after that have listings."""
        ...

    async def known(self, papers: Sequence[Paper]) -> dict[PaperId, list[Paper]]:
        """Return, by incoming id, the stored papers that share an id with each; unknown ones are left out."""
        ...

    async def with_titles(self, starts: Collection[str]) -> dict[str, list[Paper]]:
        """Return stored papers by what their titles begin with (`bot.same_work.title_start`)."""
        ...

    async def save(self, papers: Sequence[Paper], now: dt.datetime) -> None:
        """Insert or replace papers in bulk, and give each the next number of the change sequence.

        A stored paper is recognised by any shared id. Votes that differ from the stored ones go into the
        votes' history with `now`.
        """
        ...

    async def changed_since(self, sequence: int, limit: int) -> list[tuple[int, Paper]]:
        """Return papers with their change numbers above `sequence`, in order, at most `limit`."""
        ...

    async def last_change(self) -> int:
        """Return the newest number of the change sequence; 0 in an empty store."""
        ...

    async def votes_at(self, paper_ids: Collection[PaperId], instant: dt.datetime) -> dict[PaperId, int]:
        """Return the votes each paper had at that time; papers not seen by then are left out."""
        ...

    async def vote_history(self, papers: Collection[PaperId]) -> dict[PaperId, list[VoteCount]]:
        """Return the votes' history of papers (main ids), of all their listings; those without votes are left out."""
        ...

    async def author_names(self, block_keys: Collection[str]) -> list[str]:
        """Return the distinct author names that have one of these keys (`bot.names.block_keys`).

        A key that ends in "|", as of a family name alone, stands for all keys that begin with it.
        """
        ...

    async def author_names_from(self, beginning: str, limit: int) -> list[str]:
        """Return distinct author names with a key that begins so, in order of the keys, of at most `limit` keys."""
        ...

    async def organisations(self) -> list[str]:
        """Return every organisation that a listing names."""
        ...

    async def count(self) -> int:
        """Return how many papers there are."""
        ...
