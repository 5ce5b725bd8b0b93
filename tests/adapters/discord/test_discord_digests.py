"""Digests on their way to Discord: through the core's protocol, and a Discord that has its faults."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.delivery import post_open
from bot.telling import tell_makers
from tests.adapters.discord.posting import POSTS, PostingLab, posting
from tests.fakes.discord_faults import FaultKind
from tests.fakes.discord_world import Kind, Permission

NINE = "digest on 09:00 Europe/Berlin"


@pytest.fixture
async def lab(discord_folder: Path) -> AsyncIterator[PostingLab]:
    """A guild whose #papers has a digest at nine."""
    async with posting(discord_folder) as made:
        await made.sets(NINE)
        yield made


@pytest.mark.parametrize("fault", ["drop after", "502 after", "drop before", "502"])
async def test_a_connection_that_drops_gives_one_message(lab: PostingLab, fault: FaultKind) -> None:
    lab.fake.nonce_lives = 0.0  # as after the minutes for which Discord knows it
    lab.fake.fail(fault, "POST", POSTS)
    await lab.wait_until(6, 7)
    await lab.posts_until_quiet()
    assert len(lab.posted()) == 1
    assert [row.state for row in await lab.rows()] == ["sent"]
    assert len(lab.requests()) == (1 if fault.endswith("after") else 2)


async def test_where_the_history_may_not_be_read_its_maker_is_asked_and_the_answer_counts(lab: PostingLab) -> None:
    lab.fake.deny(lab.papers, lab.fake.bot, Permission.READ_MESSAGE_HISTORY)
    lab.fake.fail("drop before", "POST", POSTS)
    await lab.wait_until(6, 7)
    await lab.posts_until_quiet()
    assert [row.state for row in await lab.rows()] == ["parked"]
    assert len(lab.requests()) == 1, "never posted again blindly"
    await tell_makers(lab.world)
    (question,) = lab.notes()
    assert "arrive?" in question.text
    seen = await lab.person(channel=question.channel).presses(question, "Post it again")
    await seen.answered()
    assert "is posted again" in seen.text
    await lab.posts_until_quiet()
    assert len(lab.posted()) == 1


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.FORUM])
async def test_a_minute_of_failures_loses_nothing_and_doubles_nothing(lab: PostingLab, kind: Kind) -> None:
    channels = [lab.fake.add_channel(lab.guild, f"busy-{number}", kind) for number in range(6)]
    for channel in channels:
        await lab.sets(NINE, channel)
    lab.fake.nonce_lives = 0.0
    begins = dt.datetime(2025, 6, 6, 7, tzinfo=dt.UTC)
    for way in ("502", "502 after", "drop after", "503", "500", "drop before"):
        lab.fake.fail(way, "POST", POSTS)
    with lab.fake.failing("502", "GET"):
        lab.passes(begins - lab.clock.time)
        for _ in range(6):
            await lab.wait_until(6, 7)
            lab.passes(dt.timedelta(seconds=10))
            await post_open(lab.world)
    await lab.posts_until_quiet()
    shown = [len(lab.posted(channel)) for channel in channels] if kind is Kind.TEXT else [
        sum(1 for one in lab.guild.channels.values() if one.parent is channel and one.messages) for channel in channels
    ]  # fmt: skip
    assert shown == [1] * 6
    states = [row.state for channel in channels for row in await lab.rows(channel)]
    assert states == ["sent"] * 6


async def test_a_gateway_that_closes_amid_a_digest_loses_and_doubles_nothing(lab: PostingLab) -> None:
    resumed = len(lab.fake.gateway.resumes)
    lab.fake.fail("slow", "POST", POSTS, seconds=0.3)
    going = asyncio.create_task(lab.wait_until(6, 7))
    await lab.until(lambda: lab.requests())
    lab.fake.gateway.close(4000)
    await going
    await lab.until(lambda: len(lab.fake.gateway.resumes) > resumed, seconds=10)
    await lab.posts_until_quiet()
    (message,) = lab.posted()
    seen = await lab.person().presses(message, "All papers")
    await seen.answered()
    assert seen.text, "and the buttons work"


