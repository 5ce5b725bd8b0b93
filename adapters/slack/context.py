"""What all listeners share: the world, the tokens, and a client for a workspace."""

from dataclasses import dataclass, field

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.tokens import PLATFORM, Tokens
from bot.arrivals import Arrivals
from bot.commands.dispatch import answer
from bot.ports import World
from bot.reply import Reply
from bot.team import Who
from bot.vote_edits import VoteEdits


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How Slack is reached: a bot token for one workspace, or a client's id and secret for many.

    With an app token events come by Socket Mode; with a signing secret, over HTTP.
    """

    bot_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    api_url: str = "https://slack.com/api/"
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class Slack:
    """What the listeners are given."""

    world: World
    settings: SlackSettings
    tokens: Tokens
    client: AsyncWebClient = field(repr=False)
    edits: VoteEdits | None = None
    _arrivals: Arrivals = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_arrivals", Arrivals(self.world, PLATFORM))

    async def answer(self, who: Who, line: str) -> Reply:
        """Carry out what somebody typed or pressed."""
        return await answer(self.world, who, line)

    async def first(self, event: str) -> bool:
        """Return whether this arrived for the first time: Slack sends again what it believes lost."""
        return await self._arrivals.first(event)

    async def forget(self, event: str) -> None:
        """Let what arrived count as new once more: what was to be done for it failed."""
        await self._arrivals.forget(event)
