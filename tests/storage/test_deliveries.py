"""The ledger of deliveries: who may work on a row, and what becomes of it."""

import asyncio
import datetime as dt
from collections.abc import Collection
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.digest import DigestSettings
from bot.errors import StoreError
from bot.ledger import BETWEEN, NOTE_OF, Delivery, DeliveryState, Entry, Settlement
from bot.reply import DigestPost
from bot.team import Caller
from storage.database import SqlStore
from storage.payload import payload_json
from storage.schema import deliveries
from tests.fakes.posts import POST

HOUR = dt.timedelta(hours=1)
LEASE = dt.timedelta(seconds=90)
SLOT = "2025-06-12"


class Ledger:
    """The ledger, each call in a transaction of its own."""

    def __init__(self, store: SqlStore, digest: DigestSettings, now: dt.datetime) -> None:
        self.store, self.digest, self.now = store, digest, now

    async def add(
        self, slot: str = SLOT, part: int = 0, due_at: dt.datetime | None = None, post: DigestPost = POST
    ) -> int:
        """Enter a message of the digest."""
        async with self.store.write() as session:
            return await session.deliveries.add([Entry(self.digest.id, slot, part, post, due_at or self.now)])

    async def claim(self, now: dt.datetime | None = None, platforms: Collection[str] = ("slack",)) -> list[Delivery]:
        """Claim all that is due."""
        async with self.store.write() as session:
            return await session.deliveries.claim(now or self.now, 10, platforms, LEASE)

    async def settle(self, delivery: Delivery, state: DeliveryState, **told: object) -> bool:
        """Settle a claim, now."""
        async with self.store.write() as session:
            return await session.deliveries.settle(delivery, Settlement(state, **told), self.now)  # type: ignore[arg-type]

    async def settled(self, state: DeliveryState, slot: str = SLOT, **told: object) -> Delivery:
        """Enter a message, claim it and settle it so; return the claim."""
        await self.add(slot)
        (delivery,) = await self.claim()
        assert await self.settle(delivery, state, **told)
        return delivery

    async def row(self, delivery: Delivery) -> Delivery:
        """Return the row as it stands."""
        async with self.store.read() as session:
            row = await session.deliveries.get(delivery.id)
        assert row
        return row

    async def due_audits(self, now: dt.datetime, again_at: dt.datetime) -> list[Delivery]:
        """Return what is to be read back."""
        async with self.store.write() as session:
            return await session.deliveries.due_audits(now, 10, {"slack"}, again_at)


@pytest.fixture
def ledger(store: SqlStore, digest: DigestSettings, now: dt.datetime) -> Ledger:
    """The ledger of a store with one digest, whose messages are due `now`."""
    return Ledger(store, digest, now)


# --- Entering ------------------------------------------------------------------------------------------------------


async def test_a_slot_is_entered_once(ledger: Ledger, now: dt.datetime) -> None:
    assert await ledger.add() == 1
    assert await ledger.add(due_at=now + HOUR, post=replace(POST, heading="x")) == 0
    (row,) = await ledger.claim()
    assert (row.payload, row.due_at) == (POST, now)


async def test_a_message_of_a_digest_that_is_not_there(store: SqlStore, now: dt.datetime) -> None:
    with pytest.raises(StoreError, match="no digest 7"):
        async with store.write() as session:
            await session.deliveries.add([Entry(7, SLOT, 0, POST, now)])


# --- Claiming ------------------------------------------------------------------------------------------------------


async def test_a_claimed_message_comes_with_all_that_posting_needs(
    ledger: Ledger, store: SqlStore, digest: DigestSettings, alice: Caller, now: dt.datetime
) -> None:
    await ledger.add()
    (delivery,) = await ledger.claim()
    expected = Delivery(
        id=delivery.id,
        digest_id=digest.id,
        slot=SLOT,
        part=0,
        state="sending",
        due_at=now,
        payload=POST,
        channel=alice.channel,
        platform="slack",
        team="Acme",
        fence=1,
        attempts=1,
        lease_until=now + LEASE,
        first_try_at=now,
    )
    assert delivery == expected
    async with store.read() as session:
        assert await session.deliveries.get(delivery.id) == replace(expected, uncertain=True)
        assert await session.deliveries.of_slot(digest.id, SLOT) == replace(expected, uncertain=True)
        assert await session.deliveries.unsettled() == 1
    assert await ledger.claim() == []