async def test_a_guild_that_is_out_of_reach_gets_its_digest_once_it_is_back(lab: PostingLab) -> None:
    lab.fake.hide(lab.guild)
    await lab.wait_until(6, 7)
    await lab.posts_until_quiet(1)
    assert lab.posted() == []
    lab.fake.show(lab.guild)
    await lab.posts_until_quiet()
    assert len(lab.posted()) == 1
    assert [row.state for row in await lab.rows()] == ["sent"]
    assert lab.notes() == [], "nobody is troubled with it"


@pytest.mark.parametrize("ill", ["hidden", "forbidden", "gone"])
async def test_a_channel_that_takes_nothing_costs_one_attempt_and_one_note(lab: PostingLab, ill: str) -> None:
    other = lab.fake.add_channel(lab.guild, "other")
    await lab.sets(NINE, other)
    if ill == "forbidden":
        lab.fake.deny(lab.papers, lab.fake.bot, Permission.SEND_MESSAGES)
    elif ill == "gone":
        lab.fake.remove_channel(lab.papers)
    else:
        lab.fake.deny(lab.papers, lab.fake.bot, Permission.VIEW_CHANNEL)
    await lab.wait_until(6, 7)
    await lab.posts_until_quiet()
    assert lab.fake.invalid_requests <= 1
    assert len(lab.posted(other)) == 1, "the other channel is unaffected"
    for _ in range(3):
        await tell_makers(lab.world)
    (note,) = lab.notes()
    assert "has stopped" in note.text
    if ill != "gone":
        assert "let it View Channel and Send Messages" in note.text


async def test_a_thread_in_which_it_may_not_write_names_the_permission_that_is_missing(lab: PostingLab) -> None:
    thread = lab.fake.add_thread(lab.papers, "reading group")
    await lab.sets(NINE, thread)
    lab.fake.deny(lab.papers, lab.fake.bot, Permission.SEND_MESSAGES_IN_THREADS)
    await lab.wait_until(6, 7)
    await lab.posts_until_quiet()
    await tell_makers(lab.world)
    (note,) = lab.notes()
    assert "Send Messages in Threads" in note.text
    assert len(lab.posted()) == 1, "the channel's own has come"


async def test_where_a_forum_s_history_may_not_be_read_its_maker_is_told_which_permission_is_missing(
    lab: PostingLab,
) -> None:
    forum = lab.fake.add_channel(lab.guild, "digests", Kind.FORUM)
    await lab.sets(NINE, forum)
    lab.fake.deny(forum, lab.fake.bot, Permission.READ_MESSAGE_HISTORY)
    lab.fake.fail("drop before", "POST", rf"/channels/{forum.id}/threads$")
    await lab.wait_until(6, 7)
    await lab.posts_until_quiet()
    await tell_makers(lab.world)
    (question,) = lab.notes()
    assert "Read Message History" in question.text


async def test_the_button_of_the_note_resumes_the_digest_from_the_direct_message(lab: PostingLab) -> None:
    lab.fake.deny(lab.papers, lab.fake.bot, Permission.SEND_MESSAGES)
    await lab.wait_until(6, 7)
    await tell_makers(lab.world)
    (note,) = lab.notes()
    alice = lab.person(channel=note.channel)
    lab.fake.allow(lab.papers, lab.fake.bot, Permission.SEND_MESSAGES)
    seen = await alice.presses(note, "Resume")
    await seen.answered()
    assert "again" in seen.text
    await lab.posts_until_quiet()
    assert len(lab.posted()) == 1
    assert [row.state for row in await lab.rows()] == ["sent"]


