"""The journeys in Slack: signed requests to the real bolt, the real slack_sdk, and the fake Slack at the far end."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

import aiohttp
from cryptography.fernet import Fernet
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.app import make_app
from adapters.slack.buttons import RUN, place_of
from adapters.slack.context import Slack, SlackSettings
from adapters.slack.messenger import SlackMessenger
from adapters.slack.serve import Door
from adapters.slack.tokens import Installation, ManyTeams
from bot import text
from bot.ports import World
from bot.reply import Post, Reply
from bot.team import Who
from storage.vault import SealedVault
from tests.fakes.slack import FakeSlack, Json, User, Workspace
from tests.fakes.slack_door import served
from tests.fakes.slack_people import SECRET, Person
from tests.fakes.slack_rules import elements_of
from tests.journeys.screen import Control
from tests.journeys.slack_screen import screen_of
from tests.journeys.telling import post_faults, reply_faults

SCOPES = {
    "app_mentions:read", "chat:write", "commands", "im:history", "im:write", "users:read", "channels:read",
    "groups:read", "channels:history",
}  # fmt: skip

Answer = tuple[Who, str, Reply]


@dataclass(frozen=True, slots=True)
class Overheard(Slack):
    """What bolt's listeners share; keeps what the core answered, until the message that tells it was read."""

    heard: list[Answer] = field(default_factory=list)

    async def answer(self, who: Who, line: str) -> Reply:
        """Carry out a line, and keep the answer."""
        reply = await Slack.answer(self, who, line)
        self.heard.append((who, line, reply))
        return reply


