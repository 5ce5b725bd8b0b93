"""Discord from the command line: settings, the invitation, the commands, the doctor, and the service beside Slack."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import discord
import pytest
from pydantic import SecretStr

from adapters.cli.clock import SystemClock
from adapters.cli.discord import discord_settings, invitation_words, open_discord, sync_commands
from adapters.cli.run import open_world
from adapters.cli.settings import Settings, SettingsError
from adapters.discord.permissions import NEEDS
from adapters.discord.serve import GatewayError
from tests.fakes.command_line import PROJECT, CommandLine
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_world import Guild, Kind, Permission
from tests.fakes.service_process import Running, running
from tests.fakes.slack import FakeSlack, Json
from tests.fakes.slack_people import Person as SlackPerson

HERE = "127.0.0.1:0"
BOT, APP = "xoxb-test-token-1", "xapp-1-app-token"


@pytest.fixture
def paperround(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path, {"PAPERROUND_POLL": "off", "PAPERROUND_HTTP_BIND": HERE})


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(spec=None) as served:
        yield served


@pytest.fixture
def guild(fake: FakeDiscord) -> Guild:
    return fake.add_guild("Lab")


def with_discord(shell: CommandLine, fake: FakeDiscord, **settings: str) -> CommandLine:
    """Return the command line with Discord's settings."""
    own = {
        "PAPERROUND_DISCORD_TOKEN": fake.token,
        "PAPERROUND_DISCORD_API_URL": fake.api_url,
        "PAPERROUND_DISCORD_GATEWAY_URL": fake.gateway_url,
    }
    named = {f"PAPERROUND_{name.upper()}": value for name, value in settings.items()}
    return CommandLine(shell.folder, shell.settings | own | named)


@asynccontextmanager
async def serving(shell: CommandLine) -> AsyncIterator[tuple[Running, Json]]:
    """Run the service; yield it with the log's line that says that it is ready."""
    with running(shell, name="service") as service:
        yield service, await asyncio.to_thread(service.wait_for, "ready")


async def served(ready: Json) -> object:
    """Return what the health of a service says that it serves."""
    async with aiohttp.ClientSession() as session, session.get(f"{ready['web']}/health") as health:
        return (await health.json())["serves"]


