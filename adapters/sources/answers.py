"""Answers, and by what they are known again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.validators import Validators

# RFC 9110, 8.8.3, but only ASCII, and 8.8.2; what is longer or otherwise made is not worth keeping.
_ETAG = re.compile(r'(?:W/)?"[!#-~]{0,300}"')
_TIME = re.compile(r"[A-Za-z0-9:,+ -]{1,40}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service sent: the bytes, the address where they were in the end, and the character set, if it told one."""

    body: bytes
    url: str
    charset: str | None
    validators: Validators = field(repr=False)


def validators(headers: Mapping[str, str]) -> Validators:
    """Return by what an answer with those headers is known again."""
    etag, time = headers.get("ETag", "").strip(), headers.get("Last-Modified", "").strip()
    return Validators(etag if _ETAG.fullmatch(etag) else None, time if _TIME.fullmatch(time) else None)


def conditions(known: Validators) -> dict[str, str]:
    """Return the headers that ask for an answer only if it is another one."""
    asked = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in asked.items() if value}
