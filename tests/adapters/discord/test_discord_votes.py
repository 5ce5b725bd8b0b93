"""Votes that are pressed in a channel's digest show there for all, by few edits, however many press."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import vote_edits
from tests.adapters.discord.posting import PostingLab, posting
from tests.fakes.discord_faults import FaultKind
from tests.fakes.discord_seen import Seen
from tests.fakes.discord_world import Kind, Message

NINE = "digest on 09:00 Europe/Berlin"
EVERY = 0.3


@pytest.fixture
async def lab(discord_folder: Path) -> AsyncIterator[PostingLab]:
    """A guild with a digest in #papers and one in a forum, edited at most once in 0.3 s."""
    async with posting(discord_folder, EVERY) as made:
        await made.sets(NINE)
        await made.sets(NINE, made.fake.add_channel(made.guild, "forum", Kind.FORUM))
        await made.wait_until(6, 7)
        yield made


def vote_of(message: Message) -> str:
    """Return the id of the first paper's button."""
    return next(str(one["custom_id"]) for one in message.controls if str(one["custom_id"]).partition(":vote ")[1])


async def press(lab: PostingLab, message: Message, name: str = "alice") -> Seen:
    """Vote for a digest's first paper."""
    seen = await lab.person(name, message.channel).presses(message, vote_of(message))
    await seen.answered()
    return seen


def edits(lab: PostingLab) -> int:
    """Return how often an edit was asked for."""
    return len(lab.fake.called("PATCH", r"^/channels/"))


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.FORUM])
async def test_a_vote_in_the_digest_is_seen_by_all(lab: PostingLab, kind: Kind) -> None:
    (message,) = lab.posted()
    if kind is Kind.FORUM:
        forum = lab.guild.channel("forum")
        (message,) = [one for one in lab.fake.posted() if one.channel.parent is forum]
    before = message.text
    await press(lab, message)
    await lab.until(lambda: message.text != before)
    assert len(lab.fake.posted(message.channel)) == 1


async def test_many_who_press_at_once_are_all_counted_in_few_edits(lab: PostingLab) -> None:
    (message,) = lab.posted()
    await asyncio.gather(*(press(lab, message, f"person {number}") for number in range(20)))
    await lab.until(lambda: "20" in message.text)
    await asyncio.sleep(2 * EVERY)
    assert 1 <= edits(lab) < 10


async def test_a_second_press_of_the_same_person_edits_nothing(lab: PostingLab) -> None:
    (message,) = lab.posted()
    for _ in range(3):
        await press(lab, message)
        await asyncio.sleep(EVERY * 1.2)
    assert edits(lab) == 1


@pytest.mark.parametrize("fault", ["429", "502", "502 after", "drop before", "drop after"])
async def test_an_edit_that_fails_is_made_later_and_never_becomes_a_message(lab: PostingLab, fault: FaultKind) -> None:
    (message,) = lab.posted()
    before, posts = message.text, len(lab.requests())
    lab.fake.fail(fault, "PATCH", r"^/channels/")
    await press(lab, message)
    await asyncio.sleep(EVERY / 2)
    lab.seconds[0] += 1  # Discord's pause is over
    await lab.until(lambda: edits(lab) == 2 and message.text != before)
    assert len(lab.requests()) == posts


async def test_an_edit_that_always_fails_ends_and_the_next_vote_brings_it(
    lab: PostingLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vote_edits, "MOST_TRIES", 1)
    (message,) = lab.posted()
    before = message.text
    lab.fake.fail("502", "PATCH", r"^/channels/", times=2)
    await press(lab, message)
    await asyncio.sleep(EVERY * 4)
    assert (message.text, edits(lab)) == (before, 2)
    await press(lab, message, "bob")
    await lab.until(lambda: message.text != before)


async def test_a_message_that_is_gone_is_left_alone(lab: PostingLab) -> None:
    (message,) = lab.posted()
    button = vote_of(message)
    pressing = asyncio.create_task(lab.person().presses(message, button))
    await asyncio.sleep(0)
    lab.papers.messages.clear()
    await (await pressing).answered()
    await asyncio.sleep(EVERY * 3)
    assert edits(lab) == 1


async def test_a_vote_that_is_taken_back_by_undo_is_taken_from_the_digest(lab: PostingLab) -> None:
    (message,) = lab.posted()
    before = message.text
    seen = await press(lab, message)
    await lab.until(lambda: message.text != before)
    await lab.person().presses(seen.answers[-1], "Undo")
    await lab.until(lambda: message.text == before)
