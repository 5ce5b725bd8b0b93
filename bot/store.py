"""What the core needs of a store: a transaction with a room for each noun. The storage wing implements it."""

import datetime as dt
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from bot.digest import Composed, DigestItem, DigestSettings
from bot.follow import Follow, Stance
from bot.gates import Gates
from bot.ledger import Deliveries
from bot.organisations import Organisations
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.query import Rule
from bot.store_feeds import TeamFeeds
from bot.store_merges import Events, Merges
from bot.store_remembered import Remembered
from bot.store_sources import SourceRuns
from bot.store_wishes import Wishes
from bot.team import Caller, Channel, Member, Team
from bot.validators import KnownAnswers


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


@dataclass(frozen=True, slots=True)
class Saved:
    """A paper that a member saved, and when."""

    paper: PaperId
    at: dt.datetime


class Opinions(Protocol):
    """What members of a team do with a paper: votes and saves. All of it is set, never toggled."""

    async def vote(self, caller: Caller, paper: PaperId, now: dt.datetime) -> bool:
        """Record the member's vote; False where it was there."""
        ...

    async def unvote(self, caller: Caller, paper: PaperId) -> bool:
        """Take the member's vote back; False where there was none."""
        ...

    async def save(self, caller: Caller, paper: PaperId, now: dt.datetime) -> bool:
        """Keep the paper for the member; False where it was kept."""
        ...

    async def unsave(self, caller: Caller, paper: PaperId) -> bool:
        """Drop it from the member's saved papers; False where it was not there."""
        ...

    async def saved(self, caller: Caller) -> list[Saved]:
        """Return what the member saved, the newest first."""
        ...

    async def votes(self, team_id: int, papers: Collection[PaperId]) -> dict[PaperId, int]:
        """Return the team's votes on those papers; those without are left out."""
        ...

    async def votes_by_team(
        self, team_ids: Collection[int], papers: Collection[PaperId]
    ) -> dict[int, dict[PaperId, int]]:
        """Return the same for several teams; teams without a vote are left out."""
        ...

    async def voters(self, team_id: int, paper: PaperId) -> list[str]:
        """Return the keys of the members who voted for it, the first first."""
        ...

    async def savers(self, team_id: int, paper: PaperId) -> list[str]:
        """Return the keys of the members who saved it, the first first."""
        ...

    async def saved_by(self, team_id: int, member_key: str) -> list[PaperId]:
        """Return what the member of that key (case does not matter) saved, for `by:@name`."""
        ...


class Follows(Protocol):
    """Everyone's follow lists."""

    async def of(self, person_id: int) -> list[Follow]:
        """Return the person's follows and mutes, in order of number."""
        ...

    async def add(self, person_id: int, rule: Rule, stance: Stance, now: dt.datetime) -> Follow:
        """Store a rule under the person's next number; a number is never used again."""
        ...

    async def remove(self, follow: Follow) -> None:
        """Delete it."""
        ...

    async def set_paused(self, follow: Follow, paused: bool) -> None:
        """Pause or resume it."""
        ...


class Teams(Protocol):
    """Teams, channels and members, as they turn up."""

    async def caller(self, platform: str, team: str, channel: str, member: str) -> Caller | None:
        """Return who that is and where, or None where team, channel or member never turned up."""
        ...

    async def welcome(self, platform: str, team: str, channel: str, member: str) -> Caller:
        """Return the same, storing whatever of the three is new."""
        ...

    async def of_platform(self, platform: str) -> list[Team]:
        """Return all teams of a platform, by key."""
        ...

    async def channel(self, channel_id: int) -> Channel:
        """Return a channel by its id."""
        ...

    async def member(self, member_id: int) -> Member | None:
        """Return a member by id, None where it is gone."""
        ...

    async def set_member_zone(self, member_id: int, zone: str) -> None:
        """Remember the zone in which the member lives."""
        ...

    async def forget(self, platform: str, team: str) -> bool:
        """Delete a team with all that is its own: channels, digests, deliveries, members. False where there is none."""
        ...

    async def set_zone(self, channel_id: int, zone: str) -> None:
        """Remember the zone that was last used in the channel."""
        ...


@dataclass(frozen=True, slots=True)
class PostedItem:
    """A paper that a channel had in a digest: which digest, which slot, where in it, and why."""

    digest_name: str
    slot: str
    item: DigestItem


@dataclass(frozen=True, slots=True)
class Taken:
    """A digest that is due, and the team of its channel, with its platform."""

    settings: DigestSettings
    team_id: int
    platform: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """A digest whose rule has brought nothing for long, and where it is."""

    settings: DigestSettings
    channel: Channel
    platform: str
    team: str


