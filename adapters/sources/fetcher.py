"""The fetcher that all sources share: one way to ask, one set of limits and words for what goes wrong."""

import asyncio
import copy
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from adapters.sources.addresses import address, host, redirected
from adapters.sources.answers import Answer, conditions, validators
from adapters.sources.connections import Connections
from adapters.sources.formats import JSON, XML, Format
from adapters.sources.gates import Gatekeeper, gate_of
from adapters.sources.introduction import user_agent
from adapters.sources.json_facts import MOST_BYTES, parse_json
from adapters.sources.public_hosts import check_public
from adapters.sources.refusals import BusyError, UnreachedError, broken, check, check_words
from bot.errors import SourceError
from bot.gates import Gate
from bot.ports import Clock
from bot.store import Store
from bot.validators import Validators

_SECONDS = 60.0
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PAUSES: Final = (1.0, 4.0)  # seconds before the second try and the third, give or take a half

PATIENCE = 30.0
"""Seconds that a person may wait until a service may be asked."""

_NOTHING = Validators()


@dataclass(frozen=True, slots=True)
class Shared:
    """What the fetchers of all replicas share: the store, and the time, which must be the real one."""

    store: Store
    clock: Clock


class Fetcher:
    """Asks the services that sources are read from. Use it in `async with`; it connects when it is asked.

    Every failure is a SourceError that names the host and the reason. `contact` is the operator's email
    address, `timeout` is in seconds for one try, `most_bytes` counts the answer as unpacked.

    What is `shared` makes it polite: over all replicas each service is asked through its gate, `through` one
    or else that of the address. Never ask within a transaction: the store is written to. Without what is shared, it
    waits for nobody and knows no answer again.
    """

    def __init__(
        self,
        contact: str | None = None,
        shared: Shared | None = None,
        *,
        timeout: float = _SECONDS,
        most_bytes: int = MOST_BYTES,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._connections = Connections(user_agent(contact), resolver)
        self._shared = shared
        self._keeper = Gatekeeper(shared.store, shared.clock, sleep) if shared else None
        self._timeout = timeout
        self._most_bytes = most_bytes
        self._sleep = sleep
        self._gate: Gate | None = None
        self._patience = PATIENCE
        self._headers: Mapping[str, str] = {}
        self._public = False
        self._sent: Mapping[str, str] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connections.close()

    def through(self, gate: Gate, *, patience: float = PATIENCE, headers: Mapping[str, str] | None = None) -> Self:
        """Return this fetcher for one service: whatever the address, it asks through that gate.

        `patience` is how many seconds a question may wait for the gate, all in all; `headers`, such as a key, go with
        each request.
        """
        other = copy.copy(self)
        other._gate, other._patience, other._headers = gate, patience, headers or {}
        return other

    def guarded(self, *, patience: float = PATIENCE) -> Self:
        """Return this fetcher for addresses that users name: it asks public hosts alone."""
        other = copy.copy(self)
        other._gate, other._patience, other._headers, other._public = None, patience, {}, True
        return other

    def sending(self, payload: Mapping[str, str]) -> Self:
        """Return this fetcher as one that sends (POST) such JSON, a login for example; no redirect is followed then."""
        other = copy.copy(self)
        other._sent = payload
        return other

    async def json(self, url: str, params: Mapping[str, str]) -> object:
        """Return the JSON value found at `url` with `params` as its query. Raises SourceError."""
        body = await self.body(url, params, JSON)
        return await asyncio.to_thread(parse_json, body, f"The answer of {host(address(url, params))}")

    async def xml(self, url: str, params: Mapping[str, str]) -> bytes:
        """Return the XML document found there, of whatever kind, and not yet parsed. Raises SourceError."""
        return await self.body(url, params, XML)

    async def body(self, url: str, params: Mapping[str, str], wanted: Format) -> bytes:
        """Return what is found there, if it comes in that format. Raises SourceError."""
        answer = await self._ask(address(url, params), wanted, _NOTHING)
        if answer is None:
            raise TypeError("an answer can't be unchanged where nothing is known of one before")
        return answer.body

    @asynccontextmanager
    async def asking(self, url: str, params: Mapping[str, str], wanted: Format) -> AsyncIterator[Answer | None]:
        """Give the block what is found there; None where it has not changed since a block took it in.

        An answer counts as taken in when the block ends without an exception: commit within it what was read, or
        yield it within it to whoever does. Raises SourceError.
        """
        asked = address(url, params)
        known = await self._known(asked, wanted)
        answer = await self._ask(asked, wanted, known)
        yield answer
        await self._take_in(asked, wanted, answer.validators if answer else known)

    async def _known(self, url: URL, wanted: Format) -> Validators:
        if not self._shared:
            return _NOTHING
        async with self._shared.store.read() as session:
            return await session.known_answers.get(_key(url, wanted))

    async def _take_in(self, url: URL, wanted: Format, seen: Validators) -> None:
        if self._shared:
            async with self._shared.store.write() as session:
                await session.known_answers.put(_key(url, wanted), seen, self._shared.clock.now())

    async def _ask(self, url: URL, wanted: Format, known: Validators) -> Answer | None:
        """Try again while the service is busy, as patiently as it asks, within reason."""
        give_up = self._passed() + self._patience
        for pause in _PAUSES:
            try:
                return await self._follow(url, wanted, known, give_up, pause * random.uniform(0.5, 1.5))
            except BusyError as busy:
                if busy.wait is None or self._passed() + busy.wait > give_up:
                    raise
                wait = busy.wait
            if not self._keeper:  # whose gate would be shut for that long
                await self._sleep(wait)
        return await self._follow(url, wanted, known, give_up, None)

    def _passed(self) -> float:
        """Return seconds that pass; without a clock none do."""
        return self._shared.clock.monotonic() if self._shared else 0.0

    async def _follow(
        self, url: URL, wanted: Format, known: Validators, give_up: float, hiccup: float | None
    ) -> Answer | None:
        """Follow redirects. Each request is one for the gate, and all of them together have one time limit."""
        here, loop, left = url, asyncio.get_running_loop(), self._timeout
        for _ in range(_MOST_REDIRECTS + 1):
            if self._public:
                check_public(here)
            gate = self._gate or gate_of(here)
            may_pass = hiccup if gate.hiccups or not self._keeper else None
            async with self._admitted(gate, give_up):
                began = loop.time()
                found = await self._try(here, wanted, known, may_pass, left)
                left -= loop.time() - began
            if not isinstance(found, URL):
                return found
            if self._sent is not None:
                raise SourceError(f"{host(url)} redirects what is sent to it; nothing is sent elsewhere.")
            here = found
        raise SourceError(f"{host(url)} redirects in circles.")

    def _admitted(self, gate: Gate, give_up: float) -> AbstractAsyncContextManager[None]:
        return self._keeper.admitted(gate, self._timeout, give_up) if self._keeper else nullcontext()

    async def _try(
        self, url: URL, wanted: Format, known: Validators, hiccup: float | None, seconds: float
    ) -> Answer | URL | None:
        try:
            async with asyncio.timeout(seconds):
                return await self._get(url, wanted, known, hiccup)
        except TimeoutError as error:
            raise UnreachedError(f"{host(url)} did not answer within {self._timeout:g} seconds.") from error
        except (aiohttp.ClientError, HttpProcessingError) as error:
            raise UnreachedError(f"{host(url)} {broken(error)}.") from error

    async def _get(self, url: URL, wanted: Format, known: Validators, hiccup: float | None) -> Answer | URL | None:
        """Return the answer, None where it is the known one, or where a redirect leads."""
        session = self._connections.to_public_hosts() if self._public else self._connections.to_anywhere()
        headers = {**self._headers, "Accept": wanted.accept, **conditions(known)}
        method = "GET" if self._sent is None else "POST"
        async with session.request(method, url, allow_redirects=False, headers=headers, json=self._sent) as answer:
            if answer.status in _REDIRECTS:
                return redirected(url, answer.headers.get("Location", ""))
            if known and answer.status == HTTPStatus.NOT_MODIFIED:
                return None
            await check(answer, wanted, hiccup)
            body = await self._read(answer)
            check_words(host(url), body)
            return Answer(body, str(url), answer.charset, validators(answer.headers))

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) > self._most_bytes:
                raise SourceError(f"{host(answer.url)} sends more than {_size(self._most_bytes)}.")
        return bytes(body)


def _key(url: URL, wanted: Format) -> str:
    """Return what stands for a question: an address may be longer than an index takes."""
    return hashlib.sha256(f"{wanted.name} {url}".encode()).hexdigest()


def _size(count: int) -> str:
    return f"{count // 2**20} MB" if count >= 2**20 else f"{count} bytes"
