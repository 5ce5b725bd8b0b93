"""The messenger of Discord, held to what delivery counts on: in a text channel, in a forum, and in a thread."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import discord
import pytest

from adapters.cli.clock import SystemClock
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.discord.digest import key_of
from adapters.discord.messenger import DiscordMessenger, nonce_of
from adapters.discord.permissions import NEEDS, PERMISSIONS, lacking
from adapters.discord.remembering import Remembering
from adapters.discord.rest import Rest
from bot.abstracts import thread_of
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.ports import Messenger, World
from bot.reply import Action, Reply
from tests.contracts.messenger_contract import (
    ABSTRACTS,
    KEY,
    LONG_AGO,
    OTHER_KEY,
    POST,
    Ability,
    Fault,
    MessengerContract,
    now,
)
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_faults import FaultKind
from tests.fakes.discord_shapes import message_json
from tests.fakes.discord_world import Channel, Guild, Kind, Permission

WAYS: Mapping[Fault, FaultKind] = {
    "rate limited": "429",
    "fails before it accepts": "502",
    "fails after it accepted": "502 after",
    "resets before it accepts": "drop before",
    "resets after it accepted": "drop after",
    "never answers": "slow",
    "answers with no sense": "garbage",
}
POSTS = r"/(messages|threads)$"
ONES_TOKEN = "there is one token, the operator's: what comes of it is tested below"
NO_ARCHIVE = "channels of Discord are not archived, and what is posted in an archived thread opens it"


class DiscordHarness:
    """A guild, and our messenger to it. The bot has no permission but those that it asks for."""

    cannot: Mapping[Ability | Fault, str] = {"access revoked": ONES_TOKEN, "channel archived": NO_ARCHIVE}

    def __init__(self, fake: FakeDiscord, world: World, served: AsyncExitStack, kind: Kind) -> None:
        self.fake = fake
        self.world = world
        self.served = served
        self.guild: Guild = fake.add_guild("Lab")
        fake.change_role(self.guild, self.guild.roles[self.guild.id], 0)
        (own,) = [role for role in self.guild.roles.values() if role.managed]
        fake.change_role(self.guild, own, PERMISSIONS.value)
        self.place = self._place(kind)
        self.alice = fake.add_member(self.guild, "alice")
        self.team, self.channel, self.member = str(self.guild.id), str(self.place.id), str(self.alice.id)
        self.rests: list[Rest] = []
        self.messenger: Messenger = self._made(fake.api_url)
        fake.nonce_lives = 0.0  # what a nonce prevents is tested by itself

    def _place(self, kind: Kind) -> Channel:
        papers = self.guild.channel("papers")
        if kind is Kind.THREAD:
            return self.fake.add_thread(papers, "daily")
        return papers if kind is Kind.TEXT else self.fake.add_channel(self.guild, "digests", kind)

    def _made(self, api_url: str, limit: float = 1.0) -> DiscordMessenger:
        rest = Rest(self.fake.token, api_url, limit)
        self.served.push_async_exit(rest)
        self.rests.append(rest)
        return DiscordMessenger(rest, lambda team: Remembering(self.world, team))

    def another(self) -> Messenger:
        """Return the messenger of another process."""
        return self._made(self.fake.api_url)

    def impatient(self) -> Messenger:
        """Return a messenger that waits for an answer for a moment only."""
        return self._made(self.fake.api_url, 0.1)

    def break_with(self, fault: Fault) -> None:
        """Let Discord have that fault."""
        if fault == "can't be reached":
            self.messenger = self._made("http://127.0.0.1:9/api")
        elif fault == "channel gone":
            if self.place.id in self.fake.channels:
                self.fake.remove_channel(self.place)
        elif fault == "bot removed":
            if self.guild.has_bot:
                self.fake.kick_bot(self.guild)
        else:
            if fault == "never answers":
                self.messenger = self.impatient()
            self.fake.fail(WAYS[fault], "POST", POSTS, seconds=0.4)

    def forbid_reading(self) -> None:
        """Take the right to read the history away."""
        self.fake.deny(self.place.parent or self.place, self.fake.bot, Permission.READ_MESSAGE_HISTORY)

    def shown(self) -> list[tuple[str, str]]:
        """Return the channel's messages of ours; a forum's posts."""
        if self.place.kind is Kind.FORUM:
            began = [
                one.messages[0] for one in self.guild.channels.values() if one.parent is self.place and one.messages
            ]
            return [(str(one.id), heading(one.texts)) for one in began]
        found = [one for one in self.fake.posted(self.place) if self.place.id in self.fake.channels]
        return [(str(one.id), heading(one.texts)) for one in found]

    def told(self) -> list[tuple[str, str]]:
        """Return what was written to members directly."""
        return [(str(one.channel.recipient.id), one.text) for one in self.fake.posted() if one.channel.recipient]


def heading(texts: list[str]) -> str:
    """Return a message's first line as it is read."""
    return texts[0].removeprefix("## ").replace("\\", "") if texts else ""


