"""Installing the app in many workspaces: `/slack/install` leads to Slack, which sends the installer back to us.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import hashlib
import hmac
import secrets

from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.answers import error_of
from adapters.slack.context import Slack
from adapters.slack.manifest import HISTORY_SCOPES, SCOPES
from adapters.slack.names import team_key
from adapters.slack.onboarding import welcome
from adapters.slack.tokens import Installation, ManyTeams
from bot.errors import StoreError

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
_COOKIE = "paperround-slack-install"
_STATE_LIVES = 600
"""Seconds within which an installer comes back from Slack."""


class Installer:
    """The two pages of an installation. The state is signed, lives ten minutes, and counts once, in one browser."""

    def __init__(self, slack: Slack, teams: ManyTeams, with_history: bool = False) -> None:
        self._slack = slack
        self._teams = teams
        scopes = [*SCOPES, *(HISTORY_SCOPES if with_history else ())]
        self._redirect = f"{slack.settings.public_url.rstrip('/')}{REDIRECT}"
        self._urls = AuthorizeUrlGenerator(
            client_id=slack.settings.client_id, scopes=sorted(scopes), redirect_uri=self._redirect
        )

    def routes(self) -> list[web.RouteDef]:
        """Return what the web side serves."""
        return [web.get(INSTALL, self.begin), web.get(REDIRECT, self.finish)]

    async def begin(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's
        """Send somebody to Slack, to choose a workspace and to agree."""
        state = self._new_state()
        answer = web.Response(status=302, headers={"Location": self._urls.generate(state)})
        secure = self._redirect.startswith("https:")
        answer.set_cookie(_COOKIE, state, max_age=_STATE_LIVES, httponly=True, secure=secure, samesite="Lax")
        return answer

    async def finish(self, request: web.Request) -> web.Response:
        """Take the installer back, with a code that Slack changes into a token."""
        if error := request.query.get("error"):
            said = (
                "You did not agree, so nothing was installed." if error == "access_denied" else f"Slack says: {error}"
            )
            return _page(said, 400)
        state = request.query.get("state", "")
        if not hmac.compare_digest(state.encode(), request.cookies.get(_COOKIE, "").encode()):
            return _page("This page was opened in another browser than the one that began.", 400)
        if not await self._is_good(state):
            return _page("This installation has taken too long, or was finished before.", 400)
        try:
            installation = await self._exchange(request.query.get("code", ""))
            await self._teams.keep(installation)
        except SlackApiError as refused:
            return _page(f"Slack did not take the code: {error_of(refused)}.", 400)
        except StoreError as failure:
            return _page(f"The token could not be stored: {failure}", 500)
        await welcome(self._slack.client, installation)
        return _page("Paper Round is installed. It has written to you in Slack.", 200)

    async def _exchange(self, code: str) -> Installation:
        settings = self._slack.settings
        client = AsyncWebClient(base_url=settings.api_url, retry_handlers=[])
        # Not by oauth_v2_access, whose way of naming the client aiohttp has deprecated (slack_sdk 3.47).
        told = await client.api_call(
            "oauth.v2.access",
            data={
                "client_id": settings.client_id,
                "client_secret": settings.client_secret,
                "code": code,
                "redirect_uri": self._redirect,
            },
        )
        team, enterprise = told.get("team") or {}, told.get("enterprise") or {}
        whole = bool(told.get("is_enterprise_install"))
        return Installation(
            team_key(enterprise.get("id"), None if whole else team.get("id")),
            str(told["access_token"]),
            str(told["bot_user_id"]),
            "",
            (told.get("authed_user") or {}).get("id"),
        )

    def _new_state(self) -> str:
        made = int(self._slack.world.clock.now().timestamp())
        bare = f"{made}.{secrets.token_urlsafe(16)}"
        return f"{bare}.{self._signature(bare)}"

    async def _is_good(self, state: str) -> bool:
        bare, _, signature = state.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(bare).encode()):
            return False
        age = self._slack.world.clock.now().timestamp() - int(bare.split(".")[0])
        return 0 <= age <= _STATE_LIVES and await self._slack.first(f"state {bare}")

    def _signature(self, bare: str) -> str:
        return hmac.new(self._slack.settings.client_secret.encode(), bare.encode(), hashlib.sha256).hexdigest()


def _page(said: str, status: int) -> web.Response:
    again = "" if status == 200 else f" Begin anew at {INSTALL}."
    return web.Response(status=status, text=f"{said}{again}\n", headers={"Cache-Control": "no-store"})