class Digests(Protocol):
    """How the channels' digests are set, and what went into them."""

    async def of_channel(self, channel_id: int) -> list[DigestSettings]:
        """Return the channel's digests by name."""
        ...

    async def of_team(self, team_id: int) -> list[tuple[Channel, DigestSettings]]:
        """Return all digests of a team with their channels."""
        ...

    async def of_channels_named(self, key: str) -> list[tuple[Channel, DigestSettings]]:
        """Return the digests of every team's channel of that name."""
        ...

    async def get(self, digest_id: int) -> DigestSettings | None:
        """Return the settings of a digest."""
        ...

    async def put(self, settings: DigestSettings) -> DigestSettings:
        """Store settings: new ones where the id is 0, else in place of the stored. Returns them with their id."""
        ...

    async def remove(self, digest_id: int) -> None:
        """Forget the settings and what is not yet posted; the memory of what the channel had stays."""
        ...

    async def get_many(self, digest_ids: Sequence[int]) -> list[DigestSettings]:
        """Return the settings of those digests, in no promised order; unknown ones are left out."""
        ...

    async def take(self, digest_ids: Sequence[int], now: dt.datetime) -> list[Taken]:
        """Return those of the digests that are due by now, in the order of `due`.

        They and their channels are held until the change ends; where others hold one, it is left to them.
        """
        ...

    async def due(self, now: dt.datetime, limit: int) -> list[int]:
        """Return ids of digests that come (`DigestSettings.comes`) and are due by now, the longest due first.

        One that is paused for a while is not due before that has run out (`paused_until` <= now).
        """
        ...

    async def posted(self, channel_id: int, papers: Collection[PaperId]) -> dict[PaperId, PostedItem]:
        """Return which of those papers the channel has had."""
        ...

    async def had(self, channel_ids: Collection[int], papers: Collection[PaperId]) -> dict[int, set[PaperId]]:
        """Return which of those papers (main ids) each channel has had; channels without any are left out."""
        ...

    async def compose(self, composed: Sequence[Composed], now: dt.datetime) -> None:
        """Remember that slots were composed, and which papers they bring to their channels.

        A paper that the channel has had keeps the place of its first time.
        """
        ...

    async def move_on(self, settings: Sequence[DigestSettings]) -> None:
        """Store when digests come next: `last_slot`, `next_due_at`, and their pause. The rest stays as it is."""
        ...

    async def withdraw(self, slots: Collection[tuple[int, str]]) -> None:
        """Forget that these digests' slots were composed, and what they were to bring: a later digest brings it."""
        ...

    async def block(self, digest_id: int, reason: str | None) -> None:
        """Remember why nothing can be posted for the digest; None when it can again."""
        ...

    async def quiet(self, since: dt.datetime, after: int, limit: int) -> list[Quiet]:
        """Return digests with an id above `after`, by id, that come and have a rule, and brought nothing since then.

        They were there by then, and their makers were not told of that rule yet (`quiet_told`).
        """
        ...

    async def quiet_told(self, settings: DigestSettings) -> None:
        """Note that the maker was told that the rule brings nothing; of another rule they are told anew."""
        ...

    async def composed_at(self, digest_ids: Collection[int], first: dt.date) -> dict[int, dict[dt.date, dt.datetime]]:
        """Return when the slots of these digests from a date on were composed, by digest and date.

        Digests by hand are not among them.
        """
        ...

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Forget slots that were composed before then, at most `limit`; return how many."""
        ...


class Leases(Protocol):
    """Who does what only one process may do at a time."""

    async def take(self, name: str, holder: str, now: dt.datetime, until: dt.datetime) -> bool:
        """Take a lease, or keep one's own for longer; False where it is another's till later than now."""
        ...

    async def give_back(self, name: str, holder: str) -> None:
        """End one's own lease."""
        ...

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Delete leases that ended before then, at most `limit`; return how many."""
        ...


class Arrivals(Protocol):
    """What a platform sent us: it sends some things again, and each counts once."""

    async def first(self, platform: str, event: str, now: dt.datetime) -> bool:
        """Note that an event arrived; False where it had before."""
        ...

    async def first_of(self, platform: str, events: Sequence[str], now: dt.datetime) -> set[str]:
        """Note that several arrived; return those that had not before."""
        ...

    async def prune(self, before: dt.datetime) -> int:
        """Forget what arrived before then; return how much that was."""
        ...


@dataclass(frozen=True, slots=True)
class Secret:
    """Something of a team's that nobody may read, encrypted."""

    platform: str
    team: str
    name: str
    sealed: str


class Secrets(Protocol):
    """Encrypted secrets of teams; whoever holds the keys puts them in and reads them (`bot.ports.Vault`)."""

    async def get(self, platform: str, team: str, name: str) -> Secret | None:
        """Return a team's secret of that name."""
        ...

    async def put(self, secret: Secret, now: dt.datetime) -> None:
        """Store it, in place of one that is there."""
        ...

    async def forget(self, platform: str, team: str) -> int:
        """Delete all of a team's; return how many."""
        ...

    async def all(self) -> list[Secret]:
        """Return all of them."""
        ...


class Session(Protocol):
    """One transaction on the store, with a room for each noun."""

    @property
    def papers(self) -> Papers: ...
    @property
    def opinions(self) -> Opinions: ...
    @property
    def follows(self) -> Follows: ...
    @property
    def teams(self) -> Teams: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def source_runs(self) -> SourceRuns: ...
    @property
    def wishes(self) -> Wishes: ...
    @property
    def gates(self) -> Gates: ...
    @property
    def known_answers(self) -> KnownAnswers: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def arrivals(self) -> Arrivals: ...
    @property
    def secrets(self) -> Secrets: ...
    @property
    def feeds(self) -> TeamFeeds: ...
    @property
    def organisations(self) -> Organisations: ...
    @property
    def merges(self) -> Merges: ...
    @property
    def events(self) -> Events: ...
    @property
    def remembered(self) -> Remembered: ...


class Store(Protocol):
    """Everything that must last."""

    def read(self) -> AbstractAsyncContextManager[Session]:
        """Open a consistent view; nothing can be written in it."""
        ...

    def write(self) -> AbstractAsyncContextManager[Session]:
        """Open a transaction: committed at the end of the block, rolled back if it raises."""
        ...
