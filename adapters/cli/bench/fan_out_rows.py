"""Benches of the fan-out: a morning's digests through a platform that takes so many messages a second and no more.

The clock and the platform are simulated, so the figures are the protocol's, not this machine's.
"""

# ruff: noqa: ARG002 - the platform that is simulated only counts

import datetime as dt
from dataclasses import dataclass, field

from adapters.cli.bench.ground import Ground
from adapters.cli.bench.rows import Row
from adapters.cli.clock import SetClock
from adapters.cli.run import open_world
from bot.delivery import post_open
from bot.digest import DigestSettings
from bot.ledger import Entry
from bot.ports import Finding, Posting, World
from bot.reply import DigestPost, Post, Reply
from bot.schedule import WEEKDAYS, Schedule

DIGESTS, QUICK_DIGESTS = 10_000, 500
A_SECOND = 50
"""Messages that a platform takes from one bot in a second: Discord's limit
(https://docs.discord.com/developers/topics/rate-limits#global-rate-limit)."""

_CEILING, _CALLS = 1.2, 3
_TEAMS_CHANNELS = 20
_POST = DigestPost("Daily papers", (), 0, "daily")


@dataclass(slots=True)
class Metered:
    """A platform that takes so many messages in a second, and asks for a pause until the next one."""

    clock: SetClock
    platform: str = "bench"
    thread_room: int = 0
    calls: int = 0
    taken: dict[int, int] = field(default_factory=dict)

    async def post(self, team: str, channel: str, post: Post, key: str, thread: str | None = None) -> Posting:
        """Accept, or ask for a pause."""
        self.calls += 1
        now = self.clock.time.timestamp()
        second = int(now)
        if self.taken.get(second, 0) >= A_SECOND:
            return Posting(
                "refused", reason="slow down", retry_after=dt.timedelta(seconds=second + 1 - now), everywhere=True
            )
        self.taken[second] = self.taken.get(second, 0) + 1
        return Posting("accepted", message_id=key)

    async def find(self, team: str, channel: str, key: str, since: dt.datetime, thread: str | None = None) -> Finding:
        """Nothing is ever uncertain here."""
        return Finding("read")

    async def delete(self, team: str, channel: str, message_id: str, thread: str | None = None) -> Posting:
        """Nothing is ever there twice."""
        return Posting("accepted", message_id)

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Nothing changes."""
        return Posting("accepted", message_id)

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Nobody need be told."""
        return Posting("accepted")


async def fan_out(ground: Ground) -> list[Row]:
    """How long a morning's digests take, and how many calls, beside what the platform's limit allows."""
    count = QUICK_DIGESTS if ground.quick else DIGESTS
    ground.tell(f"{count:,} digests due at once, to a platform that takes {A_SECOND} messages a second")
    clock = ground.clock
    messenger = Metered(clock)
    async with open_world(ground.empty(), clock, [messenger]) as world:
        await _enter(world, count)
        began, left = clock.time, count
        while left:
            done = await post_open(world)
            left -= sum(each.posting.outcome == "accepted" for each in done)
            clock.time = clock.time.replace(microsecond=0) + dt.timedelta(seconds=1)
    took, allowed = (clock.time - began).total_seconds(), count / A_SECOND
    name = f"fan out of {count:,} digests"
    return [
        Row(f"{name}, simulated", took, "s", allowed, below=_CEILING * allowed),
        Row(f"{name}, calls each", messenger.calls / count, "calls", 1, below=_CALLS),
    ]


async def _enter(world: World, count: int) -> None:
    """Put rows into the ledger, all due now."""
    now = world.clock.now()
    async with world.store.write() as session:
        digests = []
        for number in range(count):
            team, channel = divmod(number, _TEAMS_CHANNELS)
            caller = await session.teams.welcome("bench", f"team {team}", f"#{channel}", "me")
            settings = DigestSettings(
                id=0,
                channel_id=caller.channel.id,
                name="daily",
                schedule=Schedule(dt.time(9), "UTC", WEEKDAYS),
                top=5,
                rule=None,
                created_by=caller.member.id,
                created_at=now,
                since=now.date(),
                next_due_at=now + dt.timedelta(days=1),
            )
            digests.append(await session.digests.put(settings))
        slot = str(now.date())
        await session.deliveries.add([Entry(each.id, slot, 0, _POST, now) for each in digests])
