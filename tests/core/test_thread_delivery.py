"""What follows a digest in its thread: once, whoever dies, and never to the digest's harm."""

import datetime as dt

import pytest

from bot.delivery import post_open
from bot.ledger import BETWEEN
from bot.ports import World
from bot.timings import DeliveryTimings
from tests.fakes.post_office import Office

LEASE = DeliveryTimings().lease.total_seconds()
SECOND = BETWEEN.total_seconds()


async def digest_with_replies(office: Office, replies: int = 1) -> list[str]:
    """Enter a digest with replies; return the ids of all, the digest's first."""
    return [await office.enter(part=part) for part in range(replies + 1)]


async def post_for(office: Office, world: World, minutes: int = 60) -> None:
    """Let so long pass, and look again every minute."""
    for _ in range(minutes):
        await post_open(world)
        office.clock.wait(60)


def threads(office: Office) -> dict[str, str | None]:
    """Return, for each key on the wall, in whose thread its message stands."""
    return {message.key: message.thread for message in office.wall.messages}


async def test_replies_stand_in_their_digests_thread(office: Office) -> None:
    digest, first, second = await digest_with_replies(office, 2)
    other = await office.enter("#other")
    await post_for(office, office.process().world, 3)
    (root,) = office.wall.visible(digest)
    assert threads(office) == {digest: None, other: None, first: root, second: root}


@pytest.mark.parametrize("step", ["before post", "after post"])
async def test_a_reply_whose_sender_is_killed_comes_once(office: Office, step: str) -> None:
    _, reply = await digest_with_replies(office)
    await post_open(office.process().world)
    office.clock.wait(SECOND)
    victim = office.process()
    await victim.run_until_frozen(step)
    victim.kill()
    office.clock.wait(LEASE + 1)
    await post_open(office.process().world)
    assert len(office.wall.visible(reply)) == 1
    assert (await office.row(reply)).state == "sent"


@pytest.mark.parametrize("answer", ["accept, but nobody hears", "lose, and nobody hears"])
async def test_a_reply_whose_answer_is_lost_is_looked_for_in_the_thread(office: Office, answer: str) -> None:
    digest, reply = await digest_with_replies(office)
    office.wall.script += ["accept", answer]  # type: ignore[list-item]
    await post_for(office, office.process().world)
    assert (len(office.wall.visible(digest)), len(office.wall.visible(reply))) == (1, 1)


async def test_a_second_copy_of_a_reply_is_deleted(office: Office) -> None:
    _, reply = await digest_with_replies(office)
    await post_open(office.process().world)
    office.clock.wait(SECOND)
    paused = office.process()
    await paused.run_until_frozen("before post")
    office.clock.wait(LEASE + 1)
    await post_open(office.process().world)
    await paused.thaw()
    assert len(office.wall.visible(reply)) == 1


async def test_a_thread_that_takes_nothing_stops_no_digest(office: Office) -> None:
    _, refused, behind = await digest_with_replies(office, 2)
    office.wall.script += ["accept", "refuse for good"]
    world = office.process().world
    await post_for(office, world, 3)
    async with office.store.read() as session:
        assert await session.deliveries.get(refused) is None
        assert await session.deliveries.get(behind) is None, "what comes behind it has no place, either"
        (settings,) = await session.digests.get_many([(await office.digest()).id])
    assert settings.blocked is None
    tomorrow = await office.enter(slot="2025-06-13")
    await post_open(world)
    assert len(office.wall.visible(tomorrow)) == 1


async def test_a_reply_that_hangs_holds_up_no_other_digest(office: Office) -> None:
    await digest_with_replies(office)
    await post_open(office.process().world)
    office.clock.wait(SECOND)
    await office.process().run_until_frozen("before post")  # and there it stays
    other = await office.enter("#other")
    await post_open(office.process().world)
    assert len(office.wall.visible(other)) == 1


async def test_below_a_digest_that_nobody_can_point_at_nothing_follows(office: Office) -> None:
    digest, reply = await digest_with_replies(office)
    office.wall.script += ["accept, but nobody hears"]
    office.wall.history = "unreadable"
    world = office.process().world
    await post_for(office, world)
    assert (await office.row(digest)).state == "parked"
    assert (await office.row(reply)).attempts == 0
    async with office.store.write() as session:
        assert await session.deliveries.resolve(digest, True, office.clock.now())
    await post_for(office, world, 3)
    assert set(threads(office)) == {digest}
    async with office.store.read() as session:
        assert await session.deliveries.get(reply) is None
        assert await session.deliveries.unsettled() == 0


async def test_where_nobody_may_read_the_thread_a_person_is_asked_about_the_reply(office: Office) -> None:
    digest, reply = await digest_with_replies(office)
    office.wall.script += ["accept", "lose, and nobody hears"]
    office.wall.history = "unreadable"
    world = office.process().world
    await post_for(office, world)
    assert (await office.row(reply)).state == "parked"
    async with office.store.read() as session:
        standing = await session.deliveries.standing([(await office.digest()).id])
    assert [(row.id, row.state) for row in standing] == [(digest, "sent"), (reply, "parked")]
    async with office.store.write() as session:
        assert await session.deliveries.resolve(reply, False, office.clock.now())
    await post_for(office, world, 3)
    assert threads(office)[reply] == office.wall.visible(digest)[0]


async def test_a_reply_that_is_refused_until_the_next_digest_does_not_come_any_more(office: Office) -> None:
    digest, reply = await digest_with_replies(office)
    office.wall.script += ["accept", "refuse", "refuse", "refuse", "refuse"]
    await post_for(office, office.process().world, 3)
    settings = await office.digest()
    async with office.store.write() as session:
        assert await session.deliveries.supersede([settings.id], dt.datetime(2025, 1, 1, tzinfo=dt.UTC)) == []
    async with office.store.read() as session:
        assert await session.deliveries.get(digest) is not None
        assert await session.deliveries.get(reply) is None


async def test_a_reply_that_was_not_tried_yet_is_not_superseded(office: Office) -> None:
    _, reply = await digest_with_replies(office)
    await post_open(office.process().world)
    settings = await office.digest()
    async with office.store.write() as session:
        await session.deliveries.supersede([settings.id], dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    assert (await office.row(reply)).state == "pending"