@asynccontextmanager
async def harnessed(world: World, kind: Kind) -> AsyncIterator[DiscordHarness]:
    """Within the block, a guild of its own; at its end, no message of ours may have notified anybody."""
    async with FakeDiscord() as fake, AsyncExitStack() as served:
        yield DiscordHarness(fake, world, served, kind)
        assert [one.pings for one in fake.posted() if one.pings] == []


@pytest.fixture
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world without papers, for the long commands of buttons."""
    folder = tmp_path_factory.mktemp("world")
    async with open_world(Settings(data_dir=folder, database_url=""), SystemClock()) as opened:
        yield opened


class TestDiscord(MessengerContract):
    """Discord, in a text channel."""

    kind = Kind.TEXT

    @pytest.fixture
    async def harness(self, world: World) -> AsyncIterator[DiscordHarness]:
        """A guild of its own."""
        async with harnessed(world, self.kind) as harness:
            yield harness

    async def test_one_call_is_one_request_that_could_post(self, harness: DiscordHarness) -> None:
        faults: list[Fault] = ["resets before it accepts", "resets after it accepted", "fails before it accepts"]
        for fault in faults:
            harness.fake.calls.clear()
            harness.break_with(fault)
            await self.post(harness)
            assert len(harness.fake.called("POST")) == 1

    async def test_what_kind_a_channel_is_is_asked_once_and_not_at_all_where_it_is_known(
        self, harness: DiscordHarness
    ) -> None:
        for _ in range(3):
            await self.post(harness)
        assert len(harness.fake.called("GET", rf"/channels/{harness.channel}$")) == 1
        knowing = DiscordMessenger(
            harness.rests[0], lambda team: Remembering(harness.world, team), lambda _: harness.place.kind.value
        )
        await knowing.post(harness.team, harness.channel, POST, OTHER_KEY)
        assert len(harness.fake.called("GET", rf"/channels/{harness.channel}$")) == 1

    async def test_a_thread_takes_as_many_messages_of_abstracts_as_there_are(self, harness: DiscordHarness) -> None:
        digest = await self.post(harness)
        keys = [f"abstracts-{number}" for number in range(3)]
        place = (harness.team, harness.channel)
        replies = [await harness.messenger.post(*place, ABSTRACTS, key, digest.message_id) for key in keys]
        assert [each.outcome for each in replies] == ["accepted"] * 3
        found = [await harness.messenger.find(*place, key, now() - LONG_AGO, digest.message_id) for key in keys]
        assert [each.message_ids for each in found] == [(each.message_id,) for each in replies]

    async def test_a_note_s_buttons_know_the_channel_that_it_is_about(self, harness: DiscordHarness) -> None:
        note = Reply(notice="It has stopped.", actions=(Action("Resume", f"digest again {KEY}"),))
        told = await harness.messenger.tell(harness.team, harness.member, note, about=harness.channel)
        assert told.outcome == "accepted"
        (message,) = [one for one in harness.fake.posted() if one.channel.recipient]
        assert f"@{harness.team}.{harness.channel}" in message.controls[0]["custom_id"]

    async def test_whoever_takes_no_messages_is_not_told_and_the_reason_is_given(self, harness: DiscordHarness) -> None:
        harness.alice.dms_closed = True
        told = await harness.messenger.tell(harness.team, harness.member, Reply(notice="Hello."))
        assert (told.outcome, told.permanent, told.reason) == (
            "refused",
            True,
            "that member takes no messages from the bot",
        )

    async def test_where_a_talk_can_t_be_opened_for_now_a_note_waits(self, harness: DiscordHarness) -> None:
        harness.fake.fail("garbage", "POST", "/users/@me/channels$")
        told = await harness.messenger.tell(harness.team, harness.member, Reply(notice="Hello."))
        assert (told.outcome, told.permanent, told.reason) == ("refused", False, "Discord's answer makes no sense")

    @pytest.mark.parametrize("path", ["/users/@me/channels$", "/messages$"])
    async def test_where_talks_are_opened_too_fast_a_note_waits(self, harness: DiscordHarness, path: str) -> None:
        harness.fake.fail("too many talks", "POST", path)
        told = await harness.messenger.tell(harness.team, harness.member, Reply(notice="Hello."))
        assert (told.outcome, told.permanent) == ("refused", False)
        assert "direct messages" in str(told.reason)
        assert (
            await harness.messenger.tell(harness.team, harness.member, Reply(notice="Hello."))
        ).outcome == "accepted"

    async def test_a_title_can_t_ping_anybody(self, harness: DiscordHarness) -> None:
        role = harness.fake.add_role(harness.guild, "readers", mentionable=True)
        hostile = f"@everyone @here <@{harness.alice.id}> <@&{role.id}>"
        line = replace(POST.papers[0], title=hostile, authors=(hostile,), summary=hostile)
        post = replace(POST, heading=hostile, sections=(replace(POST.sections[0], title=hostile, papers=(line,)),))
        posting = await harness.messenger.post(harness.team, harness.channel, post, KEY)
        assert posting.message_id
        await harness.messenger.update(harness.team, harness.channel, posting.message_id, post, KEY)
        await harness.messenger.tell(harness.team, harness.member, Reply(heading=hostile, notice=hostile))
        assert [call.body["allowed_mentions"] for call in harness.fake.called("PATCH", "/messages/")] == [{"parse": []}]
        assert [one.pings for one in harness.fake.posted()] == [set(), set()]

    async def test_a_refused_token_puts_all_off_and_stops_no_channel_s_digest(self, harness: DiscordHarness) -> None:
        harness.fake.gateway.token = "another"
        posting = await self.post(harness)
        assert (posting.outcome, posting.permanent, posting.everywhere) == ("refused", False, True)
        assert posting.retry_after == dt.timedelta(minutes=10)
        assert "PAPERROUND_DISCORD_TOKEN" in str(posting.reason)
        asked = len(harness.fake.calls)
        again = await harness.messenger.tell(harness.team, harness.member, Reply(notice="Hello."))
        assert (again.reason, len(harness.fake.calls)) == (posting.reason, asked), "and Discord is left in peace"
        found = await harness.messenger.find(harness.team, harness.channel, KEY, now() - LONG_AGO)
        assert found.outcome == "failed", "which parks nothing"

    async def test_a_refusal_that_is_not_discord_s_own_says_nothing_of_the_channel(
        self, harness: DiscordHarness
    ) -> None:
        harness.messenger = harness._made(f"{harness.fake.url}/nothing/here")
        posting = await self.post(harness)
        assert (posting.outcome, posting.permanent) == ("refused", False)


class TestTextChannel:
    """What is so in text channels alone."""

    @pytest.fixture
    async def harness(self, world: World) -> AsyncIterator[DiscordHarness]:
        """A guild of its own."""
        async with harnessed(world, Kind.TEXT) as harness:
            yield harness

    async def test_the_same_key_within_minutes_is_one_message(self, harness: DiscordHarness) -> None:
        harness.fake.nonce_lives = 300.0
        posted = [
            await each.post(harness.team, harness.channel, POST, KEY) for each in (harness.messenger, harness.another())
        ]
        assert len({each.message_id for each in posted}) == 1
        assert len(harness.shown()) == 1
        other = await harness.messenger.post(harness.team, harness.channel, POST, OTHER_KEY)
        assert other.message_id != posted[0].message_id

    def test_a_nonce_is_as_long_as_discord_takes_and_another_for_each_key(self) -> None:
        assert nonce_of(KEY) == nonce_of(KEY) != nonce_of(OTHER_KEY)
        assert len(nonce_of(KEY)) <= 25

    async def test_where_its_message_was_just_deleted_a_post_waits_and_blocks_nothing(
        self, harness: DiscordHarness
    ) -> None:
        harness.fake.nonce_lives = 300.0
        first = await harness.messenger.post(harness.team, harness.channel, POST, KEY)
        assert first.message_id
        await harness.messenger.delete(harness.team, harness.channel, first.message_id)
        again = await harness.messenger.post(harness.team, harness.channel, POST, KEY)
        assert (again.outcome, again.permanent) == ("refused", False)
        harness.fake.nonce_lives = 0.0
        assert (await harness.messenger.post(harness.team, harness.channel, POST, KEY)).outcome == "accepted"

    async def test_the_key_is_in_a_button_s_id_even_of_a_digest_without_buttons(self, harness: DiscordHarness) -> None:
        bare = replace(POST, actions=(), sections=())
        await harness.messenger.post(harness.team, harness.channel, bare, KEY)
        (message,) = harness.fake.posted(harness.place)
        assert key_of(message_json(message)) == KEY

    async def test_what_others_write_hides_nothing_within_a_thousand_messages(self, harness: DiscordHarness) -> None:
        posting = await harness.messenger.post(harness.team, harness.channel, POST, KEY)
        for _ in range(250):
            harness.fake.write(harness.place, harness.alice, "chat")
        found = await harness.messenger.find(harness.team, harness.channel, KEY, now() - LONG_AGO)
        assert found.message_ids == (posting.message_id,)
        assert len(harness.fake.called("GET", r"/messages$")) == 3
        for _ in range(1_000):
            harness.fake.write(harness.place, harness.alice, "chat")
        found = await harness.messenger.find(harness.team, harness.channel, KEY, now() - LONG_AGO)
        assert (found.outcome, "too much" in str(found.reason)) == ("unreadable", True)

    async def test_where_the_thread_was_never_made_its_abstracts_are_not_there_which_parks_nothing(
        self, harness: DiscordHarness
    ) -> None:
        digest = await harness.messenger.post(harness.team, harness.channel, POST, KEY)
        harness.fake.fail("drop before", "POST", r"/threads$")
        reply = await harness.messenger.post(harness.team, harness.channel, ABSTRACTS, OTHER_KEY, digest.message_id)
        assert (reply.outcome, reply.permanent) == ("refused", False), "nothing was posted"
        found = await harness.messenger.find(
            harness.team, harness.channel, OTHER_KEY, now() - LONG_AGO, digest.message_id
        )
        assert (found.outcome, found.message_ids) == ("read", ())

    async def test_an_empty_channel_whose_history_may_be_read_has_no_such_message(
        self, harness: DiscordHarness
    ) -> None:
        found = await harness.messenger.find(harness.team, harness.channel, KEY, now() - LONG_AGO)
        assert (found.outcome, found.message_ids) == ("read", ())

    async def test_a_429_of_the_whole_bot_pauses_the_platform_and_one_of_a_route_does_not(
        self, harness: DiscordHarness
    ) -> None:
        harness.fake.fail("429", "POST", POSTS, seconds=30)
        one = await harness.messenger.post(harness.team, harness.channel, POST, KEY)
        assert (one.outcome, one.everywhere, one.retry_after) == ("refused", False, dt.timedelta(seconds=30))
        other = harness.fake.add_channel(harness.guild, "other")
        harness.fake.fail("429 global", "POST", POSTS, seconds=20)
        two = await harness.messenger.post(harness.team, str(other.id), POST, KEY)
        assert (two.outcome, two.everywhere, two.retry_after) == ("refused", True, dt.timedelta(seconds=20))

    async def test_cloudflare_s_429_without_json_pauses_the_platform(self, harness: DiscordHarness) -> None:
        harness.fake.fail("banned", "POST", POSTS)
        posting = await harness.messenger.post(harness.team, harness.channel, POST, KEY)
        assert (posting.everywhere, posting.retry_after) == (True, dt.timedelta(seconds=600))

    async def test_nothing_is_sent_before_the_pause_is_over(self, harness: DiscordHarness) -> None:
        harness.fake.fail("429", "POST", POSTS, seconds=0.3)
        for _ in range(3):
            posting = await harness.messenger.post(harness.team, harness.channel, POST, KEY)
            assert posting.retry_after
        assert len(harness.fake.called("POST", POSTS)) == 1
        assert harness.fake.invalid_requests == 1
        await asyncio.sleep(0.31)
        assert (await harness.messenger.post(harness.team, harness.channel, POST, KEY)).outcome == "accepted"

    async def test_who_has_used_up_a_channel_s_requests_sends_none_too_early(self, harness: DiscordHarness) -> None:
        harness.fake.limit("POST /channels/{channel_id}/messages", 2, 60.0)
        outcomes = [
            (await harness.messenger.post(harness.team, harness.channel, POST, f"key {number}")).outcome
            for number in range(4)
        ]
        assert outcomes == ["accepted", "accepted", "refused", "refused"]
        assert harness.fake.invalid_requests == 0

    async def test_where_no_thread_may_be_opened_the_missing_permission_is_named(self, harness: DiscordHarness) -> None:
        digest = await harness.messenger.post(harness.team, harness.channel, POST, KEY)
        harness.fake.deny(harness.place, harness.fake.bot, Permission.CREATE_PUBLIC_THREADS)
        reply = await harness.messenger.post(harness.team, harness.channel, ABSTRACTS, OTHER_KEY, digest.message_id)
        assert (reply.permanent, "Create Public Threads" in str(reply.reason)) == (True, True)

    @pytest.mark.parametrize("letter", ["x", "*", "ü", "漢", "𝒳"])
    async def test_abstracts_of_any_alphabet_are_posted(self, harness: DiscordHarness, letter: str) -> None:
        digest = await harness.messenger.post(harness.team, harness.channel, POST, KEY)
        words = f"{letter * 79} " * 18
        papers = [Paper(PaperId.parse(f"arxiv:2506.0000{number}"), "A paper", (), words) for number in range(4)]
        (post, *_) = thread_of(papers, harness.messenger.thread_room)
        assert len(post.papers) == 2
        reply = await harness.messenger.post(harness.team, harness.channel, post, OTHER_KEY, digest.message_id)
        assert reply.outcome == "accepted", reply

    async def test_long_commands_are_kept_before_the_message_is_there(self, harness: DiscordHarness) -> None:
        line = "search " + "long " * 40
        await harness.messenger.post(harness.team, harness.channel, replace(POST, actions=(Action("More", line),)), KEY)
        (message,) = harness.fake.posted(harness.place)
        (named,) = [one["custom_id"] for one in message.controls if one.get("label") == "More"]
        kept = await Remembering(harness.world, harness.team).recall(named.rpartition(":")[2])
        assert kept == line

    async def test_with_exactly_the_permissions_that_it_asks_for_all_works_and_with_one_less_not(
        self, harness: DiscordHarness
    ) -> None:
        team, channel, since = harness.team, harness.channel, now() - LONG_AGO

        async def whole(key: str) -> bool:
            digest = await harness.messenger.post(team, channel, POST, key)
            if not digest.message_id:
                return False
            reply = await harness.messenger.post(team, channel, ABSTRACTS, OTHER_KEY, digest.message_id)
            found = await harness.another().find(team, channel, key, since)
            return reply.outcome == "accepted" and found.message_ids == (digest.message_id,)

        assert await whole("all")
        (own,) = [role for role in harness.guild.roles.values() if role.managed]
        for name in NEEDS:
            less = replace_permission(name)
            harness.fake.change_role(harness.guild, own, less)
            empty = harness.fake.add_channel(harness.guild, f"without-{name}".replace("_", "-"))
            channel = str(empty.id)
            if name == "read_message_history":  # what is there can't be read back, and that is not taken for "nothing"
                await harness.messenger.post(team, channel, POST, name)
                found = await harness.another().find(team, channel, name, since)
                assert (found.outcome, "Read Message History" in str(found.reason)) == ("unreadable", True)
            else:
                assert not await whole(name), f"it works without {name}, so it must not be asked for"


def replace_permission(name: str) -> int:
    """Return the permissions that the bot asks for, but one."""
    less = discord.Permissions(PERMISSIONS.value)
    less.update(**{name: False})
    assert lacking(less) == [name.replace("_", " ").title()]
    return less.value


class TestForum(TestDiscord):
    """Discord, in a forum: a post for each digest."""

    kind = Kind.FORUM

    async def test_a_digest_is_a_post_with_its_heading_as_title(self, harness: DiscordHarness) -> None:
        posting = await self.post(harness)
        (post,) = [one for one in harness.guild.channels.values() if one.parent is harness.place]
        assert (str(post.id), post.name) == (posting.message_id, POST.heading)

    async def test_a_post_that_was_archived_meanwhile_is_found(self, harness: DiscordHarness) -> None:
        posting = await self.post(harness)
        (post,) = [one for one in harness.guild.channels.values() if one.parent is harness.place]
        harness.fake.change_channel(post, archived=True)
        assert await self.find(harness, messenger=harness.another()) == (posting.message_id,)

    async def test_where_the_bot_may_manage_threads_a_post_is_deleted_whole(self, harness: DiscordHarness) -> None:
        harness.fake.allow(harness.place, harness.fake.bot, Permission.MANAGE_THREADS)
        posting = await self.post(harness)
        assert posting.message_id
        deleted = await harness.messenger.delete(harness.team, harness.channel, posting.message_id)
        assert deleted.outcome == "accepted"
        assert int(posting.message_id) not in harness.fake.channels

    async def test_a_post_that_can_t_be_read_for_now_is_looked_for_again(self, harness: DiscordHarness) -> None:
        posting = await self.post(harness)
        harness.fake.fail("garbage", "GET", r"/messages/[0-9]+$")
        found = await harness.messenger.find(harness.team, harness.channel, KEY, now() - LONG_AGO)
        assert (found.outcome, found.reason) == ("failed", "Discord's answer makes no sense")
        assert await self.find(harness) == (posting.message_id,)

    async def test_a_forum_that_wants_tags_says_what_to_do(self, harness: DiscordHarness) -> None:
        harness.place.requires_tag = True
        posting = await self.post(harness)
        assert (posting.permanent, "tag" in str(posting.reason)) == (True, True)


class TestThread(TestDiscord):
    """Discord, where a digest is set in a thread: its abstracts come there, too."""

    kind = Kind.THREAD