async def until(true: Callable[[], object]) -> None:
    """Wait until something is so, for some seconds."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - it happens in another process, and sets no event here
            await asyncio.sleep(0.01)


FAULTS = [
    ({"discord_shard_ids": "0/1"}, "PAPERROUND_DISCORD_TOKEN is missing"),
    ({"discord_token": "Bot AA.BB.CC"}, "no bot's token"),
    ({"discord_token": "aTextWithoutDots"}, "no bot's token"),
    ({"discord_api_url": "discord.com"}, "PAPERROUND_DISCORD_API_URL is wrong"),
    ({"discord_gateway_url": "https://discord.com"}, "PAPERROUND_DISCORD_GATEWAY_URL is wrong"),
    *(
        ({"discord_token": "AA.BB.CC", "discord_shard_ids": wrong}, "PAPERROUND_DISCORD_SHARD_IDS is wrong")
        for wrong in ("0", "4/4", "0,0/2", "3-1/4", "a/2", "0-/4", "0,1", "-1/4", "0/0")
    ),
]


@pytest.mark.parametrize(("settings", "told"), FAULTS)
def test_wrong_settings_are_refused_in_one_line(paperround: CommandLine, settings: dict[str, str], told: str) -> None:
    paperround.settings |= {f"PAPERROUND_{name.upper()}": value for name, value in settings.items()}
    refused = paperround("run")
    assert (refused.status, told in refused.failure) == (1, True), refused
    assert "AA.BB" not in refused.failure
    assert not paperround.database.exists(), "nothing was begun"


@pytest.mark.parametrize(
    ("written", "ids", "count"),
    [("", (), None), ("0/1", (0,), 1), ("0-3/8", (0, 1, 2, 3), 8), ("0,1/4", (0, 1), 4), ("0-1, 3 / 8", (0, 1, 3), 8)],
)
def test_shards_are_written_as_ranges_behind_which_stands_how_many(
    written: str, ids: tuple[int, ...], count: int | None
) -> None:
    settings = Settings(discord_token=SecretStr("AA.BB.CC"), discord_shard_ids=written)
    found = discord_settings(settings)
    assert (found.shard_ids, found.shard_count) == (ids, count)


def test_who_has_no_token_loads_nothing_of_discord() -> None:
    program = (
        "import sys, adapters.cli.service, adapters.cli.doctor;"
        "assert not [name for name in sys.modules if name.startswith(('discord', 'adapters.discord'))]"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=PROJECT, env=os.environ, timeout=60)


async def test_slack_and_discord_are_served_by_one_process_and_no_token_is_in_its_log(
    paperround: CommandLine, fake: FakeDiscord, guild: Guild
) -> None:
    async with FakeSlack().serving() as slack:
        workspace = slack.workspace()
        shell = with_discord(
            paperround, fake, slack_bot_token=BOT, slack_app_token=APP, slack_api_url=slack.api_url, log_level="DEBUG"
        )
        async with serving(shell) as (service, ready):
            assert ready["posts_to"] == ["terminal", "slack", "discord"]
            await asyncio.to_thread(service.wait_for, "commands in Discord")
            for event in ("Slack is connected", "Discord is connected"):
                await asyncio.to_thread(service.wait_for, event)
            assert await served(ready) == ["terminal", "slack (Socket Mode)", "discord (gateway)"]
            alice = fake.person("alice", guild.channel("papers"), may=Permission.MANAGE_CHANNELS)
            assert "is set" in (await alice.types("papers ask", line="digest on 09:00 Europe/Berlin")).text
            also = SlackPerson(slack, workspace)
            await also.types("help")
            await until(lambda: slack.answers_to(also.last_url))
            assert await asyncio.to_thread(service.end) == 0
            log = service.err.read_text() + service.out.read_text()
            assert fake.token not in log
            assert not re.search(r"token-\d+", log), "nor an interaction's"
            assert service.lines[-1]["event"] == "stopped"


async def test_a_refused_token_is_told_in_one_line_and_slack_is_served(
    paperround: CommandLine, fake: FakeDiscord
) -> None:
    async with FakeSlack().serving() as slack:
        workspace = slack.workspace()
        shell = with_discord(
            paperround, fake, slack_bot_token=BOT, slack_app_token=APP, slack_api_url=slack.api_url,
            discord_token="AA.BB.CC",
        )  # fmt: skip
        async with serving(shell) as (service, _):
            told = await asyncio.to_thread(service.wait_for, "Discord's gateway failed; it is tried again")
            assert "PAPERROUND_DISCORD_TOKEN" in told["reason"]
            await until(lambda: slack.sockets)
            alice = SlackPerson(slack, workspace)
            await alice.types("help")
            await until(lambda: slack.answers_to(alice.last_url))
            assert await asyncio.to_thread(service.end) == 0
            assert "Traceback" not in service.err.read_text()
            assert "AA.BB.CC" not in service.err.read_text()


async def test_discord_out_of_reach_is_told_and_the_service_ends_when_it_is_to(
    paperround: CommandLine, fake: FakeDiscord
) -> None:
    shell = with_discord(paperround, fake, discord_api_url="http://127.0.0.1:9/api")
    async with serving(shell) as (service, ready):
        assert ready["serves"] == ["terminal", "discord (gateway, connecting)"]
        told = await asyncio.to_thread(service.wait_for, "Discord's gateway failed; it is tried again")
        assert "PAPERROUND_DISCORD_API_URL" in told["reason"]
        assert await served(ready) == ["terminal", "discord (gateway, connecting)"]
        assert await asyncio.to_thread(service.end) == 0
        assert "Traceback" not in service.err.read_text()


async def test_who_has_just_asked_is_answered_before_the_service_ends(
    tmp_path: Path, fake: FakeDiscord, guild: Guild, library: None
) -> None:
    settings = settings_for(fake, tmp_path)
    async with open_world(settings, SystemClock()) as world:
        async with open_discord(settings, world):
            await until(lambda: fake.syncs and fake.gateway.live)
            alice = fake.person("alice", guild.channel("papers"))
            fake.fail("slow", "PATCH", "/webhooks/", seconds=0.3)
            seen = await alice.types("papers help", wait=False)
        assert "Commands" in seen.text


@pytest.fixture
def library(fake: FakeDiscord) -> Iterator[None]:
    """Put discord.py's addresses back in the end."""
    with fake.library():
        yield


