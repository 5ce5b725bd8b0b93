"""How an interaction is answered: put off at once, in private, before anything is asked of the store; then in full.

Discord waits for 3 s for the first response, and then for 15 minutes.
https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from typing import Any

import aiohttp
import discord

from adapters.discord.asking import Interaction, who_of
from adapters.discord.buttons import Elsewhere
from adapters.discord.context import Discord
from adapters.discord.message import Message
from adapters.discord.render import reply_view
from bot.reply import Reply

ANSWERED = 40060
"""Discord's error for an interaction that has its first answer already."""


async def put_off(interaction: Interaction, *, in_place: bool = False) -> None:
    """Say that a private answer comes: as a message of its own, or in place of the one whose button was pressed.

    Where the connection is lost, nobody knows whether Discord heard it; it is told again, and may say that it did.
    """
    for is_last in (False, True):
        try:
            if in_place:
                await interaction.response.defer()
            else:
                await interaction.response.defer(ephemeral=True, thinking=True)
            return
        except discord.HTTPException as refused:
            if refused.code != ANSWERED:
                raise
            return  # if it is another arrival of the same interaction, `is_first` tells
        except (aiohttp.ClientError, OSError):
            if is_last:
                raise


async def is_first(shared: Discord, interaction: Interaction) -> bool:
    """Return whether an interaction arrived for the first time. Raises StoreError."""
    return await shared.first(f"interaction {interaction.id}")


async def answer(
    shared: Discord,
    interaction: Interaction,
    reply: Reply,
    line: str | None = None,
    elsewhere: Elsewhere | None = None,
    beside: bool = False,
) -> None:
    """Give the private answer that was put off; `beside` what is there, where a button of it was pressed."""
    message = reply_view(reply, line, elsewhere)
    await kept(shared, interaction, message, elsewhere)
    await send(interaction, message, beside=beside)


async def send(interaction: Interaction, message: Message, *, beside: bool = False, to_all: bool = False) -> None:
    """Send a message: in place of the answer that was put off, or beside it."""
    if beside or to_all:
        await interaction.followup.send(view=message.view, ephemeral=not to_all)
        return
    try:
        await interaction.edit_original_response(view=message.view)
    except (aiohttp.ClientError, OSError):  # an edit can be made twice; a message of its own would be there twice
        await interaction.edit_original_response(view=message.view)


async def kept(shared: Discord, interaction: Interaction, message: Message, elsewhere: Elsewhere | None = None) -> None:
    """Keep a message's long commands, before it is sent. Raises StoreError."""
    team = elsewhere.team if elsewhere else who_of(interaction).team
    await shared.remembering(team).keep(message.long_commands)


def lists_papers(message: discord.Message | None) -> bool:
    """Return whether a message of ours shows papers, each with its button."""
    return message is not None and any(
        part.type is discord.ComponentType.section for part in _walked(message.components)
    )


def _walked(parts: Any) -> Any:
    for part in parts:
        yield part
        yield from _walked(getattr(part, "children", ()))
