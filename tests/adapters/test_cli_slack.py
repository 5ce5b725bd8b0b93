"""Slack from the command line: its settings, its manifest, its keys, and the service that answers there."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import structlog
from pydantic import SecretStr

from adapters.cli.clock import SystemClock
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.cli.slack import ToldRarely, open_slack, slack_settings
from adapters.web.server import serving as web_serving
from tests.fakes.command_line import PROJECT, CommandLine
from tests.fakes.service_process import Running, running
from tests.fakes.slack import FakeSlack, Json, Workspace
from tests.fakes.slack_people import SECRET, Person

BOT, APP = "xoxb-test-token-1", "xapp-1-app-token"
CLIENT_SECRET = "client-secret-of-the-app"
HERE = "127.0.0.1:0"


@pytest.fixture
def paperround(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path, {"PAPERROUND_POLL": "off", "PAPERROUND_HTTP_BIND": HERE})


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with FakeSlack().serving() as served:
        yield served


def with_slack(paperround: CommandLine, fake: FakeSlack, **settings: str) -> CommandLine:
    """Return the command line with Slack's settings."""
    named = {f"PAPERROUND_{name.upper()}": value for name, value in settings.items()}
    url = {"PAPERROUND_SLACK_API_URL": fake.api_url}
    return CommandLine(paperround.folder, paperround.settings | url | named)


@asynccontextmanager
async def serving(paperround: CommandLine, name: str = "service") -> AsyncIterator[tuple[Running, Json]]:
    """Run the service; yield it with the log's line that says that it is ready."""
    with running(paperround, name=name) as service:
        yield service, await asyncio.to_thread(service.wait_for, "ready")


async def until(true: Callable[[], object]) -> None:
    """Wait until something is so, for some seconds."""
    async with asyncio.timeout(15):
        while not true():  # noqa: ASYNC110 - it happens in another process, and sets no event here
            await asyncio.sleep(0.01)


async def answer_to(person: Person, line: str) -> Json:
    """Let a person type a line; return the answer."""
    await person.types(line)
    await until(lambda: person.slack.answers_to(person.last_url))
    return person.slack.answers_to(person.last_url)[0]


async def test_by_socket_mode_the_service_answers_and_posts_and_no_token_is_in_its_log(
    paperround: CommandLine, fake: FakeSlack
) -> None:
    workspace = fake.workspace()
    debugging = with_slack(paperround, fake, slack_bot_token=BOT, slack_app_token=APP, log_level="DEBUG")
    async with serving(debugging) as (service, ready):
        assert ready["posts_to"] == ["terminal", "slack"]
        assert await asyncio.to_thread(service.wait_for, "Slack is connected")
        assert await served(ready) == ["terminal", "slack (Socket Mode)"]
        alice = Person(fake, workspace)
        assert "is set" in (await answer_to(alice, "digest on 09:00"))["text"]
        assert "there is no paper" not in (await answer_to(alice, "status"))["text"]
        workspace.revoked = True
        await alice.types("status")
        workspace.revoked = False
        assert await asyncio.to_thread(service.end) == 0
        log = service.err.read_text() + service.out.read_text()
        assert not [secret for secret in (BOT, APP) if secret in log]
        assert service.lines[-1]["event"] == "stopped"


async def served(ready: Json) -> object:
    """Return what the health of a service says that it serves."""
    async with aiohttp.ClientSession() as session, session.get(f"{ready['web']}/health") as health:
        return (await health.json())["serves"]


async def test_over_http_the_web_side_takes_what_slack_signs(paperround: CommandLine, fake: FakeSlack) -> None:
    workspace = fake.workspace()
    shell = with_slack(paperround, fake, slack_bot_token=BOT, slack_signing_secret=SECRET)
    async with serving(shell) as (service, ready), aiohttp.ClientSession() as session:
        assert ready["serves"] == ["terminal", "slack (HTTP)"]
        alice = Person(fake, workspace, url=f"{ready['web']}/slack/events", session=session)
        assert "Commands" in (await answer_to(alice, "help"))["text"]
        assert await alice.posts("command=/papers", headers={}) == 401
        assert await served(ready) == ["terminal", "slack (HTTP)"]
        assert await asyncio.to_thread(service.end) == 0
        assert SECRET not in service.err.read_text()


