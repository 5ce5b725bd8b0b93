"""Channels are read back: of every delivery exactly one message stays visible."""

import asyncio

import pytest

from bot.audit import run_audits
from bot.delivery import post_open
from bot.ports import Posting
from bot.timings import DeliveryTimings
from tests.fakes.post_office import Office
from tests.fakes.scripted_messenger import History

AUDIT_AFTER = DeliveryTimings().audit_after.total_seconds()


async def posted_at_the_second_try(office: Office, channel: str = "#papers") -> str:
    """Post something that was refused at first; return its delivery's id."""
    row = await office.enter(channel)
    office.wall.script += ["refuse"]
    world = office.process().world
    await post_open(world)
    office.clock.wait(5)
    await post_open(world)
    return row


async def test_what_took_more_than_one_try_is_read_back_ten_minutes_later(office: Office) -> None:
    row = await posted_at_the_second_try(office)
    office.clock.wait(1)
    office.wall.take("#papers", row)  # by somebody who was stopped before it was posted, and never came back
    process = office.process()
    office.clock.wait(AUDIT_AFTER - 1.1)
    assert await process.audit() == 0
    office.clock.wait(0.1)
    assert await process.audit() == 1
    assert office.wall.visible(row) == ["m1"]
    office.clock.wait(AUDIT_AFTER * 9)
    assert await process.audit() == 0


async def test_the_ledger_names_the_message_that_is_left(office: Office) -> None:
    row = await posted_at_the_second_try(office)
    office.wall.messages.clear()
    earlier = office.wall.take("#papers", row)
    office.clock.wait(AUDIT_AFTER)
    await office.process().audit()
    assert (await office.row(row)).message_id == earlier


async def test_others_messages_are_left_alone(office: Office) -> None:
    row = await posted_at_the_second_try(office)
    other = office.wall.take("#papers", "another delivery's key")
    elsewhere = office.wall.take("#elsewhere", row)
    office.clock.wait(AUDIT_AFTER)
    await office.process().audit()
    assert {message.id for message in office.wall.messages} == {"m1", other, elsewhere}


@pytest.mark.parametrize("history", ["failed", "broken"])
async def test_what_cannot_be_read_back_now_is_read_back_later(office: Office, history: History) -> None:
    row = await posted_at_the_second_try(office)
    office.wall.take("#papers", row)
    office.wall.history = history
    process = office.process()
    office.clock.wait(AUDIT_AFTER)
    assert await process.audit() == 1
    assert await process.audit() == 0, "not at once"
    office.wall.history = "read"
    office.clock.wait(AUDIT_AFTER)
    assert await process.audit() == 1
    assert office.wall.visible(row) == ["m1"]


async def test_a_channel_that_can_never_be_read_back_is_not_asked_for_ever(office: Office) -> None:
    await posted_at_the_second_try(office)
    office.wall.history = "unreadable"
    process = office.process()
    office.clock.wait(AUDIT_AFTER)
    assert await process.audit() == 1
    office.clock.wait(AUDIT_AFTER)
    assert await process.audit() == 0


async def test_a_message_that_somebody_deleted_stays_deleted(office: Office) -> None:
    row = await posted_at_the_second_try(office)
    office.wall.messages.clear()
    process = office.process()
    office.clock.wait(AUDIT_AFTER)
    await process.audit()
    await post_open(process.world)
    assert office.wall.messages == []
    assert (await office.row(row)).state == "sent"


async def test_a_copy_that_cannot_be_deleted_now_is_deleted_later(office: Office) -> None:
    row = await posted_at_the_second_try(office)
    for _ in range(2):
        office.wall.take("#papers", row)
    office.wall.deleting = Posting("unclear", reason="the connection was reset")
    process = office.process()
    office.clock.wait(AUDIT_AFTER)
    await process.audit()
    office.wall.deleting = Posting("accepted")
    office.clock.wait(AUDIT_AFTER)
    await process.audit()
    assert office.wall.visible(row) == ["m1"]


async def test_a_copy_that_can_never_be_deleted_is_not_tried_for_ever(office: Office) -> None:
    row = await posted_at_the_second_try(office)
    office.wall.take("#papers", row)
    office.wall.deleting = Posting("refused", reason="not allowed", permanent=True)
    process = office.process()
    for _ in range(3):
        office.clock.wait(AUDIT_AFTER)
        await process.audit()
    assert office.wall.calls["delete"] == 1
    assert (await office.row(row)).message_id == "m1"


async def test_many_are_read_back_in_one_go(office: Office) -> None:
    rows = [await posted_at_the_second_try(office, f"#{number}") for number in range(45)]
    for number, row in enumerate(rows):
        office.wall.take(f"#{number}", row)
    office.clock.wait(AUDIT_AFTER)
    assert await run_audits(office.process().world) == 45
    assert all(len(office.wall.visible(row)) == 1 for row in rows)


async def test_two_that_read_back_at_once_leave_one(office: Office) -> None:
    row = await posted_at_the_second_try(office)
    office.wall.take("#papers", row)
    office.clock.wait(AUDIT_AFTER)
    first, second = office.process(), office.process()
    first.freeze_at = "before delete"
    reading = asyncio.create_task(first.audit())
    await first.frozen.wait()
    office.clock.wait(AUDIT_AFTER)
    await second.audit()
    first.thawed.set()
    await reading
    assert office.wall.visible(row) == ["m1"]


async def test_after_a_backup_was_put_back_the_last_two_days_are_read_back(office: Office) -> None:
    row = await office.enter()
    await post_open(office.process().world)
    office.wall.take("#papers", row)
    office.clock.wait(47 * 3600)
    async with office.store.write() as session:
        await session.deliveries.restored(office.clock.now(), office.timings.restored)
    assert await office.process().audit() == 1
    assert office.wall.visible(row) == ["m1"]
