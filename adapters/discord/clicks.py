"""Buttons and menus: each is the command that it stands for, whenever it was made."""

from adapters.discord.answering import Answering, answering, lists_papers
from adapters.discord.asking import Interaction, ask, may_post, who_of
from adapters.discord.buttons import TOO_OLD, Press, command_id
from adapters.discord.context import Discord
from adapters.discord.failures import guarded
from adapters.discord.forms import Forms
from adapters.discord.render import reply_view
from bot.reply import Reply
from bot.vote_edits import is_vote

_UNKNOWN = Reply(notice="I don't know this button any more; type the command, /papers help lists them all.", ok=False)
_TOO_OLD = Reply(notice=TOO_OLD, ok=False)
_MAY_NOT = Reply(notice="I may not write in this channel; who manages it can let me, with Send Messages.", ok=False)
_SHARED = Reply(notice="That is shared here already.", ok=False)


class Clicks:
    """Answers presses."""

    def __init__(self, shared: Discord, forms: Forms) -> None:
        self._shared = shared
        self._forms = forms

    async def pressed(self, interaction: Interaction, press: Press) -> None:
        """Answer a press of one of our buttons, or a choice in a menu. It raises nothing."""
        work = self._share(interaction, press) if press.share else self._run(interaction, press)
        await guarded(self._shared, interaction, work)

    async def unknown(self, interaction: Interaction) -> None:
        """Answer a press of a button that no version of ours knows. It raises nothing."""
        await guarded(self._shared, interaction, self._tell(interaction, _UNKNOWN))

    async def _run(self, interaction: Interaction, press: Press) -> None:
        if press.command and not press.elsewhere and await self._forms.opened(interaction, press.command):
            return
        # Where the button's message is the presser's own, that changes.
        private = bool(interaction.message and interaction.message.flags.ephemeral)
        async with answering(self._shared, interaction, in_place=private) as its_answer:
            if await its_answer.is_first():
                await self._carry_out(its_answer, press, private)

    async def _carry_out(self, its_answer: Answering, press: Press, private: bool) -> None:
        interaction = its_answer.interaction
        line = await self._line(interaction, press)
        if line is None:
            await its_answer.answer(_TOO_OLD, beside=private)
            return
        reply = await ask(self._shared, interaction, line, press.elsewhere)
        self._note(interaction, press, line, private)
        # A private answer gives way to the next, but a list of papers stays while somebody votes in it.
        beside = private and lists_papers(interaction.message) and not _is_full(reply)
        await its_answer.answer(reply, line, press.elsewhere, beside)

    async def _share(self, interaction: Interaction, press: Press) -> None:
        async with answering(self._shared, interaction, in_place=True) as its_answer:
            if await its_answer.is_first():
                await self._share_once(its_answer, press)

    async def _share_once(self, its_answer: Answering, press: Press) -> None:
        interaction = its_answer.interaction
        line = await self._line(interaction, press)
        if line is None or not may_post(interaction):
            await its_answer.answer(_TOO_OLD if line is None else _MAY_NOT, beside=True)
            return
        shown = interaction.message.id if interaction.message else interaction.id
        share = f"share {interaction.user.id} {shown} {command_id(line)}"
        if not await self._shared.first(share):
            await its_answer.answer(_SHARED, beside=True)
            return
        is_there = False
        try:
            reply = await ask(self._shared, interaction, line, press.elsewhere)
            message = reply_view(reply)
            await its_answer.keep(message)
            await its_answer.send(message, beside=True, to_all=reply.ok)
            is_there = reply.ok
        finally:
            if not is_there:  # who presses again is not to be told that it is
                await self._shared.forget(share)

    async def _line(self, interaction: Interaction, press: Press) -> str | None:
        """Return the command of a press; None where it is kept no more."""
        if press.command_id is None:
            return press.command
        team = press.elsewhere.team if press.elsewhere else who_of(interaction).team
        return await self._shared.remembering(team).recall(press.command_id)

    def _note(self, interaction: Interaction, press: Press, line: str, private: bool) -> None:
        """Tell whoever keeps the digests' votes right."""
        if self._shared.edits and is_vote(line):
            who = who_of(interaction)
            shown = None if private or not interaction.message else str(interaction.message.id)
            where = str(interaction.channel_id)  # in a forum the post, where `who` is in the forum
            self._shared.edits.pressed(who.team, where, shown, press.key)

    async def _tell(self, interaction: Interaction, reply: Reply) -> None:
        async with answering(self._shared, interaction) as its_answer:
            await its_answer.answer(reply)


def _is_full(reply: Reply) -> bool:
    """Return whether a reply is more than a sentence with buttons."""
    parts = (reply.papers, reply.card, reply.digest, reply.follows, reply.digests, reply.status, reply.help)
    return any(part is not None for part in parts)