async def test_tokens_and_secrets_from_files_may_end_with_a_line_break(
    paperround: CommandLine, fake: FakeSlack
) -> None:
    workspace = fake.workspace()
    shell = with_slack(paperround, fake, slack_bot_token=f"{BOT}\n", slack_signing_secret=f"{SECRET}\n")
    async with serving(shell) as (service, ready), aiohttp.ClientSession() as session:
        alice = Person(fake, workspace, url=f"{ready['web']}/slack/events", session=session)
        assert "Commands" in (await answer_to(alice, "help"))["text"]
        assert await asyncio.to_thread(service.end) == 0
    shell = with_slack(paperround, fake, slack_bot_token=f"{BOT}\n", slack_app_token=f"{APP}\n")
    async with serving(shell, "socket") as (service, _):
        assert await asyncio.to_thread(service.wait_for, "Slack is connected")
        assert "Commands" in (await answer_to(Person(fake, workspace), "help"))["text"]
        assert await asyncio.to_thread(service.end) == 0


async def test_many_workspaces_install_it_and_the_database_holds_no_readable_token(
    paperround: CommandLine, fake: FakeSlack
) -> None:
    first, second = (paperround("keys", "new").out.strip() for _ in range(2))
    workspace = fake.workspace()
    shell = with_slack(
        paperround, fake, slack_client_id="1.2", slack_client_secret=CLIENT_SECRET, slack_signing_secret=SECRET,
        public_url="http://127.0.0.1:1", encryption_keys=first,
    )  # fmt: skip
    async with serving(shell) as (service, ready), aiohttp.ClientSession() as session:
        await install(fake, workspace, session, ready["web"])
        assert "Welcome" in str(workspace.channels["DU1"].messages)
        assert await asyncio.to_thread(service.end) == 0
        assert workspace.token not in service.err.read_text()
    held = b"".join(file.read_bytes() for file in shell.data.glob("paperround.db*"))
    assert workspace.token.encode() not in held
    shell.settings["PAPERROUND_ENCRYPTION_KEYS"] = f"{second}, {first}"
    rotated = await asyncio.to_thread(shell.process, "keys", "rotate")
    assert (rotated.status, rotated.out.startswith("1 token sealed")) == (0, True)
    shell.settings["PAPERROUND_ENCRYPTION_KEYS"] = second
    async with serving(shell, "again") as (service, ready), aiohttp.ClientSession() as session:
        alice = Person(fake, workspace, url=f"{ready['web']}/slack/events", session=session)
        assert "Commands" in (await answer_to(alice, "help"))["text"]
    shell.settings["PAPERROUND_ENCRYPTION_KEYS"] = first
    refused = await asyncio.to_thread(shell.process, "keys", "rotate")
    assert "None of PAPERROUND_ENCRYPTION_KEYS opens" in refused.failure


async def install(fake: FakeSlack, workspace: Workspace, session: aiohttp.ClientSession, web: str) -> None:
    """Let somebody install the app in a workspace."""
    fake.codes["code-1"] = {
        "access_token": workspace.token, "bot_user_id": workspace.bot_user, "team": {"id": workspace.team},
        "enterprise": None, "is_enterprise_install": False, "authed_user": {"id": "U1"},
    }  # fmt: skip
    async with session.get(f"{web}/slack/install", allow_redirects=False) as begun:
        state = begun.cookies["paperround-slack-install"].value
    cookies = {"Cookie": f"paperround-slack-install={state}"}
    back = {"code": "code-1", "state": state}
    async with session.get(f"{web}/slack/oauth_redirect", params=back, headers=cookies) as done:
        assert (done.status, "installed" in await done.text()) == (200, True)


async def test_slack_out_of_reach_is_told_and_the_service_serves_on(paperround: CommandLine, fake: FakeSlack) -> None:
    shell = with_slack(paperround, fake, slack_bot_token=BOT, slack_app_token=APP)
    shell.settings["PAPERROUND_SLACK_API_URL"] = "http://127.0.0.1:9/api"
    async with serving(shell) as (service, ready):
        assert ready["serves"] == ["terminal", "slack (Socket Mode, connecting)"]
        told = await asyncio.to_thread(service.wait_for, "Slack is not connected")
        assert "127.0.0.1:9" in told["event"]
        assert await served(ready) == ["terminal", "slack (Socket Mode, connecting)"]
        assert not service.told("Slack is connected")
        assert "Traceback" not in service.err.read_text()
        assert await asyncio.to_thread(service.end) == 0