async def test_the_longest_due_is_claimed_first(ledger: Ledger, store: SqlStore, now: dt.datetime) -> None:
    for number in (3, 1, 2):
        await ledger.add(f"slot {number}", due_at=now - number * HOUR)
    async with store.write() as session:
        rows = await session.deliveries.claim(now, 2, {"slack"}, LEASE)
    assert [row.slot for row in rows] == ["slot 3", "slot 2"]


async def test_a_claim_of_one_digest_leaves_the_others(ledger: Ledger, store: SqlStore, now: dt.datetime) -> None:
    await ledger.add()
    async with store.write() as session:
        other = await session.digests.put(replace(ledger.digest, id=0, name="other"))
        await session.deliveries.add([Entry(other.id, SLOT, 0, POST, now)])
        (row,) = await session.deliveries.claim(now, 10, {"slack"}, LEASE, other.id)
    assert row.digest_id == other.id


async def test_what_is_for_another_platform_is_left_to_who_serves_it(ledger: Ledger) -> None:
    await ledger.add()
    assert await ledger.claim(platforms={"terminal"}) == []
    assert await ledger.claim(platforms=()) == []
    assert len(await ledger.claim()) == 1


async def test_nothing_is_claimed_before_it_is_due(ledger: Ledger, now: dt.datetime) -> None:
    await ledger.add()
    assert await ledger.claim(now - dt.timedelta(microseconds=1)) == []


async def test_a_claim_is_its_claimers_until_its_lease_is_over(ledger: Ledger, now: dt.datetime) -> None:
    await ledger.add()
    (first,) = await ledger.claim()
    assert await ledger.claim(now + LEASE) == []
    (second,) = await ledger.claim(now + LEASE + dt.timedelta(microseconds=1))
    assert (first.fence, first.uncertain, first.first_try_at) == (1, False, now)
    assert (second.fence, second.uncertain, second.attempts, second.first_try_at) == (2, True, 2, now)


async def test_a_claim_can_last_longer(ledger: Ledger, store: SqlStore, now: dt.datetime) -> None:
    await ledger.add()
    (row,) = await ledger.claim()
    async with store.write() as session:
        await session.deliveries.hold({row.id: now + HOUR})
        await session.deliveries.hold({})
    assert await ledger.claim(now + HOUR) == []
    assert len(await ledger.claim(now + HOUR + LEASE)) == 1


async def test_leases_from_before_the_clock_was_put_back_are_shortened(
    ledger: Ledger, store: SqlStore, now: dt.datetime
) -> None:
    await ledger.add("ahead", due_at=now - 9 * HOUR)
    (ahead,) = await ledger.claim(now + 3 * HOUR)
    await ledger.add("here")
    (here,) = await ledger.claim()
    async with store.write() as session:
        assert await session.deliveries.shorten_leases(now, HOUR, LEASE / 2) == 1
    assert (await ledger.row(ahead)).lease_until == now + LEASE / 2
    assert (await ledger.row(here)).lease_until == now + LEASE


async def test_a_reply_is_due_once_the_part_before_it_is_sent(
    ledger: Ledger, store: SqlStore, now: dt.datetime
) -> None:
    for part in (2, 1, 0):
        await ledger.add(part=part, due_at=now - part * HOUR)
    for part in (0, 1, 2):
        later = now + part * BETWEEN
        (row,) = await ledger.claim(later)
        assert row.part == part
        assert await ledger.claim(later) == []
        async with store.write() as session:
            assert await session.deliveries.settle(row, Settlement("sent", f"m{part}"), later)
        assert await ledger.claim(later) == [], "one message a second is what platforms take in a channel"
        assert row.thread == (None if part == 0 else "m0")


async def test_claimers_at_the_same_time_share_the_rows(ledger: Ledger, store: SqlStore, now: dt.datetime) -> None:
    for number in range(12):
        await ledger.add(f"slot {number:02}")

    async def claim() -> list[str]:
        async with store.write() as session:
            rows = await session.deliveries.claim(now, 3, {"slack"}, LEASE)
            await asyncio.sleep(0.01)
            return [row.id for row in rows]

    claimed = [row for rows in await asyncio.gather(*(claim() for _ in range(4))) for row in rows]
    assert len(set(claimed)) == len(claimed) == 12


