"""Which token speaks for which workspace: one from the settings, or one for each that installed the app."""

import json
from dataclasses import asdict, dataclass, field
from typing import Protocol

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.answers import NO_TOKEN, error_of
from adapters.slack.names import team_key
from bot.errors import PaperRoundError
from bot.ports import Vault

PLATFORM = "slack"
_NAME = "installation"


class UnaskedError(PaperRoundError):
    """Slack could not be asked whose token it is: nobody knows whether the app is installed."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Our app in a workspace: its token, and who it is there. `installer` is a user's id, where one is known."""

    team: str
    token: str = field(repr=False)
    bot_user: str
    bot_id: str
    installer: str | None = None


class Tokens(Protocol):
    """Finds what speaks for a workspace."""

    async def of(self, team: str) -> Installation | None:
        """Return the app's installation in a team, by the team's key; None where it is not installed.

        Raises PaperRoundError where that can't be known now.
        """
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
        """Ask Slack once whose token it is. None where Slack refuses it; raises UnaskedError where it does not say."""
        if self._found is None:
            try:
                told = await self._client.auth_test(token=self._token)
            except SlackApiError as refused:
                if error_of(refused) in NO_TOKEN:
                    return None
                raise UnaskedError(f"Slack does not say whose token it is: {error_of(refused) or refused}") from None
            except (aiohttp.ClientError, TimeoutError, OSError) as broken:
                raise UnaskedError(f"Slack could not be reached: {broken or type(broken).__name__}") from None
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
