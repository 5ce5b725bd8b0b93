"""The bot in Discord: discord.py's client, with all that it listens to."""

import asyncio
import uuid
from typing import Any

import discord
import structlog
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord import lifecycle
from adapters.discord.autocomplete import Completing
from adapters.discord.buttons import ITEMS, Press, press_of
from adapters.discord.clicks import Clicks
from adapters.discord.commands import Commands
from adapters.discord.context import Discord, DiscordSettings
from adapters.discord.failures import apologise
from adapters.discord.forms import COMMANDS, FORM_BUTTON, FormButton, Forms
from adapters.discord.menus import Menus
from adapters.discord.quiet import keep_quiet
from adapters.discord.syncing import Translations, sync_until_done
from adapters.discord.tree import slash_commands
from bot.commands.dispatch import TABLE

INTENTS = discord.Intents(guilds=True)
"""The only events that Discord is asked for; none is privileged. What people press and type comes without asking."""

ANSWERS_END = 5.0
"""Seconds that a stop waits for answers under way."""

log = structlog.get_logger()


def make_client(shared: Discord, *, at_work: bool = True) -> "PaperRound":
    """Return the client, not logged in yet. Where it is not `at_work`, it sends and keeps nothing by itself.

    There is one Discord in a process: discord.py keeps its addresses in classes.
    """
    reach(shared.settings)
    keep_quiet()
    return PaperRound(shared, at_work=at_work)


def reach(settings: DiscordSettings) -> None:
    """Let discord.py speak to the set addresses."""
    Route.BASE = settings.api_url.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url)


class Tree(app_commands.CommandTree["PaperRound"]):
    """The slash commands; where one fails, the person is told."""

    async def on_error(
        self, interaction: discord.Interaction["PaperRound"], error: app_commands.AppCommandError, /
    ) -> None:
        """Apologise."""
        await apologise(interaction, error)


class PaperRound(discord.AutoShardedClient):
    """The client: it keeps no message and no member in memory, and mentions nobody."""

    def __init__(self, shared: Discord, *, at_work: bool = True) -> None:
        settings = shared.settings
        super().__init__(
            intents=INTENTS,
            shard_ids=list(settings.shard_ids) or None,  # type: ignore[arg-type]  # None is its default
            shard_count=settings.shard_count,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=settings.guilds_within,
        )
        self.shared = shared
        self._forms = Forms(shared)
        self._clicks = Clicks(shared, self._forms)
        self._at_work = at_work
        self._tasks: list[asyncio.Task[None]] = []
        self.tree = Tree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )
        typed, completing = Commands(shared, self._forms), Completing(shared)
        for command in slash_commands(TABLE, typed.run, completing.complete, COMMANDS):
            self.tree.add_command(command)
        for entry in Menus(shared).commands():
            self.tree.add_command(entry)
        self.add_dynamic_items(*ITEMS, FormButton)

    async def setup_hook(self) -> None:
        """Tell Discord the commands if they changed, and fill the memory for suggestions, both in the background."""
        await self.tree.set_translator(Translations())
        if self._at_work:
            world = self.shared.world
            self._tasks += [
                asyncio.create_task(sync_until_done(world, self.tree)),
                asyncio.create_task(self.shared.recent.stay_fresh()),
            ]

    async def close(self) -> None:
        """Let the answers under way be given, end what goes on in the background, and close the connection."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if under_way := self.shared.under_way - {asyncio.current_task()}:
            _, late = await asyncio.wait(under_way, timeout=ANSWERS_END)
            for answer in late:
                answer.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.shared.responses.close()
        await super().close()

    async def pressed(self, interaction: discord.Interaction[Any], press: Press) -> None:
        """Answer a press of one of our buttons, or a choice in a menu."""
        await self._clicks.pressed(interaction, press)

    async def opens(self, interaction: discord.Interaction[Any], form: str) -> None:
        """Answer the button that opens a form."""
        await self._forms.pressed(interaction, form)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a form that was sent, and a button that nobody knows; the rest is answered elsewhere."""
        custom_id = str(interaction.custom_id or "")
        if interaction.type is discord.InteractionType.modal_submit:
            await self._forms.sent(interaction)
        elif interaction.type is discord.InteractionType.component and not _is_ours(custom_id):
            await self._clicks.unknown(interaction)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Welcome the owner of a guild that has us now."""
        await lifecycle.joined(self.shared, self, guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Delete what belongs to a guild that has us no more."""
        await lifecycle.removed(self.shared, guild)

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:
        """Log what an event's listener raised."""
        log.exception("a listener failed", id=uuid.uuid4().hex[:8], kind=event_method)


def _is_ours(custom_id: str) -> bool:
    """Return whether one of the registered items answers an id."""
    return press_of(custom_id) is not None or FORM_BUTTON.fullmatch(custom_id) is not None
