"""What is known of a paper after a source spoke again: newer facts stand, none is lost, and the better source wins."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from bot import text
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, Scheme
from bot.same_work import is_arxivs_own

AUTHORITY: Mapping[str, int] = MappingProxyType(
    {
        "arxiv": 9,
        "acl": 8,
        "openreview": 7,
        "biorxiv": 6,
        "medrxiv": 6,
        "crossref": 5,
        "dblp": 4,
        "openalex": 3,
        "semanticscholar": 2,
        "huggingface": 1,
    }
)
"""How well sources know a work itself: its title, authors, abstract and dates. Where it was put by its authors comes
first, then who registers publications, then who tells of others' papers; an unknown source knows least. No two that
may tell of one paper have the same rank: two spellings of its title would take turns, and each would be a change."""

_DETAIL = 500
"""Characters; nobody is shown more than 200, and PostgreSQL's index takes some 2,700 bytes."""

EventKind = Literal["version", "published", "withdrawn", "code", "cited"]


@dataclass(frozen=True, slots=True)
class PaperEvent:
    """Something that happened to a paper after it was first seen.

    `detail` is the version, the venue, the address, or the id of the paper that cites it; as it is read, the newest
    one that does, for so many `more`.
    """

    paper: PaperId
    kind: EventKind
    detail: str
    at: dt.datetime
    more: int = 0


@dataclass(frozen=True, slots=True)
class Merge:
    """Two papers that were taken for one work: `told`, which had `name`, became a part of `before`.

    Both are as they were then, so that it can be undone; `source` is whose news made them one.
    """

    name: PaperId
    source: str
    at: dt.datetime
    before: Paper
    told: Paper


def merge(stored: Paper | None, incoming: Paper, now: dt.datetime, source: str) -> Paper:
    """Return what is known of a paper after a source told of it. The id and the first times seen stay for ever."""
    if stored is None:
        return replace(incoming, told_by=source, first_seen=now, listings=_merged_listings((), incoming.listings, now))
    ids = dict.fromkeys((*stored.other_ids, incoming.id, *incoming.other_ids))
    ids.pop(stored.id, None)
    better, other = (incoming, stored) if _knows_better(source, stored) else (stored, incoming)
    return Paper(
        id=stored.id,
        title=better.title,
        authors=better.authors or other.authors,
        abstract=better.abstract or other.abstract,
        published=better.published or other.published,
        categories=better.categories or other.categories,
        other_ids=tuple(ids),
        version=max(filter(None, (stored.version, incoming.version)), default=None),
        venue=better.venue or other.venue,
        comment=better.comment or other.comment,
        withdrawn=better.withdrawn or (stored.withdrawn and not better.comment),  # announcements bring no comment
        code_url=_code(source, stored, incoming),
        project_url=incoming.project_url or stored.project_url,
        video_url=incoming.video_url or stored.video_url,
        models=stored.models if incoming.models is None else incoming.models,
        listings=_merged_listings(stored.listings, incoming.listings, now),
        first_seen=stored.first_seen,
        told_by=source if better is incoming else stored.told_by,
    )


def is_hearsay(source: str, stored: Paper) -> bool:
    """Return whether a source may only list a paper that a better one told of: anybody's feed, which one team named,
    has no say over what all teams read."""
    return not AUTHORITY.get(source) and AUTHORITY.get(stored.told_by or "", 0) > 0


def listed_too(stored: Paper, incoming: Paper, now: dt.datetime) -> Paper:
    """Return a stored paper with the listings of another telling, and nothing else of it."""
    return replace(stored, listings=_merged_listings(stored.listings, incoming.listings, now))


def joined(kept: Paper, other: Paper, now: dt.datetime) -> Paper:
    """Return two stored papers as one: under the id of the first, with all that either had."""
    whole = merge(kept, other, now, other.told_by or "")
    seen = min(filter(None, (kept.first_seen, other.first_seen)), default=None)
    return replace(whole, first_seen=seen)


def events_between(before: Paper, after: Paper, now: dt.datetime) -> list[PaperEvent]:
    """Return what has happened to a paper between two times at which it was known."""
    found: list[tuple[EventKind, str]] = []
    if before.version and after.version and after.version > before.version:
        found.append(("version", f"v{after.version}"))
    if (published := _published(after)) and not _published(before):
        found.append(("published", published))
    if after.withdrawn and not before.withdrawn:
        found.append(("withdrawn", after.comment or "withdrawn"))
    if after.code_url and not before.code_url:
        found.append(("code", after.code_url))
    return [PaperEvent(after.id, kind, text.cut(detail, _DETAIL), now) for kind, detail in found]


def _knows_better(source: str, stored: Paper) -> bool:
    return AUTHORITY.get(source, 0) >= AUTHORITY.get(stored.told_by or "", 0)


def _code(source: str, stored: Paper, incoming: Paper) -> str | None:
    """Return where the code is: what Hugging Face names as the paper's repository is more than a link in its text."""
    first, second = (incoming, stored) if source == "huggingface" else (stored, incoming)
    return first.code_url or second.code_url


_PREPRINTS = re.compile(r"10\.(?:1101|64898)/[0-9].*")
"""The DOIs of bioRxiv and medRxiv; journals that share the first of these prefixes have letters behind it."""


def _published(paper: Paper) -> str | None:
    """Return where a paper that began as a preprint has appeared: its venue, else a publisher's DOI."""
    dois = (name.value for name in paper.names if name.scheme is Scheme.DOI and not is_arxivs_own(name))
    return paper.venue or next((doi for doi in dois if not _PREPRINTS.fullmatch(doi)), None)


def _merged_listings(
    stored: tuple[Listing, ...], incoming: tuple[Listing, ...], now: dt.datetime
) -> tuple[Listing, ...]:
    listings = {(listing.source, listing.day): listing for listing in stored}
    for listing in incoming:
        before = listings.get((listing.source, listing.day))
        seen = listing.first_seen or now
        listings[listing.source, listing.day] = (
            _newer_facts(before, listing) if before else replace(listing, first_seen=seen)
        )
    return tuple(sorted(listings.values(), key=lambda listing: (listing.day, listing.source)))


def _newer_facts(before: Listing, after: Listing) -> Listing:
    """Return the listing with its newer facts; what the source no longer tells is kept."""
    known = {
        name: value
        for name in Listing.__dataclass_fields__
        if (value := getattr(after, name)) not in (None, ()) and name != "first_seen"
    }
    return replace(before, **known)
