"""What whoever installs the app reads first, and what its buttons do."""

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.onboarding import first_message, welcome
from adapters.slack.tokens import Installation
from tests.adapters.slack.conftest import Office
from tests.adapters.slack.test_slack_clicks import button
from tests.fakes.slack_forms import submits
from tests.fakes.slack_rules import faults_of


async def test_the_first_words_lead_to_the_form_and_to_a_preview_and_nothing_is_posted(office: Office) -> None:
    installed = Installation("T1", office.workspace.token, "UBOT", "B1", "U1")
    assert await welcome(AsyncWebClient(base_url=office.fake.api_url), installed)
    (message,) = office.workspace.channels["DU1"].messages
    alice = office.person(channel="DU1")
    await alice.presses(button(message, "Preview"), message)
    (shown,) = await office.answers(alice)
    assert "Preview, seen by you alone" in shown["text"]
    assert shown["response_type"] == "ephemeral"
    await alice.presses(button(message, "Set up a digest"), message)
    await office.until(lambda: office.workspace.modals)
    form = office.workspace.modals[-1]
    assert form["submit"]["text"] == "Start"
    assert await submits(alice, form, channel="C0PAPERS01") == {}
    await office.until(lambda: len(office.fake.answers_to(alice.last_url)) == 1)
    assert "is set" in office.fake.answers_to(alice.last_url)[0]["text"]
    assert office.workspace.channels["C0PAPERS01"].messages == []


def test_the_first_words_keep_slacks_limits_and_say_that_nothing_is_posted() -> None:
    message = first_message()
    assert faults_of(message.blocks) == []
    assert "Nothing is posted in any channel before you say so." in message.text
