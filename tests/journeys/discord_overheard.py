"""What the bot in Discord hears and answers on a journey, and which long commands of its buttons it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.discord.context import Discord
from adapters.discord.remembering import Remembering
from bot.ports import World
from bot.reply import Reply
from bot.team import Who

Answer = tuple[Who, str, Reply]
Kept = dict[str, dict[str, str]]
"""The long commands of each team's buttons, by their ids."""


class Remembered(Remembering):
    """Keeps long commands in the store, and lets the stage know them."""

    def __init__(self, world: World, team: str, kept: Kept) -> None:
        super().__init__(world, team)
        self._kept = kept[team]

    async def keep(self, commands: Mapping[str, str]) -> None:
        """Keep commands."""
        await super().keep(commands)
        self._kept.update(commands)


@dataclass(frozen=True, slots=True)
class Overheard(Discord):
    """What the listeners share; keeps what the core answered, until the message that tells it was read."""

    heard: list[Answer] = field(default_factory=list)
    kept: Kept = field(default_factory=dict)

    async def answer(self, who: Who, line: str) -> Reply:
        """Carry out a line, and keep the answer."""
        reply = await Discord.answer(self, who, line)
        self.heard.append((who, line, reply))
        return reply

    def remembering(self, team: str) -> Remembered:
        """Return where a team's long commands are kept."""
        return Remembered(self.world, team, self.kept)
