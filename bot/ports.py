"""What the core needs of the world beside its store: a search index, sources, messengers and a clock.

The wings implement these; `adapters/cli/run.py` puts them together; the core sees nothing else of them.
"""

import datetime as dt
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from bot.linked import Linked
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.pauses import Pauses
from bot.query import Query, Rule
from bot.recommended import Recommended
from bot.reply import DigestPost, Post, Reply
from bot.roles import Roles
from bot.setbacks import Setbacks
from bot.store import Store
from bot.timings import DeliveryTimings


class Clock(Protocol):
    """What time it is; aware, in UTC."""

    def now(self) -> dt.datetime: ...

    def monotonic(self) -> float:
        """Return seconds that only ever pass, whatever is done to the time of day."""
        ...


Order = Literal["relevance", "newest", "votes"]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of search results: main ids in order, and how many there are in all, or `at_least` so many."""

    ids: tuple[PaperId, ...]
    total: int
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Mended:
    """A query with its typing errors mended, and a page of what it finds."""

    query: Query
    found: Found


@dataclass(frozen=True, slots=True)
class Similar:
    """A page of the papers most like one, and how many there are in all.

    `stems` are those of its words by which it was compared, the most telling first.
    """

    ids: tuple[PaperId, ...]
    total: int
    stems: tuple[str, ...]


class SearchIndex(Protocol):
    """Full text search, derived from the store: it can be lost and built again."""

    async def search(
        self,
        query: Query,
        *,
        order: Order = "relevance",
        offset: int = 0,
        limit: int = 10,
        since: dt.date | None = None,
        until: dt.date | None = None,
        excluding: Sequence[Rule] = (),
        saves: Mapping[str, Collection[PaperId]] | None = None,
    ) -> Found:
        """Return papers that match one of the rules and none of `excluding`, dated from `since` to `until`.

        `saves` holds, for each `@name` of a `by:` term, what that team mate saved.
        """
        ...

    async def corrected(self, query: Query, *, saves: Mapping[str, Collection[PaperId]] | None = None) -> Query | None:
        """Return the query with its typing errors mended, where it finds little and then finds more; else None.

        Little is also what the name of an author in full finds by initials alone.
        """
        ...

    async def mended(
        self,
        query: Query,
        found: int,
        *,
        order: Order = "relevance",
        offset: int = 0,
        limit: int = 10,
        saves: Mapping[str, Collection[PaperId]] | None = None,
    ) -> Mended | None:
        """Return what `corrected` does with a page of what that finds, for a query that finds `found` papers."""
        ...

    async def author_counts(self, names: Collection[str]) -> dict[str, int]:
        """Return for each name how many papers have an author of just that name, however it is spelled."""
        ...

    async def names_like(self, typed: str, limit: int = 5) -> list[str]:
        """Return authors' names that look like the typed one, as a paper spells them, the likest first."""
        ...

    async def similar(self, paper: Paper, *, offset: int = 0, limit: int = 10) -> Similar:
        """Return the papers most like this one, which need not be in the index; it is never among them."""
        ...

    async def catch_up(self) -> int:
        """Take in what changed in the store since the last time; return how many papers that was."""
        ...

    async def rebuild(self) -> int:
        """Build the index anew from the store; return how many papers it holds."""
        ...

    async def behind(self) -> int:
        """Return how many changes of the store are not in the index yet."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """What a source gave in one answer: papers, listed where it announces them, and what was skipped, by reason.

    `name` says which answer it was: a file, or a day. All papers in it cite the one that `cites` names; in a
    `backlog`, that is no news: it is what was there when the source was asked for the first time.
    """

    name: str
    papers: tuple[Paper, ...]
    skipped: Mapping[str, int]
    cites: PaperId | None = None
    backlog: bool = False


class Source(Protocol):
    """Where papers come from."""

    name: str

    def daily(self, day: dt.date) -> AsyncIterator[Batch]:
        """Yield the papers that the source announces for a date. Raises SourceError."""
        ...


class FeedReader(Protocol):
    """Reads feeds that teams name; from public hosts alone."""

    async def read(self, url: str) -> Batch:
        """Return what is in the feed at that address. Raises SourceError."""
        ...


Outcome = Literal["accepted", "refused", "unclear"]


@dataclass(frozen=True, slots=True)
class Posting:
    """What became of a post, a change or a note: accepted, with the platform's message id; refused for sure, with
    the reason, and whether for good, or how long the platform wants to be left alone in the team (or `everywhere`);
    or unclear: nobody knows."""

    outcome: Outcome
    message_id: str | None = None
    reason: str | None = None
    permanent: bool = False
    retry_after: dt.timedelta | None = None
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What reading a channel back brought: the ids of the messages with a key, the earliest first.

    `unreadable`: this platform or channel can't be read back at all. `failed`: not now. Both say why.
    """

    outcome: Literal["read", "unreadable", "failed"]
    message_ids: tuple[str, ...] = ()
    reason: str | None = None


