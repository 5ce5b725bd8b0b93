"""The doctor's look at Slack: the tokens, what they may do, and the channels that have digests."""

from collections.abc import AsyncIterator
from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient

from adapters.cli.settings import Settings
from adapters.cli.slack import slack_settings
from adapters.slack.checks import Check, socket_check, token_checks
from adapters.slack.context import SlackSettings
from adapters.slack.quiet import keep_quiet
from adapters.slack.tokens import PLATFORM, ManyTeams, OneTeam, UnaskedError
from bot.errors import StoreError
from bot.ports import Clock, World
from storage.vault import SealedVault

_MOST_TEAMS = 20
"""Teams that are looked at, where many have installed the app."""


async def slack_checks(settings: Settings, world: World | None, clock: Clock, limit: float) -> AsyncIterator[Check]:
    """Yield what Slack says of us. Each of its answers is waited for `limit` seconds at most."""
    chosen = slack_settings(settings)
    keep_quiet()
    client = AsyncWebClient(base_url=chosen.api_url, retry_handlers=[], timeout=max(1, int(limit / 2)))
    if chosen.app_token:
        yield await socket_check(client, chosen.app_token)
    if chosen.bot_token:
        async for each in token_checks(client, chosen.bot_token, await _channels_of_token(client, chosen, world)):
            yield each
    elif world:
        async for each in _of_all_teams(settings, client, world, clock):
            yield each


async def _channels_of_token(client: AsyncWebClient, chosen: SlackSettings, world: World | None) -> list[str]:
    """Return the channels that have digests in the token's workspace; none where Slack does not say which that is."""
    try:
        found = await OneTeam(chosen.bot_token, client).found()
    except UnaskedError:
        return []
    return await _channels(world, found.team) if world and found else []


async def _channels(world: World, key: str) -> list[str]:
    """Return the channels of a team that have digests."""
    async with world.store.read() as session:
        teams = [team for team in await session.teams.of_platform(PLATFORM) if team.key == key]
        channels = [channel.key for team in teams for channel, _ in await session.digests.of_team(team.id)]
    return list(dict.fromkeys(channels))


async def _of_all_teams(settings: Settings, client: AsyncWebClient, world: World, clock: Clock) -> AsyncIterator[Check]:
    tokens = ManyTeams(SealedVault(world.store, clock, settings.keys))
    async with world.store.read() as session:
        teams = await session.teams.of_platform(PLATFORM)
    if not teams:
        yield Check("slack teams", "warn", "nobody has written to the bot yet", f"{settings.public_url}/slack/install")
    for team in teams[:_MOST_TEAMS]:
        what = f"slack team {team.key}"
        try:
            installed = await tokens.of(team.key)
        except StoreError as closed:
            yield Check(what, "fail", str(closed), "add the key that is missing, or let the team install the app again")
            continue
        if installed is None:
            yield Check(what, "fail", "it has not installed the app", f"{settings.public_url}/slack/install")
            continue
        async for each in token_checks(client, installed.token, await _channels(world, team.key)):
            yield replace(each, check=each.check.replace("slack", what, 1))
    if len(teams) > _MOST_TEAMS:
        yield Check("slack teams", "ok", f"the first {_MOST_TEAMS} of {len(teams)} were looked at")
