"""The manifest: what Slack is told of us is what we use, and no more."""

import ast
import json
import urllib.parse
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

import adapters.slack
from adapters.slack.checks import Check, token_checks
from adapters.slack.manifest import EVENTS_USED, HISTORY_SCOPES, SCOPES, creation_link, manifest, usage_hint
from bot.commands.dispatch import TABLE
from tests.adapters.slack.conftest import Office
from tests.fakes.slack import READING, FakeSlack
from tests.fakes.slack import SCOPES as NEEDED

SOURCES = [path.read_text() for path in Path(adapters.slack.__file__).parent.glob("*.py")]

EVENT_SCOPES = {"app_mention": "app_mentions:read", "message": "im:history", "link_shared": "links:read"}


def methods_used() -> set[str]:
    """Return the Web API methods that the adapter calls."""
    found = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                group, _, rest = node.func.attr.partition("_")
                if group in ("chat", "conversations", "users", "views") and rest:
                    head, *tail = rest.split("_")
                    found.add(f"{group}.{head}{''.join(word.title() for word in tail)}")
            if isinstance(node, ast.Constant) and str(node.value).split(".")[0] in ("chat", "conversations"):
                found.add(str(node.value))
    return found


def test_every_scope_is_used_and_every_use_has_its_scope() -> None:
    used = {NEEDED[method] for method in methods_used() if method in NEEDED}
    used |= {f"{kind}:read" for kind in ("channels", "groups")}  # conversations.members and .info
    used |= set(EVENT_SCOPES.values()) | {"commands", "im:write"}
    assert used == set(SCOPES)
    assert {f"{READING[kind]}:history" for kind in "CG"} == set(HISTORY_SCOPES)


def test_every_event_that_is_listened_to_is_asked_for() -> None:
    listened = {
        str(call.args[0].value)
        for source in SOURCES
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "event"
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert {event.removeprefix("message.").replace("im", "message") for event in EVENTS_USED} == listened


def test_history_is_asked_for_on_request_alone() -> None:
    assert "history" not in json.dumps(manifest(TABLE)).replace("im:history", "")
    scopes = manifest(TABLE, with_history=True)["oauth_config"]["scopes"]["bot"]
    assert set(scopes) == {*SCOPES, *HISTORY_SCOPES}


def test_socket_mode_needs_no_address_and_http_names_ours_everywhere() -> None:
    assert 'url":' not in json.dumps(manifest(TABLE))
    made = manifest(TABLE, "https://papers.example")
    assert made["settings"]["socket_mode_enabled"] is False
    urls = {
        made["settings"]["event_subscriptions"]["request_url"],
        made["settings"]["interactivity"]["request_url"],
        made["features"]["slash_commands"][0]["url"],
    }
    assert urls == {"https://papers.example/slack/events"}


def test_the_hint_is_made_of_the_command_table() -> None:
    hint = usage_hint(TABLE)
    assert len(hint) <= 100
    assert hint.startswith(next(iter(TABLE)).split(" ")[0])


def test_the_link_holds_the_whole_manifest() -> None:
    made = manifest(TABLE)
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(creation_link(made)).query)
    assert json.loads(query["manifest_json"][0]) == made


async def checks(fake: FakeSlack, token: str, *channels: str) -> dict[str, Check]:
    """Return the doctor's checks by name."""
    client = AsyncWebClient(base_url=fake.api_url, retry_handlers=[])
    return {each.check: each async for each in token_checks(client, token, channels)}


async def test_the_doctor_finds_all_well(office: Office) -> None:
    found = await checks(office.fake, office.workspace.token, "C0PAPERS01")
    assert {each.state for each in found.values()} == {"ok"}
    assert "the bot is in #papers" in found["slack channel C0PAPERS01"].detail


@pytest.mark.parametrize(
    ("ill", "check", "words"),
    [
        ("token", "slack token", "install the app again"),
        ("scope", "slack scopes", "links:read (to see links to papers)"),
        ("archived", "slack channel C0PAPERS01", "archived"),
        ("outside", "slack channel C0PAPERS01", "the bot is not in #papers"),
        ("gone", "slack channel C0GONE0001", "gone"),
    ],
)
async def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(
    office: Office, ill: str, check: str, words: str
) -> None:
    channel = office.workspace.channels["C0PAPERS01"]
    if ill == "scope":
        office.workspace.scopes.discard("links:read")
    if ill == "archived":
        channel.archived = True
    if ill == "outside":
        channel.members.discard("UBOT")
    token = "xoxb-wrong" if ill == "token" else office.workspace.token
    found = (await checks(office.fake, token, "C0GONE0001" if ill == "gone" else "C0PAPERS01"))[check]
    assert found.state == "fail"
    assert words in found.detail
    assert found.fix
