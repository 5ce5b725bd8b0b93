"""Coming and going: the first words to whoever owns a guild, and nothing left of one that sent us away."""

import aiohttp
import discord
import structlog

from adapters.discord.context import Discord
from adapters.discord.names import PLATFORM, guild_key
from adapters.discord.render import reply_view
from bot.reply import Action, Reply

log = structlog.get_logger()

WELCOME = Reply(
    heading="Welcome to Paper Round",
    notice=(
        "I bring the daily research papers to your server; nothing is posted before you say where. In which channel?"
        " Type /digest on there: a form asks for the time, the days and the topics. What would it bring? /digest"
        " preview shows it to you alone. Everybody can use /papers today, /papers search and /follow; my answers are"
        " seen by who asked alone. And here, in this talk, they work as well."
    ),
    actions=(Action("Today's papers", "today"), Action("All commands", "help")),
)


async def joined(shared: Discord, client: discord.Client, guild: discord.Guild) -> None:
    """Write to the guild's owner, once; nobody else is told, and nothing is posted in a channel unasked.

    Who brought us is told only to those who may see the audit log or manage the guild, which we never ask for.
    """
    since = guild.me.joined_at if guild.me else None
    if guild.owner_id is None or not await shared.first(f"join {guild.id} {since}"):
        return
    try:
        talk = await client.create_dm(discord.Object(guild.owner_id))
        await talk.send(view=reply_view(WELCOME).view)
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as refused:
        log.info("the owner could not be welcomed", guild=guild.id, reason=type(refused).__name__)


async def removed(shared: Discord, guild: discord.Guild) -> None:
    """Delete all that is a guild's own. Not called where a guild is only out of reach (discord.py tells these apart).

    https://docs.discord.com/developers/events/gateway-events#guild-delete
    """
    team = guild_key(guild.id)
    async with shared.world.store.write() as session:
        await session.remembered.forget(PLATFORM, team)
        known = await session.teams.forget(PLATFORM, team)
    log.info("a guild sent us away, and all of its own was deleted", guild=guild.id, known=known)
