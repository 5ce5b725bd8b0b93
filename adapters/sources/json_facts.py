"""JSON that others wrote: what of it is read at all, and each fact in its right type and size, or None."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from bot import text
from bot.errors import SourceError

MOST_BYTES = 32 * 1024 * 1024  # the largest recorded day has 0.4 MB
_MOST_COUNT = 2**31 - 1  # what an integer column of a database holds
_LONGEST_LINK = 2_000
_YEARS = range(1990, 2101)  # arXiv began in 1991; other years are damage

# Browsers take line breaks out of an address before they read it (https://url.spec.whatwg.org/#url-parsing):
# two recorded repositories have one in the middle, two project pages a space in front.
_LINE_BREAKS = str.maketrans("", "", "\t\r\n")
_NOT_IN_LINKS = re.compile(r"[\s<>\"`|\\^{}]")


def read(path: Path) -> tuple[bytes, str]:
    """Return what is in a file, and its name for messages. SourceError when it can't be read, or is too large."""
    name = text.shown(path.name, 100)
    try:
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{name} can't be read: {error.strerror}.") from error
    if len(body) > MOST_BYTES:
        raise SourceError(f"{name} is larger than {MOST_BYTES // 2**20} MB.")
    return body, name


def parse_json(body: bytes, name: str) -> object:
    """Return the value of a JSON document in UTF-8. SourceError, `name` its subject, when it is none."""
    try:
        document = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = "is cut off" if error.reason == "unexpected end of data" else "is not UTF-8 text"
        raise SourceError(f"{name} {fault}.") from error
    if not document.strip():
        raise SourceError(f"{name} is empty.")
    try:
        value: object = json.loads(document)
    except json.JSONDecodeError as error:
        raise SourceError(f"{name} {_fault(error)}.") from error
    except RecursionError as error:
        raise SourceError(f"{name} is nested too deeply.") from error
    except ValueError as error:  # Python reads no whole number of more than 4,300 digits
        raise SourceError(f"{name} holds a number that is too long.") from error
    return value


def _fault(error: json.JSONDecodeError) -> str:
    """Say whether the document ends too early: inside a string, or with at most a piece of a word left."""
    rest = error.doc[error.pos :].strip()
    at_its_end = len(rest) < 10 and not rest.endswith(("]", "}"))
    in_a_string = error.msg.startswith("Unterminated string")
    if error.doc.lstrip()[0] in "[{" and error.msg != "Extra data" and (at_its_end or in_a_string):
        return "is cut off"
    return f"is not JSON (line {error.lineno}, column {error.colno})"


def kind(value: object) -> str:
    """Return what a JSON value is, in words."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true or false"
    return "nothing" if value is None else "a number"


def record(value: object) -> Mapping[str, object]:
    """Return the object, or an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def entries(value: object) -> list[object]:
    """Return the list, or an empty one where it is none."""
    return value if isinstance(value, list) else []


def line(value: object, limit: int) -> str | None:
    """Return text in one clean line of at most `limit` characters; None where nothing is left of it."""
    return (text.cut(text.clean(value), limit) or None) if isinstance(value, str) else None


def paragraphs(value: object, limit: int) -> str | None:
    """Return clean text of at most `limit` characters, its paragraphs kept."""
    return (text.cut(text.clean_paragraphs(value), limit) or None) if isinstance(value, str) else None


def count(value: object) -> int | None:
    """Return a number of things, 0 included; None for what is no whole number or can't be stored."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MOST_COUNT else None


def instant(value: object) -> dt.datetime | None:
    """Return an ISO 8601 time, aware and in UTC; one without a zone is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        told = dt.datetime.fromisoformat(value)
        utc = (told if told.tzinfo else told.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return utc if utc.year in _YEARS else None


def date(value: object) -> dt.date | None:
    """Return the day, in UTC, of an ISO 8601 date or time."""
    found = instant(value)
    return found.date() if found else None


def link(value: object) -> str | None:
    """Return an http(s) address that a person can follow; None for anything else, logins in it included."""
    if not isinstance(value, str) or len(value) > _LONGEST_LINK:
        return None
    url = value.translate(_LINE_BREAKS).strip()
    if not url.isprintable() or _NOT_IN_LINKS.search(url):
        return None
    try:
        address = urlsplit(url)
        host = address.hostname
    except ValueError:  # a host in a stray bracket
        return None
    return url if address.scheme in ("http", "https") and host and "@" not in address.netloc else None
