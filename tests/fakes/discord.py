"""Discord on loopback, at the far end of the real discord.py: its REST API and gateway, its rules, limits and faults.

Use:

    async with FakeDiscord() as discord:
        async with running(discord) as client: ... # a plain client (discord_client.py); or the bot's own, within
        with discord.library(): ...                # which sets Route.BASE and DEFAULT_GATEWAY, and puts them back;
                                                   # or by its settings: discord.token, .api_url, .gateway_url
        guild = discord.add_guild("Lab")           # has the text channel #papers; before or while the bot runs
        papers = guild.channel("papers")
        alice = discord.person("alice", papers)    # joins the guild; may=Permission.MANAGE_CHANNELS for more

What people do (discord_people.py), each returning `Seen`: `.first` (type of the first response), `.first_after` (s),
`.failed` (nothing came in 3 s), `.message`, `.followups`, `.answers`, `.text`, `.is_private`, `.modal`, `.choices`,
`await .answered(2)`, `await .edited()`:

        seen = await alice.types("papers follow author", name="Yann LeCun")     # as synced: unknown ones are refused
        seen = await alice.suggests("papers follow author", focused="name", name="yan")   # seen.choices
        seen = await alice.presses(message, "Vote")           # by custom_id or label of a button that is shown
        seen = await alice.chooses(message, "zone", "Europe/Berlin")   # a menu; users, roles, channels as objects
        seen = await alice.submits(seen, {"name": "x"})       # the form in seen.modal; by custom_id or label
        seen = await alice.picks("Save papers in this message", message)        # a context menu
  or `await discord.interact(alice, "types", "papers today")`. `wait=False` returns at the first response; otherwise
  a "thinking" is waited out. A press that is deferred (6) returns at once: `await seen.answered()` for what follows.

What was posted: `discord.posted(channel)` (Message: `.text`, `.texts`, `.components` (plain dicts with ids),
`.controls`, `.labels`, `.flags`, `.nonce`, `.allowed_mentions`, `.pings` (ids, "everyone", "here": what the text would
notify under its allowed_mentions), `.edits`, `.thread`, `.is_private`, `.deleted`); `discord.private`: ephemeral ones.

Places (discord_places.py; every change is dispatched): `add_guild`, `kick_bot`, `invite_bot`, `hide`/`show` (an
outage and its end), `rename`, `add_channel(guild, "digests", Kind.FORUM)`, `add_thread`, `change_channel(c, name=...)`,
`remove_channel`, `allow`/`deny(channel, user or role, Permission...)`, `add_role`, `change_role`, `change_bot`,
`direct(user)`, `write(channel, user, "text")`. A person with the app installed for themselves: `user.has_app = True`.

REST: `discord.calls` / `discord.called("POST", r"/messages$")`; faults: `discord.fail("drop after", "POST",
r"/messages$")` for the next one, `with discord.failing("502", path=r"^/channels/"):` for a while (kinds:
discord_faults.py); rate limits: `discord.limit("POST /channels/{channel_id}/messages", 5, 5.0)` and
`discord.buckets.per_second = 50`; `discord.invalid_requests` counts 401, 403 and 429.

Gateway: `discord.gateway.close(4000)` (any code), `.reset()`, `.ask_to_reconnect()`, `.invalidate(resumable)`,
`.is_deaf`, `.refuse_with = 4014`, `.identifies`, `.resumes`, `.sessions`, `.heartbeats`, `.shards_wanted`.
discord.py itself waits: 2 s for guilds before it is ready (`guild_ready_timeout`), 5 s before each further IDENTIFY
(`before_identify_hook`; the fake asks for that with `identify_pace`), and 1, 3, 5 s after a 500, 502 or 504.

Rules: what breaks one is answered as Discord does (400, code 50035) and kept in `discord.broken`; leaving the
`async with` then fails, whatever the bot made of the answer. A test that means to break one says
`with discord.expecting_refusals() as broken:`. Where Discord's OpenAPI description is at hand every request and every
answer is held against it too (discord_spec.py); `FakeDiscord(spec=None)` leaves that out, for a bench, whose crowd
lives in a process of its own: discord_crowd.py.

Time: `FakeDiscord(now=...)` gives ids, nonces (5 minutes) and tokens (15 minutes) their time; 3 s are real ones.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import yarl
from aiohttp import web

from tests.fakes import discord_answers, discord_app_routes, discord_channel_routes
from tests.fakes.discord_faults import Buckets
from tests.fakes.discord_people import Person
from tests.fakes.discord_permissions import permissions_of
from tests.fakes.discord_places import Places
from tests.fakes.discord_rest import BASE, Rest
from tests.fakes.discord_seen import Seen
from tests.fakes.discord_spec import Spec, described
from tests.fakes.discord_world import Channel, User


class FakeDiscord(Places):
    """The platform, served on a free port of 127.0.0.1 while it is entered."""

    def __init__(self, now: Callable[[], datetime] | None = None, spec: Spec | bool | None = True) -> None:
        super().__init__(now)
        found = described() if spec is True else spec or None
        self.rest = Rest(
            self, discord_app_routes.ROUTES | discord_channel_routes.ROUTES | discord_answers.ROUTES, found
        )
        self.fail, self.failing, self.called = self.rest.fail, self.rest.failing, self.rest.called
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Start serving."""
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.add_routes([*self.rest.routes(), web.get("/gateway/", self.gateway.serve)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving. AssertionError where a rule was broken and nothing else failed."""
        assert self._runner is not None
        self.gateway.reset()
        await self._runner.cleanup()
        if error is None and self.broken:
            raise AssertionError("Discord would have refused: " + "; ".join(self.broken))

    @property
    def api_url(self) -> str:
        """The base of the REST API, for `discord.http.Route.BASE`."""
        return f"{self.url}{BASE}"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is, for `DiscordWebSocket.DEFAULT_GATEWAY`."""
        return f"{self.url}/gateway/".replace("http", "ws", 1)

    @property
    def calls(self) -> list[Any]:
        """Every request that came."""
        return self.rest.calls

    @property
    def buckets(self) -> Buckets:
        """The rate limits."""
        return self.rest.buckets

    @property
    def invalid_requests(self) -> int:
        """How many requests were answered with 401, 403 or 429: 10,000 in 10 minutes get a host banned."""
        return self.rest.invalid_requests

    def limit(self, route: str, requests: int, seconds: float) -> None:
        """Give a route, written as in Discord's documentation, a bucket of so many requests in so many seconds."""
        self.buckets.limits[route] = (requests, seconds)

    def person(self, who: User | str, channel: Channel, may: int = 0) -> Person:
        """Return somebody in a channel, who joins its guild if need be, with these permissions of their own."""
        guild = channel.guild
        if guild is None:
            assert channel.recipient is not None
            return Person(self, channel.recipient, channel)
        if isinstance(who, str):
            known = [member.user for member in guild.members.values() if member.user.name == who]
            who = known[0] if known else self.add_user(who)
        if who.id not in guild.members or permissions_of(guild, who) & may != may:
            self.add_member(guild, who, may=may)
        return Person(self, who, channel)

    async def interact(self, person: Person, doing: str, *args: Any, **options: Any) -> Seen:
        """Let a person do something: `doing` is a verb of `Person`."""
        seen: Seen = await getattr(person, doing)(*args, **options)
        return seen

    @contextmanager
    def library(self) -> Iterator[None]:
        """Point discord.py, which keeps its addresses in class attributes, here."""
        from discord.gateway import DiscordWebSocket
        from discord.http import Route

        before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self.api_url, yarl.URL(self.gateway_url)
        try:
            yield
        finally:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
