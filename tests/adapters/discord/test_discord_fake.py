"""The fake Discord, as the real discord.py meets it: commands, buttons, forms, messages, places."""

import asyncio
import datetime
import time
from collections.abc import AsyncIterator

import discord
import pytest
from discord import app_commands, ui

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_client import PlainClient, running, until
from tests.fakes.discord_people import NotOfferedError
from tests.fakes.discord_world import Channel, Flag, Guild, Kind, Permission


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


def _card(text: str = "A title", label: str = "Vote") -> ui.LayoutView:
    button: ui.Button[ui.LayoutView] = ui.Button(label=label, custom_id=f"id of {label}")
    section: ui.Section[ui.LayoutView] = ui.Section(ui.TextDisplay(text), accessory=button)
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(section))
    return view


async def test_a_client_logs_in_and_sees_its_guilds(fake: FakeDiscord, client: PlainClient, guild: Guild) -> None:
    assert client.user is not None
    assert client.user.id == client.application_id == fake.bot.id
    assert [(guild.name, [one.name for one in guild.channels]) for guild in client.guilds] == [("Lab", ["papers"])]
    assert client.guilds[0].me.guild_permissions.send_messages
    assert fake.gateway.identifies[0]["intents"] == discord.Intents(guilds=True).value
    assert fake.gateway.queries[0]["compress"] in ("zlib-stream", "zstd-stream")


async def test_a_wrong_token_is_refused(fake: FakeDiscord) -> None:
    client = PlainClient()
    with fake.library(), pytest.raises(discord.LoginFailure):
        await client.start("another token")
    await client.close()
    assert fake.invalid_requests == 1


