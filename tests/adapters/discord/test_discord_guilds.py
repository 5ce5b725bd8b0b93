"""One guild never sees what is another's: not by its own commands, and not by what was copied from the other's."""

from typing import Any

from tests.adapters.discord.conftest import Lab
from tests.adapters.discord.test_discord_clicks import LONG
from tests.fakes.discord_people import Person
from tests.fakes.discord_world import Message, Permission


def stranger(lab: Lab) -> Person:
    """Return somebody who manages another guild that has the bot, too."""
    guild = lab.fake.add_guild("Rivals")
    return lab.fake.person("mallory", guild.channel("papers"), may=Permission.MANAGE_CHANNELS)


async def forged(lab: Lab, person: Person, custom_id: str) -> str:
    """Let a press arrive in a person's guild whose custom id was copied from elsewhere; return the answer."""
    seen = await person.types("papers ask", line="today")
    await person.presses(seen.message, "Share with the channel")
    await lab.until(lambda: lab.fake.posted(person.channel))
    message = lab.fake.posted(person.channel)[-1]
    message.controls[0]["custom_id"] = custom_id
    pressed = await person.presses(message, custom_id)
    await pressed.answered()
    return pressed.text


def ids_of(message: Message) -> dict[str, str]:
    """Return the custom ids of a message's buttons, by their labels."""
    return {str(one.get("label")): str(one["custom_id"]) for one in message.controls if one.get("custom_id")}


async def test_follows_digests_saves_and_votes_are_a_guilds_own(lab: Lab) -> None:
    for line in ("follow agents", "digest on 09:00 Europe/Berlin", "save 2506.03569", "vote 2506.03569"):
        assert "Not done" not in (await lab.asks(line)).text
    mallory = stranger(lab)
    said: dict[str, Any] = {}
    for line in ("following", "digest show", "saved", "show 2506.03569", "status"):
        said[line] = (await mallory.types("papers ask", line=line)).text
    assert "You follow nothing yet" in said["following"]
    assert "has no digest" in said["digest show"]
    assert "You saved nothing yet" in said["saved"]
    assert str(lab.person().user.id) not in "".join(said.values())
    assert str(lab.papers.id) not in "".join(said.values())


async def test_one_person_in_two_guilds_has_two_lists(lab: Lab) -> None:
    await lab.asks("follow agents")
    other = lab.fake.add_guild("Other")
    alice = lab.fake.person(lab.person().user, other.channel("papers"))
    assert "You follow nothing yet" in (await alice.types("papers following")).text


async def test_buttons_copied_from_another_guild_act_on_ones_own_things_alone(lab: Lab) -> None:
    shown = await lab.asks("digest on 09:00 Europe/Berlin")
    await lab.asks("follow agents")
    mallory = stranger(lab)
    assert "has no digest" in await forged(lab, mallory, ids_of(shown.message)["Off"])
    assert "Your list is empty" in await forged(lab, mallory, "n:a0:unfollow 1")
    assert "09:00" in (await lab.asks("digest show")).text
    assert "agents" in (await lab.asks("following")).text


async def test_long_commands_of_another_guild_are_not_read_out(lab: Lab) -> None:
    await lab.asks(LONG)
    unfollowed = await lab.asks("unfollow 1")
    undo = ids_of(unfollowed.message)["Undo"]
    assert undo.startswith("q:")
    answer = await forged(lab, stranger(lab), undo)
    assert "too old" in answer
    assert "very" not in answer


async def test_an_id_that_names_another_guilds_channel_is_refused(lab: Lab) -> None:
    await lab.asks("digest on 09:00 Europe/Berlin")
    place = f"@{lab.guild.id}.{lab.papers.id}"
    for line in ("digest off", "digest show", "following"):
        answer = await forged(lab, stranger(lab), f"n:a0{place}:{line}")
        assert "can't see any more" in answer, line
    assert "09:00" in (await lab.asks("digest show")).text


async def test_a_note_in_a_direct_message_acts_in_its_channel_within_what_one_may_there(lab: Lab) -> None:
    await lab.asks("digest on 09:00 Europe/Berlin")
    place = f"@{lab.guild.id}.{lab.papers.id}"
    for name, said in (("bob", "may change its digests"), ("alice", "is paused")):
        talk = lab.fake.direct(lab.person(name).user)
        there = lab.fake.person(lab.person(name).user, talk)
        assert said in await forged(lab, there, f"n:a0{place}:digest pause"), name


async def test_who_left_the_guild_changes_nothing_there_by_an_old_note(lab: Lab) -> None:
    await lab.asks("digest on 09:00 Europe/Berlin")
    alice = lab.person().user
    talk = lab.fake.direct(alice)
    del lab.guild.members[alice.id]
    there = lab.fake.person(alice, talk)
    assert "can't see any more" in await forged(lab, there, f"n:a0@{lab.guild.id}.{lab.papers.id}:digest off")
