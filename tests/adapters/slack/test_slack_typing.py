"""What people type in Slack: the slash command, mentions and direct messages have one grammar."""

import asyncio
import time

import pytest

from adapters.slack.commands import unlinked
from bot.commands.dispatch import TABLE
from tests.adapters.slack.conftest import Office
from tests.fakes.slack import User
from tests.fakes.slack_forms import submits
from tests.fakes.slack_people import body_of
from tests.fakes.slack_views import buttons_of


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


@pytest.mark.parametrize(("written", "read"), [
    ("by:<@U123|ana>", "by:@U123"), ("by:<@U123>", "by:@U123"), ("by:<@W123|ana.b> agents", "by:@W123 agents"),
    ("show <https://arxiv.org/abs/2506.03569>", "show https://arxiv.org/abs/2506.03569"),
    ("cat:<http://cs.CL|cs.CL>", "cat:cs.CL"), ("<mailto:a@b.org|a@b.org>", "a@b.org"), ("<#C1|papers>", "#papers"),
    ("a &lt; b &amp;amp; c", "a < b &amp; c"),
])  # fmt: skip
def test_a_line_is_read_as_it_was_typed(written: str, read: str) -> None:
    assert unlinked(written) == read


async def test_papers_that_a_team_mate_saved_are_found_by_a_mention_of_them(office: Office) -> None:
    await office.asks("save 2506.03569", user="U2")
    assert "MiMo-VL" in str(await office.asks("search by:<@U2|bob>"))
    office.workspace.ephemeral.clear()
    await office.person().mentions("search by:<@U2>")
    await office.until(lambda: office.workspace.ephemeral)
    assert "MiMo-VL" in str(office.workspace.ephemeral[0]["blocks"])


ABLE = ("follow agents", "vote 2506.03569", "save 2506.03569", "saved", "following", "today")
CHANGES = (
    "digest on 10:00 Europe/Berlin", "digest now", "digest pause", "digest resume", "digest off",
    "digest again", "digest arrived", "source add https://example.org/feed", "source remove example.org",
)  # fmt: skip


def test_every_command_that_changes_a_channel_is_tried() -> None:
    names = {name for line in CHANGES for name in TABLE if line.startswith(name)}
    assert names == {name for name, command in TABLE.items() if command.configures}


def outsider(office: Office, kind: str) -> str:
    """Let somebody be there who may change nothing of the channel's; return their id."""
    user = {
        "a guest": User("U9", "gina", is_restricted=True),
        "a guest of one channel": User("U9", "gus", is_ultra_restricted=True),
        "somebody of another workspace": User("U9", "sam", team_id="T666"),
        "who is not in the channel": User("U9", "nina"),
    }[kind]
    office.workspace.add_user(user, *([] if kind == "who is not in the channel" else ["C0PAPERS01"]))
    return user.id


KINDS = ["a guest", "a guest of one channel", "somebody of another workspace", "who is not in the channel"]


@pytest.mark.parametrize("kind", KINDS)
async def test_outsiders_follow_vote_and_save_but_change_nothing_of_the_channels(office: Office, kind: str) -> None:
    await office.asks("digest on 09:00 Europe/Berlin")
    user = outsider(office, kind)
    for line in ABLE:
        assert "Not done" not in str(await office.asks(line, user)), line
    before = (await office.asks("digest show"))["blocks"]
    for line in CHANGES:
        assert "may change its digests" in (await office.asks(line, user))["text"], line
    assert (await office.asks("digest show"))["blocks"] == before


@pytest.mark.parametrize("kind", KINDS)
async def test_outsiders_buttons_change_nothing_of_the_channels(office: Office, kind: str) -> None:
    shown = await office.asks("digest on 09:00 Europe/Berlin")
    before = (await office.asks("digest show"))["blocks"]
    user = outsider(office, kind)
    for label in ("Pause", "Off"):
        person = office.person(user)
        await person.presses(buttons_of(shown)[label])
        assert "may change its digests" in (await office.answers(person))[0]["text"]
    assert (await office.asks("digest show"))["blocks"] == before


@pytest.mark.parametrize("kind", KINDS)
async def test_outsiders_set_no_digest_up_with_the_form(office: Office, kind: str) -> None:
    person = office.person(outsider(office, kind))
    await person.types("digest on")
    await office.until(lambda: "zone-filled" in str(office.workspace.modals[-1:]))
    assert "Only full members" in (await submits(person, office.workspace.modals[-1]))["channel"]
    assert "has no digest" in str(await office.asks("digest show"))


async def test_who_says_in_a_button_to_be_of_another_workspace_is_believed(office: Office) -> None:
    shown = await office.asks("digest on 09:00 Europe/Berlin")
    alice = office.person()
    payload = alice.press(buttons_of(shown)["Off"]) | {"user": {"id": "U1", "team_id": "T666"}}
    assert await alice.posts(body_of("interactive", payload)) == 200
    assert "may change its digests" in (await office.answers(alice))[0]["text"]


async def test_a_mention_from_another_workspace_changes_nothing_and_belongs_to_ours(office: Office) -> None:
    user = outsider(office, "somebody of another workspace")
    for number, line in enumerate(("digest on 09:00 Europe/Berlin", "follow agents"), start=1):
        told = {"type": "app_mention", "user": user, "text": f"<@UBOT> {line}", "user_team": "T666", "team": "T666"}
        told |= {"channel": "C0PAPERS01", "ts": f"1.{number}", "event_ts": f"1.{number}"}
        payload = office.person(user).event(told) | {"team_id": "T666", "is_ext_shared_channel": True}
        assert await office.person(user).posts(body_of("events_api", payload), "json") == 200
        await office.until(lambda: len(office.workspace.ephemeral) == number)  # noqa: B023 - it ends here
    refused, followed = office.workspace.ephemeral
    assert "may change its digests" in refused["text"]
    assert "Following" in followed["text"]
    async with office.world.store.read() as session:
        assert await session.teams.caller("slack", "T666", "C0PAPERS01", user) is None
        assert await session.teams.caller("slack", "T1", "C0PAPERS01", user)


@pytest.mark.parametrize("user", ["UOTHERBOT", "UNOBODY"])
async def test_a_bot_and_nobody_can_do_nothing(office: Office, user: str) -> None:
    office.workspace.add_user(User("UOTHERBOT", "other", is_bot=True), "C0PAPERS01")
    shown = await office.asks("show 2506.03569")
    for line in (*ABLE, *CHANGES):
        assert "Only people can use me" in (await office.asks(line, user))["text"], line
    person = office.person(user)
    await person.presses(next(iter(buttons_of(shown).values())))
    assert "Only people can use me" in (await office.answers(person))[0]["text"]
    await person.writes("follow agents")
    await person.mentions("follow agents")
    async with office.world.store.read() as session:
        assert await session.teams.caller("slack", "T1", "C0PAPERS01", user) is None


async def test_people_are_served_while_slack_tells_nothing_of_them_but_change_nothing(office: Office) -> None:
    office.workspace.scopes.discard("users:read")
    assert "Following" in (await office.asks("follow agents"))["text"]
    assert "may change its digests" in (await office.asks("digest on 09:00 Europe/Berlin"))["text"]