async def test_a_command_is_offered_only_once_it_is_synced(
    fake: FakeDiscord, client: PlainClient, papers: Channel
) -> None:
    @client.tree.command(description="Today's papers")
    async def today(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Three papers", ephemeral=True)

    alice = fake.person("alice", papers)
    with pytest.raises(NotOfferedError, match="synced"):
        await alice.types("today")
    (synced,) = await client.tree.sync()
    seen = await alice.types("today")
    assert (seen.text, seen.is_private, seen.first) == ("Three papers", True, 4)
    assert fake.posted() == []
    assert [one.text for one in fake.private] == ["Three papers"]
    (again,) = await client.tree.sync()
    assert (again.id, len(fake.syncs)) == (synced.id, 2)


async def test_a_deferred_command_shows_its_answer_and_what_follows(
    fake: FakeDiscord, client: PlainClient, papers: Channel
) -> None:
    group = app_commands.Group(name="papers", description="Papers")

    @group.command(description="Look for papers")
    async def search(interaction: discord.Interaction, words: str, count: int = 3) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(view=_card(f"{words} {count}"))
        await interaction.followup.send("and more", ephemeral=True)

    client.tree.add_command(group)
    await client.tree.sync()
    seen = await (await fake.person("alice", papers).types("papers search", words="cats", count=5)).answered(2)
    assert (seen.first, seen.text) == (5, "cats 5\nand more")
    assert seen.first_after < 1
    assert [one.is_private for one in seen.answers] == [False, True]
    assert fake.posted(papers) == [seen.message]
    assert seen.message.flags & Flag.IS_COMPONENTS_V2
    assert seen.message.labels == ["Vote"]


async def test_a_command_that_never_answers_fails_after_three_seconds(
    fake: FakeDiscord, client: PlainClient, papers: Channel
) -> None:
    given_up = asyncio.Event()
    late: list[int] = []

    @client.tree.command(description="Slow")
    async def slow(interaction: discord.Interaction) -> None:
        await given_up.wait()
        try:
            await interaction.response.send_message("too late")
        except discord.NotFound as missing:
            late.append(missing.code)

    await client.tree.sync()
    began = time.monotonic()
    seen = await fake.person("alice", papers).types("slow")
    given_up.set()
    assert seen.failed
    assert 2.9 < time.monotonic() - began < 4
    await until(lambda: late)
    assert late == [10062]
    assert seen.interaction.is_late


async def test_an_answer_is_given_once(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    codes: list[int] = []

    @client.tree.command(description="Twice")
    async def twice(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("one")
        again = discord.webhook.async_.async_context.get()
        params = discord.webhook.async_.interaction_response_params(4, {"content": "two"})
        try:
            await again.create_interaction_response(
                interaction.id, interaction.token, session=interaction._session, params=params
            )
        except discord.HTTPException as refused:
            codes.append(refused.code)

    await client.tree.sync()
    seen = await fake.person("alice", papers).types("twice")
    await until(lambda: codes)
    assert (seen.text, codes) == ("one", [40060])


async def test_a_token_ends_after_fifteen_minutes() -> None:
    times = [datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)]
    async with FakeDiscord(now=lambda: times[0]) as fake:
        papers = fake.add_guild().channel("papers")
        async with running(fake) as client:
            kept: list[discord.Interaction] = []

            @client.tree.command(description="Keeps")
            async def keep(interaction: discord.Interaction) -> None:
                await interaction.response.send_message("now")
                kept.append(interaction)

            await client.tree.sync()
            await fake.person("alice", papers).types("keep")
            await until(lambda: kept)
            times[0] += datetime.timedelta(minutes=14)
            await kept[0].followup.send("still")
            times[0] += datetime.timedelta(minutes=2)
            with pytest.raises(discord.HTTPException, match="Invalid Webhook Token") as refused:
                await kept[0].followup.send("late")
            assert refused.value.status == 401


async def test_suggestions_come_while_typing(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    @client.tree.command(description="Follow")
    async def follow(interaction: discord.Interaction, name: str) -> None:
        await interaction.response.send_message(name)

    @follow.autocomplete("name")
    async def suggest(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed} {number}", value=f"v{number}") for number in range(3)]

    await client.tree.sync()
    alice = fake.person("alice", papers)
    seen = await alice.suggests("follow", focused="name", name="yan")
    assert seen.choices[0] == {"name": "yan 0", "value": "v0"}
    assert seen.first_after < 1


async def test_a_button_is_pressed_on_a_message_by_whoever_sees_it(
    fake: FakeDiscord, client: PlainClient, guild: Guild, papers: Channel
) -> None:

    async def pressed(interaction: discord.Interaction) -> None:
        if interaction.user.name == "alice":
            await interaction.response.edit_message(view=_card("changed"))
        else:
            await interaction.response.defer()
            await interaction.followup.send("Your vote counts", ephemeral=True)

    client.presses = pressed
    channel = client.get_channel(papers.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send(view=_card())
    (message,) = fake.posted(papers)
    seen = await fake.person("alice", papers).presses(message, "Vote")
    assert (seen.first, seen.message, message.text, message.edits) == (7, message, "changed", 1)
    seen = await (await fake.person("bob", papers).presses(message, "id of Vote")).answered()
    assert (seen.first, seen.text, seen.is_private) == (6, "Your vote counts", True)
    fake.deny(papers, guild.roles[guild.id], Permission.VIEW_CHANNEL)
    with pytest.raises(NotOfferedError):
        await fake.person("bob", papers).presses(message, "Vote")


async def test_a_private_answer_is_nobody_elses(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    @client.tree.command(description="Private")
    async def own(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=_card(), ephemeral=True)

    await client.tree.sync()
    seen = await fake.person("alice", papers).types("own")
    with pytest.raises(NotOfferedError):
        await fake.person("bob", papers).presses(seen.message, "Vote")
    channel = client.get_partial_messageable(papers.id)
    with pytest.raises(discord.NotFound):
        await channel.fetch_message(seen.message.id)


class _Form(ui.Modal, title="Set up"):
    name: ui.Label["_Form"] = ui.Label(text="Name", component=ui.TextInput(custom_id="name", max_length=10))
    zone: ui.Label["_Form"] = ui.Label(
        text="Zone", component=ui.Select(custom_id="zone", options=[discord.SelectOption(label="Berlin", value="b")])
    )
    place: ui.Label["_Form"] = ui.Label(text="Place", component=ui.ChannelSelect(custom_id="place"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        name, zone, place = (label.component for label in (self.name, self.zone, self.place))
        assert isinstance(name, ui.TextInput)
        assert isinstance(zone, ui.Select)
        assert isinstance(place, ui.ChannelSelect)
        await interaction.response.send_message(f"{name.value} {zone.values[0]} {place.values[0].name}")


async def test_a_form_is_filled_in(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    @client.tree.command(description="Set up")
    async def setup(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(_Form())

    await client.tree.sync()
    alice = fake.person("alice", papers)
    form = await alice.types("setup")
    assert (form.first, form.modal["title"]) == (9, "Set up")
    with pytest.raises(AssertionError, match="required"):
        await alice.submits(form, {"zone": "b", "place": papers})
    with pytest.raises(AssertionError, match="not 0 to 10"):
        await alice.submits(form, {"name": "far too long", "zone": "b", "place": papers})
    seen = await alice.submits(form, {"Name": "digest", "zone": "Berlin", "place": papers})
    assert seen.text == "digest b papers"


async def test_a_menu_is_chosen_from(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    chosen: list[object] = []

    async def choose(interaction: discord.Interaction) -> None:
        assert interaction.data is not None
        chosen.append(interaction.data.get("values"))
        await interaction.response.send_message("ok", ephemeral=True)

    client.presses = choose
    view = ui.View(timeout=None)
    view.add_item(ui.Select(custom_id="zone", options=[discord.SelectOption(label="Berlin", value="b")]))
    view.add_item(ui.UserSelect(custom_id="who"))
    await client.get_partial_messageable(papers.id).send("Choose", view=view)
    (message,) = fake.posted()
    alice = fake.person("alice", papers)
    await alice.chooses(message, "zone", "Berlin")
    await alice.chooses(message, "who", alice.user)
    assert chosen == [["b"], [str(alice.user.id)]]
    with pytest.raises(NotOfferedError):
        await alice.chooses(message, "zone", "Paris")


async def test_a_context_menu_reads_the_message(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    @client.tree.context_menu(name="Save papers in this message")
    async def save(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(message.content.upper(), ephemeral=True)

    await client.tree.sync()
    alice = fake.person("alice", papers)
    message = fake.write(papers, alice.user, "see arxiv")
    assert (await alice.picks("Save papers in this message", message)).text == "SEE ARXIV"


async def test_a_context_menu_names_a_person(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    @client.tree.context_menu(name="Follow this person")
    async def follow(interaction: discord.Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(f"{member.name} in {member.guild.name}")

    await client.tree.sync()
    alice, bob = fake.person("alice", papers), fake.person("bob", papers)
    assert (await fake.interact(alice, "picks", "Follow this person", bob.user)).text == "bob in Lab"


async def test_who_lacks_the_permission_is_not_offered_the_command(
    fake: FakeDiscord, client: PlainClient, papers: Channel
) -> None:
    @client.tree.command(description="Digest")
    @app_commands.default_permissions(manage_channels=True)
    async def digest(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(str(interaction.permissions.manage_channels))

    await client.tree.sync()
    with pytest.raises(NotOfferedError, match="permissions"):
        await fake.person("alice", papers).types("digest")
    assert (await fake.person("ben", papers, may=Permission.MANAGE_CHANNELS).types("digest")).text == "True"


async def test_an_app_that_is_installed_for_oneself_answers_anywhere(fake: FakeDiscord, client: PlainClient) -> None:
    @client.tree.command(description="Mine")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def mine(interaction: discord.Interaction) -> None:
        kinds = interaction.is_guild_integration(), interaction.is_user_integration()
        await interaction.response.send_message(f"{interaction.guild_id} {kinds}")

    await client.tree.sync()
    elsewhere = fake.add_guild("Elsewhere", has_bot=False)
    dora = fake.person("dora", elsewhere.channel("papers"))
    with pytest.raises(NotOfferedError, match="install"):
        await dora.types("mine")
    dora.user.has_app = True
    assert (await dora.types("mine")).text == f"{elsewhere.id} (False, True)"
    assert (await dora.at(fake.direct(dora.user)).types("mine")).text == "None (False, True)"


async def test_the_same_nonce_posts_once(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    channel = client.get_partial_messageable(papers.id)
    one = await channel.send("a", nonce="n1")
    two = await channel.send("a", nonce="n1")
    three = await channel.send("a", nonce="n2")
    assert one.id == two.id != three.id
    assert [(message.nonce, message.text) for message in fake.posted(papers)] == [("n1", "a"), ("n2", "a")]
    await one.delete()
    with pytest.raises(discord.NotFound) as deleted:
        await channel.send("a", nonce="n1")
    assert deleted.value.code == 10008


async def test_messages_are_listed_edited_and_deleted(
    fake: FakeDiscord, client: PlainClient, guild: Guild, papers: Channel
) -> None:
    channel = client.get_partial_messageable(papers.id)
    sent = [await channel.send(f"m{number}") for number in range(5)]
    assert [one.content async for one in channel.history(limit=2)] == ["m4", "m3"]
    assert [one.content async for one in channel.history(after=sent[2])] == ["m3", "m4"]
    assert [one.content async for one in channel.history(before=sent[1])] == ["m0"]
    around = {one.content async for one in channel.history(around=sent[2], limit=3)}
    assert around == {"m1", "m2", "m3"}
    await sent[0].edit(content="changed")
    assert (await channel.fetch_message(sent[0].id)).content == "changed"
    await sent[0].delete()
    with pytest.raises(discord.NotFound):
        await channel.fetch_message(sent[0].id)
    other = fake.write(papers, fake.add_member(guild, "alice"), "mine")
    with pytest.raises(discord.Forbidden):
        await channel.get_partial_message(other.id).edit(content="x")
    with pytest.raises(discord.Forbidden):
        await channel.get_partial_message(other.id).delete()


async def test_threads_and_forum_posts_are_opened(
    fake: FakeDiscord, client: PlainClient, guild: Guild, papers: Channel
) -> None:
    forum = fake.add_channel(guild, "digests", Kind.FORUM)
    await until(lambda: client.get_channel(forum.id))
    shown, text = client.get_channel(forum.id), client.get_channel(papers.id)
    assert isinstance(shown, discord.ForumChannel)
    assert isinstance(text, discord.TextChannel)
    opened = await shown.create_thread(name="Mon 23 Nov", view=_card("the digest"))
    assert (opened.thread.id, opened.thread.parent_id) == (opened.message.id, forum.id)
    assert [one.text for one in fake.posted(guild.channel("Mon 23 Nov"))] == ["the digest"]
    message = await text.send("A paper")
    thread = await message.create_thread(name="Discuss")
    assert thread.id == message.id
    await thread.send("What do you think?")
    with pytest.raises(discord.HTTPException) as refused:
        await message.create_thread(name="Discuss")
    assert refused.value.code == 160004
    alone = await text.create_thread(name="Alone", type=discord.ChannelType.public_thread)
    assert alone.parent_id == papers.id
    with pytest.raises(discord.HTTPException) as refused:
        await client.get_partial_messageable(forum.id).send("no post")
    assert refused.value.code == 50008


async def test_a_person_is_written_to_directly_unless_they_want_no_such_thing(
    fake: FakeDiscord, client: PlainClient
) -> None:
    alice = fake.add_user("alice")
    shown = await client.create_dm(discord.Object(alice.id))
    await shown.send("hello")
    assert [one.text for one in fake.posted(fake.direct(alice))] == ["hello"]
    alice.dms_closed = True
    with pytest.raises(discord.Forbidden) as refused:
        await shown.send("hello")
    assert refused.value.code == 50007


async def test_what_the_app_may_not_do_is_refused(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    channel = client.get_partial_messageable(papers.id)
    fake.deny(papers, fake.bot, Permission.SEND_MESSAGES)
    with pytest.raises(discord.Forbidden) as refused:
        await channel.send("x")
    assert refused.value.code == 50013
    fake.deny(papers, fake.bot, Permission.VIEW_CHANNEL)
    with pytest.raises(discord.Forbidden) as refused:
        await channel.send("x")
    assert refused.value.code == 50001
    fake.remove_channel(papers)
    with pytest.raises(discord.NotFound) as missing:
        await channel.send("x")
    assert missing.value.code == 10003
    await until(lambda: client.get_channel(papers.id) is None)
    assert fake.invalid_requests == 2


async def test_places_are_asked_about(fake: FakeDiscord, client: PlainClient, guild: Guild, papers: Channel) -> None:
    alice = fake.add_member(guild, "alice")
    role = fake.add_role(guild, "readers")
    found = await client.fetch_guild(guild.id)
    assert found.name == "Lab"
    assert {one.name for one in await found.fetch_roles()} >= {"@everyone", "readers"}
    assert (await found.fetch_member(alice.id)).name == "alice"
    assert [one.name for one in await found.fetch_channels()] == ["papers"]
    assert (await client.fetch_channel(papers.id)).id == papers.id
    assert (await client.application_info()).id == fake.bot.id
    assert (await client.fetch_user(alice.id)).name == "alice"
    await until(lambda: client.guilds[0].get_role(role.id))
    with pytest.raises(discord.NotFound):
        await client.fetch_guild(1)


async def test_it_is_known_whom_a_message_would_notify(
    fake: FakeDiscord, client: PlainClient, guild: Guild, papers: Channel
) -> None:
    alice, role = fake.add_member(guild, "alice"), fake.add_role(guild, "readers")
    text = f"@everyone <@{alice.id}> <@&{role.id}>"
    channel = client.get_partial_messageable(papers.id)
    await channel.send(text)
    await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
    await channel.send(text, allowed_mentions=discord.AllowedMentions(everyone=False, users=False, roles=[role]))
    await channel.send(view=_card("@here"))
    everybody = {"everyone", str(alice.id), str(role.id)}
    assert [one.pings for one in fake.posted()] == [everybody, set(), {str(role.id)}, {"here"}]
