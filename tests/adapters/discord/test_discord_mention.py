"""The one mention that is ever made: of the role that a digest's channel chose, when it is posted, and never else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.dispatch import answer
from bot.reply import DigestPost, Reply
from tests.adapters.discord.posting import PostingLab, posting
from tests.adapters.discord.test_discord_forms import BERLIN, opened
from tests.adapters.discord.test_discord_votes import vote_of
from tests.fakes.discord_world import Kind, Role

NINE = "digest on 09:00 Europe/Berlin"


@pytest.fixture
async def lab(discord_folder: Path) -> AsyncIterator[PostingLab]:
    """A guild with a bot that posts."""
    async with posting(discord_folder) as made:
        yield made


@pytest.fixture
def readers(lab: PostingLab) -> Role:
    """A role that anyone may mention."""
    return lab.fake.add_role(lab.guild, "readers", mentionable=True)


async def said(lab: PostingLab, line: str) -> tuple[bool, str]:
    """Let alice type a line; return whether it went well, and the answer's notice."""
    reply = await answer(lab.world, lab.who(), line)
    return reply.ok, str(reply.notice)


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.FORUM])
@pytest.mark.parametrize("typed", ["{id}", "<@&{id}>"])
async def test_a_digest_mentions_its_role_and_nobody_else(
    lab: PostingLab, readers: Role, kind: Kind, typed: str
) -> None:
    lab.fake.add_role(lab.guild, "others", mentionable=True)
    place = lab.papers if kind is Kind.TEXT else lab.fake.add_channel(lab.guild, "digests", kind)
    await lab.until(lambda: lab.client.get_guild(lab.guild.id).get_role(readers.id))  # type: ignore[union-attr]
    await lab.sets(f"{NINE} mention:{typed.format(id=readers.id)}", place)
    await lab.wait_until(6, 7)
    (message,) = [one for one in lab.fake.posted() if one.channel in (place, *threads(lab, place.id))]
    assert message.pings == {str(readers.id)}
    assert message.allowed_mentions == {"parse": [], "roles": [str(readers.id)]}


def threads(lab: PostingLab, parent: int) -> list[object]:
    """Return a channel's threads."""
    return [one for one in lab.guild.channels.values() if one.parent and one.parent.id == parent]


async def test_an_edit_notifies_nobody_again_and_keeps_the_line(lab: PostingLab, readers: Role) -> None:
    await lab.until(lambda: lab.client.get_guild(lab.guild.id).get_role(readers.id))  # type: ignore[union-attr]
    await lab.sets(f"{NINE} mention:{readers.id}")
    await lab.wait_until(6, 7)
    (message,) = lab.posted()
    message.pings.clear()
    seen = await lab.person().presses(message, vote_of(message))
    await seen.answered()
    await lab.until(lambda: message.edits)
    assert message.allowed_mentions == {"parse": []}
    assert (message.pings, f"<@&{readers.id}>" in message.text) == (set(), True)


async def test_the_abstracts_in_the_thread_mention_nobody(lab: PostingLab, readers: Role) -> None:
    await lab.until(lambda: lab.client.get_guild(lab.guild.id).get_role(readers.id))  # type: ignore[union-attr]
    await lab.sets(f"{NINE} abstracts:thread mention:{readers.id}")
    await lab.wait_until(6, 7)
    await lab.posts_until_quiet(1)
    assert [one.pings for one in lab.fake.posted()].count({str(readers.id)}) == 1
    assert len(lab.fake.posted()) > 1


async def test_everybody_can_not_be_mentioned_by_no_way_of_writing_it(lab: PostingLab, readers: Role) -> None:
    quiet = lab.fake.add_role(lab.guild, "quiet")
    await lab.until(lambda: lab.client.get_guild(lab.guild.id).get_role(quiet.id))  # type: ignore[union-attr]
    for typed in (
        str(lab.guild.id),
        f"<@&{lab.guild.id}>",
        "@everyone",
        "everyone",
        "@here",
        "here",
        f"<@{readers.id}>",
    ):
        ok, notice = await said(lab, f"{NINE} mention:{typed}")
        assert (ok, "mention:off" in notice) == (False, True), typed
    for role, words in ((quiet.id, "allow anyone to mention it"), (1100000000000000099, "no such role")):
        ok, notice = await said(lab, f"{NINE} mention:{role}")
        assert (ok, words in notice) == (False, True)
    assert "no digest" in (await said(lab, "digest show"))[1]


async def test_a_payload_that_names_everybody_all_the_same_notifies_nobody(lab: PostingLab) -> None:
    post = DigestPost("Daily papers", (), 0, "daily", (), mention=str(lab.guild.id))
    messenger = lab.world.messengers["discord"]
    posted = await messenger.post(str(lab.guild.id), str(lab.papers.id), post, "key-1")
    assert posted.outcome == "accepted"
    assert lab.posted()[0].allowed_mentions == {"parse": []}


def mentioned(reply: Reply) -> str | None:
    """Return the role of the digest that was set."""
    assert reply.digests
    return reply.digests[0].mention