async def test_what_another_version_wrote_holds_up_nobody(ledger: Ledger, store: SqlStore, now: dt.datetime) -> None:
    for number in range(12):
        await ledger.add(f"{number:02}", due_at=now - HOUR)
    async with store.write() as session:
        await session.connection.execute(sa.update(deliveries).values(payload={"header": "of the next version"}))
    await ledger.add()
    assert [row.slot for row in await ledger.claim()] == [SLOT]
    async with store.write() as session:
        first = await session.deliveries.of_slot(ledger.digest.id, "00")
        assert first
        assert (first.state, first.lease_until, first.uncertain) == ("pending", now + LEASE, False)
        assert "another version" in (first.last_error or "")
        await session.connection.execute(sa.update(deliveries).values(payload=payload_json(POST)))
    assert len(await ledger.claim(now + 2 * LEASE)) == 10, "who can read it may have it"


# --- Settling ------------------------------------------------------------------------------------------------------


async def test_a_sent_message_is_settled(ledger: Ledger, store: SqlStore, now: dt.datetime) -> None:
    claim = await ledger.settled("sent", message_id="m1")
    assert await ledger.row(claim) == replace(
        claim, state="sent", message_id="m1", settled_at=now, lease_until=None, uncertain=False
    )
    assert await ledger.claim(now + 9 * HOUR) == []
    async with store.read() as session:
        assert await session.deliveries.unsettled() == 0


async def test_a_refused_message_waits_and_is_no_more_uncertain_than_before(ledger: Ledger, now: dt.datetime) -> None:
    await ledger.settled("pending", error="rate limited", due_at=now + HOUR)
    assert await ledger.claim(now + HOUR - LEASE) == []
    (again,) = await ledger.claim(now + HOUR)
    assert (again.fence, again.attempts, again.uncertain, again.last_error) == (2, 2, False, "rate limited")
    assert await ledger.settle(again, "sending", lease_until=now + 2 * HOUR)
    (unsure,) = await ledger.claim(now + 3 * HOUR)
    assert unsure.uncertain
    assert await ledger.settle(unsure, "pending", due_at=now)
    assert (await ledger.row(unsure)).uncertain


async def test_a_message_that_could_not_be_read_back_keeps_its_due_time(ledger: Ledger, now: dt.datetime) -> None:
    claim = await ledger.settled("pending", lease_until=now + HOUR)
    assert await ledger.claim(now + HOUR) == []
    row = await ledger.row(claim)
    assert (row.due_at, row.uncertain) == (now, False)
    assert len(await ledger.claim(now + HOUR + LEASE)) == 1


@pytest.mark.parametrize("state", ["sending", "parked"])
async def test_nobody_knows_about_it(ledger: Ledger, state: DeliveryState) -> None:
    row = await ledger.row(await ledger.settled(state, error="no answer"))
    assert (row.state, row.uncertain, row.last_error) == (state, True, "no answer")


async def test_a_late_sender_does_not_settle_what_another_claimed(ledger: Ledger, now: dt.datetime) -> None:
    late = await ledger.settled("pending")
    (other,) = await ledger.claim()
    assert not await ledger.settle(late, "sent")
    assert await ledger.settle(other, "sent")


async def test_an_unused_claim_is_given_back(ledger: Ledger, store: SqlStore, now: dt.datetime) -> None:
    await ledger.add()
    (claim,) = await ledger.claim()
    async with store.write() as session:
        assert await session.deliveries.release(claim)
    (again,) = await ledger.claim()
    assert (again.attempts, again.uncertain, again.fence) == (1, False, 2)
    async with store.write() as session:
        assert not await session.deliveries.release(claim), "it is another's by now"
    assert (await ledger.row(again)).state == "sending"


# --- Reading back --------------------------------------------------------------------------------------------------


async def test_what_is_to_be_read_back_comes_once_at_a_time(ledger: Ledger, now: dt.datetime) -> None:
    claim = await ledger.settled("sent", message_id="m1", audit_at=now + HOUR)
    assert await ledger.due_audits(now + HOUR - LEASE, now + 2 * HOUR) == []
    (due,) = await ledger.due_audits(now + HOUR, now + 2 * HOUR)
    assert (due.id, due.audit_at) == (claim.id, now + 2 * HOUR)
    assert await ledger.due_audits(now + HOUR, now + 3 * HOUR) == []
    assert len(await ledger.due_audits(now + 2 * HOUR, now + 3 * HOUR)) == 1, "the first one failed"