async def test_the_digest_of_a_thread_is_resumed_from_the_note_where_another_shard_has_its_guild(
    lab: PostingLab,
) -> None:
    thread = lab.fake.add_thread(lab.papers, "reading group")
    await lab.sets(NINE, thread)
    await lab.sets("digest off")
    lab.fake.deny(lab.papers, lab.fake.bot, Permission.SEND_MESSAGES_IN_THREADS)
    await lab.wait_until(6, 7)
    await tell_makers(lab.world)
    (note,) = lab.notes()
    lab.fake.allow(lab.papers, lab.fake.bot, Permission.SEND_MESSAGES_IN_THREADS)
    await lab.until(lambda: lab.client.get_channel(thread.id))
    guild = lab.client.get_guild(lab.guild.id)
    assert guild
    lab.client._connection._remove_guild(guild)
    seen = await lab.person(channel=note.channel).presses(note, "Resume")
    await seen.answered()
    assert "comes again" in seen.text
    await lab.posts_until_quiet()
    assert len(lab.posted(thread)) == 1


async def test_who_may_not_manage_a_thread_s_channel_resumes_nothing_there_from_another_shard_either(
    lab: PostingLab,
) -> None:
    thread = lab.fake.add_thread(lab.papers, "reading group")
    await lab.sets(NINE, thread)
    await lab.sets("digest off")
    lab.fake.deny(lab.papers, lab.fake.bot, Permission.SEND_MESSAGES_IN_THREADS)
    await lab.wait_until(6, 7)
    await tell_makers(lab.world)
    (note,) = lab.notes()
    alice = lab.person(channel=note.channel)
    guild = lab.client.get_guild(lab.guild.id)
    assert guild
    lab.client._connection._remove_guild(guild)
    lab.fake.deny(lab.papers, alice.user, Permission.MANAGE_CHANNELS)
    seen = await alice.presses(note, "Resume")
    await seen.answered()
    assert "may change its digests" in seen.text
    lab.fake.deny(lab.papers, alice.user, Permission.VIEW_CHANNEL)
    seen = await alice.presses(note, "Resume")
    await seen.answered()
    assert "can't see any more" in seen.text


async def test_a_note_that_comes_too_fast_for_discord_is_told_later(lab: PostingLab) -> None:
    lab.fake.deny(lab.papers, lab.fake.bot, Permission.SEND_MESSAGES)
    lab.fake.fail("too many talks", "POST", "/users/@me/channels$")
    await lab.wait_until(6, 7)
    await tell_makers(lab.world)
    assert lab.notes() == []
    lab.passes(dt.timedelta(minutes=6))
    await tell_makers(lab.world)
    (note,) = lab.notes()
    assert "has stopped" in note.text


async def test_who_may_not_manage_the_channel_any_more_can_not_resume_from_the_note(lab: PostingLab) -> None:
    lab.fake.deny(lab.papers, lab.fake.bot, Permission.SEND_MESSAGES)
    await lab.wait_until(6, 7)
    await tell_makers(lab.world)
    (note,) = lab.notes()
    alice = lab.person(channel=note.channel)
    lab.fake.allow(lab.papers, lab.fake.bot, Permission.SEND_MESSAGES)
    lab.fake.deny(lab.papers, alice.user, Permission.MANAGE_CHANNELS)
    seen = await alice.presses(note, "Resume")
    await seen.answered()
    await lab.posts_until_quiet()
    assert lab.posted() == []


async def test_a_refused_token_stops_no_digest_and_costs_few_requests(lab: PostingLab) -> None:
    right, lab.fake.gateway.token = lab.fake.gateway.token, "another"
    await lab.wait_until(6, 7)
    await lab.posts_until_quiet(1)
    assert lab.fake.invalid_requests <= 7, "one in ten minutes"
    lab.fake.gateway.token = right
    await lab.posts_until_quiet()
    assert len(lab.posted()) == 1
    assert [row.state for row in await lab.rows()] == ["sent"]


async def test_abstracts_come_in_the_digest_s_thread(lab: PostingLab) -> None:
    await lab.sets(f"{NINE} abstracts:thread")
    await lab.wait_until(6, 7)
    await lab.posts_until_quiet(1)
    (digest,) = lab.posted()
    assert digest.thread
    assert lab.posted(digest.thread), "the abstracts"
    assert len(lab.posted()) == 1, "and none beside"
