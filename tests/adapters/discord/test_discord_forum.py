"""A forum's digest is managed in the posts that it makes: a forum itself takes no commands."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.discord.posting import PostingLab, posting
from tests.adapters.discord.test_discord_forms import BERLIN
from tests.fakes.discord_world import Channel, Kind, Message, Permission

NINE = "digest on 09:00 Europe/Berlin"


@pytest.fixture
async def lab(discord_folder: Path) -> AsyncIterator[PostingLab]:
    """A guild whose #reading is a forum with a digest at nine, which has come once."""
    async with posting(discord_folder) as made:
        await made.sets(NINE, made.fake.add_channel(made.guild, "reading", Kind.FORUM))
        await made.wait_until(6, 7)
        (message,) = made.fake.posted()
        await made.until(lambda: made.client.get_channel(message.channel.id))
        yield made


@pytest.fixture
def forum(lab: PostingLab) -> Channel:
    """The forum."""
    return lab.guild.channel("reading")


@pytest.fixture
def post(lab: PostingLab) -> Message:
    """What the digest's post says."""
    (message,) = lab.fake.posted()
    return message


async def test_settings_in_its_post_shows_the_forum_s_digest(lab: PostingLab, forum: Channel, post: Message) -> None:
    seen = await lab.person(channel=post.channel).presses(post, "Settings")
    await seen.answered()
    assert f"<#{forum.id}>" in seen.text
    assert "09:00" in seen.text
    assert "no digest" not in seen.text


async def test_a_post_that_was_put_away_long_ago_knows_its_forum_s_digest_too(
    lab: PostingLab, forum: Channel, post: Message
) -> None:
    lab.fake.change_channel(post.channel, archived=True)
    await lab.until(lambda: lab.client.get_channel(post.channel.id) is None)
    seen = await lab.person(channel=post.channel).presses(post, "Settings")
    await seen.answered()
    assert f"<#{forum.id}>" in seen.text


async def test_what_is_typed_in_its_post_is_done_to_the_forum_s_digest(
    lab: PostingLab, forum: Channel, post: Message
) -> None:
    assert "is paused" in (await lab.asks("digest pause", channel=post.channel)).text
    assert "comes again" in (await lab.asks("digest resume", channel=post.channel)).text
    assert "is off" in (await lab.asks("digest off", channel=post.channel)).text
    before = len(lab.fake.posted())
    await lab.wait_until(7, 7)
    await lab.wait_until(9, 7)
    assert len(lab.fake.posted()) == before
    assert lab.requests(forum)


async def test_who_does_not_manage_the_forum_ends_nothing_in_its_post(
    lab: PostingLab, forum: Channel, post: Message
) -> None:
    assert "may change its digests" in (await lab.asks("digest off", "bob", post.channel)).text
    lab.fake.deny(forum, lab.person().user, Permission.MANAGE_CHANNELS)
    assert "may change its digests" in (await lab.asks("digest off", channel=post.channel)).text
    assert f"<#{forum.id}>" in (await lab.asks("digest show", channel=post.channel)).text


async def test_the_form_in_its_post_changes_the_forum_s_digest_and_offers_no_other_place(
    lab: PostingLab, forum: Channel, post: Message
) -> None:
    alice = lab.person(channel=post.channel)
    form = await alice.types("digest on", wait=False)
    assert "Not here" not in str(form.modal)
    changed = await alice.submits(form, BERLIN | {"time": "10:00"})
    assert f"<#{forum.id}>" in changed.text
    assert "10:00" in (await lab.asks("digest show", channel=post.channel)).text


async def test_a_member_s_own_post_in_the_forum_stays_a_place_of_its_own(lab: PostingLab, forum: Channel) -> None:
    rules = lab.fake.add_thread(forum, "How we read")
    await lab.until(lambda: lab.client.get_channel(rules.id))
    assert "no digest" in (await lab.asks("digest show", channel=rules)).text


async def test_a_thread_of_ours_outside_a_forum_stays_a_place_of_its_own(lab: PostingLab) -> None:
    await lab.sets(NINE)
    thread = lab.fake.add_thread(lab.papers, "abstracts", lab.fake.bot)
    await lab.until(lambda: lab.client.get_channel(thread.id))
    assert "no digest" in (await lab.asks("digest show", channel=thread)).text
