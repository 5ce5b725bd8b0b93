"""A source's papers into the store: one paper, however many sources and versions tell of it."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bot import text
from bot.names import same_person
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Batch
from bot.store import Papers, Store


@dataclass(slots=True)
class IngestReport:
    """What became of what was read. `read` counts items, damaged ones included; `failures` are sentences."""

    source: str
    read: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    failed_files: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    newest_day: dt.date | None = None

    def add(self, other: "IngestReport") -> None:
        """Count another report in."""
        self.read += other.read
        self.new += other.new
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.skipped.update(other.skipped)
        self.failed_files += other.failed_files
        self.failures += other.failures
        self.newest_day = max(filter(None, (self.newest_day, other.newest_day)), default=None)


async def ingest(store: Store, source: str, batch: Batch, now: dt.datetime) -> IngestReport:
    """Store a batch in one transaction: wholly, or not at all. Raises StoreError."""
    report = IngestReport(source, read=len(batch.papers) + sum(batch.skipped.values()), skipped=Counter(batch.skipped))
    report.newest_day = max((paper.announced for paper in batch.papers if paper.announced), default=None)
    async with store.write() as session:
        changed = await _merged(session.papers, batch.papers, now, report)
        await session.papers.save(changed, now)
        await session.source_runs.succeeded(source, now, report.newest_day)
    return report


async def _merged(papers: Papers, incoming: Sequence[Paper], now: dt.datetime, report: IngestReport) -> list[Paper]:
    """Return the papers to be saved: new ones, and stored ones that the incoming change."""
    known = await papers.known(incoming)
    unknown = [paper for paper in incoming if paper.id not in known]
    namesakes = await papers.with_titles({title_key(paper.title) for paper in unknown})
    changed: dict[PaperId, Paper] = {}  # under each of their names
    for paper in incoming:
        stored = known.get(paper.id)
        before = changed.get(stored.id, stored) if stored else _named(paper, changed)
        if before is None:
            alike = namesakes.setdefault(title_key(paper.title), [])
            before = _same_work(paper, [changed.get(each.id, each) for each in alike])
        merged = merge(before, paper, now)
        if before is None:
            report.new += 1
            alike.append(merged)
        elif merged == before:
            report.unchanged += 1
            continue
        else:
            report.updated += 1
        changed |= dict.fromkeys(_names(merged), merged)
    return list({paper.id: paper for paper in changed.values()}.values())


def _names(paper: Paper) -> tuple[PaperId, ...]:
    return paper.id, *paper.other_ids


def _named(paper: Paper, papers: Mapping[PaperId, Paper]) -> Paper | None:
    """Return the one of the papers that shares a name with this one."""
    return next((papers[name] for name in _names(paper) if name in papers), None)


@lru_cache(maxsize=4_096)  # asked for three times while a paper is taken in
def title_key(title: str) -> str:
    """Return the folded words of a title: equal for one title in different spellings."""
    return " ".join(text.words(title))[:300]


def _same_work(paper: Paper, namesakes: Iterable[Paper]) -> Paper | None:
    """Return the stored paper of the same title that is the same work, told by a shared author and year.

    Two ids of one scheme are two works, whatever their titles.
    """
    for stored in namesakes:
        apart = _schemes(paper).isdisjoint(_schemes(stored))
        if apart and _share_year(paper, stored) and _share_author(paper, stored):
            return stored
    return None


def _schemes(paper: Paper) -> set[Scheme]:
    return {name.scheme for name in _names(paper)}


def _share_author(paper: Paper, stored: Paper) -> bool:
    return any(same_person(one, other) for one in paper.authors for other in stored.authors)


def _share_year(paper: Paper, stored: Paper) -> bool:
    if paper.published is None or stored.published is None:
        return True
    return abs(paper.published.year - stored.published.year) <= 1


def merge(stored: Paper | None, incoming: Paper, now: dt.datetime) -> Paper:
    """Return what is known of a paper after a source spoke again: newer facts stand, none is lost.

    The id and the first times seen stay for ever.
    """
    if stored is None:
        return replace(incoming, first_seen=now, listings=_merged_listings((), incoming.listings, now))
    ids = dict.fromkeys((*stored.other_ids, incoming.id, *incoming.other_ids))
    ids.pop(stored.id, None)
    return Paper(
        id=stored.id,
        title=incoming.title,
        authors=incoming.authors or stored.authors,
        abstract=incoming.abstract or stored.abstract,
        published=stored.published or incoming.published,
        categories=incoming.categories or stored.categories,
        other_ids=tuple(ids),
        version=max(filter(None, (stored.version, incoming.version)), default=None),
        venue=incoming.venue or stored.venue,
        comment=incoming.comment or stored.comment,
        code_url=incoming.code_url or stored.code_url,
        project_url=incoming.project_url or stored.project_url,
        video_url=incoming.video_url or stored.video_url,
        models=stored.models if incoming.models is None else incoming.models,
        listings=_merged_listings(stored.listings, incoming.listings, now),
        first_seen=stored.first_seen,
    )


def _merged_listings(
    stored: tuple[Listing, ...], incoming: tuple[Listing, ...], now: dt.datetime
) -> tuple[Listing, ...]:
    listings = {(listing.source, listing.day): listing for listing in stored}
    for listing in incoming:
        before = listings.get((listing.source, listing.day))
        listings[listing.source, listing.day] = (
            _newer_facts(before, listing) if before else replace(listing, first_seen=now)
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
