"""Which token speaks for which workspace: one from the settings, or one for each that installed the app."""

import json
from dataclasses import asdict, dataclass
from typing import Protocol

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.names import team_key
from bot.ports import Vault

PLATFORM = "slack"
_NAME = "installation"


@dataclass(frozen=True, slots=True)
class Installation:
    """Our app in a workspace: its token, and who it is there. `installer` is a user's id, where one is known."""

    team: str
    token: str
    bot_user: str
    bot_id: str
    installer: str | None = None


class Tokens(Protocol):
    """Finds what speaks for a workspace."""

    async def of(self, team: str) -> Installation | None:
        """Return the app's installation in a team, by the team's key; None where it is not installed."""
        ...

    async def forget(self, team: str) -> None:
        """Delete what is known of it: it was uninstalled."""
        ...


class OneTeam:
    """A single workspace, whose token is a setting."""

    def __init__(self, token: str, client: AsyncWebClient) -> None:
        self._token = token
        self._client = client
        self._found: Installation | None = None

    async def of(self, team: str) -> Installation | None:
        """Return the installation, if it is that team's."""
        found = await self.found()
        return found if found and found.team == team else None

    async def found(self) -> Installation | None:
        """Ask Slack once whose token it is. None where Slack refuses it."""
        if self._found is None:
            try:
                told = await self._client.auth_test(token=self._token)
            except SlackApiError:
                return None
            key = team_key(told.get("enterprise_id"), told.get("team_id"))
            self._found = Installation(key, self._token, str(told["user_id"]), str(told.get("bot_id") or ""))
        return self._found

    async def forget(self, team: str) -> None:  # noqa: ARG002 - there is but one
        """The token is the operator's setting; Slack will refuse it from now on."""
        self._found = None


class ManyTeams:
    """Every workspace that installed the app, its token sealed in the vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def of(self, team: str) -> Installation | None:
        """Return the team's installation, or that of its whole organisation."""
        for key in (team, team.partition(".")[0]):
            if sealed := await self._vault.get(PLATFORM, key, _NAME):
                return Installation(**json.loads(sealed))
        return None

    async def keep(self, installation: Installation) -> None:
        """Store an installation, in place of an older one of the team."""
        await self._vault.put(PLATFORM, installation.team, _NAME, json.dumps(asdict(installation)))

    async def forget(self, team: str) -> None:
        """Delete the team's tokens."""
        await self._vault.forget(PLATFORM, team)