async def test_what_was_read_back_needs_it_no_more(ledger: Ledger, store: SqlStore, now: dt.datetime) -> None:
    await ledger.settled("sent", message_id="m2", audit_at=now)
    (due,) = await ledger.due_audits(now, now + HOUR)
    async with store.write() as session:
        await session.deliveries.audited(due, "m1")
    row = await ledger.row(due)
    assert (row.audit_at, row.message_id) == (None, "m1")
    async with store.write() as session:
        await session.deliveries.audited(due, None)
    assert (await ledger.row(due)).message_id == "m1", "which one it was is not forgotten"


async def test_one_that_was_asked_for_meanwhile_is_not_forgotten(
    ledger: Ledger, store: SqlStore, now: dt.datetime
) -> None:
    await ledger.settled("sent", audit_at=now)
    (due,) = await ledger.due_audits(now, now + HOUR)
    async with store.write() as session:
        await session.deliveries.audit(due.id, now + LEASE)
        await session.deliveries.audited(due, "m1")
        await session.deliveries.audit(due.id, now + 2 * HOUR)
    assert (await ledger.row(due)).audit_at == now + LEASE, "and a later one puts nothing off"


async def test_settling_forgets_no_audit_that_was_asked_for(ledger: Ledger, store: SqlStore, now: dt.datetime) -> None:
    await ledger.add()
    (claim,) = await ledger.claim()
    async with store.write() as session:
        await session.deliveries.audit(claim.id, now + LEASE)
    await ledger.settle(claim, "sent", message_id="m1")
    assert (await ledger.row(claim)).audit_at == now + LEASE


# --- People --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arrived", "state"), [(True, "sent"), (False, "pending")])
async def test_a_person_settles_a_parked_message(
    ledger: Ledger, store: SqlStore, now: dt.datetime, arrived: bool, state: DeliveryState
) -> None:
    claim = await ledger.settled("parked", error="no answer")
    async with store.write() as session:
        (untold,) = await session.deliveries.untold(10, {"slack"}, now)
        assert await session.deliveries.resolve(untold.id, arrived, now + HOUR)
        assert not await session.deliveries.resolve(untold.id, arrived, now + HOUR), "it is parked no more"
    row = await ledger.row(claim)
    assert (row.state, row.uncertain, row.told_at) == (state, False, None)
    assert row.settled_at == (now + HOUR if arrived else None)
    assert not await ledger.settle(claim, "sent"), "who posted it late is overtaken"
    assert len(await ledger.claim(now + HOUR)) == (0 if arrived else 1)


async def test_blocked_messages_are_due_again_when_that_was_mended(
    ledger: Ledger, store: SqlStore, now: dt.datetime
) -> None:
    claim = await ledger.settled("blocked", error="the channel is archived")
    async with store.write() as session:
        assert await session.deliveries.unblock(ledger.digest.id, now + HOUR) == 1
        assert await session.deliveries.unblock(ledger.digest.id, now + HOUR) == 0
    row = await ledger.row(claim)
    assert (row.state, row.due_at, row.settled_at) == ("pending", now + HOUR, None)
    (again,) = await ledger.claim(now + HOUR)
    assert not again.uncertain


@pytest.mark.parametrize("state", ["blocked", "parked"])
async def test_its_maker_is_told_once(ledger: Ledger, store: SqlStore, now: dt.datetime, state: DeliveryState) -> None:
    claim = await ledger.settled(state, error="no answer")
    await ledger.settled("sent", slot="another")
    async with store.write() as session:
        assert await session.deliveries.untold(10, {"mail"}, now) == []
        assert [row.id for row in await session.deliveries.untold(10, {"slack"}, now)] == [claim.id]
        await session.deliveries.told([claim.id], now)
        assert await session.deliveries.untold(10, {"slack"}, now) == []
    assert (await ledger.row(claim)).told_at == now


