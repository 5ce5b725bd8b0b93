"""What people type in Slack: the slash command, mentions and direct messages have one grammar."""

import asyncio
import time

import pytest

from bot.commands.dispatch import TABLE
from tests.adapters.slack.conftest import Office
from tests.fakes.slack import User
from tests.fakes.slack_people import body_of


async def test_a_command_is_answered_in_private(office: Office) -> None:
    answer = await office.asks("today")
    assert answer["response_type"] == "ephemeral"
    assert "Daily papers" in answer["text"]
    assert len(answer["blocks"]) > 10


@pytest.mark.parametrize("name", sorted(TABLE))
async def test_every_command_of_the_table_is_understood(office: Office, name: str) -> None:
    answer = await office.asks(name)
    assert "There is no command" not in answer["text"]


async def test_a_zone_need_not_be_named_because_slack_knows_where_people_live(office: Office) -> None:
    assert "09:00 Europe/Berlin" in (await office.asks("digest on 09:00"))["text"]
    office.workspace.add_channel("C0PAPERS02", "more").members.add("U2")
    assert "09:00 America/New_York" in (await office.asks("digest on 09:00", "U2", "C0PAPERS02"))["text"]


async def test_a_mention_is_answered_in_its_thread_to_who_mentioned(office: Office) -> None:
    alice = office.person()
    assert await alice.mentions("show 2506.03569", thread="1700000000.000100") == 200
    await office.until(lambda: office.workspace.ephemeral)
    (answer,) = office.workspace.ephemeral
    assert (answer["user"], answer["thread_ts"]) == ("U1", "1700000000.000100")
    assert "MiMo-VL" in answer["text"]


async def test_a_direct_message_is_answered_where_it_was_written(office: Office) -> None:
    await office.person().writes("follow agents")
    await office.until(lambda: office.workspace.channels["DU1"].messages)
    (answer,) = office.workspace.channels["DU1"].messages
    assert "Following" in answer["text"]


async def test_the_list_of_a_person_is_one_wherever_it_is_asked_for(office: Office) -> None:
    await office.asks("follow agents")
    await office.person().writes("following")
    await office.until(lambda: office.workspace.channels["DU1"].messages)
    assert "agents" in str(office.workspace.channels["DU1"].messages[-1]["blocks"])


async def test_an_event_that_comes_four_times_acts_once(office: Office) -> None:
    alice = office.person()
    for _ in range(4):
        assert await alice.mentions("follow agents", event_id="Ev-again") == 200
    await office.until(lambda: office.workspace.ephemeral)
    await asyncio.sleep(0.1)
    assert len(office.workspace.ephemeral) == 1


async def test_a_request_that_comes_twice_acts_once(office: Office) -> None:
    alice = office.person()
    body = body_of("slash_commands", alice.command("follow agents"))
    assert [await alice.posts(body), await alice.posts(body)] == [200, 200]
    assert len(await office.answers(alice)) == 1


async def test_what_a_bot_writes_is_left_alone(office: Office) -> None:
    office.workspace.add_user(User("UOTHERBOT", "other", is_bot=True), "C0PAPERS01")
    await office.person("UOTHERBOT").mentions("follow agents")
    await office.asks("status")
    assert not any(call.method == "chat.postEphemeral" for call in office.fake.calls)


async def test_a_guest_may_follow_but_not_change_the_digest(office: Office) -> None:
    assert "Following" in (await office.asks("follow agents", user="UGUEST"))["text"]
    assert "may change its digests" in (await office.asks("digest on 09:00 Europe/Berlin", user="UGUEST"))["text"]


async def test_who_is_not_in_the_channel_may_not_change_its_digest(office: Office) -> None:
    office.workspace.add_channel("C0OTHER001", "other")
    refused = await office.asks("digest on 09:00 Europe/Berlin", channel="C0OTHER001")
    assert "may change its digests" in refused["text"]


async def test_what_slack_made_of_links_and_entities_is_undone(office: Office) -> None:
    answer = await office.asks("show <https://arxiv.org/abs/2506.03569>")
    assert "MiMo-VL" in answer["text"]


async def test_the_acknowledgement_does_not_wait_for_the_database(office: Office) -> None:
    async with office.world.store.write():
        began = time.monotonic()
        alice = office.person()
        assert await alice.types("follow agents") == 200
        assert time.monotonic() - began < 1
    assert "Following" in (await office.answers(alice))[0]["text"]


async def test_a_listener_that_raises_apologises_with_an_id(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("adapters.slack.context.answer", broken)
    answer = await office.asks("today")
    assert "Sorry" in answer["text"]
    key = answer["text"].rsplit(" ", 1)[1].rstrip(".")
    logged = capsys.readouterr()
    assert key in logged.out + logged.err
    assert "planted" in logged.out + logged.err