def settings_for(fake: FakeDiscord, folder: Path, **more: str) -> Settings:
    """Return the settings with which the bot speaks to the fake."""
    own = {"discord_api_url": fake.api_url, "discord_gateway_url": fake.gateway_url}
    return Settings(data_dir=folder, database_url="", discord_token=SecretStr(fake.token), **own | more)  # type: ignore[arg-type]


async def test_the_invitation_asks_for_exactly_what_is_used(paperround: CommandLine, fake: FakeDiscord) -> None:
    shell = with_discord(paperround, fake)
    told = (await asyncio.to_thread(shell.process, "invite", "discord", "--json")).json
    asked = parse_qs(urlsplit(told["link"]).query)
    assert asked["client_id"] == [str(fake.bot.id)]
    assert asked["scope"] == ["bot applications.commands"]
    assert int(asked["permissions"][0]) == discord.Permissions(**dict.fromkeys(told["permissions"], True)).value
    assert told["permissions"] == NEEDS
    own = parse_qs(urlsplit(told["for_oneself"]).query)
    assert ("permissions" in own, own["scope"], own["integration_type"]) == (False, ["applications.commands"], ["1"])
    words = invitation_words(told)
    assert told["link"] in words
    assert all(why in words for why in NEEDS.values())
    refused = await asyncio.to_thread(
        with_discord(paperround, fake, discord_token="AA.BB.CC").process, "invite", "discord"
    )
    assert "does not take the bot's token" in refused.failure
    assert "TOKEN is missing" in (await asyncio.to_thread(paperround.process, "invite", "discord")).failure


async def test_the_commands_are_sent_each_time_that_somebody_says_so(
    paperround: CommandLine, fake: FakeDiscord
) -> None:
    shell = with_discord(paperround, fake)
    for count in (1, 2):
        told = await asyncio.to_thread(shell.process, "discord", "sync")
        assert (told.status, "commands as they are" in told.out) == (0, True), told
        assert len(fake.syncs) == count
    refused = await asyncio.to_thread(
        with_discord(paperround, fake, discord_token="AA.BB.CC").process, "discord", "sync"
    )
    assert "PAPERROUND_DISCORD_TOKEN" in refused.failure
    away = with_discord(paperround, fake, discord_api_url="http://127.0.0.1:9/api")
    assert "could not be reached" in (await asyncio.to_thread(away.process, "discord", "sync")).failure


@pytest.mark.parametrize("path", ["/users/@me$", "/commands$"])
async def test_a_connection_that_breaks_while_the_commands_are_sent_is_told_in_a_line(
    tmp_path: Path, fake: FakeDiscord, library: None, path: str
) -> None:
    with fake.failing("drop before", path=path), pytest.raises(GatewayError, match="could not be reached"):
        await sync_commands(settings_for(fake, tmp_path), SystemClock())


async def test_no_setting_of_discord_is_taken_for_another() -> None:
    with pytest.raises(SettingsError, match="TOKEN is missing"):
        discord_settings(Settings(discord_token=SecretStr("  ")))


class Doctor:
    """The doctor, asked about Discord."""

    def __init__(self, shell: CommandLine) -> None:
        self.shell = shell

    async def checks(self) -> dict[str, Json]:
        """Return what it found, by check."""
        told = await asyncio.to_thread(self.shell.process, "doctor", "--json")
        return {each["check"]: each for each in told.json}


