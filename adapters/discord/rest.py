"""One request to Discord's REST API at a time, never repeated: what the messenger needs, and discord.py's own client
does not do.

discord.py asks again after a 500, 502 or 504, up to five times, and sleeps through a 429. Whether and when something
is tried again is the ledger's to decide, which knows of other processes, of leases, and of what may have arrived.
"""

import asyncio
import datetime as dt
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

from adapters.discord.pacing import Pace

PER_SECOND = 40.0
"""Requests that are begun in a second: Discord takes 50 from a bot, and the answers to commands go past this.

https://docs.discord.com/developers/topics/rate-limits#global-rate-limit
"""

REFUSED_FOR = dt.timedelta(minutes=10)
"""How long nothing is asked once the token was refused: only its operator can mend that."""

BROKEN = (aiohttp.ClientError, TimeoutError, OSError)
"""What a request raises where no answer came."""

PATIENCE = 5.0
"""Seconds that a question waits for its turn, rather than being put off: reading back takes several in a row."""

AGENT = "DiscordBot (paperround, 1)"
"""Who asks, in the form that Discord asks for: https://docs.discord.com/developers/reference."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Discord answered: the status, and the JSON value, None where it was none. `retry_after` is what it asks
    for, `everywhere` whether of the whole bot."""

    status: int
    value: Any
    retry_after: dt.timedelta | None = None
    everywhere: bool = False

    @property
    def ok(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300

    @property
    def code(self) -> int:
        """Discord's code of the error; 0 for none."""
        code = self.value.get("code") if isinstance(self.value, dict) else None
        return code if isinstance(code, int) else 0

    @property
    def message(self) -> str:
        """Discord's words for the error."""
        return str(self.value.get("message", "")) if isinstance(self.value, dict) else ""

    def text_of(self, name: str) -> str:
        """Return a field of the value as text; nothing where it is not there."""
        found = self.value.get(name) if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else ""


class Rest:
    """Sends requests with the bot's token. Use it in `async with`. `limit` is for one request, in seconds.

    What would come too early is not sent: it is answered here as Discord would.
    """

    def __init__(self, token: str, api_url: str, limit: float, seconds: Callable[[], float] = time.monotonic) -> None:
        self._headers = {"Authorization": f"Bot {token}", "User-Agent": AGENT}
        self._api_url = api_url.rstrip("/")
        self._limit = limit
        self._session: aiohttp.ClientSession | None = None
        self._next = 0.0
        self._pace = Pace(seconds)
        self._refused: Answer | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session:
            await self._session.close()

    async def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """Return what Discord answers to one request. Raises `BROKEN`."""
        await self._turn(method, path)
        if early := self._early(method, path):
            return early
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers, timeout=aiohttp.ClientTimeout(total=self._limit)
            )
        asked = self._session.request(method, f"{self._api_url}{path}", json=body, params=query)
        async with asked as answered:
            answer = answer_of(answered.headers, answered.status, await answered.read())
            return self._heeded(method, path, answered.headers, answer)

    def _early(self, method: str, path: str) -> Answer | None:
        """Return the answer that would come; None where the request may be sent."""
        wait, everywhere = self._pace.left(method, path)
        if wait <= 0:
            return None
        left = dt.timedelta(seconds=wait)
        if everywhere and self._refused:
            return Answer(self._refused.status, self._refused.value, left, everywhere)
        return Answer(429, None, left, everywhere)

    def _heeded(self, method: str, path: str, headers: Mapping[str, str], answer: Answer) -> Answer:
        """Return the answer, and keep what it says of the next requests."""
        self._refused = None
        if answer.status == 401:
            self._refused = Answer(answer.status, answer.value, REFUSED_FOR, everywhere=True)
            self._pace.wait(method, path, REFUSED_FOR.total_seconds(), everything=True)
            return self._refused
        if answer.retry_after is None:
            self._pace.heed(method, path, headers)
        else:
            self._pace.wait(method, path, answer.retry_after.total_seconds(), answer.everywhere)
        return answer

    async def _turn(self, method: str, path: str) -> None:
        """Wait for one's place in the second; a question, also for the end of a short pause. Nothing that posts does:
        whether it has time left is its caller's to decide."""
        wait, _ = self._pace.left(method, path)
        if wait > PATIENCE or (wait and method != "GET"):
            return
        await asyncio.sleep(wait)
        now = asyncio.get_running_loop().time()
        mine = max(now, self._next)
        self._next = mine + 1 / PER_SECOND
        if mine > now:
            await asyncio.sleep(mine - now)


def answer_of(headers: Mapping[str, str], status: int, body: bytes) -> Answer:
    """Return what was answered; where that came too early, for how long Discord wants to be left alone."""
    value = _value(body)
    if status != 429:
        return Answer(status, value)
    return Answer(status, value, _wait(headers, value), _is_global(headers, value))


def _value(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _wait(headers: Mapping[str, str], value: Any) -> dt.timedelta:
    """Return how long Discord wants to be left alone: its body has it more precisely than its header.

    Cloudflare, which stands before it, sends a header alone.
    """
    told = value.get("retry_after") if isinstance(value, dict) else headers.get("Retry-After")
    try:
        return dt.timedelta(seconds=max(0.05, float(told)))  # type: ignore[arg-type]  # what is no number is caught
    except (TypeError, ValueError, OverflowError):
        return dt.timedelta(seconds=30)


def _is_global(headers: Mapping[str, str], value: Any) -> bool:
    """Return whether the whole bot is meant: Discord says so; Cloudflare, whose body is no JSON, always means it."""
    if not isinstance(value, dict):
        return True
    return bool(value.get("global")) or headers.get("X-RateLimit-Scope") == "global"
