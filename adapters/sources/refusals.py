"""How services refuse, and what goes wrong on the way to them, in words."""

import html
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp

from adapters.sources.addresses import host
from adapters.sources.formats import Format
from bot import text
from bot.errors import SourceError

_HEAD = 65_536  # bytes of a refusal that are read; arXiv's are of some hundred
_LONGEST_REASON = 200

_RATE_EXCEEDED = re.compile(rb"\s*rate exceeded\.?\s*", re.IGNORECASE)
# arXiv answers a question that it does not take with a feed: the announcements with one of this title, and the
# query API with an entry "Error"; the words are in what describes it.
_TITLE = re.compile(rb"<title[^>]*>\s*([^<]*?)\s*</title>")
_FEED_ERROR = b"Feed error for query"
_DESCRIPTION = re.compile(rb"<(description|subtitle|summary)[^>]*>\s*([^<]+?)\s*</\1>")


class BusyError(SourceError):
    """The service may answer another time; `wait` is in how many seconds, None where nobody knows."""

    def __init__(self, message: str, wait: float | None) -> None:
        super().__init__(message)
        self.wait = wait


class AbsentError(SourceError):
    """What was asked for is not there (404, 410): for a look-up by id, an answer like any other."""


class UnreachedError(SourceError):
    """Nobody answered: the service is away, or this machine is not connected."""


async def check(answer: aiohttp.ClientResponse, wanted: Format, hiccup: float | None) -> None:
    """Raise SourceError unless the answer is what was asked for, before it is read.

    A server error may be over in `hiccup` seconds; None where that is not to be tried.
    """
    there, status = host(answer.url), answer.status
    wait = _asked_wait(answer.headers)
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        patience = f" and asks us to wait {wait:g} seconds" if wait else ""
        passing = wait is None and status != HTTPStatus.TOO_MANY_REQUESTS
        raise BusyError(f"{there} answered {_status(status)}{patience}.", hiccup if passing else wait)
    fits = wanted.content_type.fullmatch(answer.content_type)
    if status == HTTPStatus.OK and fits:
        return
    head = await _head(answer)
    check_words(there, head, wait)
    if words := _feed_error(head, ("Error",)):
        raise SourceError(f"{there} refuses what it was asked: {words}.")
    if status != HTTPStatus.OK:
        kind = AbsentError if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE) else SourceError
        raise kind(f"{there} answered {_status(status)}.")
    raise SourceError(f"{there} answered with {text.shown(answer.content_type, 60)}, not {wanted.name}.")


def check_words(there: str, body: bytes, wait: float | None = None) -> None:
    """Raise SourceError where an answer, whatever its status and type, says in words that it is none."""
    if len(body) < 100 and _RATE_EXCEEDED.fullmatch(body):
        raise BusyError(f"{there} says that it was asked too often.", wait)
    if words := _feed_error(body[:_HEAD], ()):
        raise SourceError(f"{there} refuses what it was asked: {words}.")


def _feed_error(head: bytes, entries: tuple[str, ...]) -> str | None:
    """Return why a feed is none, in its own words, without a full stop; None where it is one.

    A feed's own title comes first; a title among `entries` tells the same only where a failure is known.
    """
    for place, title in enumerate(_TITLE.finditer(head)):
        words = title[1].decode(errors="replace")
        if (place == 0 and title[1].startswith(_FEED_ERROR)) or words in entries:
            described = _DESCRIPTION.search(head, title.end())
            reason = described[2].decode(errors="replace") if described else words
            return text.shown(html.unescape(reason), _LONGEST_REASON).rstrip(".")
    return None


async def _head(answer: aiohttp.ClientResponse) -> bytes:
    """Return the beginning of a refusal; what broke off tells as much as came."""
    head = bytearray()
    try:
        async for chunk in answer.content.iter_any():
            head += chunk
            if len(head) >= _HEAD:
                break
    except aiohttp.ClientPayloadError:
        pass  # the status is told in any case
    return bytes(head[:_HEAD])


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


def broken(error: Exception) -> str:
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