async def test_the_doctor_looks_at_the_token_the_commands_and_each_channel_that_has_a_digest(
    paperround: CommandLine, fake: FakeDiscord, guild: Guild
) -> None:
    shell = with_discord(paperround, fake)
    places = {
        "fine": fake.add_channel(guild, "fine"),
        "mute": fake.add_channel(guild, "mute"),
        "blind": fake.add_channel(guild, "blind"),
        "forum": fake.add_channel(guild, "forum", Kind.FORUM),
        "gone": fake.add_channel(guild, "gone"),
        "thread": fake.add_thread(fake.add_channel(guild, "threads only"), "daily"),
        "mute thread": fake.add_thread(fake.add_channel(guild, "no threads"), "silent"),
        "locked thread": fake.add_thread(guild.channel("papers"), "over"),
    }
    async with serving(shell) as (service, _):
        await asyncio.to_thread(service.wait_for, "commands in Discord")
        await until(lambda: fake.gateway.live)
        for place in [one for one in places.values() if one is not places["forum"]]:
            alice = fake.person("alice", place, may=Permission.MANAGE_CHANNELS)
            assert "is set" in (await alice.types("papers ask", line="digest on 09:00 Europe/Berlin")).text
        alice = alice.at(fake.add_thread(places["forum"], "rules"))
        chosen = {"time": "09:00 Europe/Berlin", "besides": ["forum"]}
        seen = await alice.submits(await alice.types("digest on", wait=False), chosen)
        assert f"<#{places['forum'].id}> is set" in seen.text
        assert await asyncio.to_thread(service.end) == 0
    fake.deny(places["mute"], fake.bot, Permission.SEND_MESSAGES)
    fake.deny(places["blind"], fake.bot, Permission.READ_MESSAGE_HISTORY)
    fake.remove_channel(places["gone"])
    fake.deny(guild.channel("threads only"), fake.bot, Permission.SEND_MESSAGES | Permission.CREATE_PUBLIC_THREADS)
    fake.deny(guild.channel("no threads"), fake.bot, Permission.SEND_MESSAGES_IN_THREADS)
    fake.change_channel(places["locked thread"], locked=True)
    found = await Doctor(shell).checks()
    for what in ("discord token", "discord events", "discord gateway", "discord commands"):
        assert found[what]["state"] == "ok", found[what]
    states = {name: found[f"discord channel {place.id}"]["state"] for name, place in places.items()}
    assert states == {"fine": "ok", "mute": "fail", "blind": "warn", "forum": "ok", "gone": "fail"} | {
        "thread": "ok", "mute thread": "fail", "locked thread": "fail"
    }  # fmt: skip
    assert "Send Messages" in found[f"discord channel {places['mute'].id}"]["detail"]
    assert all(each["fix"] for each in found.values() if each["state"] != "ok")
    fake.commands[0] = fake.commands[0][1:]
    fake.gateway.shards_wanted = 4
    places["forum"].requires_tag = True
    lacking = await Doctor(with_discord(paperround, fake, discord_shard_ids="0/1")).checks()
    assert [lacking[f"discord {what}"]["state"] for what in ("commands", "gateway")] == ["warn", "warn"]
    assert "papers" in lacking["discord commands"]["detail"]
    assert "tag" in lacking[f"discord channel {places['forum'].id}"]["detail"]


async def test_the_doctor_says_how_a_token_that_is_refused_or_a_discord_out_of_reach_is_mended(
    paperround: CommandLine, fake: FakeDiscord
) -> None:
    refused = (await Doctor(with_discord(paperround, fake, discord_token="AA.BB.CC")).checks())["discord token"]
    assert (refused["state"], "PAPERROUND_DISCORD_TOKEN" in refused["fix"]) == ("fail", True)
    away = with_discord(paperround, fake, discord_api_url="http://127.0.0.1:9/api")
    found = (await Doctor(away).checks())["discord token"]
    assert (found["state"], "PAPERROUND_DISCORD_API_URL" in found["fix"]) == ("fail", True)
