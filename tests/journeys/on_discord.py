"""The journeys in Discord: interactions over a gateway to the real discord.py, and the fake Discord at the far end."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Literal

import pytest

from adapters.discord.buttons import Elsewhere, press_of
from adapters.discord.client import make_client
from adapters.discord.context import DiscordSettings
from adapters.discord.limits import STRING_SELECT
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.names import guild_key, own_key
from adapters.discord.rest import Rest
from bot import text
from bot.commands.dispatch import MAX_LINE
from bot.ports import World
from bot.reply import Post, Reply
from bot.team import Who
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_people import Person
from tests.fakes.discord_seen import Seen
from tests.fakes.discord_world import Channel, Guild, Json, Message, Permission, User
from tests.journeys.discord_options import options_of
from tests.journeys.discord_overheard import Answer, Kept, Overheard, Remembered
from tests.journeys.discord_screen import extras_of, screen_of
from tests.journeys.screen import Screen
from tests.journeys.telling import post_faults, reply_faults

DEFERRED, FORM = 6, 9
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """A button that somebody sees, or an entry of a menu (`value`), and where it acts if that is elsewhere."""

    message: Message
    custom_id: str
    value: str | None
    elsewhere: Elsewhere | None


class DiscordStage:
    """Implements `tests.journeys.stage.Stage`; each team is a guild. `last` is the answer that was read last, and
    `done` what people did."""

    platform = "discord"
    thread_room = DiscordMessenger.thread_room

    def __init__(self, fake: FakeDiscord) -> None:
        self.fake = fake
        self._guilds: dict[str, Guild] = {}
        self._users: dict[str, User] = {}
        self._heard: list[Answer] = []
        self._kept: Kept = defaultdict(dict)
        self.last: Message | None = None
        self.done: list[tuple[Literal["typed", "filled in", "pressed", "chosen"], str]] = []

    @asynccontextmanager
    async def playing(self, world: World) -> AsyncIterator[DiscordMessenger]:
        """Let the bot be at work on a world."""
        self.fake.now = world.clock.now
        self.guild("lab")
        settings = DiscordSettings(self.fake.token, self.fake.api_url, self.fake.gateway_url, guilds_within=0.02)
        with self.fake.library():
            client = make_client(Overheard(world, settings, heard=self._heard, kept=self._kept))
            running = asyncio.create_task(client.start(self.fake.token))
            try:
                async with asyncio.timeout(PATIENCE):
                    while not (client.is_ready() and self.fake.commands):
                        assert not running.done(), running.exception()
                        await asyncio.sleep(0.002)
                async with Rest(self.fake.token, self.fake.api_url, PATIENCE) as rest:
                    yield DiscordMessenger(rest, lambda team: Remembered(world, team, self._kept))
            finally:
                await client.close()
                with suppress(asyncio.CancelledError):
                    await running

    def member(self, name: str) -> str:
        """Return the user's id."""
        return str(self._user(name).id)

    def channel(self, name: str) -> str:
        """Return the id of a channel of the lab's."""
        assert name.startswith("#"), "a talk with the bot has an id once somebody is in it"
        return str(self._channel("lab", name).id)

    def who(self, name: str, channel: str, team: str, may_configure: bool) -> Who:
        """Let somebody be in the guild, with Manage Channels or without; their own talk with the bot is no guild's."""
        user = self._user(name)
        if not channel.startswith("#"):
            talk = self.fake.direct(user)
            return Who(self.platform, own_key(user.id), str(talk.id), str(user.id), False)
        guild, place = self.guild(team), self._channel(team, channel)
        if user.id not in guild.members:
            self.fake.add_member(guild, user, may=Permission.MANAGE_CHANNELS if may_configure else Permission.NONE)
        manages = bool(self.fake.may(place, user) & Permission.MANAGE_CHANNELS)
        assert manages is may_configure, f"{name} is already there, with other rights"
        return Who(self.platform, guild_key(guild.id), str(place.id), str(user.id), may_configure)

    async def says(self, who: Who, typed: str) -> Reply:
        """Let somebody press the button that they see for a line, or else type it, in options or as a line.

        The journey is skipped where Discord's client does not let anybody send that.
        """
        line = re.sub(r"^/?papers\b", "", typed).strip()
        place = self.fake.channels[int(who.channel)]
        person = Person(self.fake, self.fake.users[int(who.member)], place)
        if found := self._button(who, line):
            if found.elsewhere:
                who = Who(self.platform, found.elsewhere.team, found.elsewhere.channel, who.member, False)
            seen = await self._pressed(person, found, line)
        else:
            seen = await self._typed(person, line)
        assert not seen.failed, f"{line!r}: Discord shows that nobody answers"
        if seen.first == FORM:
            pytest.skip(f"“{line}” opens a form in Discord: see test_discord_forms.py")
        if seen.first == DEFERRED:
            await _happened(seen)
        shown = seen.followups[-1] if seen.followups else seen.message
        assert shown.is_private, "others see it"
        return self._told(who, line, shown)

    def post_faults(self, team: str, channel: str, message_id: str, post: Post) -> list[str]:
        """Read the message in the channel."""
        (message,) = [each for each in self.fake.posted() if str(each.id) == message_id]
        return post_faults(post, self.screen(message, team))

    def note_faults(self, team: str, member: str, note: Reply) -> list[str]:
        """Read the last direct message."""
        message = self.fake.direct(self.fake.users[int(member)]).messages[-1]
        return reply_faults(note, self.screen(message, team))

    def guild(self, team: str) -> Guild:
        """Return a team's guild, which has the bot."""
        if team not in self._guilds:
            self._guilds[team] = self.fake.add_guild(team)
        return self._guilds[team]

    def private(self, who: Who) -> list[Message]:
        """Return the private answers that somebody sees in their channel, the newest first."""
        own = [each for each in self.fake.private if str(each.channel.id) == who.channel and not each.deleted]
        return [each for each in reversed(own) if each.seen_by and str(each.seen_by.id) == who.member]

    def screen(self, message: Message, team: str) -> Screen:
        """Return what a message shows; a team's buttons know the team's long commands."""
        assert not message.pings, f"it pings {message.pings}"
        return screen_of(message.components, self.names(), self._kept[team])

    def names(self) -> dict[str, str]:
        """Return the channels' names, as Discord shows them for their ids."""
        return {str(each.id): f"#{each.name}" for each in self.fake.channels.values() if each.guild}

    def _user(self, name: str) -> User:
        if name not in self._users:
            self._users[name] = self.fake.add_user(name)
        return self._users[name]

    def _channel(self, team: str, name: str) -> Channel:
        guild, bare = self.guild(team), name.removeprefix("#")
        known = [each for each in guild.channels.values() if each.name == bare]
        return known[0] if known else self.fake.add_channel(guild, bare)

    async def _typed(self, person: Person, line: str) -> Seen:
        """Let somebody fill the command's own options in, and the next time type the line as it is."""
        given = options_of(self.fake, person, line)
        if given and sum(kind == "filled in" for kind, _ in self.done) <= sum(kind == "typed" for kind, _ in self.done):
            self.done.append(("filled in", line))
            texts = {
                name: self._as_discord_sends(each) for name, each in given.options.items() if isinstance(each, str)
            }
            return await person.types(given.command, **given.options | texts)
        if not 1 <= len(line) <= MAX_LINE - 100:
            pytest.skip(f"Discord's client sends no line of {len(line):,} characters")
        self.done.append(("typed", line))
        return await person.types("papers ask", line=self._as_discord_sends(line))

    async def _pressed(self, person: Person, found: Found, line: str) -> Seen:
        if found.value is None:
            self.done.append(("pressed", line))
            return await person.presses(found.message, found.custom_id)
        self.done.append(("chosen", line))
        return await person.chooses(found.message, found.custom_id, found.value)

    def _as_discord_sends(self, line: str) -> str:
        """Return words with mentions where people are named, as they are once chosen from Discord's list."""
        ids = {str(user.id) for user in self._users.values()}
        return re.sub(r"@([0-9]{17,20})\b", lambda found: f"<@{found[1]}>" if found[1] in ids else found[0], line)

    def _button(self, who: Who, line: str) -> Found | None:
        """Return the button that somebody sees for a line: of the newest message in which there is one."""
        public = self.fake.channels[int(who.channel)].messages
        for message in sorted([*self.private(who), *public], key=lambda each: -each.id):
            for control in message.controls:
                press = press_of(control.get("custom_id", ""))
                if press is None or press.share:
                    continue
                if control["type"] == STRING_SELECT:
                    if line in [option["value"] for option in control["options"]]:
                        return Found(message, control["custom_id"], line, press.elsewhere)
                elif self._command(control, press.elsewhere.team if press.elsewhere else who.team) == line:
                    return Found(message, control["custom_id"], None, press.elsewhere)
        return None

    def _command(self, control: Json, team: str) -> str | None:
        press = press_of(control["custom_id"])
        assert press
        return self._kept[team].get(press.command_id) if press.command_id else press.command

    def _told(self, who: Who, line: str, shown: Message) -> Reply:
        """Return the answer that a message tells; of several that nobody has read yet, the one that fits."""
        screen, self.last = self.screen(shown, who.team), shown
        wrong = [f"nothing was asked of the core, and Discord shows: {screen.aloud}"]
        for each in [each for each in self._heard if _place(each[0]) == _place(who)]:
            _, done, reply = each
            assert text.clean(done) == text.clean(line), f"{line!r} became {done!r}"
            wrong = reply_faults(reply, screen, extras_of(reply, line, shares=who.channel == str(shown.channel.id)))
            if not wrong:
                self._heard.remove(each)
                return reply
        raise AssertionError(f"{line!r}: {'; '.join(wrong)}")


async def _happened(seen: Seen) -> None:
    """Wait until the message that was pressed on has changed, or another came beside it."""
    async with asyncio.timeout(PATIENCE):
        while seen.interaction.happenings < 2:
            seen.interaction.waiting.clear()
            await seen.interaction.waiting.wait()


@asynccontextmanager
async def discord() -> AsyncIterator[DiscordStage]:
    """Set the stage; what Discord's own description says of requests is tried elsewhere, for it takes its time."""
    async with FakeDiscord(spec=None) as fake:
        yield DiscordStage(fake)


def _place(who: Who) -> tuple[str, str, str]:
    return who.team, who.channel, who.member
