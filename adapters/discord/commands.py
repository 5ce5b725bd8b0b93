"""What people type: slash commands. Their options become the line that stands for them, and one grammar reads all."""

import re

from adapters.discord.answering import answering
from adapters.discord.asking import Interaction, ask
from adapters.discord.context import Discord
from adapters.discord.failures import guarded
from adapters.discord.forms import Forms
from adapters.discord.render import reply_view
from adapters.discord.turns import Turns

_MENTION = re.compile(r"<@!?([0-9]+)>")
"""How Discord sends a member who was chosen from its list (https://docs.discord.com/developers/reference)."""


class Commands:
    """Answers slash commands."""

    def __init__(self, shared: Discord, forms: Forms) -> None:
        self._shared = shared
        self._forms = forms
        self._turns = Turns()

    async def run(self, interaction: Interaction, line: str) -> None:
        """Answer a line that somebody typed or put together; `by:@ana`, as Discord sends it, is by:@ and her id."""
        await guarded(self._shared, interaction, self._run(interaction, _MENTION.sub(r"@\1", line)))

    async def _run(self, interaction: Interaction, line: str) -> None:
        if await self._forms.opened(interaction, line):
            return
        async with answering(self._shared, interaction) as its_answer:
            async with self._turns.one():
                if not await its_answer.is_first():
                    return
                message = reply_view(await ask(self._shared, interaction, line), line)
                await its_answer.keep(message)
            await its_answer.send(message)