async def test_off_ends_it_and_what_is_changed_beside_leaves_it(lab: PostingLab, readers: Role) -> None:
    await lab.until(lambda: lab.client.get_guild(lab.guild.id).get_role(readers.id))  # type: ignore[union-attr]
    await lab.sets(f"{NINE} mention:{readers.id}")
    changed = await lab.sets("digest on 10:00")
    assert mentioned(changed) == str(readers.id)
    off = await answer(lab.world, lab.who(), "digest off")
    assert f"mention:{readers.id}" in off.actions[0].command
    assert mentioned(await lab.sets(off.actions[0].command)) == str(readers.id)
    assert mentioned(await lab.sets("digest on mention:off")) is None


async def test_where_there_are_no_roles_it_is_refused_in_a_line(lab: PostingLab) -> None:
    reply = await answer(replace(lab.world, roles={}), lab.who(), f"{NINE} mention:readers")
    assert (reply.ok, "no roles here" in str(reply.notice)) == (False, True)


async def test_discord_suggests_the_roles_that_can_be_mentioned(lab: PostingLab, readers: Role) -> None:
    lab.fake.add_role(lab.guild, "quiet")
    await lab.until(lambda: len(lab.client.get_guild(lab.guild.id).roles) >= 4)  # type: ignore[union-attr]
    seen = await lab.person().suggests("digest on", focused="mention", mention="")
    assert [each["name"] for each in seen.choices] == ["off: mention nobody", "readers"]
    seen = await lab.person().suggests("digest on", focused="mention", mention="@rea")
    assert [each["value"] for each in seen.choices] == [str(readers.id)]
    shown = await lab.person().types("digest on", time="09:00", zone="Europe/Berlin", mention=str(readers.id))
    await shown.answered()
    assert f"mentions <@&{readers.id}>" in shown.text
    assert [one.pings for one in lab.fake.private if one.pings] == []


async def test_a_role_is_found_by_all_of_its_name_beside_one_that_shows_nothing(lab: PostingLab) -> None:
    named = lab.fake.add_role(lab.guild, "Paper Club Readers", mentionable=True)
    lab.fake.add_role(lab.guild, "\u200b", mentionable=True)
    await lab.until(lambda: len(lab.client.get_guild(lab.guild.id).roles) >= 4)  # type: ignore[union-attr]
    for typed in ("paper", "@Paper club", "paper  club readers", "Club R"):
        seen = await lab.person().suggests("digest on", focused="mention", mention=typed)
        assert [each["value"] for each in seen.choices] == [str(named.id)], typed
    seen = await lab.person().suggests("digest on", focused="mention", mention="")
    assert len(seen.choices) == 3, "and Discord refuses none of them"
    seen = await lab.person().suggests("digest on", focused="mention", mention="lub")
    assert seen.choices == []


async def test_abstracts_and_a_role_are_chosen_in_the_form(lab: PostingLab, readers: Role) -> None:
    lab.fake.add_role(lab.guild, "quiet")
    await lab.until(lambda: len(lab.client.get_guild(lab.guild.id).roles) >= 4)  # type: ignore[union-attr]
    form = await opened(lab)
    chosen = {"besides": ["The papers' abstracts, in its thread", "Mention @readers"]}
    assert "is set" in (await lab.person().submits(form, BERLIN | chosen)).text
    for time in ("09:00", "10:00"):
        # Sent again with nothing chosen there, the form leaves them as they are.
        assert time in (await lab.person().submits(await opened(lab), {"time": time})).text
        shown = (await lab.asks("digest show")).text
        assert ("abstracts in its thread" in shown, f"mentions <@&{readers.id}>" in shown) == (True, True)


async def test_a_forum_s_digest_is_set_in_one_of_its_posts(lab: PostingLab) -> None:
    forum = lab.fake.add_channel(lab.guild, "reading", Kind.FORUM)
    rules = lab.fake.add_thread(forum, "How we read")
    await lab.until(lambda: lab.client.get_channel(rules.id))
    alice = lab.person(channel=rules)
    form = await alice.types("digest on", wait=False)
    set_up = await alice.submits(form, BERLIN | {"besides": ["Not here: each as a post of its own in #reading"]})
    assert f"<#{forum.id}>" in set_up.text
    await lab.wait_until(6, 7)
    await lab.posts_until_quiet(1)
    (post,) = [one for one in lab.guild.channels.values() if one.parent is forum and one is not rules]
    assert "Daily papers" in post.name
    assert lab.posted(rules) == []


async def test_who_does_not_manage_the_forum_sets_none_there(lab: PostingLab) -> None:
    forum = lab.fake.add_channel(lab.guild, "reading", Kind.FORUM)
    rules = lab.fake.add_thread(forum, "How we read")
    await lab.until(lambda: lab.client.get_channel(rules.id))
    alice, bob = lab.person(channel=rules), lab.person("bob", rules)
    form = await alice.types("digest on", wait=False)
    refused = await bob.submits(form.modal, BERLIN | {"besides": ["forum"]})
    assert "Not done" in refused.text
    await lab.wait_until(6, 7)
    assert [one for one in lab.guild.channels.values() if one.parent is forum] == [rules]


async def test_only_a_forum_s_post_offers_the_forum(lab: PostingLab) -> None:
    thread = lab.fake.add_thread(lab.papers, "daily")
    await lab.until(lambda: lab.client.get_channel(thread.id))
    for place in (lab.papers, thread):
        form = await lab.person(channel=place).types("digest on", wait=False)
        assert "Not here" not in str(form.modal)