async def test_what_somebody_tells_just_now_is_left_out_till_then(
    ledger: Ledger, store: SqlStore, now: dt.datetime
) -> None:
    claim = await ledger.settled("parked", error="no answer")
    later = now + HOUR
    async with store.write() as session:
        assert await session.leases.take(f"{NOTE_OF}{claim.digest_id}", "me", now, later)
        assert await session.leases.take(f"{NOTE_OF}{claim.digest_id}9", "me", now, later)
        assert await session.deliveries.untold(10, {"slack"}, now) == []
        assert await session.deliveries.untold(10, {"slack"}, later - dt.timedelta(seconds=1)) == []
        assert [row.id for row in await session.deliveries.untold(10, {"slack"}, later)] == [claim.id]
        long_before = now - dt.timedelta(days=1)  # the clock was put back: the lease is nobody's
        assert [row.id for row in await session.deliveries.untold(10, {"slack"}, long_before)] == [claim.id]


async def test_who_settled_it_meanwhile_is_not_taken_for_told(
    ledger: Ledger, store: SqlStore, now: dt.datetime
) -> None:
    claim = await ledger.settled("parked", error="no answer")
    async with store.write() as session:
        await session.deliveries.resolve(claim.id, False, now + HOUR)
        await session.deliveries.told([claim.id], now + HOUR)
    assert (await ledger.row(claim)).told_at is None


# --- What becomes of old rows --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "gone"), [("pending", True), ("blocked", True), ("sending", False), ("parked", False), ("sent", False)]
)
async def test_a_newer_digest_takes_the_place_of_what_is_surely_not_posted(
    ledger: Ledger, store: SqlStore, now: dt.datetime, state: DeliveryState, gone: bool
) -> None:
    claim = await ledger.settled(state)
    async with store.write() as session:
        assert await session.deliveries.supersede([ledger.digest.id + 1], now) == []
        assert await session.deliveries.supersede([ledger.digest.id], now + HOUR) == [], "due before the start"
        slots = await session.deliveries.supersede([ledger.digest.id], now)
        assert slots == ([(ledger.digest.id, SLOT)] if gone else [])
        assert (await session.deliveries.get(claim.id) is None) == gone


async def test_nothing_takes_the_place_of_what_may_have_arrived(
    ledger: Ledger, store: SqlStore, now: dt.datetime
) -> None:
    await ledger.settled("sending", lease_until=now - HOUR)
    (unsure,) = await ledger.claim()
    await ledger.settle(unsure, "pending")
    async with store.write() as session:
        assert await session.deliveries.supersede([ledger.digest.id], now) == []


async def test_a_digest_is_not_taken_apart(ledger: Ledger, store: SqlStore, now: dt.datetime) -> None:
    await ledger.settled("sent")
    await ledger.add(part=1)
    await ledger.add("2025-06-13", part=0)
    await ledger.add("2025-06-13", part=1)
    async with store.write() as session:
        assert await session.deliveries.supersede([ledger.digest.id], now) == [(ledger.digest.id, "2025-06-13")]
        assert await session.deliveries.unsettled() == 1


async def test_after_a_backup_was_put_back_no_row_is_trusted(ledger: Ledger, store: SqlStore, now: dt.datetime) -> None:
    old = await ledger.settled("sent", slot="old")
    ledger.now = now = now + 48 * HOUR
    recent = await ledger.settled("sent", slot="recent")
    blocked = await ledger.settled("blocked", slot="blocked")
    await ledger.add("open")
    async with store.write() as session:
        assert await session.deliveries.restored(now + HOUR, 48 * HOUR) == 2
    assert (await ledger.row(recent)).audit_at == now + HOUR
    assert (await ledger.row(old)).audit_at is None
    assert (await ledger.row(blocked)).uncertain, "it may have been posted since"
    await ledger.add("before", due_at=now)
    await ledger.add("after", due_at=now + HOUR)
    rows = await ledger.claim(now + HOUR)
    assert {row.slot: row.uncertain for row in rows} == {"open": True, "before": True, "after": False}


async def test_old_sent_rows_are_deleted_in_portions(ledger: Ledger, store: SqlStore, now: dt.datetime) -> None:
    for number in range(3):
        await ledger.settled("sent", slot=f"old {number}")
    audited = await ledger.settled("sent", slot="to be read back", audit_at=now)
    parked = await ledger.settled("parked", slot="parked")
    ledger.now = now + HOUR
    recent = await ledger.settled("sent", slot="recent")
    async with store.write() as session:
        assert [await session.deliveries.prune(now + HOUR, 2) for _ in range(3)] == [2, 1, 0]
    for kept in (audited, parked, recent):
        await ledger.row(kept)
