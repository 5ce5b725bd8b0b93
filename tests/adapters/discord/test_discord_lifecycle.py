"""Coming and going: guilds that have the bot, lose it, or are out of reach; and the commands that Discord knows."""

import asyncio
import datetime as dt

import pytest

from adapters.discord import syncing
from adapters.discord.client import make_client
from adapters.discord.context import Discord, DiscordSettings
from adapters.discord.syncing import in_sync, sync
from tests.adapters.discord.conftest import Lab, connected
from tests.fakes.discord_world import Kind

LONG = 'follow exactly "' + "very " * 25 + 'long"'


async def known_teams(lab: Lab) -> list[str]:
    """Return the keys of the teams that the store knows."""
    async with lab.world.store.read() as session:
        return [team.key for team in await session.teams.of_platform("discord")]


async def test_a_guild_that_sends_the_bot_away_leaves_nothing_behind(lab: Lab) -> None:
    for line in ("follow agents", "digest on 09:00 Europe/Berlin", LONG, "unfollow 2"):
        await lab.asks(line)
    assert await known_teams(lab) == [str(lab.guild.id)]
    lab.fake.kick_bot(lab.guild)
    async with asyncio.timeout(5):
        while await known_teams(lab):  # noqa: ASYNC110 - it happens in the client's stead
            await asyncio.sleep(0.01)
    async with lab.world.store.write() as session:
        assert await session.remembered.forget("discord", str(lab.guild.id)) == 0


async def test_a_guild_that_is_out_of_reach_loses_nothing(lab: Lab) -> None:
    await lab.asks("digest on 09:00 Europe/Berlin")
    lab.fake.hide(lab.guild)
    await lab.until(lambda: lab.client.get_guild(lab.guild.id) and lab.client.get_guild(lab.guild.id).unavailable)  # type: ignore[union-attr]
    lab.fake.show(lab.guild)
    await lab.until(lambda: not lab.client.get_guild(lab.guild.id).unavailable)  # type: ignore[union-attr]
    assert "09:00" in (await lab.asks("digest show")).text
    talk = lab.fake.direct(lab.guild.owner)
    assert talk.messages == [], "nobody is welcomed anew"


async def test_who_owns_a_new_guild_is_welcomed_in_private_and_nothing_is_posted(lab: Lab) -> None:
    guild = lab.fake.add_guild("Newcomers")
    talk = lab.fake.direct(guild.owner)
    await lab.until(lambda: talk.messages)
    assert "Welcome" in talk.messages[0].text
    assert "/digest on" in talk.messages[0].text
    assert lab.fake.posted(guild.channel("papers")) == []
    owner = lab.fake.person(guild.owner, talk)
    pressed = await owner.presses(talk.messages[0], "Today's papers")
    await pressed.answered()
    assert "Daily papers" in pressed.text


async def test_an_owner_who_takes_no_messages_is_left_alone(lab: Lab) -> None:
    with lab.fake.failing("missing access", path=r"/messages$"):
        guild = lab.fake.add_guild("Shy")
        await lab.until(lambda: lab.fake.called("POST", r"/messages$"))
        await asyncio.sleep(0.05)
    assert lab.fake.posted(guild.channel("papers")) == []
    assert len(lab.fake.called("POST", r"/messages$")) == 1


async def test_a_welcome_whose_connection_breaks_is_no_failure_of_ours(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    with lab.fake.failing("drop before", "POST", r"/users/@me/channels$"):
        lab.fake.add_guild("Newcomers")
        await lab.until(lambda: "reason=ServerDisconnectedError" in capsys.readouterr().out)


async def test_commands_are_told_once_and_again_only_when_they_changed(lab: Lab) -> None:
    assert len(lab.fake.called("PUT", r"/commands$")) == 1
    async with connected(lab.world, lab.fake) as (_, second):
        assert await sync(lab.world, second.tree) == "unchanged"
        assert await in_sync(lab.world, second.tree)
        assert len(lab.fake.called("PUT", r"/commands$")) == 1
        second.tree.remove_command("vote")
        assert not await in_sync(lab.world, second.tree)
        assert await sync(lab.world, second.tree) == "sent"
        assert await sync(lab.world, second.tree, force=True) == "sent"
    assert len(lab.fake.called("PUT", r"/commands$")) == 3


async def test_of_two_replicas_one_tells_the_commands(lab: Lab) -> None:
    lab.client.tree.remove_command("vote")
    told = await asyncio.gather(*(sync(lab.world, lab.client.tree) for _ in range(4)))
    assert told.count("sent") == 1
    assert len(lab.fake.called("PUT", r"/commands$")) == 2


async def test_a_sync_that_fails_leaves_room_for_the_next(lab: Lab) -> None:
    lab.client.tree.remove_command("vote")
    lab.fake.fail("missing access", "PUT", r"/commands$")
    with pytest.raises(Exception, match="403"):
        await sync(lab.world, lab.client.tree)
    assert await sync(lab.world, lab.client.tree) == "sent"


async def test_commands_are_told_again_after_the_connection_broke(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "_AGAIN_AFTER", 0.01)
    lab.client.tree.remove_command("vote")
    lab.fake.fail("drop before", "PUT", r"/commands$", times=3)  # aiohttp asks once more by itself
    async with asyncio.timeout(5):
        await syncing.sync_until_done(lab.world, lab.client.tree)
    assert await in_sync(lab.world, lab.client.tree)


async def test_whoever_only_syncs_needs_no_gateway(lab: Lab) -> None:
    shared = Discord(lab.world, DiscordSettings(lab.fake.token, lab.fake.api_url, lab.fake.gateway_url))
    before = len(lab.fake.gateway.identifies)
    async with make_client(shared, at_work=False) as client:
        await client.login(lab.fake.token)
        assert await sync(lab.world, client.tree, force=True) == "sent"
    assert len(lab.fake.gateway.identifies) == before


async def test_discord_is_asked_for_guilds_alone_and_little_is_kept(lab: Lab) -> None:
    assert lab.client.intents.value == 1
    assert list(lab.client.cached_messages) == []
    await lab.asks("today")
    assert len(list(lab.client.get_all_members())) <= 1, "but for the bot itself, nobody"


async def test_the_shards_of_a_process_are_those_that_are_set(lab: Lab) -> None:
    settings = DiscordSettings(lab.fake.token, lab.fake.api_url, lab.fake.gateway_url, (1,), 2, guilds_within=0.05)
    client = make_client(Discord(lab.world, settings), at_work=False)
    running = asyncio.create_task(client.start(lab.fake.token))
    await lab.until(lambda: (1, 2) in [tuple(each) for each in shards(lab)])
    await client.close()
    await running


def shards(lab: Lab) -> list[list[int]]:
    """Return the shards that were asked for."""
    return [list(each.get("shard") or []) for each in lab.fake.gateway.identifies]


async def test_a_stop_waits_for_what_is_being_answered(lab: Lab) -> None:
    async with lab.world.store.write():
        seen = await lab.person().types("follow", rule="agents", wait=False)
        closing = asyncio.create_task(lab.client.close())
        await asyncio.sleep(0.05)
        assert not closing.done()
    await closing
    assert "Following" in (await seen.answered()).text


async def test_a_thread_and_a_forum_post_are_places_like_others(lab: Lab) -> None:
    forum = lab.fake.add_channel(lab.guild, "forum", Kind.FORUM)
    thread = lab.fake.add_thread(lab.papers, "talk")
    assert forum.kind is Kind.FORUM
    assert "Daily papers" in (await lab.person(channel=thread).types("papers today")).text
    assert lab.clock.now() > dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
