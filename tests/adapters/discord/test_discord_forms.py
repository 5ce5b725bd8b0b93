"""Forms in Discord: a digest's settings and a follow, field by field."""

import pytest

from tests.adapters.discord.conftest import Lab, connected
from tests.fakes.discord_seen import Seen


async def opened(lab: Lab, line: str = "digest on", name: str = "alice") -> Seen:
    """Let somebody ask for a form."""
    seen = await lab.asks(line, name)
    assert seen.first == 9
    return seen


async def test_a_digest_with_nothing_said_opens_a_form_that_sets_it_up(lab: Lab) -> None:
    form = await lab.person().types("digest on")
    assert form.modal["title"] == "A digest for this channel"
    seen = await lab.person().submits(
        form, {"time": "8:30", "zone": "Europe/Berlin", "days": ["mon", "thu"], "top": "3", "rule": "cat:cs.CL"}
    )
    assert seen.is_private
    assert "Digest “daily”" in seen.text
    assert "with only papers in cs.CL" in seen.text
    shown = (await lab.asks("digest show")).text
    assert "08:30" in shown
    assert "top 3" in shown


async def test_the_form_comes_filled_with_what_is_usual(lab: Lab) -> None:
    seen = await lab.person().submits(await opened(lab), {"zone": "Europe/Berlin"})
    assert "09:00 Europe/Berlin" in seen.text
    assert "top 5" in (await lab.asks("digest show")).text


async def test_what_is_wrong_is_said_and_the_form_opens_again_as_it_was(lab: Lab) -> None:
    seen = await lab.person().submits(await opened(lab), {"zone": "Europe/Berlln", "rule": "cat:nosuch", "top": "7"})
    assert "Not done" in seen.text
    assert seen.is_private
    again = await lab.person().presses(seen.message, "Change it in the form")
    assert again.first == 9
    filled = {label["component"]["custom_id"]: label["component"] for label in again.modal["components"]}
    assert (filled["zone"]["value"], filled["rule"]["value"]) == ("Europe/Berlln", "cat:nosuch")
    assert [option["value"] for option in filled["top"]["options"] if option.get("default")] == ["7"]
    mended = await lab.person().submits(again, {"zone": "Europe/Berlin", "rule": "cat:cs.CL"})
    assert "is set" in mended.text


async def test_a_form_that_was_open_during_a_restart_is_taken(lab: Lab) -> None:
    form = await opened(lab)
    await lab.client.close()
    async with connected(lab.world, lab.fake):
        seen = await lab.person().submits(form, {"zone": "Europe/Berlin"})
        assert "is set" in seen.text


async def test_who_does_not_manage_the_channel_gets_no_form_and_sends_none(lab: Lab) -> None:
    form = await opened(lab)
    assert "may change its digests" in (await lab.asks("digest on", "bob")).text
    seen = await lab.person("bob").submits(form.modal, {"zone": "Europe/Berlin"})
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


async def test_the_form_opens_at_once_while_the_database_is_locked(lab: Lab) -> None:
    async with lab.world.store.write():
        seen = await opened(lab)
        assert seen.first_after < 1
