"""What people type in Discord: slash commands with options, and any line."""

import asyncio
import logging

import pytest

from adapters.discord.forms import COMMANDS
from bot.commands.dispatch import TABLE
from tests.adapters.discord.conftest import Lab
from tests.fakes.discord_faults import FaultKind
from tests.fakes.discord_people import NotOfferedError
from tests.fakes.discord_world import Permission


async def test_a_command_is_answered_in_private(lab: Lab) -> None:
    seen = await lab.person().types("papers today")
    assert seen.is_private
    assert "Daily papers" in seen.text


async def test_every_command_of_the_table_is_understood_as_a_line(lab: Lab) -> None:
    for name in sorted(TABLE):
        seen = await lab.asks(f"{name} ?" if name in COMMANDS else name)
        assert "There is no command" not in seen.text, name
        assert "Sorry" not in seen.text, name


async def test_options_are_carried_out_as_the_line_they_stand_for(lab: Lab) -> None:
    seen = await lab.person().types("papers search", query="reasoning", sort="votes", page=2)
    assert "page 2 of" in seen.text
    assert "MiMo-VL" in (await lab.person().types("papers show", paper="2506.03569")).text
    assert "Following" in (await lab.person().types("follow", rule='author:"Juanzi Li"')).text
    assert (
        "09:00 Europe/Berlin"
        in (
            await lab.person().types(
                "digest on", time="9am", zone="Europe/Berlin", days="mon,wed", top=3, rule="agents"
            )
        ).text
    )


async def test_a_zone_is_asked_for_because_discord_tells_none(lab: Lab) -> None:
    assert "In which time zone?" in (await lab.person().types("digest on", time="09:00")).text


async def test_the_first_response_does_not_wait_for_the_database(lab: Lab) -> None:
    async with lab.world.store.write():
        seen = await lab.person().types("follow", rule="agents", wait=False)
        assert (seen.first, seen.first_after < 1) == (5, True)
    assert "Following" in (await seen.answered()).text


async def test_a_hundred_at_once_are_all_answered(lab: Lab) -> None:
    lab.fake.rest.spec = None  # to hold each answer against Discord's description takes longer than to give it
    people = [lab.person(f"person{number}") for number in range(100)]
    seen = await asyncio.gather(*(person.types("papers today") for person in people))
    assert all("Daily papers" in each.text for each in seen)
    assert max(each.first_after for each in seen) < 3


async def test_who_does_not_manage_the_channel_changes_nothing_of_its_digest(lab: Lab) -> None:
    assert "Digest “daily”" in (await lab.asks("digest on 09:00 Europe/Berlin")).text
    before = (await lab.asks("digest show")).text
    for name in sorted(name for name, command in TABLE.items() if command.configures):
        refused = await lab.asks(f"{name} 10:00 Europe/Berlin" if name == "digest on" else name, "bob")
        assert "may change its digests" in refused.text, name
    assert (await lab.asks("digest show")).text == before


async def test_who_does_not_manage_channels_is_not_even_offered_it(lab: Lab) -> None:
    with pytest.raises(NotOfferedError, match="digest"):
        await lab.person("bob").types("digest off")


async def test_who_manages_another_channel_changes_nothing_in_this_one(lab: Lab) -> None:
    other = lab.fake.add_channel(lab.guild, "other")
    bob = lab.person("bob")
    lab.fake.allow(other, bob.user, Permission.MANAGE_CHANNELS)
    assert "may change its digests" in (await lab.asks("digest on 09:00 Europe/Berlin", "bob")).text
    assert "is set" in (await lab.asks("digest on 09:00 Europe/Berlin", "bob", other)).text


async def test_follows_of_a_direct_message_are_ones_own(lab: Lab) -> None:
    talk = lab.fake.direct(lab.person().user)
    alice = lab.fake.person(lab.person().user, talk)
    assert "Following" in (await alice.types("follow", rule="agents")).text
    assert "agents" in (await alice.types("papers following")).text
    assert "You follow nothing yet" in (await lab.asks("following")).text


@pytest.mark.parametrize("line", ["digest on 09:00 Europe/Berlin", "digest show", "digest preview", "digest off"])
async def test_a_digest_is_no_matter_of_a_direct_message(lab: Lab, line: str) -> None:
    talk = lab.fake.direct(lab.person().user)
    seen = await lab.fake.person(lab.person().user, talk).types("papers ask", line=line)
    assert "is for the channels of a server" in seen.text


async def test_who_brings_the_bot_along_into_a_foreign_guild_is_alone_there(lab: Lab) -> None:
    elsewhere = lab.fake.add_guild("Elsewhere", has_bot=False)
    carol = lab.fake.person("carol", elsewhere.channel("papers"), may=Permission.MANAGE_CHANNELS)
    carol.user.has_app = True
    assert "Following" in (await carol.types("follow", rule="agents")).text
    assert (
        "is for the channels of a server"
        in (await carol.types("papers ask", line="digest on 09:00 Europe/Berlin")).text
    )
    async with lab.world.store.read() as session:
        assert [team.key for team in await session.teams.of_platform("discord")] == [f"@{carol.user.id}"]


async def test_a_listener_that_raises_apologises_with_an_id(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("adapters.discord.context.answer", broken)
    seen = await lab.person().types("papers today")
    assert "Sorry" in seen.text
    assert seen.is_private
    key = seen.text.rsplit(" ", 1)[1].rstrip(".")
    logged = capsys.readouterr()
    assert key in logged.out + logged.err
    assert "planted" in logged.out + logged.err


async def test_a_command_that_is_gone_says_what_to_do(lab: Lab) -> None:
    lab.client.tree.remove_command("vote")
    assert "has changed" in (await lab.person().types("vote", paper="2506.03569")).text


async def test_neither_the_token_nor_an_interactions_is_logged_at_any_level(
    lab: Lab, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        for name in list(logging.root.manager.loggerDict):
            if name.startswith("discord"):
                logging.getLogger(name).setLevel(logging.DEBUG)
        seen = await lab.asks("today")
        pressed = await lab.person().presses(seen.message, "Next page")
        await lab.until(lambda: not lab.shared.under_way)
        with lab.fake.failing("missing access", path="/(interactions|webhooks)/") as refused:
            typing = asyncio.create_task(lab.person().types("papers today", wait=False))
            await lab.until(lambda: refused.happened and not lab.shared.under_way)
            typing.cancel()
        failed = max(lab.fake.interactions.values(), key=lambda one: one.id)
    said = caplog.text + "".join(capsys.readouterr())
    for secret in (lab.fake.token, seen.interaction.token, pressed.interaction.token, failed.token):
        assert secret not in said


@pytest.mark.parametrize("kind", ["drop before", "drop after", "502 after"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/callback$"), ("PATCH", "/messages/@original$")])
async def test_an_answer_arrives_though_the_connection_is_lost_on_the_way(
    lab: Lab, kind: FaultKind, method: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if method == "PATCH":
        monkeypatch.setattr("adapters.discord.answering.SOON", 0)
    alice = lab.person()
    lab.fake.fail(kind, method, path)
    seen = await alice.types("follow", rule="agents")
    assert "Following" in seen.text
    await lab.until(lambda: not lab.shared.under_way)
    assert len(seen.answers) == 1
    before = seen.message.edits
    pressed = await alice.presses(seen.message, "My list", wait=False)
    await pressed.edited(before + 1)
    assert "Your follow list" in seen.message.text
