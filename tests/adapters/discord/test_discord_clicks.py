"""Buttons and menus in Discord: each is a command, private, and a second press does no harm."""

import asyncio
import datetime as dt
from typing import Any

import pytest

from adapters.discord.buttons import command_id
from adapters.discord.limits import CUSTOM_ID
from tests.adapters.discord.conftest import Lab, connected
from tests.fakes.discord_world import Message, Permission

LONG = 'follow exactly "' + "very " * 25 + 'long"'


def share(message: Message) -> str:
    """Return the label of the button that shares an answer."""
    return next(label for label in message.labels if label.startswith("Share"))


@pytest.fixture(autouse=True, params=["at once", "put off first"])
def how_soon(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let all be answered at once, however slow the machine is, or else after it was put off."""
    monkeypatch.setattr("adapters.discord.answering.SOON", 60 if request.param == "at once" else 0)
    return str(request.param)


async def posted_by_bot(lab: Lab, line: str) -> Message:
    """Let an answer be shared, for all to see; return it."""
    seen = await lab.asks(line)
    await lab.person().presses(seen.message, share(seen.message))
    await lab.until(lambda: lab.fake.posted(lab.papers))
    return lab.fake.posted(lab.papers)[-1]


async def changed(lab: Lab, message: Message, button: str, name: str = "alice") -> str:
    """Let somebody press a button that changes its message; return what that says then."""
    before = message.edits
    pressed = await lab.person(name).presses(message, button)
    assert pressed.first in (6, 7)
    await pressed.edited(before + 1)
    assert not pressed.followups
    return message.text


def vote_in(message: Message) -> str:
    """Return the custom id of the first vote button."""
    return str(next(one for one in message.controls if one.get("label", "").startswith("Vote"))["custom_id"])


def spied(thing: object, name: str, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a list that grows with each call of a thing's method."""
    method, calls = getattr(thing, name), list[object]()

    def noted(*args: object) -> object:
        calls.append(args)
        return method(*args)

    monkeypatch.setattr(thing, name, noted)
    return calls


async def test_a_page_takes_the_place_of_the_one_before(lab: Lab) -> None:
    listed = await lab.person().types("papers week")
    assert "page 2 of" in await changed(lab, listed.message, "Next page")


async def test_a_list_of_papers_stays_while_somebody_votes_in_it(lab: Lab) -> None:
    listed = await lab.person().types("papers today")
    before = listed.message.text
    pressed = await lab.person().presses(listed.message, vote_in(listed.message))
    await pressed.answered()
    assert "You voted" in pressed.text
    assert pressed.is_private
    assert listed.message.text == before


async def test_undo_takes_the_place_of_what_it_undoes(lab: Lab) -> None:
    followed = await lab.asks("follow agents")
    assert "Unfollowed" in await changed(lab, followed.message, "Undo")


async def test_a_menu_of_the_follow_list_removes_a_follow(lab: Lab) -> None:
    await lab.asks("follow agents")
    listed = await lab.asks("following")
    before = listed.message.edits
    chosen = await lab.person().chooses(listed.message, "Remove a rule", "unfollow 1")
    await chosen.edited(before + 1)
    assert "Unfollowed" in listed.message.text


async def test_a_press_that_is_stale_says_so(lab: Lab) -> None:
    await lab.asks("follow vision")
    followed = await lab.asks("follow agents")
    await lab.asks("unfollow 2")
    assert "Your list has no number 2" in await changed(lab, followed.message, "Undo")


async def test_a_button_that_nobody_knows_says_so(lab: Lab) -> None:
    message = await posted_by_bot(lab, "show 2506.03569")
    message.controls[0]["custom_id"] = "old:1"
    pressed = await lab.person().presses(message, "old:1")
    await pressed.answered()
    assert "don't know this button" in pressed.text
    assert pressed.is_private


async def test_what_discord_sends_again_acts_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, again = lab.person(), lab.fake.new_id()
    listed = await alice.types("papers today")
    assert await lab.shared.first(f"interaction {again}")
    ids, new_id = iter([again]), lab.fake.new_id
    monkeypatch.setattr(lab.fake, "new_id", lambda: next(ids, None) or new_id())
    arrived = spied(lab.client, "pressed", monkeypatch)
    pressing = asyncio.create_task(alice.presses(listed.message, vote_in(listed.message)))
    await lab.until(lambda: arrived and not lab.shared.under_way)
    pressing.cancel()
    (pressed,) = [one for one in lab.fake.interactions.values() if one.id == again]
    assert not pressed.followups
    assert "the team's votes: 1" not in (await lab.person().types("papers show", paper="2506.03569")).text


async def test_an_interaction_that_arrives_twice_is_answered_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    dispatch = lab.fake.gateway.dispatch

    def twice(event: str, *rest: Any) -> None:
        dispatch(event, *rest)
        dispatch(event, *rest)

    monkeypatch.setattr(lab.fake.gateway, "dispatch", twice)
    seen = await lab.asks("follow agents")
    await lab.until(lambda: not lab.shared.under_way)
    assert "Following" in seen.text
    assert "already" not in seen.text
    assert len(seen.answers) == 1


async def test_a_press_on_share_that_arrives_twice_says_nothing_of_another(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await lab.person().types("papers show", paper="2506.03569")
    dispatch = lab.fake.gateway.dispatch

    def twice(event: str, *rest: Any) -> None:
        dispatch(event, *rest)
        dispatch(event, *rest)

    monkeypatch.setattr(lab.fake.gateway, "dispatch", twice)
    arrived = spied(lab.client, "pressed", monkeypatch)
    pressed = await lab.person().presses(card.message, share(card.message))
    await lab.until(lambda: len(arrived) == 2 and not lab.shared.under_way)
    (shared,) = lab.fake.posted(lab.papers)
    assert pressed.answers == [shared]


async def test_a_private_answer_is_shared_once_for_all_to_see(lab: Lab) -> None:
    card = await lab.person().types("papers show", paper="2506.03569")
    for _ in range(2):
        pressed = await lab.person().presses(card.message, share(card.message))
        await pressed.answered()
    (shared,) = lab.fake.posted(lab.papers)
    assert "MiMo-VL" in shared.text
    assert not shared.is_private
    assert "shared here already" in pressed.text
    assert pressed.is_private


async def test_what_could_not_be_shared_is_shared_by_the_next_press(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("planted")

    card = await lab.person().types("papers show", paper="2506.03569")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("adapters.discord.context.answer", broken)
        failed = await lab.person().presses(card.message, share(card.message))
        assert "Sorry" in (await failed.answered()).text
    lab.fake.fail("missing access", path=r"/callback$|/webhooks/", method="POST")
    refused = await lab.person().presses(card.message, share(card.message))
    assert "Sorry" in (await refused.answered()).text
    await lab.until(lambda: not lab.shared.under_way)
    pressed = await lab.person().presses(card.message, share(card.message))
    await pressed.answered()
    (shared,) = lab.fake.posted(lab.papers)
    assert pressed.answers == [shared]


async def test_an_answer_that_can_not_be_given_again_is_told_to_the_presser_alone(lab: Lab) -> None:
    listed = await lab.asks("2025-06-05")
    now, lab.clock.time = lab.clock.time, lab.clock.time - dt.timedelta(days=1)
    failed = await lab.person().presses(listed.message, share(listed.message))
    assert "still to come" in (await failed.answered()).text
    assert failed.is_private
    assert lab.fake.posted(lab.papers) == []
    lab.clock.time = now
    await lab.until(lambda: not lab.shared.under_way)
    await (await lab.person().presses(listed.message, share(listed.message))).answered()
    assert len(lab.fake.posted(lab.papers)) == 1


async def test_where_the_bot_may_not_write_nothing_is_shared(lab: Lab) -> None:
    card = await lab.person().types("papers show", paper="2506.03569")
    lab.fake.deny(lab.papers, lab.fake.bot, Permission.SEND_MESSAGES)
    pressed = await lab.person().presses(card.message, share(card.message))
    await pressed.answered()
    assert "may not write" in pressed.text
    assert pressed.is_private
    assert lab.fake.posted(lab.papers) == []


async def test_what_is_pressed_in_a_public_message_is_answered_to_the_presser_alone(lab: Lab) -> None:
    shared = await posted_by_bot(lab, "week")
    before = shared.text
    for button, said in ((vote_in(shared), "You voted"), ("Next page", "page 2 of")):
        pressed = await lab.person("bob").presses(shared, button)
        assert said in (await pressed.answered()).text
        assert pressed.is_private
    assert shared.text == before


async def test_buttons_live_on_after_a_restart(lab: Lab) -> None:
    followed, long = await lab.asks("follow agents"), await lab.asks(LONG)
    unfollowed = await lab.asks("unfollow 2")
    undo = next(one for one in unfollowed.message.controls if one.get("label") == "Undo")
    assert len(undo["custom_id"]) <= CUSTOM_ID
    assert undo["custom_id"].startswith("q:"), "the command does not fit"
    assert "Following" in long.text
    await lab.client.close()
    async with connected(lab.world, lab.fake):
        assert "Unfollowed" in await changed(lab, followed.message, "Undo")
        assert "Following papers" in await changed(lab, unfollowed.message, "Undo")


async def test_a_button_whose_command_is_kept_no_more_says_so(lab: Lab) -> None:
    await lab.asks(LONG)
    unfollowed = await lab.asks("unfollow 1")
    async with lab.world.store.write() as session:
        assert await session.remembered.forget("discord", str(lab.guild.id)) > 0
    pressed = await lab.person().presses(unfollowed.message, "Undo")
    await pressed.answered()
    assert "too old" in pressed.text
    assert pressed.is_private


async def test_nothing_that_is_sent_mentions_anybody(lab: Lab) -> None:
    await lab.asks("follow exactly @everyone <@1> <@&2>")
    await posted_by_bot(lab, "show 2506.03569")
    for seen in [*lab.fake.private, *lab.fake.posted(lab.papers)]:
        assert not seen.pings
    assert lab.client.allowed_mentions is not None
    assert dict(lab.client.allowed_mentions.to_dict()) == {"parse": []}


def test_ids_of_long_commands_are_their_own() -> None:
    assert command_id(LONG) != command_id(LONG + " ")
