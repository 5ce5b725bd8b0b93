"""A source's papers into the store: one paper, however many sources and versions tell of it."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.merging import Merge, PaperEvent, events_between, is_hearsay, joined, listed_too, merge
from bot.organisations import with_folded
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Batch
from bot.same_work import are_two, same_work, title_start
from bot.store import Session, Store


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
        taken = await _taken_in(session, batch.papers, source, now, report)
        await session.merges.join(taken.joins)
        await session.papers.save(taken.changed, now)
        await session.merges.note(taken.merges)
        await session.events.add([*taken.events, *await _citations(session, batch, now)])
        await session.source_runs.succeeded(source, now, report.newest_day)
    return report


async def _citations(session: Session, batch: Batch, now: dt.datetime) -> list[PaperEvent]:
    """Return that a paper was cited, by each paper of the batch; of a backlog, on the days when those came out.

    Each is told by the name under which it is stored, for a source may call it something else tomorrow.
    """
    cited = await session.papers.get(batch.cites) if batch.cites else None
    if cited is None:
        return []
    stored = await session.papers.known(batch.papers)
    return [
        PaperEvent(cited.id, "cited", str(stored[told.id][0].id), _came_out(told, now) if batch.backlog else now)
        for told in batch.papers
        if told.id not in cited.names
    ]


def _came_out(paper: Paper, now: dt.datetime) -> dt.datetime:
    return min(now, dt.datetime.combine(paper.published, dt.time(), dt.UTC)) if paper.published else now


@dataclass(slots=True)
class _TakenIn:
    """What a batch changes: papers under each of their names, and what happened to those that were stored.

    Of `joins`, the second stored paper becomes a part of the first.
    """

    by_name: dict[PaperId, Paper] = field(default_factory=dict)
    joins: list[tuple[PaperId, PaperId]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    events: list[PaperEvent] = field(default_factory=list)
    new: set[PaperId] = field(default_factory=set)

    @property
    def changed(self) -> list[Paper]:
        """The papers to be saved, each once."""
        return list({paper.id: paper for paper in self.by_name.values()}.values())

    def now(self, paper: Paper) -> Paper:
        """Return a stored paper as this batch has left it so far."""
        return self.by_name.get(paper.id, paper)

    def named(self, paper: Paper, stored: Iterable[Paper]) -> list[Paper]:
        """Return the papers that share a name with this one, as this batch has left them so far.

        `stored` are those that did before; the one that has its main name comes first.
        """
        found = {each.id: each for each in map(self.now, stored)}
        found |= {self.by_name[name].id: self.by_name[name] for name in paper.names if name in self.by_name}
        return sorted(found.values(), key=lambda each: paper.id not in each.names)

    def put(self, paper: Paper) -> None:
        """Let a paper be saved."""
        self.by_name |= dict.fromkeys(paper.names, paper)


_Apart = frozenset[PaperId]
"""Two names that were taken for one paper's, and are not: somebody said so."""


async def _taken_in(
    session: Session, incoming: Sequence[Paper], source: str, now: dt.datetime, report: IngestReport
) -> _TakenIn:
    """Return what changes: new papers, and stored ones of which the incoming tell something."""
    apart = await session.merges.kept_apart([name for paper in incoming for name in paper.names])
    names = await session.organisations.names()
    incoming = [with_folded(_without_strangers(paper, apart), names) for paper in incoming]
    known = await session.papers.known(incoming)
    namesakes = await session.papers.with_titles({title_start(each.title) for each in incoming if each.id not in known})
    taken = _TakenIn()
    for told in incoming:
        paper, theirs = _meant(told, taken.named(told, known.get(told.id, ())))
        before = _one_of(theirs, taken, source, now)
        if before is None:
            alike = namesakes.setdefault(title_start(paper.title), [])
            before = _same_work(paper, map(taken.now, alike), apart)
            if before:
                taken.merges.append(Merge(paper.id, source, now, before, paper))
        merged = _told_of(before, paper, now, source)
        if before is None:
            report.new += 1
            taken.new.add(merged.id)
            alike.append(merged)
        elif merged == before:
            report.unchanged += 1
            continue
        else:
            report.updated += 1
            taken.events += events_between(before, merged, now)
        taken.put(merged)
    return taken


def _told_of(before: Paper | None, paper: Paper, now: dt.datetime, source: str) -> Paper:
    if before and is_hearsay(source, before):
        return listed_too(before, paper, now)
    return merge(before, paper, now, source)


def _meant(told: Paper, named: Sequence[Paper]) -> tuple[Paper, list[Paper]]:
    """Return a paper without names that are others', and those of the papers with its names that it is.

    No two of them are surely two works. Whatever else a source says of its main name, it speaks of whoever has that.
    """
    own = [each for each in named if told.id in each.names]
    if any(are_two(told, each) for each in own):
        return replace(told, other_ids=()), own
    theirs: list[Paper] = []
    for each in named:
        if not any(are_two(each, one) for one in (told, *theirs)):
            theirs.append(each)
    return _without_names_of(told, [each for each in named if each not in theirs]), theirs


def _one_of(named: Sequence[Paper], taken: _TakenIn, source: str, now: dt.datetime) -> Paper | None:
    """Return the paper to which the names lead; several become one, for the source says that they are.

    A stored one is kept, before others the one that arXiv's id names, else the one that was seen first.
    """
    if not named:
        return None
    kept, *others = sorted(
        named, key=lambda each: (each.id in taken.new, each.id.scheme is not Scheme.ARXIV, str(each.first_seen))
    )
    for other in [] if is_hearsay(source, kept) else others:
        if other.id not in taken.new:
            taken.joins.append((kept.id, other.id))
        taken.merges.append(Merge(other.id, source, now, kept, other))
        kept = joined(kept, other, now)
        taken.put(kept)
    return kept


def _same_work(paper: Paper, namesakes: Iterable[Paper], apart: set[_Apart]) -> Paper | None:
    """Return the paper of the same title that is the same work, though they share no name."""
    return next(
        (
            stored
            for stored in namesakes
            if same_work(paper, stored)
            and not any(frozenset((one, other)) in apart for one in paper.names for other in stored.names)
        ),
        None,
    )


def _without_names_of(paper: Paper, others: Sequence[Paper]) -> Paper:
    """Return the paper without names that are others' already: a DOI that was mistyped, or stands for a whole issue."""
    taken = {name for other in others for name in other.names}
    return replace(paper, other_ids=tuple(name for name in paper.other_ids if name not in taken)) if taken else paper


def _without_strangers(paper: Paper, apart: set[_Apart]) -> Paper:
    """Return the paper without names that are another's, whatever the source says: of two, the first stays."""
    own = [paper.id]
    for name in paper.other_ids:
        if not any(frozenset((one, name)) in apart for one in own):
            own.append(name)
    return paper if len(own) == len(paper.names) else replace(paper, other_ids=tuple(own[1:]))