async def test_who_has_just_asked_is_answered_before_the_service_ends(tmp_path: Path, fake: FakeSlack) -> None:
    workspace = fake.workspace()
    settings = Settings(
        data_dir=tmp_path, database_url="", slack_api_url=fake.api_url,
        slack_bot_token=SecretStr(BOT), slack_signing_secret=SecretStr(SECRET),
    )  # fmt: skip
    async with open_world(settings, SystemClock()) as world, aiohttp.ClientSession() as session:
        async with open_slack(settings, world) as slack, web_serving(HERE, slack.routes, slack.world) as address:
            alice = Person(fake, workspace, url=f"{address}/slack/events", session=session)
            fake.faults["users.info"].append("slow")
            assert await alice.types("help") == 200
            assert fake.answers_to(alice.last_url) == []
        assert len(fake.answers_to(alice.last_url)) == 1


def test_a_connection_that_fails_on_and_on_is_told_once_in_ten_minutes() -> None:
    seconds = [0.0]
    rarely = ToldRarely(lambda: seconds[0])
    told = []
    for passed in (0, 5, 10, 601):
        seconds[0] = passed
        told.append(rarely.filter(record("Failed to connect (error: Cannot connect)")))
    assert told == [True, False, False, True]
    first = record("Failed to connect (error: Cannot connect); Retrying...")
    seconds[0] += 601
    assert rarely.filter(first)
    assert first.getMessage() == (
        "Slack is not connected, and tried again every few seconds: Failed to connect (error: Cannot connect)."
        " Check the network, and the tokens with: paperround doctor"
    )
    assert rarely.filter(record("Failed to retrieve WSS URL: invalid_auth"))
    assert [rarely.filter(record("something else")) for _ in range(2)] == [True, True]


def test_a_connection_is_told_when_it_stands_first_and_after_it_was_lost() -> None:
    rarely = ToldRarely(lambda: 0.0)
    with structlog.testing.capture_logs() as lines:
        rarely.connected()
        rarely.connected()
        rarely.filter(record("Failed to send a message"))
        rarely.connected()
        assert [line["event"] for line in lines] == ["Slack is connected"]
        rarely.filter(record("Failed to connect (error: Cannot connect)"))
        rarely.connected()
    assert [line["event"] for line in lines] == ["Slack is connected"] * 2


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("library", logging.ERROR, "client.py", 1, message, (), None)


GOOD_KEY = "cGFwZXJyb3VuZC1wYXBlcnJvdW5kLXBhcGVycm91bmQ="
FAULTS = [
    ({"slack_app_token": APP}, "SLACK_BOT_TOKEN is missing"),
    ({"slack_bot_token": BOT}, "SLACK_APP_TOKEN (for Socket Mode"),
    ({"slack_bot_token": BOT, "slack_app_token": APP, "slack_signing_secret": "s"}, "one or the other"),
    ({"slack_bot_token": BOT, "slack_client_id": "1.2"}, "one or the other"),
    ({"slack_client_id": "1.2", "slack_signing_secret": "s"}, "CLIENT_SECRET and PAPERROUND_ENCRYPTION_KEYS and"),
    ({"slack_bot_token": APP, "slack_app_token": BOT}, "no bot's token"),
    ({"slack_bot_token": BOT, "slack_app_token": BOT}, "no app's token"),
    ({"http_bind": "8585"}, "PAPERROUND_HTTP_BIND is wrong"),
    ({"public_url": "papers.example"}, "PAPERROUND_PUBLIC_URL is wrong"),
    ({"slack_bot_token": BOT, "slack_signing_secret": "s", "public_url": "http://papers.example"}, "begins with http"),
    ({"slack_bot_token": BOT, "slack_signing_secret": "s", "public_url": "http://[papers"}, "is no web address"),
    ({"encryption_keys": "abc"}, "what stands there is none; make one with: paperround keys new"),
    ({"encryption_keys": f"{GOOD_KEY},abc"}, "what stands there as key 2 of 2 is none; make one with"),
]


@pytest.mark.parametrize(("settings", "told"), FAULTS)
def test_half_and_contradicting_settings_are_refused_in_one_line(
    paperround: CommandLine, settings: dict[str, str], told: str
) -> None:
    paperround.settings |= {f"PAPERROUND_{name.upper()}": value for name, value in settings.items()}
    refused = paperround("run")
    assert (refused.status, told in refused.failure) == (1, True), refused
    assert not [secret for secret in (BOT, APP) if secret in refused.failure]
    assert not paperround.database.exists(), "nothing was begun"


