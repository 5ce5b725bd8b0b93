"""A Discord that fails by chance, in a thread of the test's process: a killed bot takes nothing of it along.

Its log is the truth by which deliveries are judged. It has every channel that is posted to. REST alone: the ledger's
messages need no gateway.
"""

import asyncio
import hashlib
import random
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from adapters.discord.digest import key_of
from tests.fakes import discord_app_routes, discord_channel_routes
from tests.fakes.board import Event, Events
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_faults import Fault, FaultKind
from tests.fakes.discord_places import Places
from tests.fakes.discord_rest import Answer, Asked, Handler, Rest
from tests.fakes.discord_world import Channel, Guild, Json, Kind, Message, Permission, User

MAKER = "alice"
"""Who sets digests up, in every guild."""

Way = Literal["429", "500 before", "reset before", "500 after", "reset after", "silent after"]

_KINDS: dict[Way, FaultKind] = {
    "429": "429", "500 before": "500", "reset before": "drop before", "500 after": "502 after",
    "reset after": "drop after",
}  # fmt: skip
_LEFT_ALONE = 0.6
_SILENT = 1.0
_POST, _READ = "/channels/{channel_id}/messages", "/channels/{channel_id}"


def snowflake(name: str) -> str:
    """Return a name as one of Discord's ids, the same for each name: of 18 digits."""
    return str(10**17 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:7]))


@dataclass(slots=True)
class Whims:
    """How it misbehaves; times in seconds.

    `before` and `after`: the chance with which a digest's post fails before or after it was accepted, in one of the
    ways of `ways_before` and `ways_after`; at most `in_a_row` times running for one key. `reading`: the chance with
    which something that is asked fails. `slow`: the longest that an answer takes. `blind`: nobody may read a history.
    `nonces`: how long the nonce of a message is known.
    """

    seed: int = 0
    before: float = 0
    after: float = 0
    ways_before: Sequence[Way] = ("429", "500 before", "reset before")
    ways_after: Sequence[Way] = ("500 after", "reset after", "silent after")
    in_a_row: int = 3
    reading: float = 0
    slow: float = 0
    blind: bool = False
    nonces: float = 2.5  # Discord's 5 minutes, as the fault tests' other times: the settling time is 0.5 s, not 60


