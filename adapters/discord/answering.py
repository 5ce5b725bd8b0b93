"""How an interaction is answered: at once, where the answer is there soon; else it is put off, and answered after it.

Discord waits for 3 s for the first response, and then for 15 minutes. One request instead of two makes room for more
commands (with one, a command takes 3.2 ms of the event loop's thread, with two 3.5, with discord.py's own two 3.7); but
what is asked of the store may take its time, so that everybody is told soon.
https://docs.discord.com/developers/interactions/receiving-and-responding
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import discord
from discord import InteractionResponseType as Type

from adapters.discord.asking import Interaction, who_of
from adapters.discord.buttons import Elsewhere
from adapters.discord.context import Discord
from adapters.discord.message import Message
from adapters.discord.render import reply_view
from adapters.discord.rest import BROKEN
from bot.reply import Reply

SOON = 0.03
"""Seconds after which an interaction is put off. Under load, the first response comes some 50 ms later than this; it is
to come within 100."""

FIRST_WITHIN = 3.0
"""Seconds from its arrival for which the first response is tried."""

ANSWER_WITHIN = 14 * 60.0
"""The same for the answer: a minute less than Discord gives."""

_SHOWN = discord.MessageFlags(components_v2=True).value
_PRIVATE = discord.MessageFlags(ephemeral=True).value
_NOBODY = discord.AllowedMentions.none().to_dict()
_ACKNOWLEDGED = "acknowledged"


class Answering:
    """The answer to one interaction: private, unless it is for all.

    Whoever comes first, the answer or the end of the wait, takes the first response, before anything is awaited: there
    is never a second one. An interaction of a button is `in_place` if its answer changes the button's message.
    """

    def __init__(self, shared: Discord, interaction: Interaction, in_place: bool) -> None:
        self.interaction = interaction
        self._shared = shared
        self._in_place = in_place
        self._arrived = asyncio.get_running_loop().time()
        self._is_taken = False
        self._putting_off: asyncio.Task[None] | None = None

    def put_off(self) -> None:
        """Say that an answer comes, unless it is there already."""
        if not self._is_taken:
            self._is_taken = True
            self._putting_off = asyncio.create_task(self._put_off())

    async def is_first(self) -> bool:
        """Return whether the interaction arrived for the first time; else that other arrival is answered.

        Raises StoreError.
        """
        return await self._shared.first(f"interaction {self.interaction.id}")

    async def keep(self, message: Message, elsewhere: Elsewhere | None = None) -> None:
        """Keep a message's long commands, before it is sent. Raises StoreError."""
        if message.long_commands:
            team = elsewhere.team if elsewhere else who_of(self.interaction).team
            await self._shared.remembering(team).keep(message.long_commands)

    async def answer(
        self, reply: Reply, line: str | None = None, elsewhere: Elsewhere | None = None, beside: bool = False
    ) -> None:
        """Keep what is long in a reply, and send it. Raises StoreError, and as `send`."""
        message = reply_view(reply, line, elsewhere)
        await self.keep(message, elsewhere)
        await self.send(message, beside=beside)

    async def send(self, message: Message, *, beside: bool = False, to_all: bool = False) -> None:
        """Send the answer, once; `beside` the button's message, which else changes where that is in place.

        Raises discord.HTTPException, and `BROKEN` where nobody knows whether it arrived.
        """
        is_new = beside or to_all or not self._in_place
        shown: dict[str, Any] = {"components": message.components, "flags": _SHOWN, "allowed_mentions": _NOBODY}
        if not self._is_taken:
            self._is_taken = True
            flags = _SHOWN | _PRIVATE if is_new and not to_all else _SHOWN
            kind = Type.channel_message if is_new else Type.message_update
            if await self._respond(kind, shown | {"flags": flags}):
                return
        elif self._putting_off:
            await self._putting_off
        if self._in_place and is_new:
            await self.interaction.followup.send(view=message.view, ephemeral=not to_all)
        else:
            await self._shared.responses.edit(self.interaction, shown, self._arrived + ANSWER_WITHIN)

    def give_up(self) -> None:
        """Put nothing off any more."""
        if self._putting_off:
            self._putting_off.cancel()

    async def settle(self) -> None:
        """Wait until what was begun with the first response has ended. Raises what came of it."""
        if self._putting_off:
            await self._putting_off

    async def settle_quietly(self) -> None:
        """The same where something else has failed already, which is what the log is to tell."""
        with suppress(discord.HTTPException, *BROKEN):
            await self.settle()

    async def _put_off(self) -> None:
        if self._in_place:
            await self._respond(Type.deferred_message_update, None)
        else:
            await self._respond(Type.deferred_channel_message, {"flags": _PRIVATE})

    async def _respond(self, kind: Type, data: dict[str, Any] | None) -> bool:
        """Return whether this is the first response, and not one of another arrival of the same interaction."""
        until = self._arrived + FIRST_WITHIN
        is_ours = await self._shared.responses.first(self.interaction, kind.value, data, until)
        self.interaction.extras[_ACKNOWLEDGED] = True
        return is_ours


@asynccontextmanager
async def answering(shared: Discord, interaction: Interaction, *, in_place: bool = False) -> AsyncIterator[Answering]:
    """Within the block, the answer is made and sent. If it is not there soon, it is put off meanwhile."""
    its_answer = Answering(shared, interaction, in_place)
    timer = asyncio.get_running_loop().call_later(SOON, its_answer.put_off)
    try:
        yield its_answer
    except asyncio.CancelledError:
        its_answer.give_up()
        await its_answer.settle_quietly()
        raise
    except Exception:
        await its_answer.settle_quietly()
        raise
    else:
        await its_answer.settle()
    finally:
        timer.cancel()


def is_acknowledged(interaction: Interaction) -> bool:
    """Return whether Discord has the first response of an interaction."""
    return interaction.response.is_done() or _ACKNOWLEDGED in interaction.extras


def lists_papers(message: discord.Message | None) -> bool:
    """Return whether a message of ours shows papers, each with its button."""
    return message is not None and any(
        part.type is discord.ComponentType.section for part in _walked(message.components)
    )


def _walked(parts: Any) -> Any:
    for part in parts:
        yield part
        yield from _walked(getattr(part, "children", ()))
