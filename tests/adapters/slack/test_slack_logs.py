"""Logs hold no token and no secret, however much they are told to hold."""

import io
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.cli.settings import Settings
from adapters.cli.slack_doctor import slack_checks
from adapters.slack.app import make_app
from adapters.slack.checks import socket_check, token_checks
from adapters.slack.serve import socket
from tests.adapters.slack.conftest import Office
from tests.adapters.slack.test_slack_home import home
from tests.adapters.slack.test_slack_installing import KEY, Site, site
from tests.fakes.slack import Workspace
from tests.fakes.slack_forms import submits
from tests.fakes.slack_people import SECRET, Person
from tests.fakes.slack_views import buttons_of

__all__ = ["site"]

APP_TOKEN = "xapp-1-test-app-token"
MINE = "paperround.test"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that any logger says, each at DEBUG: `at_debug` sets those as well that came, or were quietened, later."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    before = {name: logging.getLogger(name).level for name in (None, *logging.root.manager.loggerDict)}
    root.addHandler(handler)
    with structlog.testing.capture_logs() as events:
        at_debug()
        yield said
        said.writelines(f"{event}\n" for event in events)
    root.removeHandler(handler)
    for name in (None, *logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(before.get(name, logging.NOTSET))


def at_debug() -> None:
    """Set every logger that there is to DEBUG."""
    for name in (None, *logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.DEBUG)


def assert_silent_about(said: io.StringIO, *secrets: str) -> None:
    """Fail where one of the secrets was logged, with the line."""
    assert f"{MINE} DEBUG" in said.getvalue(), "nothing was recorded at DEBUG"
    for line in said.getvalue().splitlines():
        assert not [secret for secret in secrets if secret in line], line


async def test_a_day_of_one_workspace_logs_no_token(
    office: Office, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    logging.getLogger(MINE).debug("recorded")
    slack = replace(office.slack, settings=replace(office.slack.settings, app_token=APP_TOKEN))
    async with socket(make_app(slack), slack, ping=0.2):
        at_debug()
        await office.until(lambda: office.fake.sockets)
        by_socket = Person(office.fake, office.workspace)
        await by_socket.types("follow agents")
        (answer,) = await office.answers(by_socket)
        await by_socket.presses(buttons_of(answer)["Undo"])
        await by_socket.types("digest on")
        await office.until(lambda: "zone-filled" in str(office.workspace.modals[-1:]))
        await submits(by_socket, office.workspace.modals[-1])
        await office.answers(by_socket, 2)
        await office.fake.drop("closed")
        await office.until(lambda: office.fake.sockets)
    at_debug()
    await office.asks("digest on 09:00 Europe/Berlin")
    await home(office)
    assert await office.wait_until(6, 7)
    office.fake.faults["chat.postMessage"].append("500 after")
    await office.wait_until(9, 7)
    await office.person().posts("payload=x", headers={})
    await office.person().posts("payload=x", headers={"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=1"})
    monkeypatch.setattr("adapters.slack.context.answer", None)  # calling it raises, with a trace
    assert "Sorry" in (await office.asks("today"))["text"]
    client = AsyncWebClient(base_url=office.fake.api_url)
    assert [each async for each in token_checks(client, office.workspace.token, ["C0PAPERS01"])]
    assert await socket_check(client, APP_TOKEN)
    office.workspace.revoked = True
    await office.person().types("today")
    with pytest.raises(SlackApiError) as refused:
        await AsyncWebClient(token=office.workspace.token, base_url=office.fake.api_url).users_info(user="U1")
    logging.getLogger(MINE).warning("refused", exc_info=refused.value)
    assert_silent_about(logged, office.workspace.token, APP_TOKEN, SECRET)


async def test_the_doctor_logs_no_token(office: Office, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(("slack_", "paperround.slack")):
            monkeypatch.setattr(logging.getLogger(name), "filters", [])  # as in a process of its own
    logging.getLogger(MINE).debug("recorded")
    at_debug()
    settings = Settings(
        database_url="", slack_api_url=office.fake.api_url,
        slack_bot_token=SecretStr(office.workspace.token), slack_app_token=SecretStr(APP_TOKEN),
    )  # fmt: skip
    found = [each async for each in slack_checks(settings, office.world, office.clock, 5)]
    assert {each.state for each in found} == {"ok"}
    assert_silent_about(logged, office.workspace.token, APP_TOKEN, "/socket")  # whose address is a secret, too


async def test_an_installation_logs_no_token(site: Site, logged: io.StringIO) -> None:
    logging.getLogger(MINE).debug("recorded")
    at_debug()
    workspace = site.fake.workspace(team="T7", token="xoxb-another-token-7")
    status, _ = await site.install(workspace)
    assert status == 200
    await site.person(workspace).types("follow agents")
    assert (await site.finish(state="none", code="none"))[0] != 200
    stranger = Workspace(team="T8", token="xoxb-never-installed")
    await site.person(stranger).types("today")
    assert_silent_about(logged, workspace.token, site.slack.settings.client_secret, SECRET, KEY)
