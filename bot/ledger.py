"""The ledger of deliveries: what the core needs of it. It is the truth about every digest's messages."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.reply import Post
from bot.team import Channel

BETWEEN = dt.timedelta(seconds=1)
"""So long after a message of a digest the next may follow in its thread: Slack takes about one a second in a channel
(https://docs.slack.dev/apis/web-api/rate-limits), and a pause that it asks for would hold up other digests."""

NOTE_OF = "note of digest "
"""How the lease of whoever tells a digest's maker something begins; the digest's number follows."""

DeliveryState = Literal["pending", "sending", "sent", "blocked", "parked"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger: one message of a digest on its way out. Times are UTC.

    `uncertain`: an earlier try may have been accepted. `fence` tells this claim from all others. `told_at`: when the
    digest's maker was told that the row needs them. `part` 0 is the digest itself, the others follow in its thread;
    `thread` is then the digest's message, None where nobody knows which that is.
    """

    id: str
    digest_id: int
    slot: str
    part: int
    state: DeliveryState
    due_at: dt.datetime
    payload: Post
    channel: Channel
    platform: str
    team: str
    fence: int = 0
    attempts: int = 0
    uncertain: bool = False
    lease_until: dt.datetime | None = None
    first_try_at: dt.datetime | None = None
    message_id: str | None = None
    last_error: str | None = None
    settled_at: dt.datetime | None = None
    audit_at: dt.datetime | None = None
    told_at: dt.datetime | None = None
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a claim came to. None leaves `due_at`, the message and the audit as they are, and no error or lease.

    `pending` with `due_at`: surely not posted, to be tried then. `pending` with `lease_until`: nothing was sent,
    because the channel could not be read back; to be claimed then, as if it had not been claimed. `sending` with
    `lease_until`: nobody knows, to be read back then. `sent` with `audit_at`: to be read back once more then.
    """

    state: DeliveryState
    message_id: str | None = None
    error: str | None = None
    due_at: dt.datetime | None = None
    lease_until: dt.datetime | None = None
    audit_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row to be: a message of a digest, by its key, and when it is due."""

    digest_id: int
    slot: str
    part: int
    payload: Post
    due_at: dt.datetime


class Deliveries(Protocol):
    """The ledger's rows."""

    async def add(self, entries: Sequence[Entry]) -> int:
        """Insert pending rows under their keys, and leave alone those whose key is there; return how many are new.

        A row is uncertain from the start where it was due before the last restore (`restored`).
        """
        ...

    async def claim(
        self,
        now: dt.datetime,
        limit: int,
        platforms: Collection[str],
        lease: dt.timedelta,
        digest_id: int | None = None,
        without: Collection[int] = (),
    ) -> list[Delivery]:
        """Mark due rows of those platforms as `sending` and uncertain, till now + lease; the longest due first.

        Due are pending and `sending` rows without a lease, or whose lease has run out; a reply (`part` above 0) not
        before the part before it is sent, and `BETWEEN` has passed. Each has a new fence and one more attempt. What
        is returned is `uncertain` only where an earlier try may have been accepted; its `lease_until` is this claim's.
        With a digest, only its rows are claimed; none of the teams `without`, by their ids.
        """
        ...

    async def hold(self, leases: Mapping[str, dt.datetime]) -> None:
        """Let claims just made last till other times, by row."""
        ...

    async def shorten_leases(self, now: dt.datetime, longest: dt.timedelta, lease: dt.timedelta) -> int:
        """Let leases that end later than now + longest end at now + lease; return how many.

        No claim lasts that long, so they are from before the clock was put back.
        """
        ...

    async def settle(self, delivery: Delivery, settlement: Settlement, now: dt.datetime) -> bool:
        """Write the outcome if the fence is still this claim's; False where it is not.

        `sending` and `parked` are uncertain, `sent` no more; after any other, the row is as uncertain as it was
        before the claim.
        """
        ...

    async def release(self, delivery: Delivery) -> bool:
        """Give an unused claim back, as if it had not been: nothing was sent. False where the fence is another's."""
        ...

    async def give_up(self, delivery: Delivery) -> bool:
        """Delete a reply that can't be posted, and those behind it; False where the fence is another's."""
        ...

    async def due_audits(
        self, now: dt.datetime, limit: int, platforms: Collection[str], again_at: dt.datetime
    ) -> list[Delivery]:
        """Return rows of those platforms to be read back by now, each put off to `again_at`, should this one fail."""
        ...

    async def audit(self, delivery_id: str, at: dt.datetime) -> None:
        """Ask for a row to be read back then, or sooner if that was asked for; whatever its fence."""
        ...

    async def audited(self, delivery: Delivery, message_id: str | None) -> None:
        """Note that exactly one message of the row is visible, and which; it needs no audit any more.

        Unless another was asked for meanwhile: the row's `audit_at` is not the delivery's.
        """
        ...

    async def resolve(self, delivery_id: str, arrived: bool, now: dt.datetime) -> bool:
        """Settle a parked row by what a person saw: sent, or pending and certain again. False where it isn't parked."""
        ...

    async def unblock(self, digest_id: int, now: dt.datetime) -> int:
        """Make the digest's blocked rows pending, due now; return how many."""
        ...

    async def supersede(self, digest_ids: Collection[int], since: dt.datetime) -> list[tuple[int, str]]:
        """Delete these digests' pending and blocked rows due since then that were surely not posted.

        Return their digests and slots. A slot stays if any part of it stays; but replies that wait below a digest
        that is sent go. A catch-up digest takes the papers of the others along (`Digests.withdraw`).
        """
        ...

    async def restored(self, now: dt.datetime, window: dt.timedelta) -> int:
        """After a backup was put back: trust no row of the window. Return how many rows are read back.

        Open and blocked rows become uncertain, sent ones are audited now, and rows added later for a time before
        now are uncertain from the start.
        """
        ...

    async def untold(self, limit: int, platforms: Collection[str], now: dt.datetime) -> list[Delivery]:
        """Return blocked and parked rows of those platforms whose makers were not told, the longest settled first.

        Those of digests of which a note is under way, or failed too short a time ago, are left out (`NOTE_OF`).
        """
        ...

    async def told(self, delivery_ids: Sequence[str], now: dt.datetime) -> None:
        """Mark blocked and parked rows: their makers were told."""
        ...

    async def get(self, delivery_id: str) -> Delivery | None:
        """Return a row."""
        ...

    async def of_slot(self, digest_id: int, slot: str) -> Delivery | None:
        """Return the parent row of a digest's slot."""
        ...

    async def standing(self, digest_ids: Collection[int]) -> list[Delivery]:
        """Return the parent rows of these digests that are not sent, and the newest sent of each; the oldest first.

        With them, parked replies.
        """
        ...

    async def unsettled(self) -> int:
        """Return how many rows are pending or sending."""
        ...

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Delete rows that were sent before then and need no audit, at most `limit`; return how many."""
        ...
