"""Forms in Discord: a digest's settings and a follow, field by field."""

from typing import Any

import pytest

from tests.adapters.discord.conftest import Lab, connected
from tests.fakes.discord_faults import FaultKind
from tests.fakes.discord_seen import Seen

CALLBACK = r"/callback$"
THREAD = "abstracts:thread"
BERLIN = {"time": "09:00 Europe/Berlin"}


async def opened(lab: Lab, line: str = "digest on", name: str = "alice") -> Seen:
    """Let somebody ask for a form."""
    seen = await lab.asks(line, name)
    assert seen.first == 9
    return seen


async def test_a_digest_with_nothing_said_opens_a_form_that_sets_it_up(lab: Lab) -> None:
    form = await lab.person().types("digest on")
    assert form.modal["title"] == "A digest for this channel"
    seen = await lab.person().submits(
        form, {"time": "8:30 Europe/Berlin", "days": ["mon", "thu"], "top": "3", "rule": "cat:cs.CL"}
    )
    assert seen.is_private
    assert "Digest “daily”" in seen.text
    assert "with only papers in cs.CL" in seen.text
    shown = (await lab.asks("digest show")).text
    assert "08:30" in shown
    assert "top 3" in shown


async def test_the_form_comes_filled_with_what_is_usual(lab: Lab) -> None:
    seen = await lab.person().submits(await opened(lab), BERLIN)
    assert "09:00 Europe/Berlin" in seen.text
    assert "top 5" in (await lab.asks("digest show")).text


async def test_what_is_wrong_is_said_and_the_form_opens_again_as_it_was(lab: Lab) -> None:
    seen = await lab.person().submits(
        await opened(lab), {"time": "09:00 Europe/Berlln", "rule": "cat:nosuch", "top": "7", "besides": THREAD}
    )
    assert "Not done" in seen.text
    assert seen.is_private
    again = await lab.person().presses(seen.message, "Change it in the form")
    assert again.first == 9
    filled = {label["component"]["custom_id"]: label["component"] for label in again.modal["components"]}
    assert (filled["time"]["value"], filled["rule"]["value"]) == ("09:00 Europe/Berlln", "cat:nosuch")
    assert [option["value"] for option in filled["besides"]["options"] if option.get("default")] == [THREAD]
    assert [option["value"] for option in filled["top"]["options"] if option.get("default")] == ["7"]
    mended = await lab.person().submits(again, {"time": "09:00 Europe/Berlin", "rule": "cat:cs.CL"})
    assert "is set" in mended.text


async def test_a_form_with_two_roles_says_that_one_is_enough(lab: Lab) -> None:
    roles = [lab.fake.add_role(lab.guild, name, mentionable=True) for name in ("readers", "writers")]
    await lab.until(lambda: len(lab.client.get_guild(lab.guild.id).roles) >= 4)  # type: ignore[union-attr]
    chosen = {"besides": [f"mention:{role.id}" for role in roles]}
    seen = await lab.person().submits(await opened(lab), BERLIN | chosen)
    assert "one role at most" in seen.text
    assert "has no digest" in (await lab.asks("digest show")).text


async def test_a_form_with_more_roles_than_it_has_room_for_still_opens(lab: Lab) -> None:
    for number in range(40):
        lab.fake.add_role(lab.guild, f"{'x' * 95} {number}", mentionable=True)
    await lab.until(lambda: len(lab.client.get_guild(lab.guild.id).roles) >= 40)  # type: ignore[union-attr]
    fields = {each["component"]["custom_id"]: each["component"] for each in (await opened(lab)).modal["components"]}
    assert len(fields["besides"]["options"]) == 25


async def test_a_form_from_before_an_update_is_taken_with_its_zone(lab: Lab) -> None:
    form = (await opened(lab)).modal
    zone = {"type": 4, "custom_id": "zone", "style": 1, "required": False, "label": None}
    form["components"][4] = form["components"][4] | {"label": "Time zone", "component": zone}
    seen = await lab.person().submits(form, {"time": "8:30", "zone": "Europe/Berlin"})
    assert "08:30 Europe/Berlin" in seen.text


async def test_a_form_that_was_open_during_a_restart_is_taken(lab: Lab) -> None:
    form = await opened(lab)
    await lab.client.close()
    async with connected(lab.world, lab.fake):
        seen = await lab.person().submits(form, BERLIN)
        assert "is set" in seen.text


async def test_who_does_not_manage_the_channel_gets_no_form_and_sends_none(lab: Lab) -> None:
    form = await opened(lab)
    assert "may change its digests" in (await lab.asks("digest on", "bob")).text
    seen = await lab.person("bob").submits(form.modal, BERLIN)
    assert "may change its digests" in seen.text
    assert "has no digest" in (await lab.asks("digest show")).text


async def test_in_a_direct_message_there_is_no_form_for_a_digest(lab: Lab) -> None:
    talk = lab.fake.direct(lab.person().user)
    seen = await lab.fake.person(lab.person().user, talk).types("papers ask", line="digest on")
    assert "is for the channels of a server" in seen.text


@pytest.mark.parametrize(("kind", "value", "said"), [
    ("author", "Juanzi Li", "by Juanzi Li"), ("text", "agents", "with “agents”"), ("cat", "cs.CL", "papers in cs.CL"),
    ("title", "survey, benchmark", "survey"),
])  # fmt: skip
async def test_a_follow_with_nothing_said_opens_a_form(lab: Lab, kind: str, value: str, said: str) -> None:
    form = await lab.person().types("follow")
    seen = await lab.person().submits(form, {"kind": kind, "value": value, "unwanted": "video"})
    assert said in seen.text
    assert "video" in seen.text
    assert "author:" in (await lab.asks("following")).text or kind != "author"


async def test_what_is_wrong_with_a_follow_is_said(lab: Lab) -> None:
    seen = await lab.person().submits(await opened(lab, "follow"), {"kind": "cat", "value": "nosuch"})
    assert "Not done" in seen.text
    assert "nosuch" in seen.text
    assert (await lab.person().presses(seen.message, "Change it in the form")).first == 9


@pytest.mark.parametrize("line", ["digest on", "follow"])
async def test_a_form_whose_command_arrives_twice_opens_without_an_apology(
    lab: Lab, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = lab.fake.gateway.dispatch

    def twice(event: str, *rest: Any) -> None:
        dispatch(event, *rest)
        dispatch(event, *rest)

    monkeypatch.setattr(lab.fake.gateway, "dispatch", twice)
    seen = await opened(lab, line)
    await lab.until(lambda: len(lab.fake.called("POST", CALLBACK)) == 2 and not lab.shared.under_way)
    assert seen.followups == []


@pytest.mark.parametrize("kind", ["drop before", "drop after", "502 after"])
async def test_a_form_opens_though_the_connection_is_lost_on_the_way(lab: Lab, kind: FaultKind) -> None:
    lab.fake.fail(kind, "POST", CALLBACK)
    seen = await opened(lab)
    await lab.until(lambda: not lab.shared.under_way)
    assert seen.followups == []
    assert "is set" in (await lab.person().submits(seen, BERLIN)).text


async def test_the_form_opens_at_once_while_the_database_is_locked(lab: Lab) -> None:
    async with lab.world.store.write():
        seen = await opened(lab)
        assert seen.first_after < 1
