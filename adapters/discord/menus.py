"""What can be done with a message: save the papers that it names, or follow their authors."""

from collections.abc import Iterator

import discord
from discord import app_commands

from adapters.discord.answering import Answering, answering
from adapters.discord.asking import Interaction, ask
from adapters.discord.context import Discord
from adapters.discord.failures import guarded
from bot.message_papers import lines_to_follow, lines_to_save, papers_in, together

SAVE = "Save papers in this message"
FOLLOW = "Follow its authors"


class Menus:
    """Answers the entries of a message's menu."""

    def __init__(self, shared: Discord) -> None:
        self._shared = shared

    def commands(self) -> list[app_commands.ContextMenu]:
        """Return the entries."""

        async def save(interaction: Interaction, message: discord.Message) -> None:
            await guarded(self._shared, interaction, self._save(interaction, message))

        async def follow(interaction: Interaction, message: discord.Message) -> None:
            await guarded(self._shared, interaction, self._follow(interaction, message))

        return [
            app_commands.ContextMenu(name=SAVE, callback=save),
            app_commands.ContextMenu(name=FOLLOW, callback=follow),
        ]

    async def _save(self, interaction: Interaction, message: discord.Message) -> None:
        async with answering(self._shared, interaction) as its_answer:
            if await its_answer.is_first():
                await self._all(its_answer, lines_to_save(papers_in(texts_of(message))), "save")

    async def _follow(self, interaction: Interaction, message: discord.Message) -> None:
        async with answering(self._shared, interaction) as its_answer:
            if await its_answer.is_first():
                papers = papers_in(texts_of(message))
                await self._all(its_answer, await lines_to_follow(self._shared.world, papers), "follow")

    async def _all(self, its_answer: Answering, lines: list[str], verb: str) -> None:
        replies = [await ask(self._shared, its_answer.interaction, line) for line in lines]
        await its_answer.answer(together(replies, verb))


def texts_of(message: discord.Message) -> Iterator[str]:
    """Yield all text in a message: also in its embeds and components, and in what it passes on."""
    yield message.content
    for embed in message.embeds:
        yield from (words for words in (embed.title, embed.url, embed.description) if words)
        yield from (f"{field.name} {field.value}" for field in embed.fields)
    yield from _within(message.components)
    for passed_on in message.message_snapshots:
        yield passed_on.content
        yield from (
            words for embed in passed_on.embeds for words in (embed.title, embed.url, embed.description) if words
        )
        yield from _within(passed_on.components)


def _within(parts: object) -> Iterator[str]:
    for part in parts if isinstance(parts, list | tuple) else ():
        yield str(getattr(part, "content", None) or "")
        yield str(getattr(part, "url", None) or "")
        yield from _within(getattr(part, "children", ()))
