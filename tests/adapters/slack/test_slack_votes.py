"""Votes that are pressed in a channel's digest show there for all, by few edits, however many press."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

import pytest

from adapters.slack.app import make_app
from adapters.slack.digest import key_of
from adapters.slack.serve import Door
from bot import vote_edits
from bot.vote_edits import VoteEdits, is_vote
from tests.adapters.slack.conftest import Office
from tests.adapters.slack.test_slack_clicks import button
from tests.fakes.slack import Json, User
from tests.fakes.slack_door import served
from tests.fakes.slack_rules import elements_of

EVERY = 0.3
PAPERS = "C0PAPERS01"


@pytest.fixture
async def voting(office: Office) -> AsyncIterator[Office]:
    """The workspace, with a bot that edits at most once in 0.3 s, and a digest in #papers."""
    async with VoteEdits(office.world, office.world.messengers["slack"], EVERY).at_work() as edits:
        door = Door(make_app(replace(office.slack, edits=edits)), "test-signing-secret")
        async with served(door) as url:
            voting = replace(office, door=door, url=url, slack=replace(office.slack, edits=edits))
            await voting.asks("digest on 09:00 Europe/Berlin")
            await voting.wait_until(6, 7)
            yield voting


def digest(office: Office) -> Json:
    """Return the digest as it stands in #papers."""
    (message,) = office.workspace.channels[PAPERS].messages
    return message


def team_votes(message: Json) -> int:
    """Return the team's votes on the first paper, as the message shows them."""
    (first, *_) = [block for block in message["blocks"] if block["type"] == "section"]
    shown = re.search(r"(\d+) votes? in the team", first["text"]["text"])
    return int(shown[1]) if shown else 0


async def press(office: Office, message: Json | None = None, user: str = "U1", label: str = "Vote") -> Json:
    """Press the first button of that label; return the answer."""
    person = office.person(user)
    shown = message or digest(office)
    await person.presses(button(shown, label), shown)
    return (await office.answers(person))[-1]


def edits(office: Office) -> list[float]:
    """Return when the digest was edited, or was to be."""
    return [call.at for call in office.fake.calls if call.method == "chat.update"]


async def test_a_vote_in_the_digest_is_seen_by_all(voting: Office) -> None:
    before = digest(voting)
    key, metadata = key_of(before), before["metadata"]
    assert (team_votes(before), bool(key)) == (0, True)
    answer = await press(voting)
    assert answer["response_type"] == "ephemeral"
    await voting.until(lambda: team_votes(digest(voting)) == 1)
    assert (key_of(digest(voting)), digest(voting)["metadata"]) == (key, metadata)


async def test_many_who_press_at_once_are_all_counted_in_few_edits(voting: Office) -> None:
    people = [voting.workspace.add_user(User(f"UMANY{number:02}", f"p{number}"), PAPERS) for number in range(20)]
    message = digest(voting)
    await asyncio.gather(*(press(voting, message, person.id) for person in people))
    await voting.until(lambda: team_votes(digest(voting)) == 20)
    await asyncio.sleep(2 * EVERY)
    times = edits(voting)
    assert 1 <= len(times) < 10
    assert all(later - earlier >= EVERY * 0.9 for earlier, later in pairwise(times))


async def test_a_vote_that_is_taken_back_by_undo_is_taken_from_the_digest(voting: Office) -> None:
    answer = await press(voting)
    await voting.until(lambda: team_votes(digest(voting)) == 1)
    alice = voting.person()
    await alice.presses(button(answer, "Undo"))
    await voting.until(lambda: team_votes(digest(voting)) == 0)


async def test_a_second_press_of_the_same_person_edits_nothing(voting: Office) -> None:
    for _ in range(3):
        await press(voting)
        await asyncio.sleep(EVERY * 1.2)
    assert (team_votes(digest(voting)), len(edits(voting))) == (1, 1)


@pytest.mark.parametrize("fault", ["429", "500 before", "500 after", "reset before", "reset after"])
async def test_an_edit_that_fails_is_made_later_and_never_becomes_a_message(voting: Office, fault: str) -> None:
    voting.fake.faults["chat.update"].append(fault)  # type: ignore[arg-type]
    posts = len([call for call in voting.fake.calls if call.method == "chat.postMessage"])
    await press(voting)
    await voting.until(lambda: len(edits(voting)) == 2)
    await voting.until(lambda: team_votes(digest(voting)) == 1)
    assert len([call for call in voting.fake.calls if call.method == "chat.postMessage"]) == posts
    if fault == "429":
        first, second = edits(voting)
        assert second - first >= 1, "Slack's Retry-After was kept"


async def test_an_edit_that_always_fails_ends_and_the_next_vote_brings_it(
    voting: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vote_edits, "MOST_TRIES", 1)
    voting.fake.faults["chat.update"].extend(["500 before", "500 before"])
    await press(voting)
    await asyncio.sleep(EVERY * 4)
    assert (team_votes(digest(voting)), len(edits(voting))) == (0, 2)
    await press(voting, user="U2")
    await voting.until(lambda: team_votes(digest(voting)) == 2)


async def test_a_message_that_is_gone_is_left_alone(voting: Office) -> None:
    message = digest(voting)
    voting.workspace.channels[PAPERS].messages.clear()
    await press(voting, message)
    await asyncio.sleep(EVERY * 3)
    assert len(edits(voting)) == 1


async def test_after_a_restart_the_next_vote_brings_what_was_missed(office: Office, voting: Office) -> None:
    """The first door has no edits: as a bot that was stopped right after it counted a vote."""
    stopped = office.person()
    await stopped.presses(button(digest(office), "Vote"), digest(office))
    await office.answers(stopped)
    assert team_votes(digest(office)) == 0
    await press(voting, user="U2")
    await voting.until(lambda: team_votes(digest(voting)) == 2)


async def test_other_buttons_and_other_messages_are_not_edited(voting: Office) -> None:
    await press(voting, label="All papers")
    listed = await voting.asks("2025-06-05")
    alice = voting.person()
    await alice.presses(button(listed, "Vote"))
    await voting.answers(alice)
    forged = {**digest(voting), "blocks": [{**digest(voting)["blocks"][0], "block_id": "digest:no-such-key"}]}
    forged["blocks"] += digest(voting)["blocks"][1:]
    await press(voting, forged)
    await asyncio.sleep(EVERY)
    assert edits(voting) == []
    assert list(elements_of(digest(voting)["blocks"]))


@pytest.mark.parametrize(
    ("line", "votes"), [("vote 2506.03569", True), ("/papers unvote 1", True), ("save 1", False), ("!?", False)]
)
def test_only_votes_change_counts(line: str, votes: bool) -> None:
    assert is_vote(line) is votes
