"""Socket Mode: all that people do reaches the bot by a connection that the bot makes, and makes anew."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Literal

import pytest
import structlog

from adapters.slack.app import make_app
from adapters.slack.serve import socket
from tests.adapters.slack.conftest import Office
from tests.fakes.slack_forms import chooses_in, looks_for, presses_in, submits
from tests.fakes.slack_people import Person
from tests.fakes.slack_views import buttons_of

APP_TOKEN = "xapp-1-test-app-token"


@pytest.fixture
async def alice(office: Office) -> AsyncIterator[Person]:
    """Alice, whose doings come by Socket Mode."""
    slack = replace(office.slack, settings=replace(office.slack.settings, app_token=APP_TOKEN))
    async with socket(make_app(slack), slack, ping=0.2):
        await office.until(lambda: office.fake.sockets)
        yield Person(office.fake, office.workspace)


async def test_a_command_and_a_button_work(office: Office, alice: Person) -> None:
    await alice.types("follow agents")
    (answer,) = await office.answers(alice)
    assert "Following" in answer["text"]
    await alice.presses(buttons_of(answer)["Undo"])
    (undone,) = await office.answers(alice)
    assert "Unfollowed" in undone["text"]


async def test_a_mention_and_a_direct_message_work(office: Office, alice: Person) -> None:
    await alice.mentions("show 2506.03569", thread="1700000000.000100")
    await alice.writes("follow agents")
    await office.until(lambda: office.workspace.ephemeral and "DU1" in office.workspace.channels)
    await office.until(lambda: office.workspace.channels["DU1"].messages)
    assert "MiMo-VL" in office.workspace.ephemeral[0]["text"]


async def test_the_home_and_its_forms_work(office: Office, alice: Person) -> None:
    await alice.happens({"type": "app_home_opened", "user": "U1", "channel": "DU1", "tab": "home"})
    await office.until(lambda: "U1" in office.workspace.home)
    shown = office.workspace.home["U1"]
    await presses_in(alice, shown, buttons_of(shown)["Add a follow"])
    await office.until(lambda: office.workspace.modals)
    await chooses_in(alice, office.workspace.modals[-1], "kind", "author")
    await office.until(lambda: "value-author" in str(office.workspace.modals[-1]["blocks"]))
    form = office.workspace.modals[-1]
    assert (await looks_for(alice, form, "value-author", "yuj"))[0] == "Yujia Hu"
    assert "is not closed" in (await submits(alice, form, value__author="Yujia Hu", unwanted='"x'))["unwanted"]
    assert await submits(alice, form, value__author="Yujia Hu", unwanted="") == {}
    await office.until(lambda: "Following papers by Yujia Hu" in str(office.workspace.home["U1"]))


@pytest.mark.parametrize("how", ["closed", "reset", "refreshed"])
async def test_a_connection_that_ends_is_made_anew(
    office: Office, alice: Person, how: Literal["closed", "reset", "refreshed"]
) -> None:
    before = office.fake.sockets[-1]
    await office.fake.drop(how)
    await office.until(lambda: office.fake.sockets and office.fake.sockets[-1] is not before)
    await alice.types("follow agents")
    assert "Following" in (await office.answers(alice))[0]["text"]


async def test_the_bot_starts_while_slack_is_away_and_connects_when_it_is_back(office: Office) -> None:
    office.fake.faults["apps.connections.open"].extend(["500 before"] * 1_000)
    slack = replace(office.slack, settings=replace(office.slack.settings, app_token=APP_TOKEN))
    async with asyncio.timeout(5), socket(make_app(slack), slack, ping=0.05):
        office.fake.faults.clear()
        await office.until(lambda: office.fake.sockets)
        alice = Person(office.fake, office.workspace)
        await alice.types("follow agents")
        assert "Following" in (await office.answers(alice))[0]["text"]


async def test_what_arrives_again_after_a_lost_acknowledgement_acts_once(office: Office, alice: Person) -> None:
    command = alice.command("follow agents")
    for _ in range(4):
        await office.fake.deliver("slash_commands", command)
    await office.answers(alice)
    await asyncio.sleep(0.1)
    assert len(office.fake.answers_to(alice.last_url)) == 1


async def test_every_envelope_is_acknowledged_in_time_while_the_database_is_locked(
    office: Office, alice: Person
) -> None:
    """The fake waits for 3 s, as Slack does."""
    async with office.world.store.write():
        await asyncio.gather(*(alice.types(f"follow word{number}") for number in range(20)))
        await alice.mentions("follow agents")
        await alice.happens({"type": "app_home_opened", "user": "U1", "channel": "DU1", "tab": "home"})
    await office.until(lambda: len(office.workspace.ephemeral) == 21, seconds=20)


async def test_what_fails_at_once_is_acknowledged_all_the_same(
    office: Office, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.context.answer", None)
    for _ in range(3):
        with structlog.testing.capture_logs():  # writing the trace down takes longer than bolt looks away
            await alice.types("today")
        assert "Sorry" in (await office.answers(alice))[0]["text"]
