"""Forms: a digest's settings and a follow, field by field. Discord keeps nothing of a form but its custom id.

https://docs.discord.com/developers/components/reference#label. A form can't be shown again with what is wrong in it:
the answer says so, and its button opens the form anew, filled as it was.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp
import discord

from adapters.discord.answering import Answering, answering
from adapters.discord.asking import Interaction, ask, forum_of_ours, guild_of, who_of
from adapters.discord.buttons import Elsewhere
from adapters.discord.context import Discord
from adapters.discord.digest_form import BESIDES, IN_FORUM, digest_form, digest_settings
from adapters.discord.failures import guarded
from adapters.discord.follow_form import follow_form, follow_rule
from adapters.discord.form_parts import DIGEST, FOLLOW, PREFIX
from adapters.discord.limits import ACTION_ROW, BUTTON, SECONDARY, Component, size_of
from adapters.discord.message import Message
from adapters.discord.render import reply_view
from adapters.discord.responses import ANSWERED
from adapters.discord.roles import mentionable
from bot.commands.dispatch import find_command
from bot.errors import UserError
from bot.reply import Reply

COMMANDS = {"digest on": DIGEST, "follow": FOLLOW}
"""The commands that have a form, which opens where nothing is typed behind them."""

FORM_BUTTON = re.compile(rf"{PREFIX}(?P<form>{DIGEST}|{FOLLOW})")
_REMEMBERED = 1_000
_UNKNOWN = Reply(notice="I don't know this form any more; type the command, /papers help lists them all.", ok=False)

Typed = Mapping[str, list[str]]


class Forms:
    """Opens forms, and answers what is sent with them."""

    def __init__(self, shared: Discord) -> None:
        self._shared = shared
        self._typed: OrderedDict[tuple[str, str, str], Typed] = OrderedDict()

    async def opened(self, interaction: Interaction, line: str) -> bool:
        """Open the form of a command with nothing behind it; False where a line has none, or they may not send it.

        A form must be the first answer, so nothing is asked of the store before.
        """
        form = form_for(line)
        may = form == FOLLOW or (guild_of(interaction) is not None and who_of(interaction).may_configure)
        if form is None or not may or interaction.user.bot:
            return False
        await self._open(interaction, form)
        return True

    async def pressed(self, interaction: Interaction, form: str) -> None:
        """Answer the button that opens a form again. It raises nothing."""
        await guarded(self._shared, interaction, self._open(interaction, form))

    async def sent(self, interaction: Interaction) -> None:
        """Answer a form that was sent. It raises nothing."""
        await guarded(self._shared, interaction, self._sent(interaction))

    async def _open(self, interaction: Interaction, form: str) -> None:
        typed = self._typed.get(self._place(interaction, form), {})
        shown = _digest_form(interaction, typed) if form == DIGEST else follow_form(typed)
        for is_last in (False, True):
            try:
                await interaction.response.send_modal(shown)
                return
            except discord.HTTPException as refused:
                if refused.code != ANSWERED:
                    raise
                return  # it is open: by another arrival of the same interaction, or though our connection was lost
            except (aiohttp.ClientError, OSError):
                if is_last:
                    raise

    async def _sent(self, interaction: Interaction) -> None:
        async with answering(self._shared, interaction) as its_answer:
            if not await its_answer.is_first():
                return
            form = str(interaction.custom_id).removeprefix(PREFIX)
            if form in COMMANDS.values():
                await self._carry_out(its_answer, form)
            else:
                await its_answer.answer(_UNKNOWN)

    async def _carry_out(self, its_answer: Answering, form: str) -> None:
        interaction = its_answer.interaction
        typed = typed_in(interaction)
        place = self._place(interaction, form)
        self._typed[place] = typed
        while len(self._typed) > _REMEMBERED:
            self._typed.popitem(last=False)
        elsewhere = _forum_chosen(interaction, typed)
        try:
            line = f"digest on {digest_settings(typed)}" if form == DIGEST else f"follow {follow_rule(typed)}"
            reply = await ask(self._shared, interaction, line, elsewhere)
        except UserError as wrong:
            reply = Reply(notice=str(wrong), ok=False)
        if reply.ok:
            self._typed.pop(place, None)
        message = reply_view(reply, elsewhere=elsewhere)
        await its_answer.keep(message, elsewhere)
        await its_answer.send(message if reply.ok else _with_button(message, form))

    def _place(self, interaction: Interaction, form: str) -> tuple[str, str, str]:
        who = who_of(interaction)
        return (f"{who.team} {who.channel}", who.member, form)


def form_for(line: str) -> str | None:
    """Return the form that asks for what a line leaves open: that of a command with nothing behind it."""
    try:
        command, rest = find_command(line)
    except UserError:
        return None
    return None if rest else COMMANDS.get(command.name)


def _digest_form(interaction: Interaction, typed: Typed) -> discord.ui.Modal:
    parent = interaction.channel.parent if isinstance(interaction.channel, discord.Thread) else None
    is_theirs = isinstance(parent, discord.ForumChannel) and forum_of_ours(interaction) is None
    forum = parent.name if parent and is_theirs else None
    return digest_form(typed, mentionable(interaction.guild), forum)


def _forum_chosen(interaction: Interaction, typed: Typed) -> Elsewhere | None:
    """Return the forum of the post in which a form was sent, if the digest is to go there."""
    if IN_FORUM not in typed.get(BESIDES, ()) or not isinstance(interaction.channel, discord.Thread):
        return None
    return Elsewhere(who_of(interaction).team, str(interaction.channel.parent_id))


def typed_in(interaction: Interaction) -> Typed:
    """Return what was typed or chosen in the fields of a form, by their custom ids."""
    data: Any = interaction.data or {}
    return {part["custom_id"]: _values(part) for part in _fields(data.get("components", ()))}


def _fields(parts: Any) -> Iterator[Any]:
    for part in parts:
        inner = part.get("component")
        yield from _fields([inner] if inner else part.get("components", ()))
        if part.get("custom_id"):
            yield part


def _values(part: Any) -> list[str]:
    return [str(value) for value in part.get("values") or [part.get("value") or ""] if value]


def _with_button(message: Message, form: str) -> Message:
    """Return a message with the button that opens a form again, where it has room for one more."""
    again = {"type": BUTTON, "style": SECONDARY, "label": "Change it in the form", "custom_id": f"{PREFIX}{form}"}
    row: Component = {"type": ACTION_ROW, "components": [again]}
    parts = [*message.components, row]
    return Message(parts, message.text, message.long_commands) if size_of(parts).fits else message


class FormButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=FORM_BUTTON):
    """The button that opens a form."""

    def __init__(self, item: discord.ui.Button[Any], form: str) -> None:
        super().__init__(item)
        self.form = form

    @classmethod
    async def from_custom_id(
        cls,
        interaction: Interaction,  # noqa: ARG003 - discord.py's
        item: discord.ui.Item[Any],
        match: Any,
        /,
    ) -> "FormButton":
        """Return the button of a custom id that matches."""
        assert isinstance(item, discord.ui.Button)  # nothing else of ours has such an id
        return cls(item, match["form"])

    async def callback(self, interaction: Interaction) -> None:
        """Hand it to the client."""
        await interaction.client.opens(interaction, self.form)
