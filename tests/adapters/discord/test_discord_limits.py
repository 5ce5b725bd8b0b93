"""Counting a message as Discord does."""

import asyncio

import discord

from adapters.discord.limits import size_of
from adapters.discord.message import FLAGS, Message, Payload, fitted
from tests.fakes.discord_papers import check


def text(words: str) -> dict[str, object]:
    return {"type": 10, "content": words}


def test_everything_inside_something_counts() -> None:
    button = discord.ui.Button[discord.ui.LayoutView](label="x", custom_id="n:a0:x")
    row = discord.ui.ActionRow[discord.ui.LayoutView](discord.ui.Button(label="y", custom_id="n:a1:y"))
    section = discord.ui.Section[discord.ui.LayoutView]("12345", accessory=button)
    view = discord.ui.LayoutView()
    view.add_item(discord.ui.Container(section, discord.ui.TextDisplay("é🎉"), row))
    size = size_of(view.to_components())  # type: ignore[no-untyped-call]
    assert (size.components, size.characters) == (view.total_children_count, view.content_length()) == (7, 7)


def test_what_is_one_too_many_does_not_fit() -> None:
    assert size_of([text("x")] * 40).fits
    assert not size_of([text("x")] * 41).fits
    assert size_of([text("x" * 2_000)] * 2).fits
    assert not size_of([text("x" * 2_000), text("x" * 2_001)]).fits


def test_a_message_is_cut_only_where_less_detail_does_not_help() -> None:
    sizes = {4: 5_500, 3: 5_000, 2: 4_500, 1: 3_000, 0: 100}
    assert fitted(lambda detail, most: [text("x" * sizes[detail])], 3) == [text("x" * 3_000)]
    assert fitted(lambda detail, most: [text("x" * 1_500)] * most, 9) == [text("x" * 1_500)] * 2


async def test_discord_py_takes_a_message_as_a_view_and_keeps_none_of_it() -> None:
    message = Message([text("hello")], "hello")
    check(message)
    with discord.http.handle_message_parameters(view=message.view) as made:
        assert made.payload is not None
        assert made.payload["components"] == message.components
        assert made.payload["flags"] & 1 << 15
    assert FLAGS == 1 << 15 | 1 << 2
    tasks = len(asyncio.all_tasks())
    client = discord.Client(intents=discord.Intents.none())
    view = Payload(message.components)
    assert view.is_finished()  # what discord.py asks before it keeps a view with a timer
    assert len(asyncio.all_tasks()) == tasks
    assert not client.persistent_views
