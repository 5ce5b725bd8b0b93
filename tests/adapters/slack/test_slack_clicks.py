"""Buttons in Slack: each is a command, and a second click does no harm."""

import asyncio

import pytest

from tests.adapters.slack.conftest import Office
from tests.fakes.slack import Json
from tests.fakes.slack_rules import elements_of


def button(answer: Json, label: str) -> Json:
    """Return an answer's button of that label."""
    found = [each for each in elements_of(answer["blocks"]) if each.get("text", {}).get("text") == label]
    assert found, [each.get("text") for each in elements_of(answer["blocks"])]
    return dict(found[0])


async def test_a_private_answer_gives_way_to_the_next(office: Office) -> None:
    listed = await office.asks("week")
    alice = office.person()
    await alice.presses(button(listed, "Next page"))
    (answer,) = await office.answers(alice)
    assert answer["replace_original"] is True
    assert "page 2 of" in str(answer["blocks"])


async def test_a_menu_of_the_follow_list_removes_a_follow(office: Office) -> None:
    await office.asks("follow agents")
    listed = await office.asks("following")
    menu = next(each for each in elements_of(listed["blocks"]) if each["type"] == "overflow")
    alice = office.person()
    await alice.presses({**menu, "options": menu["options"][1:]})
    (answer,) = await office.answers(alice)
    assert "Unfollowed" in answer["text"]


async def test_a_stale_button_says_so(office: Office) -> None:
    await office.asks("follow vision")
    listed = await office.asks("follow agents")
    alice = office.person()
    await alice.presses(button(listed, "Undo"))
    assert "Unfollowed" in (await office.answers(alice))[0]["text"]
    await alice.presses(button(listed, "Undo"))
    assert "Your list has no number 2" in (await office.answers(alice))[0]["text"]


async def test_a_click_that_slack_sends_again_acts_once(office: Office) -> None:
    listed = await office.asks("today")
    alice = office.person()
    vote = button(listed, "Vote")
    await alice.presses(vote, action_ts="1.5")
    await office.answers(alice)
    first = alice.last_url
    await alice.presses(vote, action_ts="1.5")
    await asyncio.sleep(0.1)
    assert office.fake.answers_to(alice.last_url) == []
    assert len(office.fake.answers_to(first)) == 1


async def test_a_private_answer_can_be_shared_once(office: Office) -> None:
    card = await office.asks("show 2506.03569")
    alice = office.person()
    share = button(card, "Share with the channel")
    await alice.presses(share)
    (answer,) = await office.answers(alice)
    assert answer["response_type"] == "in_channel"
    await alice.presses(share)
    await asyncio.sleep(0.1)
    assert len(office.workspace.channels["C0PAPERS01"].messages) == 1


async def test_what_could_not_be_shared_is_shared_by_the_next_press(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("planted")

    card = await office.asks("show 2506.03569")
    alice, share = office.person(), button(card, "Share with the channel")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("adapters.slack.context.answer", broken)
        await alice.presses(share)
        (sorry,) = await office.answers(alice)
    assert "Sorry" in sorry["text"]
    await alice.presses(share)
    (answer,) = await office.answers(alice)
    assert answer["response_type"] == "in_channel"


async def test_the_channels_digest_has_buttons_that_answer_in_private(office: Office) -> None:
    await office.asks("digest on 09:00 Europe/Berlin")
    (digest,) = await office.wait_until(6, 7)
    alice = office.person()
    await alice.presses(button(digest, "Vote"), digest)
    (answer,) = await office.answers(alice)
    assert (answer["response_type"], answer["replace_original"]) == ("ephemeral", False)
