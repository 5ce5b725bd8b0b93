"""A button is a command, pressed whenever it may be."""

import asyncio
from collections.abc import Mapping
from typing import Any

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.buttons import ITEMS, Elsewhere, Ids, Press, button, buttons, command_id, menu, press_of
from bot.reply import Action

commands = st.text(min_size=1, max_size=300)
KEY = "0a1b2c3d-4e5f-5a6b-8c7d-0123456789ab"
places = st.sampled_from([("", None), (KEY, None), ("", Elsewhere("12345678901234567890", "23456789012345678901"))])


@settings(max_examples=300, deadline=None)
@given(commands, places, st.booleans())
def test_what_a_button_holds_comes_back(command: str, place: tuple[str, Elsewhere | None], share: bool) -> None:
    key, elsewhere = place
    ids = Ids(key, elsewhere)
    custom_id = ids.of(command, "a0", share)
    if custom_id is None:
        assert not command.strip() or any(ord(letter) < 32 or ord(letter) == 127 for letter in command)
        return
    assert len(custom_id) <= 100
    press = press_of(custom_id)
    assert press is not None
    assert (press.key or "", press.elsewhere, press.share) == (key, elsewhere, share)
    if press.command_id:
        assert ids.long_commands == {press.command_id: command}
        assert press.command is None
    else:
        assert press.command == command
        assert ids.long_commands == {}


def test_a_command_of_any_alphabet_fits_by_its_letters() -> None:
    ids = Ids()
    assert ids.of("数" * 95, "a0") == "n:a0:" + "数" * 95
    assert ids.of("数" * 96, "a0") == f"q:a0:{command_id('数' * 96)}"


def test_a_long_command_has_the_same_id_everywhere() -> None:
    assert command_id("search graphs") == command_id("search graphs")
    assert len(command_id("x" * 1_000)) == 22
    assert command_id("x" * 1_000) != command_id("x" * 999)


@pytest.mark.parametrize("custom_id", ["", "n:", "n:a0", "x:a0:vote", "n:A0:vote", "form:follow", "q:a0:"])
def test_other_buttons_are_not_ours(custom_id: str) -> None:
    assert press_of(custom_id) is None


@pytest.mark.parametrize("command", ["", "  ", "\x00", "search a\nb", "search \ud800"])
def test_a_command_that_nobody_could_type_has_no_button(command: str) -> None:
    assert button(Ids(), Action("Go", command), "a0") is None
    assert menu(Ids(), "t", "Choose", [(Action("Go", command), "")]) is None


def test_a_button_without_words_still_shows_something() -> None:
    made = button(Ids(), Action(" ", "today"), "a0")
    assert made is not None
    assert made["label"] == "…"
    assert len(buttons(Ids(), [Action("x", "today")] * 9, 4)) == 4


def test_a_menu_has_each_command_once_and_no_more_than_discord_takes() -> None:
    options = [(Action(f"Pause {number}", f"pause {number % 40}"), "rule " * 50) for number in range(80)]
    made = menu(Ids(), "t", "Pause a rule", [*options, (Action("Long", "x" * 101), "")])
    assert made is not None
    chosen = made["components"][0]["options"]
    assert [each["value"] for each in chosen] == [f"pause {number}" for number in range(25)]
    assert all(len(each["description"]) <= 100 for each in chosen)


class Restarted(discord.Client):
    """A bot that has just started: it knows nothing of the messages that it sent."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.none())
        self.presses: asyncio.Queue[Press] = asyncio.Queue()
        self.add_dynamic_items(*ITEMS)

    async def pressed(self, interaction: discord.Interaction[Any], press: Press) -> None:
        """Note a press."""
        self.presses.put_nowait(press)

    async def gets(self, components: list[Any], data: Mapping[str, Any]) -> Press:
        """Return what is understood of an interaction with a message, as Discord sends it."""
        author = {"id": "1", "username": "ana", "discriminator": "0", "avatar": None, "global_name": None}
        message = {
            "id": "5", "channel_id": "6", "author": author, "content": "", "timestamp": "2025-06-12T07:00:00+00:00",
            "edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [],
            "attachments": [], "embeds": [], "pinned": False, "type": 0, "flags": 1 << 15, "components": components,
        }  # fmt: skip
        sent = {
            "id": "7", "application_id": "8", "type": 3, "token": "t", "version": 1, "user": author, "data": data,
            "message": message, "channel": {"id": "6", "type": 1, "recipients": []}, "locale": "en-GB",
            "entitlements": [], "authorizing_integration_owners": {}, "attachment_size_limit": 1, "channel_id": "6",
        }  # fmt: skip
        self._connection.parse_interaction_create(sent)  # type: ignore[arg-type]
        return await asyncio.wait_for(self.presses.get(), 5)


async def test_a_press_is_understood_after_a_restart() -> None:
    ids = Ids("some-key")
    made = button(ids, Action("Vote", "vote 2506.00001"), "p0")
    assert made is not None
    section = {"type": 9, "components": [{"type": 10, "content": "A paper"}], "accessory": made}
    data = {"component_type": 2, "custom_id": made["custom_id"]}
    client = Restarted()
    assert await client.gets([{"type": 17, "components": [section]}], data) == Press("vote 2506.00001", key="some-key")


async def test_so_is_a_long_command_by_its_id() -> None:
    made = button(Ids(), Action("Next page", "search " + "x" * 200), "a0")
    assert made is not None
    data = {"component_type": 2, "custom_id": made["custom_id"]}
    press = await Restarted().gets([{"type": 1, "components": [made]}], data)
    assert press == Press(None, command_id("search " + "x" * 200))


async def test_so_is_a_choice_in_a_menu() -> None:
    ids = Ids(elsewhere=Elsewhere("1", "2"))
    made = menu(
        ids, "t", "Pause a rule", [(Action("Pause 1", "pause 1"), "graphs"), (Action("Pause 2", "pause 2"), "")]
    )
    assert made is not None
    data = {"component_type": 3, "custom_id": made["components"][0]["custom_id"], "values": ["pause 2"]}
    assert await Restarted().gets([made], data) == Press("pause 2", elsewhere=Elsewhere("1", "2"))