class SlackStage:
    """Implements `tests.journeys.stage.Stage`; "lab" is the workspace T0LAB0000."""

    platform = "slack"
    thread_room = SlackMessenger.thread_room

    def __init__(self, fake: FakeSlack, session: aiohttp.ClientSession) -> None:
        self.fake = fake
        self._session = session
        self._workspaces: dict[str, Workspace] = {}
        self._heard: list[Answer] = []
        self._tokens: ManyTeams | None = None
        self._url = ""
        self.done: list[tuple[Literal["typed", "pressed", "written"], str]] = []

    @asynccontextmanager
    async def playing(self, world: World) -> AsyncIterator[SlackMessenger]:
        """Serve the app on a world."""
        vault = SealedVault(world.store, world.clock, [Fernet.generate_key().decode()])
        self._tokens = ManyTeams(vault)
        self.workspace("lab")
        await self._install()
        client = AsyncWebClient(base_url=self.fake.api_url, retry_handlers=[])
        settings = SlackSettings(signing_secret=SECRET, api_url=self.fake.api_url)
        app = make_app(Overheard(world, settings, self._tokens, client, heard=self._heard))
        async with served(Door(app, SECRET)) as self._url:
            yield SlackMessenger(self._tokens, self.fake.api_url)

    def member(self, name: str) -> str:
        """Return the user's id."""
        return _id("U0", name)

    def channel(self, name: str) -> str:
        """Return the channel's id."""
        return _id("C0", name)

    def who(self, name: str, channel: str, team: str, may_configure: bool) -> Who:
        """Let somebody be a member of the channel, or a guest in it."""
        workspace, member = self.workspace(team), self.member(name)
        place = self.channel(channel) if channel.startswith("#") else f"D{member}"
        if place not in workspace.channels:
            workspace.add_channel(place, channel.removeprefix("#"))
        if member not in workspace.users:
            workspace.add_user(User(member, name, tz=None, is_restricted=not may_configure))
        assert workspace.users[member].is_restricted is not may_configure, f"{name} is already a member, or a guest"
        workspace.channels[place].members.add(member)
        return Who(self.platform, workspace.team, place, member, may_configure)

    async def says(self, who: Who, typed: str) -> Reply:
        """Let somebody press the button that they see for a line, or else type it."""
        await self._install()
        line = re.sub(r"^/?papers\b", "", typed).strip()
        workspace = self._workspace(who.team)
        person = Person(self.fake, workspace, who.member, who.channel, self._url, self._session)
        if found := self._button(workspace, who, line):
            element, message = found
            who = replace(who, channel=place_of(element) or who.channel)
            self.done.append(("pressed", line))
            assert await person.presses(element, message) == 200
            shown = await self._answered(person)
            if shown["replace_original"] and message in workspace.ephemeral:
                workspace.ephemeral.remove(message)
        elif who.channel.startswith("D"):
            self.done.append(("written", line))
            shown = await self._written_back(person, self._as_slack_sends(workspace, line))
        else:
            self.done.append(("typed", line))
            assert await person.types(self._as_slack_sends(workspace, line)) == 200
            shown = await self._answered(person)
        assert shown.get("response_type", "ephemeral") == "ephemeral", "others see it"
        return self._told(who, line, shown)

    def post_faults(self, team: str, channel: str, message_id: str, post: Post) -> list[str]:
        """Read the message in the channel."""
        workspace = self._workspace(team)
        (message,) = [each for each in workspace.channels[channel].messages if each["ts"] == message_id]
        return post_faults(post, screen_of(message, _names(workspace)))

    def note_faults(self, team: str, member: str, note: Reply) -> list[str]:
        """Read the last direct message."""
        workspace = self._workspace(team)
        message = workspace.channels[f"D{member}"].messages[-1]
        return reply_faults(note, screen_of(message, _names(workspace)))

    def workspace(self, name: str) -> Workspace:
        """Return a team's workspace by the team's name; the app is in it before anybody does something there."""
        if name not in self._workspaces:
            key = _id("T", name)
            self._workspaces[name] = self.fake.workspace(team=key, token=f"xoxb-{key}", scopes=set(SCOPES))
        return self._workspaces[name]

    def _workspace(self, team: str) -> Workspace:
        return next(each for each in self._workspaces.values() if each.team == team)

    async def _install(self) -> None:
        """Let the app be installed wherever people are."""
        assert self._tokens
        for workspace in self._workspaces.values():
            if await self._tokens.of(workspace.team) is None:
                await self._tokens.keep(Installation(workspace.team, workspace.token, workspace.bot_user, "B1"))

    def _as_slack_sends(self, workspace: Workspace, line: str) -> str:
        """Return a line with entities, and with ids where people are named."""
        for letter, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            line = line.replace(letter, entity)
        return re.sub(r"@(U0[A-Z0-9]+)", lambda name: _mention(workspace, name[1]), line)

    async def _answered(self, person: Person) -> Json:
        await self.fake.until(lambda: self.fake.answers_to(person.last_url))
        return self.fake.answers_to(person.last_url)[-1]

    async def _written_back(self, person: Person, line: str) -> Json:
        talk = person.workspace.channels[person.channel].messages
        before = len(talk)
        assert await person.writes(line) == 200
        await self.fake.until(lambda: len(talk) > before)
        return talk[-1]

    def _button(self, workspace: Workspace, who: Who, line: str) -> tuple[Json, Json] | None:
        """Return the button that somebody sees for a line, and its message: the newest in which there is one."""
        for message in self._seen(workspace, who):
            for element in elements_of(message["blocks"]):
                if not element["action_id"].startswith(f"{RUN}:"):
                    continue
                for option in element.get("options") or [element]:
                    if option["value"] == line:
                        return {**element, "options": [option]} if "options" in element else dict(element), message
        return None

    def _seen(self, workspace: Workspace, who: Who) -> Iterator[Json]:
        own = [m for m in workspace.ephemeral if (m["user"], m["channel"]) == (who.member, who.channel)]
        yield from sorted([*own, *workspace.channels[who.channel].messages], key=lambda m: -float(m["ts"]))

    def _told(self, who: Who, line: str, shown: Json) -> Reply:
        """Return the answer that a message tells; of several that nobody has read yet, the one that fits."""
        screen = screen_of(shown, _names(self._workspace(who.team)))
        wrong = [f"nothing was asked of the core, and Slack shows: {screen.aloud}"]
        for each in [each for each in self._heard if _place(each[0]) == _place(who)]:
            _, done, reply = each
            assert text.clean(done) == text.clean(line), f"{line!r} became {done!r}"
            wrong = reply_faults(reply, screen, _extras(reply, line))
            if not wrong:
                self._heard.remove(each)
                return reply
        raise AssertionError(f"{line!r}: {'; '.join(wrong)}")


@asynccontextmanager
async def slack() -> AsyncIterator[SlackStage]:
    """Set the stage."""
    async with FakeSlack().serving() as fake, aiohttp.ClientSession() as session:
        yield SlackStage(fake, session)


def _id(kind: str, name: str) -> str:
    """Return a name as one of Slack's ids: of nine letters at least."""
    return f"{kind}{re.sub('[^A-Z0-9]', '', name.upper())}".ljust(9, "0")


def _names(workspace: Workspace) -> dict[str, str]:
    """Return the channels' names, as Slack shows them for their ids."""
    return {each.id: f"#{each.name}" for each in workspace.channels.values() if each.id.startswith("C")}


def _mention(workspace: Workspace, member: str) -> str:
    """Return what Slack sends for somebody who was chosen from its list."""
    known = workspace.users.get(member)
    return f"<@{member}|{known.name}>" if known else f"@{member}"


def _place(who: Who) -> tuple[str, str, str]:
    return who.team, who.channel, who.member


def _extras(reply: Reply, line: str) -> list[Control]:
    """Return the buttons that are Slack's own: to share papers with the channel, and to open a form."""
    shares = reply.ok and (reply.papers or reply.card) and line
    extras = [("Share with the channel", line)] if shares else []
    return [*extras, ("Add a follow", line)] if line == "follow" else extras
