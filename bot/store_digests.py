"""What the core needs of a store for digests: their settings, what is due, and what each channel has had."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.digest import Composed, DigestItem, DigestSettings
from bot.paper_ids import PaperId
from bot.team import Channel


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