def test_a_wrong_key_is_refused_in_one_line(paperround: CommandLine) -> None:
    paperround.settings |= {
        "PAPERROUND_SLACK_CLIENT_ID": "1.2", "PAPERROUND_SLACK_CLIENT_SECRET": "s", "PAPERROUND_ENCRYPTION_KEYS": "abc",
        "PAPERROUND_PUBLIC_URL": "https://papers.example", "PAPERROUND_SLACK_SIGNING_SECRET": "s",
    }  # fmt: skip
    for refused in (paperround.process("run"), paperround("keys", "rotate")):
        assert refused.failure.startswith("the setting PAPERROUND_ENCRYPTION_KEYS is wrong: what stands there is none;")


def test_without_a_key_nothing_can_be_rotated(paperround: CommandLine) -> None:
    assert "paperround keys new" in paperround("keys", "rotate").failure


def test_an_address_that_was_set_and_is_taken_ends_the_service_in_one_line(paperround: CommandLine) -> None:
    with running(paperround) as service:
        taken = service.wait_for("ready")["web"].removeprefix("http://")
        other = CommandLine(paperround.folder / "other", {**paperround.settings, "PAPERROUND_HTTP_BIND": taken})
        other.folder.mkdir()
        refused = other.process("run")
        assert (refused.status, "PAPERROUND_HTTP_BIND" in refused.failure) == (1, True)


def test_who_has_no_token_loads_nothing_of_slack() -> None:
    program = (
        "import sys, adapters.cli.service, adapters.cli.doctor;"
        "assert not [name for name in sys.modules if name.startswith(('slack_', 'adapters.slack'))]"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=PROJECT, env=os.environ, timeout=60)


def test_the_manifest_asks_for_history_only_when_it_is_to(paperround: CommandLine) -> None:
    bare = paperround("manifest", "slack", "--json").json
    more = paperround("manifest", "slack", "--with-history", "--json").json
    scopes = [set(each["manifest"]["oauth_config"]["scopes"]["bot"]) for each in (bare, more)]
    assert scopes[1] - scopes[0] == {"channels:history", "groups:history"}
    assert bare["manifest"]["settings"]["socket_mode_enabled"] is True
    assert bare["link"].startswith("https://api.slack.com/apps?new_app=1&manifest_json=%7B")
    printed = paperround("manifest", "slack").out
    manifest, _, link = printed.strip().rpartition("\n\n")
    assert (json.loads(manifest), link) == (bare["manifest"], bare["link"])


@pytest.mark.parametrize("url", ["http://127.0.0.1:8585", "http://localhost", "http://[::1]", "https://papers.example"])
def test_https_and_this_machine_are_addresses_for_slack(tmp_path: Path, url: str) -> None:
    secret = SecretStr("s")
    settings = Settings(data_dir=tmp_path, slack_bot_token=SecretStr(BOT), slack_signing_secret=secret, public_url=url)
    assert slack_settings(settings).public_url == url


def test_by_socket_mode_slack_never_asks_for_the_address(tmp_path: Path) -> None:
    token, app = SecretStr(BOT), SecretStr(APP)
    settings = Settings(
        data_dir=tmp_path, slack_bot_token=token, slack_app_token=app, public_url="http://papers.example"
    )
    assert slack_settings(settings).app_token == APP


def test_no_manifest_names_an_address_that_slack_refuses(paperround: CommandLine) -> None:
    paperround.settings["PAPERROUND_PUBLIC_URL"] = "http://papers.example"
    refused = paperround("manifest", "slack")
    assert (refused.status, "write it with https" in refused.failure) == (1, True)


def test_the_manifest_names_the_public_address_where_slack_sends_requests(paperround: CommandLine) -> None:
    paperround.settings["PAPERROUND_PUBLIC_URL"] = "https://papers.example/"
    made = paperround("manifest", "slack", "--json").json["manifest"]
    assert made["settings"]["event_subscriptions"]["request_url"] == "https://papers.example/slack/events"
    assert made["oauth_config"]["redirect_urls"] == ["https://papers.example/slack/oauth_redirect"]
