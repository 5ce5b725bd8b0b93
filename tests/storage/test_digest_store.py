"""How a channel's digests are set, what the channel has had, and the ledger of their messages."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.digest import Digest, DigestItem, DigestSettings
from bot.errors import StoreError
from bot.ledger import Delivery, DeliveryState, Settlement
from bot.paper import Paper
from bot.query_parser import parse_rule
from bot.reply import Action, DigestPost, PaperLine, Section, paper_line
from bot.store import PostedItem
from bot.team import Caller
from storage.database import SqlStore

MakePaper = Callable[..., Paper]

HOUR = dt.timedelta(hours=1)
LEASE = dt.timedelta(seconds=90)

LINE = PaperLine(
    id="arxiv:2506.00001",
    title="Étude",
    url="https://arxiv.org/abs/2506.00001",
    authors=("Ada Lovelace",),
    votes=0,
    team_votes=0,
    comments=None,
    published=dt.date(2025, 6, 2),
    announced=None,
    categories=("cs.CL",),
    organisation=None,
    code_url=None,
    stars=0,
    summary="In short.",
    why=("No. 1 by votes",),
)
POST = DigestPost(
    "Daily papers", (Section(None, (LINE,)), Section("Late", ())), 3, "daily · top 10", (Action("All", "2025-06-11"),)
)


def bringing(*papers: Paper) -> Digest:
    items = tuple(
        DigestItem(paper.id, "main", place, paper.votes, (f"No. {place}",)) for place, paper in enumerate(papers, 1)
    )
    return Digest(DigestPost("Daily papers", (Section(None, tuple(map(paper_line, papers))),), 0, "daily"), items)


async def test_settings_come_back_as_they_were_set(store: SqlStore, digest: DigestSettings, now: dt.datetime) -> None:
    changed = replace(
        digest,
        rule=parse_rule("diffusion cat:cs.CL"),
        last_slot=dt.date(2025, 6, 12),
        next_due_at=now + HOUR,
        paused=True,
        paused_until=now + 2 * HOUR,
    )
    async with store.write() as session:
        assert await session.digests.get(digest.id) == digest
        assert await session.digests.put(changed) == changed
        assert await session.digests.get(digest.id) == changed
        assert await session.digests.get(digest.id + 1) is None


async def test_a_channel_may_have_several_digests(store: SqlStore, digest: DigestSettings, alice: Caller) -> None:
    async with store.write() as session:
        weekly = await session.digests.put(replace(digest, id=0, name="a weekly one"))
        assert await session.digests.of_channel(alice.channel.id) == [weekly, digest]
        assert await session.digests.of_team(alice.team.id) == [(alice.channel, weekly), (alice.channel, digest)]
        assert await session.digests.of_team(alice.team.id + 1) == []


async def test_the_longest_due_comes_first(store: SqlStore, digest: DigestSettings, now: dt.datetime) -> None:
    async with store.write() as session:
        early = await session.digests.put(replace(digest, id=0, name="early", next_due_at=now - HOUR))
        await session.digests.put(replace(digest, id=0, name="later", next_due_at=now + HOUR))
        assert await session.digests.due(now, 10) == [early.id, digest.id]
        assert await session.digests.due(now, 1) == [early.id]


@pytest.mark.parametrize(("until", "is_due"), [(None, False), (HOUR, False), (0 * HOUR, True), (-HOUR, True)])
async def test_a_paused_digest_is_due_when_its_pause_has_run_out(
    store: SqlStore, digest: DigestSettings, now: dt.datetime, until: dt.timedelta | None, is_due: bool
) -> None:
    async with store.write() as session:
        paused_until = None if until is None else now + until
        await session.digests.put(replace(digest, paused=True, paused_until=paused_until))
        assert await session.digests.due(now, 10) == ([digest.id] if is_due else [])


async def test_a_paper_reaches_a_channel_once(
    store: SqlStore, digest: DigestSettings, alice: Caller, paper: MakePaper, now: dt.datetime
) -> None:
    async with store.write() as session:
        await session.papers.save([paper(1), paper(2), paper(3)], now)
        other = await session.digests.put(replace(digest, id=0, name="other"))
        await session.digests.compose(digest, "2025-06-12", bringing(paper(1, votes=None)), now)
        await session.digests.compose(other, "2025-06-13", bringing(paper(2), paper(1)), now)
        had = await session.digests.posted(alice.channel.id, [paper(number).id for number in (1, 2, 3)])
    assert had == {
        paper(1).id: PostedItem("daily", "2025-06-12", DigestItem(paper(1).id, "main", 1, None, ("No. 1",))),
        paper(2).id: PostedItem("other", "2025-06-13", DigestItem(paper(2).id, "main", 1, 0, ("No. 1",))),
    }


async def test_another_channel_may_have_the_same_paper(
    store: SqlStore, digest: DigestSettings, paper: MakePaper, now: dt.datetime
) -> None:
    async with store.write() as session:
        await session.papers.save([paper(1)], now)
        elsewhere = await session.teams.welcome("slack", "Acme", "#random", "Alice")
        await session.digests.compose(digest, "2025-06-12", bringing(paper(1)), now)
        assert await session.digests.posted(elsewhere.channel.id, [paper(1).id]) == {}


async def test_a_removed_digest_is_forgotten_but_not_what_the_channel_had(
    store: SqlStore, digest: DigestSettings, alice: Caller, paper: MakePaper, now: dt.datetime
) -> None:
    async with store.write() as session:
        await session.papers.save([paper(1)], now)
        await session.digests.compose(digest, "2025-06-12", bringing(paper(1)), now)
        await session.deliveries.add(digest.id, "2025-06-11", 0, POST, now)
        (posted,) = await session.deliveries.claim(now, 10, {"slack"}, LEASE)
        await session.deliveries.settle(posted, Settlement("sent"), now)
        await session.deliveries.add(digest.id, "2025-06-12", 0, POST, now)
        await session.digests.remove(digest.id)
        assert await session.digests.get(digest.id) is None
        assert await session.digests.composed_at(digest.id) == []
        assert await session.deliveries.claim(now, 10, {"slack"}, LEASE) == []
        assert (last := await session.deliveries.last(digest.id))
        assert last.slot == "2025-06-11"
        assert set(await session.digests.posted(alice.channel.id, [paper(1).id])) == {paper(1).id}
        anew = await session.digests.put(replace(digest, id=0))
    assert anew.id != digest.id, "the ledger would take its slots for those of the removed one"


async def test_settings_of_a_removed_digest_do_not_come_back(store: SqlStore, digest: DigestSettings) -> None:
    async with store.write() as session:
        await session.digests.remove(digest.id)
        with pytest.raises(StoreError, match="removed"):
            await session.digests.put(digest)


async def test_the_last_thirty_slots_are_remembered_newest_first(
    store: SqlStore, digest: DigestSettings, now: dt.datetime
) -> None:
    slots = [(f"slot {number}", now + number * HOUR) for number in range(40)]
    async with store.write() as session:
        for slot, at in slots:
            await session.digests.compose(digest, slot, None, at)
        assert await session.digests.composed_at(digest.id) == slots[:-31:-1]


async def claimed(store: SqlStore, now: dt.datetime) -> list[Delivery]:
    async with store.write() as session:
        return await session.deliveries.claim(now, 10, {"slack"}, LEASE)


async def settle(store: SqlStore, delivery: Delivery, state: DeliveryState, now: dt.datetime, **told: object) -> bool:
    async with store.write() as session:
        return await session.deliveries.settle(delivery, Settlement(state, **told), now)  # type: ignore[arg-type]


@pytest.fixture
async def pending(store: SqlStore, digest: DigestSettings, now: dt.datetime) -> None:
    """A message of the digest that is due at `now`."""
    async with store.write() as session:
        assert await session.deliveries.add(digest.id, "2025-06-12", 0, POST, now)


@pytest.mark.usefixtures("pending")
async def test_a_claimed_message_comes_with_all_that_posting_needs(
    store: SqlStore, digest: DigestSettings, alice: Caller, now: dt.datetime
) -> None:
    (delivery,) = await claimed(store, now)
    expected = Delivery(
        id=delivery.id,
        digest_id=digest.id,
        slot="2025-06-12",
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
        assert await session.deliveries.last(digest.id) == replace(expected, uncertain=True)
        assert await session.deliveries.unsettled() == 1
    assert await claimed(store, now) == []


@pytest.mark.usefixtures("pending")
async def test_a_slot_is_entered_once(store: SqlStore, digest: DigestSettings, now: dt.datetime) -> None:
    async with store.write() as session:
        assert not await session.deliveries.add(digest.id, "2025-06-12", 0, replace(POST, heading="x"), now + HOUR)
        assert await session.deliveries.add(digest.id, "2025-06-12", 1, POST, now)
    (parent,) = await claimed(store, now)
    assert (parent.part, parent.payload) == (0, POST)
    await settle(store, parent, "sent", now)
    assert [(each.part, each.payload) for each in await claimed(store, now)] == [(1, POST)]


@pytest.mark.usefixtures("pending")
async def test_what_is_for_another_platform_is_left_to_who_serves_it(store: SqlStore, now: dt.datetime) -> None:
    async with store.write() as session:
        assert await session.deliveries.claim(now, 10, {"terminal"}, LEASE) == []
    assert len(await claimed(store, now)) > 0


@pytest.mark.usefixtures("pending")
async def test_nothing_is_claimed_before_it_is_due(store: SqlStore, now: dt.datetime) -> None:
    assert await claimed(store, now - dt.timedelta(microseconds=1)) == []


@pytest.mark.usefixtures("pending")
async def test_a_sent_message_is_settled(store: SqlStore, digest: DigestSettings, now: dt.datetime) -> None:
    (delivery,) = await claimed(store, now)
    assert await settle(store, delivery, "sent", now + HOUR, message_id="m1")
    async with store.read() as session:
        last = await session.deliveries.last(digest.id)
        assert last == replace(delivery, state="sent", message_id="m1", settled_at=now + HOUR, lease_until=None)
        assert await session.deliveries.unsettled() == 0


@pytest.mark.usefixtures("pending")
async def test_a_refused_message_waits_and_is_no_more_uncertain_than_before(store: SqlStore, now: dt.datetime) -> None:
    (first,) = await claimed(store, now)
    assert await settle(store, first, "pending", now, error="rate limited", due_at=now + HOUR)
    assert await claimed(store, now) == []
    (again,) = await claimed(store, now + HOUR)
    assert (again.fence, again.attempts, again.uncertain, again.last_error) == (2, 2, False, "rate limited")


@pytest.mark.usefixtures("pending")
async def test_nobody_knows_about_a_parked_message(store: SqlStore, digest: DigestSettings, now: dt.datetime) -> None:
    (delivery,) = await claimed(store, now)
    assert await settle(store, delivery, "parked", now, error="no answer")
    async with store.read() as session:
        last = await session.deliveries.last(digest.id)
    assert last
    assert (last.state, last.uncertain, last.last_error, last.settled_at) == ("parked", True, "no answer", now)


@pytest.mark.usefixtures("pending")
async def test_a_late_sender_does_not_settle_what_another_claimed(store: SqlStore, now: dt.datetime) -> None:
    (late,) = await claimed(store, now)
    assert await settle(store, late, "pending", now)
    (other,) = await claimed(store, now)
    assert not await settle(store, late, "sent", now)
    assert await settle(store, other, "sent", now)


async def test_a_message_of_a_digest_that_is_not_there(store: SqlStore, now: dt.datetime) -> None:
    with pytest.raises(StoreError, match="no digest 7"):
        async with store.write() as session:
            await session.deliveries.add(7, "2025-06-12", 0, POST, now)
