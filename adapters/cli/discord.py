"""How the composition root builds Discord from the settings: its messenger, and what keeps it connected."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import aiohttp
import discord
import structlog

from adapters.cli.run import open_world
from adapters.cli.settings import Settings, SettingsError
from adapters.cli.troubles import Troubles
from adapters.discord.answers import posting_of
from adapters.discord.client import make_client
from adapters.discord.context import Discord, DiscordSettings
from adapters.discord.invite import application_id, guild_link, own_link
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.permissions import NEEDS, RefusedError
from adapters.discord.remembering import Remembering
from adapters.discord.rest import BROKEN, Rest
from adapters.discord.roles import DiscordRoles
from adapters.discord.serve import Gateway, GatewayError, gateway, told
from adapters.discord.syncing import sync
from bot.ports import Clock, World
from bot.vote_edits import VoteEdits

_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_SHARDS = re.compile(r"(?P<ids>[0-9]{1,5}(?:-[0-9]{1,5})?(?:,[0-9]{1,5}(?:-[0-9]{1,5})?)*)/(?P<count>[0-9]{1,5})")
_WHAT = "Discord's gateway"
_ASKED_FOR = 15.0


log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DiscordSide:
    """Discord at work: the world with its messenger, and how events arrive."""

    world: World
    how: str
    gateway: Gateway

    def connected(self) -> bool:
        """Whether events arrive at present, on every shard of this process."""
        client = self.gateway.client
        return client is not None and client.is_ready() and not any(each.is_closed() for each in client.shards.values())


def discord_settings(settings: Settings) -> DiscordSettings:
    """Return how Discord is reached. Raises SettingsError, in one line, where a setting is missing or wrong."""
    token = settings.discord_token.get_secret_value().strip()
    if not token:
        raise SettingsError("PAPERROUND_DISCORD_TOKEN is missing: it is on the app's page “Bot”, under “Reset Token”.")
    if not _TOKEN.fullmatch(token):
        raise SettingsError(
            "PAPERROUND_DISCORD_TOKEN is no bot's token: those are three parts with dots between, and nothing before;"
            " it is on the app's page “Bot”, under “Reset Token”."
        )
    ids, count = _shards(settings.discord_shard_ids)
    return DiscordSettings(token, settings.discord_api_url.rstrip("/"), settings.discord_gateway_url, ids, count)


def _shards(written: str) -> tuple[tuple[int, ...], int | None]:
    """Return the shards of this process, and how many there are in all; none and None where Discord is to say."""
    if not written.strip():
        return (), None
    found = _SHARDS.fullmatch(re.sub(r"\s", "", written))
    ids: list[int] = []
    for part in found["ids"].split(",") if found else ():
        first, _, last = part.partition("-")
        ids += range(int(first), int(last or first) + 1)
    if found is None or not ids or len(set(ids)) < len(ids) or max(ids) >= int(found["count"]):
        raise SettingsError(
            "PAPERROUND_DISCORD_SHARD_IDS is wrong: write the shards of this process, counted from 0, and behind a"
            " slash how many there are in all, for example 0-3/8 or 0,1/4."
        )
    return tuple(ids), int(found["count"])


@asynccontextmanager
async def open_discord(settings: Settings, world: World) -> AsyncIterator[DiscordSide]:
    """Within the block, Discord is served: the yielded world posts there, and what happens there is answered.

    Raises SettingsError. Whether Discord takes the token, and can be reached, shows later, in the log.
    """
    chosen = discord_settings(settings)
    troubles = Troubles(world.clock.monotonic)
    connected: list[Gateway] = []
    stood = False

    def client() -> discord.Client | None:
        return connected[0].client if connected else None

    def tell(failure: Exception | None) -> None:
        nonlocal stood
        if failure:
            troubles.failed(_WHAT, failure)
        elif not troubles.went_well(_WHAT) and not stood:
            log.info("Discord is connected")
        stood = stood or failure is None

    limit = world.timings.request.total_seconds()
    async with Rest(chosen.token, chosen.api_url, limit, world.clock.monotonic) as rest:
        messenger = DiscordMessenger(
            rest,
            lambda team: Remembering(world, team),
            lambda channel: kind_of(client(), channel),
        )
        served = replace(
            world,
            messengers={**world.messengers, messenger.platform: messenger},
            roles={**world.roles, messenger.platform: DiscordRoles(client)},
        )
        async with (
            VoteEdits(served, messenger).at_work() as edits,
            gateway(Discord(served, chosen, edits), tell) as serving,
        ):
            connected.append(serving)
            shards = f"shards {settings.discord_shard_ids}" if chosen.shard_ids else "gateway"
            yield DiscordSide(served, shards, serving)


def kind_of(client: discord.Client | None, channel: str) -> int | None:
    """Return the kind of a channel that the client has at hand."""
    found = client.get_channel(int(channel)) if client and channel.isdecimal() else None
    return None if found is None or isinstance(found, discord.abc.PrivateChannel) else found.type.value


async def sync_commands(settings: Settings, clock: Clock) -> str:
    """Open the store, and do as `force_sync`. Raises StoreError, too."""
    discord_settings(settings)
    async with open_world(settings, clock, index_later=True) as world:
        return await force_sync(settings, world)


async def force_sync(settings: Settings, world: World) -> str:
    """Tell Discord the commands, whether they changed or not; return that in words.

    Raises SettingsError and GatewayError.
    """
    chosen = discord_settings(settings)
    client = make_client(Discord(world, chosen), at_work=False)
    try:
        await client.login(chosen.token)
        done = await sync(world, client.tree, force=True)
        commands = len(client.tree.get_commands())
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as failure:
        raise told(failure) from failure
    finally:
        await client.close()
    if done == "busy":
        return "Another process is telling Discord the commands just now."
    return f"Discord knows the {commands} commands as they are; people see them once they restart Discord (Ctrl+R)."


async def invitation(settings: Settings) -> dict[str, object]:
    """Return the links by which the bot is invited, and each permission that it asks for, with the reason.

    Raises SettingsError, and GatewayError where Discord does not say which app the token is of.
    """
    chosen = discord_settings(settings)
    async with Rest(chosen.token, chosen.api_url, _ASKED_FOR) as rest:
        try:
            app = await application_id(rest)
        except RefusedError as refused:
            raise GatewayError(str(posting_of(refused.answer).reason)) from None
        except BROKEN as broken:
            raise told(broken) from None
    return {"link": guild_link(app), "permissions": dict(NEEDS), "for_oneself": own_link(app)}


def invitation_words(found: dict[str, object]) -> str:
    """Return the same as a person reads it."""
    reasons = "\n".join(f"  {name.replace('_', ' ').title()}: {why}" for name, why in NEEDS.items())
    return (
        f"To invite the bot to a server:\n{found['link']}\n\nIt asks for these permissions:\n{reasons}\n\n"
        f"To have it for oneself, wherever one is (it asks for none):\n{found['for_oneself']}"
    )
