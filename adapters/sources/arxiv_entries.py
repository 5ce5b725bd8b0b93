"""What all ways to arXiv share: ids with versions, and the facts of a paper."""

import datetime as dt
import re
from collections.abc import Collection, Iterable
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from adapters.sources import json_facts as facts
from adapters.sources.entries import ABSTRACT, DamagedError
from bot import text
from bot.arxiv_categories import archive_of, find_category
from bot.mojibake import mended
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme

SOURCE = "arxiv"
NEW_YORK = ZoneInfo("America/New_York")
"""Where arXiv's day begins and ends."""

COMMENT = 4_000  # characters
_CATEGORIES = 50
_MOST_VERSION = 10_000

_ID = re.compile(r"(?P<id>[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7}|[0-9]{4}\.[0-9]{4,5})(?:v(?P<version>[0-9]{1,5}))?")
_PREFIX = re.compile(r"(?:https?://(?:www\.|export\.)?arxiv\.org/abs/|oai:arXiv\.org:|arXiv:)", re.IGNORECASE)
_SUBJECT = re.compile(r"\.[A-Z]{2}(?=/)")  # "math.GT/0309136" and "math/0309136" are one
_INDENTED = re.compile(r"\n[ \t]+(?=\S)")  # how arXiv's abstracts begin a paragraph


def identified(told: str) -> tuple[PaperId, int | None]:
    """Return the id and the version of `oai:arXiv.org:2508.13426v1`, an address, or a bare id."""
    if not told.strip():
        raise DamagedError("no id")
    found = _ID.fullmatch(_PREFIX.sub("", told.strip(), count=1))
    try:
        if found is None:
            raise ValueError(told)
        paper_id = PaperId(Scheme.ARXIV, _SUBJECT.sub("", found["id"]))
    except ValueError as error:
        raise DamagedError("id is not arXiv's") from error
    version = int(found["version"] or 0)
    return paper_id, version if 0 < version <= _MOST_VERSION else None


def abstract(told: str) -> str:
    """Return an abstract in clean paragraphs."""
    whole = mended(told[: 4 * ABSTRACT]).strip()
    return text.cut(text.clean_paragraphs(_INDENTED.sub("\n\n", whole)), ABSTRACT)


def categories(told: Iterable[str | None], primary: str | None = None) -> tuple[str, ...]:
    """Return those that arXiv has, the primary one first; other classifications (MSC, ACM) stay out."""
    known = (find_category(one) for one in (primary, *told) if one)
    return tuple(dict.fromkeys(one for one in known if one))[:_CATEGORIES]


def is_in(paper: Paper, wanted: Collection[str]) -> bool:
    """Return whether a paper is in one of some categories and archives, be it as a cross-list."""
    return any(one in wanted or archive_of(one) in wanted for one in paper.categories)


def dois(told: str) -> tuple[PaperId, ...]:
    """Return the first DOI of a field that may hold several, parted by spaces."""
    for one in told.lower().split():
        try:
            found = PaperId(Scheme.DOI, one.removeprefix("doi:").removeprefix("https://doi.org/").rstrip(".,;"))
        except ValueError:
            continue
        if not found.too_long:
            return (found,)
    return ()


def day_in_new_york(told: str) -> dt.date | None:
    """Return the day of a time (ISO 8601, or as mails write it), as it is in New York; None for what is no time."""
    try:
        instant = dt.datetime.fromisoformat(told.strip()) if told.strip()[:1].isdigit() else parsedate_to_datetime(told)
        there = instant.astimezone(NEW_YORK) if instant.tzinfo else instant
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return facts.date(there.date().isoformat())
