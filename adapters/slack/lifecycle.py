"""Coming and going: an app that is uninstalled takes all of the team's with it."""

from slack_bolt.async_app import AsyncApp

from adapters.slack.asking import Body, event_of, team_of
from adapters.slack.context import Slack
from adapters.slack.tokens import PLATFORM


def register(app: AsyncApp, slack: Slack) -> None:
    """Listen to the end of an installation."""

    @app.event("app_uninstalled")
    async def uninstalled(body: Body) -> None:
        if await slack.first(event_of(body)):
            await forget_team(slack, team_of(body))

    @app.event("tokens_revoked")
    async def revoked(body: Body) -> None:
        bots = (body["event"].get("tokens") or {}).get("bot") or []
        if bots and await slack.first(event_of(body)):
            await forget_team(slack, team_of(body))


async def forget_team(slack: Slack, team: str) -> None:
    """Delete a team's tokens, and all else that is its own."""
    await slack.tokens.forget(team)
    async with slack.world.store.write() as session:
        await session.teams.forget(PLATFORM, team)
