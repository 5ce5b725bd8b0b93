"""Abstracts in a digest's thread: only where the channel chose them, once, and readable."""

import datetime as dt
import json

import pytest

from adapters.slack.abstracts import ROOM, abstracts_message
from adapters.slack.blocks import MESSAGE_BUDGET, size_of
from bot.abstracts import MOST
from bot.audit import run_audits
from bot.commands.dispatch import answer
from bot.delivery import post_open
from bot.reply import Abstract, AbstractsPost
from bot.reply_json import reply_json
from bot.team import Who
from bot.telling import tell_makers
from tests.adapters.slack.conftest import Office
from tests.adapters.slack.test_slack_clicks import button
from tests.adapters.slack.test_slack_digests import HISTORY, PAPERS
from tests.fakes.slack import Fault, Json
from tests.fakes.slack_forms import submits
from tests.fakes.slack_rules import faults_of, pings_of

WHO = Who("slack", "T1", PAPERS, "U1", may_configure=True)


def messages(office: Office) -> tuple[list[Json], list[Json]]:
    """Return what stands in #papers itself, and what in threads."""
    every = office.workspace.channels[PAPERS].messages
    return [one for one in every if "thread_ts" not in one], [one for one in every if "thread_ts" in one]


async def looks(office: Office, minutes: int = 30) -> None:
    """Let time pass, and the service look again every half a minute."""
    for _ in range(2 * minutes):
        office.clock.time += dt.timedelta(seconds=30)
        await post_open(office.world)
        await run_audits(office.world)


@pytest.fixture
async def choosing(office: Office) -> Office:
    """A workspace whose #papers has chosen abstracts in the thread of its digest."""
    said = await office.asks("digest on 09:00 Europe/Berlin abstracts:thread")
    assert "The papers' abstracts follow in its thread." in said["text"]
    return office


async def test_a_channel_that_chose_them_has_the_abstracts_in_the_digests_thread(choosing: Office) -> None:
    await choosing.wait_until(6, 7)
    digest, replies = messages(choosing)
    assert (len(digest), replies) == (1, []), "the digest does not wait for them"
    await looks(choosing)
    (posted,), replies = messages(choosing)
    assert {one["thread_ts"] for one in replies} == {posted["ts"]}
    shown = [block["text"]["text"] for one in replies for block in one["blocks"]]
    titles = [block["text"]["text"].split("|")[1].split(">")[0] for block in posted["blocks"] if "<http" in str(block)]
    assert [text.split("|")[1].split(">*")[0] for text in shown] == titles
    assert len(titles) == 5
    assert all(len(text.splitlines()) == 2 for text in shown), "a title, and what the paper is about"


async def test_by_default_there_is_no_thread(office: Office) -> None:
    await office.asks("digest on 09:00 Europe/Berlin")
    await office.wait_until(6, 7)
    await looks(office)
    assert [len(found) for found in messages(office)] == [1, 0]


async def test_they_are_turned_off_again_and_the_settings_say_how_it_is(choosing: Office) -> None:
    shown = await choosing.asks("digest show")
    assert "abstracts in its thread" in str(shown["blocks"])
    (line,) = reply_json(await answer(choosing.world, WHO, "digest show"))["digests"]
    assert set(line) == {"name", "channel", "time", "zone", "days", "top", "rule", "next_due_at", "paused"}
    assert "abstracts:thread" in button(await choosing.asks("digest off"), "Undo")["value"]
    await choosing.asks("digest on 09:00 Europe/Berlin abstracts:thread")
    await choosing.asks("digest on top 3")
    assert "abstracts in its thread" in str((await choosing.asks("digest show"))["blocks"]), "what is not named stays"
    await choosing.asks("digest on abstracts:off")
    assert "abstracts in its thread" not in str((await choosing.asks("digest show"))["blocks"])
    await choosing.wait_until(6, 7)
    await looks(choosing)
    assert [len(found) for found in messages(choosing)] == [1, 0]