class WilfulRest(Rest):
    """The API, its whims and its log."""

    def __init__(self, places: Places, handlers: dict[tuple[str, str], Handler], whims: Whims, log: list[Event]):
        super().__init__(places, handlers, None)
        self._whims = whims
        self._log = log
        self._random = random.Random(whims.seed)
        self._running: Counter[str] = Counter()
        self._left_alone_until: dict[tuple[str, str], float] = defaultdict(float)

    async def _answer(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        if self._whims.slow:
            await asyncio.sleep(self._random.uniform(0, self._whims.slow))
        way = self._way(asked)
        kind = _KINDS.get(way) if way else None
        self.faults = [Fault(kind, asked.method, re.compile(""), seconds=_LEFT_ALONE)] if kind else []
        response = await super()._answer(request, asked)  # which looks at the faults before it lets anything else run
        if way == "silent after":
            await asyncio.sleep(_SILENT)
        return response

    def _way(self, asked: Asked) -> Way | None:
        """Note a request; return what is to go wrong."""
        place = (f"{asked.method} {asked.route}", asked.params.get("channel_id", ""))
        key = key_of(asked.body) if isinstance(asked.body, dict) else None
        call = "post" if key and asked.method == "POST" else f"{asked.method} {asked.route}"
        self._note("request", call=call, channel=place[1], key=key)
        if time.monotonic() < self._left_alone_until[place]:
            self._note("early", call=call, channel=place[1], key=key)
        if asked.method == "GET" and self._random.random() < self._whims.reading:
            return self._random.choice(("500 before", "reset before"))
        way = self._whim(key) if key and call == "post" else None
        if way:
            self._note("fault", way=way, call=call, key=key)
        if way == "429":
            self._left_alone_until[place] = time.monotonic() + _LEFT_ALONE
        return way

    def _whim(self, key: str) -> Way | None:
        chance = self._random.random()
        if chance >= self._whims.before + self._whims.after or self._running[key] >= self._whims.in_a_row:
            self._running[key] = 0
            return None
        self._running[key] += 1
        return self._random.choice(self._whims.ways_before if chance < self._whims.before else self._whims.ways_after)

    def _note(self, what: str, **facts: Any) -> None:
        self._log.append({"what": what, "now": time.time(), **facts})


class WilfulDiscord(FakeDiscord):
    """The platform, which notes each message that it takes or deletes."""

    def __init__(self, whims: Whims, log: list[Event]) -> None:
        super().__init__(spec=None)
        self.nonce_lives = whims.nonces
        self._blind = whims.blind
        self._log = log
        routes = discord_app_routes.ROUTES | discord_channel_routes.ROUTES
        self.rest = WilfulRest(self, {at: self._noting(handler) for at, handler in routes.items()}, whims, log)
        maker = User(int(snowflake(MAKER)), MAKER)
        self.users[maker.id] = maker

    def open_guild(self, team: str) -> Guild:
        """Let the bot be in a guild."""
        guild = self.add_guild(team, int(snowflake(team)))
        if self._blind:
            for role in guild.roles.values():
                role.permissions &= ~Permission.READ_MESSAGE_HISTORY
        return guild

    def _noting(self, handler: Handler) -> Handler:
        """Return a handler that notes what it does to messages, and finds a channel whichever is meant."""

        def handle(places: Places, asked: Asked) -> Answer:
            channel_id = int(asked.params.get("channel_id", 0))
            if channel_id and channel_id not in self.channels:
                self._open_channel(channel_id)
            before, there = len(self.messages), list(self.channels[channel_id].messages) if channel_id else []
            answer = handler(places, asked)
            for message in self.messages[before:]:
                self._note_taken(message)
            for message in there:
                if message.deleted:
                    self._note("deleted", message, key=_key_in(message))
            return answer

        return handle

    def _open_channel(self, channel_id: int) -> None:
        """Make a channel; in every second one somebody has written already, and the others take longer to read."""
        guild = next(iter(self.guilds.values()))
        channel = self._put(Channel(channel_id, Kind.TEXT, str(channel_id), guild))
        if channel_id % 2:
            self.write(channel, guild.owner, "Hello")

    def _note_taken(self, message: Message) -> None:
        key, to = _key_in(message), message.channel.recipient
        if to:
            self._note("told", message, member=to.name, note={"notice": message.text})
        elif key:
            self._note("accepted", message, key=key)

    def _note(self, what: str, message: Message, **facts: Any) -> None:
        told: Json = {"what": what, "now": time.time(), "id": str(message.id), "channel": str(message.channel.id)}
        self._log.append(told | facts)


def _key_in(message: Message) -> str | None:
    return key_of({"components": message.components})


@dataclass(slots=True)
class RunningDiscord(Events):
    """A Discord that serves."""

    whims: Whims
    url: str = ""
    log: list[Event] = field(default_factory=list)
    token: str = ""

    def faults(self, **changed: Any) -> None:
        """Change how it misbehaves (`Whims`)."""
        for name, value in changed.items():
            setattr(self.whims, name, value)

    def all_events(self) -> list[Event]:
        """Return the log."""
        return list(self.log)


@contextmanager
def running_discord(teams: Sequence[str], **whims: Any) -> Iterator[RunningDiscord]:
    """Serve a Discord with those guilds for as long as the block runs. AssertionError where a rule was broken."""
    running = RunningDiscord(Whims(**whims))
    ready, over = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []
    broken: list[str] = []

    async def serve() -> None:
        fake = WilfulDiscord(running.whims, running.log)
        for team in teams:
            fake.open_guild(team)
        with fake.expecting_refusals() as found:
            async with fake:
                running.url, running.token = fake.api_url, fake.token
                loops.append(asyncio.get_running_loop())
                ready.set()
                await over.wait()
        broken.extend(found)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="Discord")
    thread.start()
    assert ready.wait(30), "Discord did not start"
    try:
        yield running
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join(30)
    assert broken == [], "Discord would have refused"
