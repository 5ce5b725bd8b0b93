"""A guild in which digests are posted, as the service posts them: messenger, ledger, votes, and the connection."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.cli.clock import SetClock
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.remembering import Remembering
from adapters.discord.rest import Rest
from adapters.discord.roles import DiscordRoles
from bot.audit import run_audits
from bot.commands.dispatch import answer
from bot.delivery import post_open, run_due
from bot.ledger import Delivery
from bot.reply import Reply
from bot.team import Who
from bot.vote_edits import VoteEdits
from tests.adapters.discord.conftest import Lab, connected
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_rest import Asked
from tests.fakes.discord_world import Channel, Message
from tests.fakes.sample import LAST_DAY

POSTS = r"/(messages|threads)$"


@dataclass(slots=True)
class PostingLab(Lab):
    """The lab, with a bot that posts. `edits` shows votes."""

    edits: VoteEdits
    seconds: list[float]
    home: Channel

    @property
    def papers(self) -> Channel:
        """The guild's first channel, even once it is gone."""
        return self.home

    def who(self, channel: Channel | None = None) -> Who:
        """Return alice, in a channel."""
        alice = self.person(channel=channel).user
        return Who("discord", str(self.guild.id), str((channel or self.papers).id), str(alice.id), True)

    async def sets(self, line: str = "digest on 09:00 Europe/Berlin", channel: Channel | None = None) -> Reply:
        """Let alice set something in a channel, in fewer steps than by Discord."""
        reply = await answer(self.world, self.who(channel), line)
        assert reply.ok, reply
        return reply

    async def wait_until(self, day: int, hour: int) -> None:
        """Let it be that hour of June 2025, and the service look once."""
        self.passes(dt.datetime(2025, 6, day, hour, tzinfo=dt.UTC) - self.clock.time)
        await run_due(self.world)

    async def posts_until_quiet(self, hours: int = 2) -> None:
        """Let time pass in steps in which the service would have looked again."""
        for _ in range(hours * 12):
            self.passes(dt.timedelta(minutes=5))
            await post_open(self.world)
            await run_audits(self.world)

    def passes(self, time: dt.timedelta) -> None:
        """Let time pass, for Discord as well."""
        self.clock.time += time
        self.seconds[0] += time.total_seconds()

    def posted(self, channel: Channel | None = None) -> list[Message]:
        """Return what the bot has posted in a channel."""
        return self.fake.posted(channel or self.papers)

    def requests(self, channel: Channel | None = None) -> list[Asked]:
        """Return the requests to post there."""
        return self.fake.called("POST", rf"/channels/{(channel or self.papers).id}{POSTS}")

    def notes(self) -> list[Message]:
        """Return what alice was told in private."""
        return self.fake.posted(self.fake.direct(self.person().user))

    async def rows(self, channel: Channel | None = None) -> list[Delivery]:
        """Return the ledger's newest row of each digest of a channel."""
        who = self.who(channel)
        async with self.world.store.read() as session:
            caller = await session.teams.caller(who.platform, who.team, who.channel, who.member)
            assert caller
            digests = await session.digests.of_channel(caller.channel.id)
            newest = {row.digest_id: row for row in await session.deliveries.standing([each.id for each in digests])}
        return [newest[each.id] for each in digests if each.id in newest]


@asynccontextmanager
async def posting(folder: Path, every: float = 0.3) -> AsyncIterator[PostingLab]:
    """Within the block, the bot is in a guild, and posts. `every`: seconds between two edits of a message."""
    clock, seconds = SetClock(LAST_DAY), [0.0]
    async with FakeDiscord(now=lambda: clock.time) as fake:
        with fake.library():
            guild = fake.add_guild("Lab")
            spec, fake.rest.spec = fake.rest.spec, None
            async with (
                open_world(Settings(data_dir=folder, database_url=""), clock) as bare,
                Rest(fake.token, fake.api_url, 2, lambda: seconds[0]) as rest,
            ):
                clients: list[object] = []
                messenger = DiscordMessenger(rest, lambda team: Remembering(bare, team))
                world = replace(
                    bare,
                    messengers={"discord": messenger},
                    roles={"discord": DiscordRoles(lambda: clients[0] if clients else None)},  # type: ignore[arg-type, return-value]
                )
                async with (
                    VoteEdits(world, messenger, every).at_work() as edits,
                    connected(world, fake, edits) as (shared, client),
                ):
                    clients.append(client)
                    fake.rest.spec = spec
                    yield PostingLab(fake, guild, world, clock, shared, client, edits, seconds, guild.channel("papers"))
