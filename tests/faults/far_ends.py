"""The platforms on which delivery is tried: each a messenger in the worker, and a faulty far end on loopback.

A platform more is an entry in `FAR_ENDS`, and in `messenger_to` what speaks to it.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

from adapters.discord import rest
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.remembering import Remembering
from adapters.discord.rest import Rest
from adapters.slack.messenger import SlackMessenger
from adapters.slack.responding import connections
from adapters.slack.tokens import Installation
from bot.ports import Messenger
from tests.fakes.board import Event, running_board
from tests.fakes.board_messenger import BoardMessenger
from tests.fakes.discord_state import TOKEN
from tests.fakes.discord_wilful import running_discord, snowflake
from tests.fakes.slack_wilful import running_slack, token_of

TEAMS = ("acme", "umbrella", "initech", "hooli")
"""Teams in which the bot is. What a platform asks of a team, to wait for instance, holds the others up in no way."""


PER_SECOND = 40 * rest.PER_SECOND
"""Requests that are begun in a second: a request takes 0.4 s here instead of 15 (`tests.faults.work.fast`)."""

REQUEST = 15.0
"""The longest that Discord's client waits, in seconds; delivery gives up before."""


class FarEnd(Protocol):
    """A platform that serves, as the tests see it."""

    url: str

    def faults(self, **changed: Any) -> None:
        """Change how it misbehaves."""
        ...

    def events(self, *kinds: str) -> list[Event]:
        """Return what its log says: request, fault, accepted, deleted, told, early; of those kinds alone."""
        ...

    def wait_for(self, kind: str, count: int) -> None:
        """Wait until the log has that many events of a kind."""
        ...

    def visible(self) -> list[Event]:
        """Return the digests' messages that were accepted and not deleted, the earliest first."""
        ...


@dataclass(frozen=True, slots=True)
class Platform:
    """How a far end is started, and what the store calls the platform. `reads`: whether channels can be read back.

    `seldom`: tried in full alone. `knows_twins`: for a while it takes no second message of the same nonce. `key`: how
    it calls what has that name.
    """

    name: str
    start: Callable[[Path], Callable[..., AbstractContextManager[FarEnd]]]
    reads: bool = True
    seldom: bool = False
    knows_twins: bool = False
    key: Callable[[str], str] = str


def _board(folder: Path) -> Callable[..., AbstractContextManager[FarEnd]]:
    return partial(running_board, folder / "board.jsonl")


def _slack(_: Path) -> Callable[..., AbstractContextManager[FarEnd]]:
    return partial(running_slack, TEAMS)


def _blind_slack(_: Path) -> Callable[..., AbstractContextManager[FarEnd]]:
    return partial(running_slack, TEAMS, blind=True)


def _discord(_: Path) -> Callable[..., AbstractContextManager[FarEnd]]:
    return partial(running_discord, TEAMS, reading=0.05)


def _forgetful_discord(_: Path) -> Callable[..., AbstractContextManager[FarEnd]]:
    return partial(running_discord, TEAMS, reading=0.05, nonces=0)


def _blind_discord(_: Path) -> Callable[..., AbstractContextManager[FarEnd]]:
    return partial(running_discord, TEAMS, blind=True, nonces=0)


FAR_ENDS: Mapping[str, Platform] = {
    "board": Platform("board", _board),
    "slack": Platform("slack", _slack),
    "slack without history": Platform("slack", _blind_slack, reads=False),
    "discord": Platform("discord", _discord, knows_twins=True, key=snowflake),
    "discord without nonces": Platform("discord", _forgetful_discord, seldom=True, key=snowflake),
    "discord without history": Platform("discord", _blind_discord, reads=False, seldom=True, key=snowflake),
}


class Installed:
    """Implements Slack's `Tokens`: the app is in every workspace."""

    async def of(self, team: str) -> Installation | None:
        """Return the installation."""
        return Installation(team, token_of(team), "UBOT", "B1")

    async def forget(self, team: str) -> None:
        """It stays."""


class Forgotten(Remembering):
    """Keeps no command of a button: nobody presses any."""

    def __init__(self) -> None:
        """It needs no store."""

    async def keep(self, commands: Mapping[str, str]) -> None:
        """Keep nothing."""


@asynccontextmanager
async def messenger_to(platform: str, url: str) -> AsyncIterator[Messenger]:
    """Speak to a far end, within the block, as a worker does."""
    if platform == "slack":
        async with connections() as session:
            yield SlackMessenger(Installed(), url, session=session)
    elif platform == "discord":
        with patch.object(rest, "PER_SECOND", PER_SECOND):
            async with Rest(TOKEN, url, REQUEST) as asking:
                yield DiscordMessenger(asking, lambda _: Forgotten())
    else:
        async with BoardMessenger(url) as messenger:
            yield messenger