class Messenger(Protocol):
    """Posts digests on one platform. Every call is one request at most, never repeated, and raises nothing that
    the platform or the network may cause.

    `thread_room` is how many characters of abstracts a message in a thread holds; 0: there are no threads. `thread`
    is the message (its id) in whose thread something is posted, found or deleted; None: in the channel itself. Where
    that message is gone, a post in its thread is refused for good.
    """

    platform: str
    thread_room: int

    async def post(self, team: str, channel: str, post: Post, key: str, thread: str | None = None) -> Posting:
        """Post once; `key` is the delivery's id, by which it can be found again."""
        ...

    async def find(self, team: str, channel: str, key: str, since: dt.datetime, thread: str | None = None) -> Finding:
        """Find the messages with that key that were posted since then, in the channel or in the thread."""
        ...

    async def delete(self, team: str, channel: str, message_id: str, thread: str | None = None) -> Posting:
        """Delete a message of our own; one that is gone already counts as accepted."""
        ...

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Put another post in a message's place; its key stays."""
        ...

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Tell a member something in private; the note's buttons act in the channel that it is about."""
        ...


class Vault(Protocol):
    """Teams' secrets, such as tokens: readable here, encrypted in the store."""

    async def get(self, platform: str, team: str, name: str) -> str | None:
        """Return a team's secret of that name. Raises StoreError where no key opens it."""
        ...

    async def put(self, platform: str, team: str, name: str, secret: str) -> None:
        """Store it, in place of one that is there. Raises StoreError without a key."""
        ...

    async def forget(self, platform: str, team: str) -> None:
        """Delete all of a team's."""
        ...


class Wakeups(Protocol):
    """A hint that the ledger has something to do: a lost or a doubled one does no harm."""

    def wake(self) -> None:
        """Wake whoever waits, here or in another process."""
        ...

    async def wait(self, at_most: dt.timedelta) -> None:
        """Wait until woken, or that long."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """All that the core is given; built once, by the composition root. Messengers are by platform.

    `since` is when this process began: what fell due before is read back before it is posted, for the store
    may be a backup that was put back. `setbacks` and `pauses` are this process's own. `roles` are by platform, of
    those that have any. `asks` are the sources, and the inbox, that the service asks by itself.
    """

    store: Store
    index: SearchIndex
    clock: Clock
    messengers: Mapping[str, Messenger]
    wakeups: Wakeups
    since: dt.datetime
    timings: DeliveryTimings = field(default_factory=DeliveryTimings)
    setbacks: Setbacks = field(default_factory=Setbacks)
    pauses: Pauses = field(default_factory=Pauses)
    feed_reader: FeedReader | None = None
    linked: Linked | None = None
    recommended: Recommended | None = None
    roles: Mapping[str, Roles] = field(default_factory=dict)
    asks: frozenset[str] = frozenset()
