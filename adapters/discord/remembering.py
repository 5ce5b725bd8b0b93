"""Long commands of buttons: Discord takes 100 characters of a custom id, so the store keeps the command under an id."""

from collections.abc import Mapping

from adapters.discord.names import PLATFORM
from bot.ports import World

_PREFIX = "button "


class Remembering:
    """A team's long commands: another team's ids lead to nothing."""

    def __init__(self, world: World, team: str) -> None:
        self._world = world
        self._team = team

    async def keep(self, commands: Mapping[str, str]) -> None:
        """Keep commands, each under its id; one that is there is kept anew from now on. Raises StoreError."""
        if not commands:
            return
        now = self._world.clock.now()
        async with self._world.store.write() as session:
            for command_id, command in commands.items():
                await session.remembered.put(PLATFORM, self._team, f"{_PREFIX}{command_id}", command, now)

    async def recall(self, command_id: str) -> str | None:
        """Return the command of an id, None where it is kept no more, or was never this team's. Raises StoreError."""
        async with self._world.store.read() as session:
            return await session.remembered.get(PLATFORM, self._team, f"{_PREFIX}{command_id}")
