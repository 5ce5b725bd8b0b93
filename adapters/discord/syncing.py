"""Telling Discord which commands there are: only when they changed, and by one process at a time."""

import asyncio
import datetime as dt
import hashlib
import json
import uuid
from typing import Any, Literal

import aiohttp
import discord
import structlog
from discord import app_commands

from adapters.discord.names import PLATFORM
from bot.errors import StoreError
from bot.ports import World

Synced = Literal["sent", "unchanged", "busy"]

_NO_TEAM = ""
_LONGEST = dt.timedelta(minutes=5)
_AGAIN_AFTER = 60.0

log = structlog.get_logger()


class Translations(app_commands.Translator):
    """Where names and descriptions of commands are translated: everything passes here, and English alone is known."""

    async def translate(
        self,
        string: app_commands.locale_str,  # noqa: ARG002 - discord.py's
        locale: discord.Locale,  # noqa: ARG002 - discord.py's
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - discord.py's
    ) -> str | None:
        """Return None: no locale has words of its own."""
        return None


async def payload_of(tree: app_commands.CommandTree[Any]) -> list[dict[str, Any]]:
    """Return the commands as Discord is told them."""
    translations = tree.translator or Translations()
    return [await each.get_translated_payload(tree, translations) for each in tree.get_commands()]


async def hash_of(tree: app_commands.CommandTree[Any]) -> str:
    """Return what is another where the commands are others."""
    told = json.dumps(await payload_of(tree), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


async def sync(world: World, tree: app_commands.CommandTree[Any], *, force: bool = False) -> Synced:
    """Tell Discord the commands, unless it was told the very same before; `force` tells it all the same.

    Raises StoreError, discord.HTTPException and what a connection may raise.
    """
    name, now = f"commands {tree.client.application_id}", world.clock.now()
    wanted = await hash_of(tree)
    if not force and await _told(world, name) == wanted:
        return "unchanged"
    lease, holder = f"{PLATFORM} {name}", uuid.uuid4().hex
    async with world.store.write() as session:
        if not await session.leases.take(lease, holder, now, now + _LONGEST):
            return "busy"
        meanwhile = await session.remembered.get(PLATFORM, _NO_TEAM, name)
    done = False
    try:
        if done := not force and meanwhile == wanted:
            return "unchanged"
        async with asyncio.timeout(_LONGEST.total_seconds()):
            await tree.sync()
        done = True
        return "sent"
    finally:
        async with world.store.write() as session:
            if done:
                await session.remembered.put(PLATFORM, _NO_TEAM, name, wanted, world.clock.now())
            await session.leases.give_back(lease, holder)


async def in_sync(world: World, tree: app_commands.CommandTree[Any], app_id: str | None = None) -> bool:
    """Return whether Discord was told these very commands (by the app, if not logged in). Raises StoreError."""
    return await _told(world, f"commands {app_id or tree.client.application_id}") == await hash_of(tree)


async def sync_until_done(world: World, tree: app_commands.CommandTree[Any]) -> None:
    """Tell Discord the commands where that is needed; as long as it fails, try again each minute."""
    while True:
        try:
            done = await sync(world, tree)
        except app_commands.CommandSyncFailure as refused:
            log.error("Discord does not take the commands", reason=str(refused))
            return
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError, StoreError) as failure:
            log.warning("the commands could not be sent to Discord", reason=str(failure) or type(failure).__name__)
        else:
            if done != "busy":
                log.info("commands in Discord", state=done)
                return
        await asyncio.sleep(_AGAIN_AFTER)


async def _told(world: World, name: str) -> str | None:
    async with world.store.read() as session:
        return await session.remembered.get(PLATFORM, _NO_TEAM, name)
