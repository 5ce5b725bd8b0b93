"""The fetcher that all sources share: one way to ask, one set of limits and words for what goes wrong."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib import metadata
from types import TracebackType
from typing import Final, Self

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from adapters.sources.addresses import address, host, redirected
from adapters.sources.json_facts import MOST_BYTES, parse_json
from bot import text
from bot.errors import SourceError

_SECONDS = 60.0
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PAUSES: Final = (1.0, 4.0)  # seconds before the second try and the third, give or take a half
_LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class _Format:
    """What an answer must be, told by its content type."""

    name: str
    accept: str
    content_type: re.Pattern[str]


_JSON = _Format("JSON", "application/json", re.compile(r"application/(?:[\w.-]+\+)?json"))


class _BusyError(SourceError):
    """The service may answer another time; `wait` is how many seconds it asks for, where it does."""

    def __init__(self, message: str, wait: float | None) -> None:
        super().__init__(message)
        self.wait = wait


class Fetcher:
    """Asks the services that sources are read from. Use it in `async with`; it connects when it is asked.

    Every failure is a SourceError that names the host and the reason. `contact` is the operator's email
    address, `timeout` is in seconds for one try, `most_bytes` counts the answer as unpacked.
    """

    def __init__(
        self,
        contact: str | None = None,
        *,
        timeout: float = _SECONDS,
        most_bytes: int = MOST_BYTES,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._user_agent = user_agent(contact)
        self._timeout = timeout
        self._most_bytes = most_bytes
        self._sleep = sleep
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()

    async def json(self, url: str, params: Mapping[str, str]) -> object:
        """Return the JSON value found at `url` with `params` as its query. Raises SourceError."""
        asked = address(url, params)
        body = await self._body(asked, _JSON)
        return await asyncio.to_thread(parse_json, body, f"The answer of {host(asked)}")

    async def _body(self, url: URL, wanted: _Format) -> bytes:
        """Try again while the service is busy, as patiently as it asks, within reason."""
        for pause in _PAUSES:
            try:
                return await self._try(url, wanted)
            except _BusyError as busy:
                wait = pause * random.uniform(0.5, 1.5) if busy.wait is None else busy.wait
                if wait > _LONGEST_PAUSE:
                    raise
            await self._sleep(wait)
        return await self._try(url, wanted)

    async def _try(self, url: URL, wanted: _Format) -> bytes:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._follow(url, wanted)
        except TimeoutError as error:
            raise SourceError(f"{host(url)} did not answer within {self._timeout:g} seconds.") from error
        except (aiohttp.ClientError, HttpProcessingError) as error:
            raise SourceError(f"{host(url)} {_reason(error)}.") from error

    async def _follow(self, url: URL, wanted: _Format) -> bytes:
        here = url
        for _ in range(_MOST_REDIRECTS + 1):
            async with self._opened().get(here, allow_redirects=False, headers={"Accept": wanted.accept}) as answer:
                if answer.status not in _REDIRECTS:
                    _check(answer, wanted)
                    return await self._read(answer)
                here = redirected(here, answer.headers.get("Location", ""))
        raise SourceError(f"{host(url)} redirects in circles.")

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) > self._most_bytes:
                raise SourceError(f"{host(answer.url)} sends more than {_size(self._most_bytes)}.")
        return bytes(body)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"User-Agent": self._user_agent},
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),  # each try has its own limit, redirects included
            )
        return self._session


def user_agent(contact: str | None) -> str:
    """Return how we introduce ourselves: `paperround/VERSION (+URL; mailto:CONTACT)`, of which what is known.

    ValueError when the contact can't stand in a header.
    """
    if contact is not None and not re.fullmatch(r"[!-'*-~]+", contact):
        raise ValueError(f"not an email address: {contact[:100]!r}")
    version, site = _release()
    about = [f"+{site}" if site else "", f"mailto:{contact}" if contact else ""]
    return f"paperround/{version} ({'; '.join(filter(None, about))})" if any(about) else f"paperround/{version}"


def _release() -> tuple[str, str | None]:
    """Return the version and the address of the project, as the installed package tells them."""
    try:
        package = metadata.metadata("paperround")
    except metadata.PackageNotFoundError:  # run from a checkout
        return "dev", None
    urls = (entry.partition(", ") for entry in package.get_all("Project-URL", []))
    return package["Version"], next((url for label, _, url in urls if label.lower() == "homepage"), None)


def _check(answer: aiohttp.ClientResponse, wanted: _Format) -> None:
    """Raise unless the answer is what was asked for, before anything of its body is read."""
    there, status = host(answer.url), answer.status
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = _asked_wait(answer.headers)
        patience = f" and asks us to wait {wait:g} seconds" if wait else ""
        raise _BusyError(f"{there} answered {_status(status)}{patience}.", wait)
    if status != HTTPStatus.OK:
        raise SourceError(f"{there} answered {_status(status)}.")
    if not wanted.content_type.fullmatch(answer.content_type):
        raise SourceError(f"{there} answered with {text.shown(answer.content_type, 60)}, not {wanted.name}.")


def _status(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def _asked_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of Retry-After (RFC 9110, 10.2.3); a date is held against the service's clock."""
    asked = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", asked):
        return float(asked)
    try:
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, wait.total_seconds())


def _reason(error: Exception) -> str:
    """Say in words what went wrong between us and a host."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
    if isinstance(error, aiohttp.ClientSSLError):
        return "can't be trusted: its certificate or its encryption is not valid"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "can't be found"
    if isinstance(cause, ConnectionRefusedError):
        return "refused the connection"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "can't be reached"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "broke its answer off"
    if isinstance(error, aiohttp.ClientConnectionError):
        return "closed the connection before it answered"
    return "answered with something that is not HTTP"


def _size(count: int) -> str:
    return f"{count // 2**20} MB" if count >= 2**20 else f"{count} bytes"
