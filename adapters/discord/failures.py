"""What nobody foresaw: the person gets an apology with an id, and the log the trace under that id."""

import uuid
from collections.abc import Awaitable
from typing import Any

import aiohttp
import discord
import structlog
from discord import app_commands

from adapters.discord.answering import is_acknowledged
from adapters.discord.context import Discord
from adapters.discord.responses import ANSWERED

_TOO_LATE = frozenset({10062, 10015, 50027})
"""Discord's errors for an interaction that has run out: unknown interaction, unknown webhook, invalid token.

https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

log = structlog.get_logger()


async def guarded(shared: Discord, interaction: discord.Interaction[Any], work: Awaitable[object]) -> None:
    """Do what answers an interaction; where that fails, apologise. It raises nothing."""
    with shared.at_work():
        try:
            await work
        except Exception as failure:  # noqa: BLE001 - the last one who can tell the person
            await apologise(interaction, failure)


async def apologise(interaction: discord.Interaction[Any], failure: Exception) -> None:
    """Log a failure under an id, and tell the person that id."""
    cause = failure.original if isinstance(failure, app_commands.CommandInvokeError) else failure
    # Nor is anything more sent where Discord asked for a pause that is longer than there is time.
    if isinstance(cause, discord.HTTPException) and (cause.code in _TOO_LATE or cause.status == 429):
        log.warning("an interaction could not be answered", kind=interaction.type.name, reason=cause.text)
        return
    if isinstance(cause, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        await _tell(interaction, _CHANGED)
        return
    key = uuid.uuid4().hex[:8]
    log.error("a listener failed", id=key, kind=interaction.type.name, exc_info=cause)
    await _tell(interaction, f"Sorry, that went wrong on my side. If it goes on, tell whoever runs me: error {key}.")


_CHANGED = (
    "That command has changed meanwhile. Restart Discord (Ctrl+R) to see it as it is now; /papers help lists all."
)


async def _tell(interaction: discord.Interaction[Any], words: str) -> None:
    """Tell the person alone; where Discord does not take it, log that."""
    try:
        if not is_acknowledged(interaction):
            try:
                await interaction.response.send_message(words, ephemeral=True)
                return
            except discord.HTTPException as refused:
                if refused.code != ANSWERED:
                    raise
        await interaction.followup.send(words, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as refused:
        log.warning("an apology did not arrive", reason=type(refused).__name__)
