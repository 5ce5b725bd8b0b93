"""The fake Discord's rarer routes, faults and rules, each asked for as discord.py or by hand."""

import io
import time
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
from discord import app_commands

from tests.fakes import discord_app_routes
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_client import PlainClient, running, until
from tests.fakes.discord_spec import described
from tests.fakes.discord_world import Channel, Guild, Kind, Permission


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as discord_:
        discord_.add_guild("Lab")
        yield discord_


@pytest.fixture
def guild(fake: FakeDiscord) -> Guild:
    return next(iter(fake.guilds.values()))


@pytest.fixture
def papers(guild: Guild) -> Channel:
    return guild.channel("papers")


@pytest.fixture
async def client(fake: FakeDiscord) -> AsyncIterator[PlainClient]:
    async with running(fake) as running_client:
        yield running_client


async def test_an_external_app_answers_in_private_where_it_must(fake: FakeDiscord, client: PlainClient) -> None:
    @client.tree.command(description="Mine")
    @app_commands.allowed_installs(guilds=False, users=True)
    async def mine(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("here")

    await client.tree.sync()
    elsewhere = fake.add_guild("Elsewhere", has_bot=False)
    dora = fake.person(fake.add_user("dora", has_app=True), elsewhere.channel("papers"))
    assert not (await dora.types("mine")).is_private
    fake.deny(dora.channel, elsewhere.roles[elsewhere.id], Permission.USE_EXTERNAL_APPS)
    assert (await dora.types("mine")).is_private


async def test_the_first_followup_takes_the_place_and_the_privacy_of_thinking(
    fake: FakeDiscord, client: PlainClient, papers: Channel
) -> None:
    @client.tree.command(description="Think")
    async def think(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await interaction.followup.send("one", ephemeral=False)
        await interaction.followup.send("two", ephemeral=False)

    await client.tree.sync()
    seen = await (await fake.person("alice", papers).types("think")).answered(2)
    assert [(one.text, one.is_private) for one in seen.answers] == [("one", True), ("two", False)]


async def test_answers_are_read_and_deleted(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    read: list[str] = []

    @client.tree.command(description="Short")
    async def short(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("one")
        read.append((await interaction.original_response()).content)
        followup = await interaction.followup.send("two", wait=True)
        await interaction.delete_original_response()
        await followup.edit(content="three")

    await client.tree.sync()
    seen = await fake.person("alice", papers).types("short")
    await until(lambda: [one.text for one in seen.answers] == ["three"])
    assert read == ["one"]


async def test_a_guild_has_commands_of_its_own(
    fake: FakeDiscord, client: PlainClient, guild: Guild, papers: Channel
) -> None:
    @client.tree.command(description="Here", guild=discord.Object(guild.id))
    async def here(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("yes")

    await client.tree.sync(guild=discord.Object(guild.id))
    assert [one.name for one in await client.tree.fetch_commands(guild=discord.Object(guild.id))] == ["here"]
    assert await client.tree.fetch_commands() == []
    assert (await fake.person("alice", papers).types("here")).text == "yes"
    with pytest.raises(discord.Forbidden):
        await client.tree.sync(guild=discord.Object(1))


async def test_a_synced_command_that_stays_keeps_its_version(fake: FakeDiscord, client: PlainClient) -> None:
    @client.tree.command(description="First")
    async def first(interaction: discord.Interaction) -> None: ...

    await client.tree.sync()
    (before,) = fake.commands[0]
    await client.tree.sync()
    assert fake.commands[0] == [before]
    first.description = "Changed"
    await client.tree.sync()
    assert fake.commands[0][0]["id"] == before["id"]
    assert fake.commands[0][0]["version"] != before["version"]


async def test_a_file_is_attached(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    await client.get_partial_messageable(papers.id).send(file=discord.File(io.BytesIO(b"x" * 5), "papers.bib"))
    (message,) = fake.posted()
    assert [(one["filename"], one["size"]) for one in message.attachments] == [("papers.bib", 5)]


async def test_threads_are_archived_locked_and_listed(
    fake: FakeDiscord, client: PlainClient, guild: Guild, papers: Channel
) -> None:
    opened = fake.add_thread(papers, "talk")
    await until(lambda: client.get_channel(opened.id))
    shown = await client.guilds[0].active_threads()
    assert [one.name for one in shown] == ["talk"]
    fake.change_channel(opened, archived=True)
    await shown[0].send("back again")
    assert not opened.archived
    fake.change_channel(opened, locked=True)
    with pytest.raises(discord.Forbidden):
        await shown[0].send("x")
    with pytest.raises(discord.Forbidden):
        await shown[0].edit(name="mine")
    await shown[0].join()
    await shown[0].typing()


async def test_a_forum_may_require_a_tag(fake: FakeDiscord, client: PlainClient, guild: Guild) -> None:
    tag = {"id": str(fake.new_id()), "name": "digest", "moderated": False, "emoji_id": None, "emoji_name": None}
    forum = fake.add_channel(guild, "forum", Kind.FORUM, tags=[tag], requires_tag=True)
    await until(lambda: client.get_channel(forum.id))
    shown = client.get_channel(forum.id)
    assert isinstance(shown, discord.ForumChannel)
    with pytest.raises(discord.HTTPException) as refused:
        await shown.create_thread(name="x", content="x")
    assert refused.value.code == 40067
    await shown.create_thread(name="x", content="x", applied_tags=[shown.available_tags[0]])
    fake.deny(forum, fake.bot, Permission.SEND_MESSAGES)
    with pytest.raises(discord.Forbidden):
        await shown.create_thread(name="x", content="x", applied_tags=[shown.available_tags[0]])


async def test_the_bot_leaves(fake: FakeDiscord, client: PlainClient, guild: Guild) -> None:
    await client.guilds[0].leave()
    await until(lambda: not client.guilds)
    fake.invite_bot(guild)
    await until(lambda: "guild_join" in client.happened)


async def test_roles_decide_what_is_allowed(
    fake: FakeDiscord, client: PlainClient, guild: Guild, papers: Channel
) -> None:
    everyone = guild.roles[guild.id]
    alice = fake.person("alice", papers)
    fake.deny(papers, everyone, Permission.SEND_MESSAGES)
    assert not fake.may(papers, alice.user) & Permission.SEND_MESSAGES
    writers = fake.add_role(guild, "writers")
    guild.members[alice.user.id].roles.add(writers.id)
    fake.allow(papers, writers, Permission.SEND_MESSAGES)
    assert fake.may(papers, alice.user) & Permission.SEND_MESSAGES
    fake.deny(papers, alice.user, Permission.SEND_MESSAGES)
    assert not fake.may(papers, alice.user) & Permission.SEND_MESSAGES
    fake.change_role(guild, writers, Permission.ADMINISTRATOR)
    assert fake.may(papers, alice.user) & Permission.SEND_MESSAGES
    fake.remove_role(guild, writers)
    assert not fake.may(papers, alice.user) & Permission.SEND_MESSAGES
    own = fake.add_role(guild, "bots", Permission.ADMINISTRATOR)
    fake.change_bot(guild, own)
    await until(lambda: client.guilds[0].me.guild_permissions.administrator)
    assert fake.may(papers, guild.owner) & Permission.MANAGE_GUILD


async def test_a_502_may_come_after_the_message_is_there(
    fake: FakeDiscord, client: PlainClient, papers: Channel
) -> None:
    fake.fail("502 after", "POST", "/messages$")
    await client.get_partial_messageable(papers.id).send("x", nonce="n")
    assert [one.status for one in fake.called("POST", "/messages$")] == [502, 200]
    assert len(fake.posted()) == 1


async def test_an_answer_may_be_slow_or_senseless(fake: FakeDiscord) -> None:
    url, headers = f"{fake.api_url}/users/@me", {"Authorization": f"Bot {fake.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        fake.fail("slow", "GET", "/users/@me", seconds=0.2)
        began = time.monotonic()
        async with session.get(url) as slow:
            assert (await slow.json())["id"] == str(fake.bot.id)
            assert slow.headers["Content-Type"] == "application/json"
        assert time.monotonic() - began > 0.15
        fake.fail("garbage", "GET", "/users/@me")
        async with session.get(url) as garbage:
            assert garbage.content_type == "text/html"
        fake.fail("504", "GET", "/users/@me")
        async with session.get(url) as late:
            assert late.status == 504


async def test_an_answer_of_the_fake_is_held_against_the_description(
    fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    if described() is None:
        pytest.skip("Discord's description of its API is not at hand")
    monkeypatch.setitem(fake.rest.handlers, ("GET", "/users/@me"), lambda *_: (200, {"id": 5}))
    headers = {"Authorization": f"Bot {fake.token}"}
    with fake.expecting_refusals() as broken:
        async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{fake.api_url}/users/@me"):
            pass
    assert broken
    assert broken[0].startswith("the fake's answer to GET /users/@me")
    assert discord_app_routes.ROUTES["GET", "/users/@me"] is discord_app_routes.me


async def test_the_same_name_is_the_same_person(fake: FakeDiscord, guild: Guild, papers: Channel) -> None:
    alice = fake.person("alice", papers, may=Permission.MANAGE_CHANNELS)
    roles = len(guild.roles)
    assert fake.person("alice", papers, may=Permission.MANAGE_CHANNELS).user is alice.user
    assert len(guild.roles) == roles