@pytest.mark.parametrize("fault", ["reset after", "500 after", "reset before", "500 before"])
async def test_a_reply_that_fails_comes_once_where_history_may_be_read(choosing: Office, fault: Fault) -> None:
    choosing.workspace.scopes |= HISTORY
    await choosing.wait_until(6, 7)
    choosing.fake.faults["chat.postMessage"].append(fault)
    await looks(choosing)
    assert [len(found) for found in messages(choosing)] == [1, 1]


@pytest.mark.parametrize(("fault", "pressed"), [("reset after", "It's there"), ("reset before", "Post it again")])
async def test_without_history_its_maker_is_asked_about_the_reply(choosing: Office, fault: Fault, pressed: str) -> None:
    await choosing.wait_until(6, 7)
    choosing.fake.faults["chat.postMessage"].append(fault)
    await looks(choosing)
    for _ in range(2):
        await tell_makers(choosing.world)
    (question,) = choosing.workspace.channels["DU1"].messages
    assert "Did the abstracts of the digest “daily” of <#C0PAPERS01> arrive?" in str(question["blocks"][0])
    alice = choosing.person(channel="DU1")
    await alice.presses(button(question, pressed), question)
    assert "the reply with abstracts to the one of Fri 6 Jun 2025" in (await choosing.answers(alice))[0]["text"]
    await looks(choosing)
    assert [len(found) for found in messages(choosing)] == [1, 1]


async def test_where_the_digest_was_deleted_no_abstract_stands_in_the_channel(choosing: Office) -> None:
    await choosing.wait_until(6, 7)
    choosing.workspace.channels[PAPERS].messages.clear()
    await looks(choosing)
    assert messages(choosing) == ([], [])
    status = json.dumps((await choosing.asks("status"))["blocks"])
    assert "next Mon 9 Jun 2025" in status, "the next digest comes as ever"
    assert "stopped" not in status


async def test_of_a_digest_that_nobody_could_find_the_maker_is_told_that_no_abstracts_follow(choosing: Office) -> None:
    choosing.fake.faults["chat.postMessage"].append("reset after")
    await choosing.wait_until(6, 7)
    await looks(choosing)
    said = (await choosing.asks("digest arrived"))["text"]
    assert "abstracts don" in said
    await looks(choosing)
    assert [len(found) for found in messages(choosing)] == [1, 0]


async def test_the_form_has_a_box_for_it(office: Office) -> None:
    alice = office.person()
    for ticked in (["thread"], []):
        await alice.types("digest on")
        await office.until(lambda: "zone-filled" in str(office.workspace.modals[-1:]))
        assert await submits(alice, office.workspace.modals[-1], abstracts=ticked) == {}
        await office.answers(alice, 2)
        assert ("abstracts in its thread" in str((await office.asks("digest show"))["blocks"])) is bool(ticked)


def long(number: int, words: str) -> Abstract:
    """Return an abstract as long as one can be."""
    return Abstract(
        f"arxiv:2506.{number:05}", f"Paper {number}", f"https://arxiv.org/abs/2506.{number:05}", words[:MOST]
    )


@pytest.mark.parametrize("words", ["word " * 500, "a*b_ <@U1> & <!channel> `x` " * 100, '\\"quoted\\" \n' * 300])
def test_a_message_full_of_abstracts_keeps_slacks_limits(words: str) -> None:
    papers = tuple(long(number, words) for number in range(ROOM // MOST))
    message = abstracts_message(AbstractsPost(papers))
    assert faults_of(message.blocks) == []
    assert size_of(message.blocks) <= MESSAGE_BUDGET
    assert pings_of({"text": message.text, "blocks": message.blocks}) == []
    assert len(message.blocks) == len(papers)
    assert 0 < len(message.text) <= 3_000
    assert json.dumps(message.blocks).count("arxiv.org") == len(papers)
