"""A channel's digest: how it is set, and which papers come in the next one.

Main part: the lists of the days since the digest before, settled by now (never the day itself).
"Late and rising": papers of earlier days that were listed after their day's digest, or have climbed
into their day's top since. Both together keep the size; what a channel has seen, it does not see again.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot import text
from bot.dates import spoken
from bot.evaluation import Evaluated, evaluate
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.query import Rule
from bot.ranking import day_list
from bot.reply import Action, DigestPost, PaperLine, Section, paper_line
from bot.schedule import Schedule

LOOK_BACK = dt.timedelta(days=7)
"""How long a paper may come late, or rise, and still be brought."""

MAX_TOP = 10


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """A digest as somebody set it up. `since` is the first day whose list it covers.

    `last_slot` is the local date of the latest slot that was composed; `next_due_at` is UTC.
    While paused, nothing is due; `paused_until` is when it resumes by itself, None for not before asked.
    `blocked` says why nothing can be posted (the channel is gone, say); nothing is due until that is mended.
    """

    id: int
    channel_id: int
    name: str
    schedule: Schedule
    top: int
    rule: Rule | None
    created_by: int
    created_at: dt.datetime
    since: dt.date
    next_due_at: dt.datetime
    last_slot: dt.date | None = None
    paused: bool = False
    paused_until: dt.datetime | None = None
    blocked: str | None = None

    @property
    def comes(self) -> bool:
        """Whether it comes by itself: it can be posted, and is not paused, or the pause has an end."""
        return self.blocked is None and (not self.paused or self.paused_until is not None)

    def describe_next(self) -> str:
        """When the next one comes, in words: "next Fri 13 Jun 2025 09:00 Europe/Berlin", or that it is paused."""
        due = f"next {self.schedule.spoken(self.next_due_at)}"
        if self.blocked:
            return f"stopped: {self.blocked}"
        return due if not self.paused else f"paused, {due}" if self.comes else "paused"


@dataclass(frozen=True, slots=True)
class DigestItem:
    """A paper in a composed digest: what the ledger remembers of it."""

    paper: PaperId
    section: str
    place: int
    votes: int | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """A composed digest: the post, and its items in the same order."""

    post: DigestPost
    items: tuple[DigestItem, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that may come in a digest: its place in its day's list, and why it would come."""

    paper: Paper
    listing: Listing
    place: int
    why: tuple[str, ...]


def compose(
    settings: DigestSettings,
    days: "Days",
    papers: Iterable[Paper],
    posted: Collection[PaperId],
    votes_then: Mapping[PaperId, int],
    team_votes: Mapping[PaperId, int],
) -> Digest | None:
    """Return the digest of those days, or None where there is nothing new.

    `papers` are all papers listed from `days.earliest` to `days.last`; `posted` those that the channel has had;
    `votes_then` the votes that a paper of an earlier day had when that day's digest was composed (absent:
    it was not there yet); `team_votes` the team's own.
    """
    fresh, late = candidates(settings, days, papers, posted, votes_then)
    chosen, chosen_late = share(settings.top, fresh, late)
    if not chosen and not chosen_late:
        return None
    sections = [Section(None, tuple(_line(found, team_votes) for found in chosen))]
    if chosen_late:
        sections.append(Section("Late and rising", tuple(_line(found, team_votes) for found in chosen_late)))
    post = DigestPost(
        heading=f"Daily papers · {days.describe()}",
        sections=tuple(section for section in sections if section.papers),
        more=len(fresh) - len(chosen),
        footer=_footer(settings),
        actions=_actions(settings, days),
    )
    items = [
        DigestItem(found.paper.id, name, place, found.listing.votes, found.why)
        for name, group in (("main", chosen), ("late", chosen_late))
        for place, found in enumerate(group, start=1)
    ]
    return Digest(post, tuple(items))


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a digest covers, and how far back it looks for what came late. All inclusive."""

    first: dt.date
    last: dt.date
    earliest: dt.date

    def describe(self) -> str:
        """ "Thu 12 Jun 2025", or "Fri 13 Jun 2025 to Sun 15 Jun 2025"."""
        return spoken(self.last) if self.first == self.last else f"{spoken(self.first)} to {spoken(self.last)}"


def days_of(settings: DigestSettings, slot: dt.date) -> Days:
    """Return the days that the digest of a slot covers: since the slot before, up to the day before it."""
    last = slot - dt.timedelta(days=1)
    first = min(settings.last_slot or settings.since, last)
    return Days(first, last, max(settings.since, first - LOOK_BACK) if settings.last_slot else first)


def candidates(
    settings: DigestSettings,
    days: Days,
    papers: Iterable[Paper],
    posted: Collection[PaperId],
    votes_then: Mapping[PaperId, int],
) -> tuple[list[Candidate], list[Candidate]]:
    """Return what may come from the covered days, and late and rising from the days before, best first."""
    papers = list(papers)
    fresh: list[Candidate] = []
    late: list[Candidate] = []
    seen = set(posted)
    for day in _each_day(days.earliest, days.last):
        matching = list(_matching(settings.rule, day_list(papers, day)))
        for place, (paper, reasons) in enumerate(matching, start=1):
            listing = paper.listed_on(day)
            if listing is None or paper.id in seen:
                continue
            if day >= days.first:
                among = f"{len(matching)} that match" if settings.rule else str(len(matching))
                why = (f"No. {place} of {among} by votes on {spoken(day)}", *reasons)
                fresh.append(Candidate(paper, listing, place, why))
                seen.add(paper.id)
            elif place <= settings.top:
                why = (_late_reason(listing, votes_then.get(paper.id)), *reasons)
                late.append(Candidate(paper, listing, place, why))
                seen.add(paper.id)
    return _best_first(fresh), _best_first(late)


def share(top: int, fresh: Sequence[Candidate], late: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Divide `top` places: late and rising ones get up to half of them, and what the others leave."""
    for_late = min(len(late), max(top // 2, top - len(fresh)))
    return list(fresh[: top - for_late]), list(late[:for_late])


def _best_first(found: list[Candidate]) -> list[Candidate]:
    return sorted(
        found,
        key=lambda one: (
            -(one.listing.votes or 0),
            one.place,
            -one.listing.day.toordinal(),
            str(one.paper.id),
        ),
    )


def _matching(rule: Rule | None, papers: Iterable[Paper]) -> Iterable[tuple[Paper, tuple[str, ...]]]:
    for paper in papers:
        if rule is None:
            yield paper, ()
        else:
            verdict = evaluate(rule, Evaluated(paper))
            if verdict.matched:
                yield paper, verdict.reasons


def _late_reason(listing: Listing, votes_then: int | None) -> str:
    now = text.plural(listing.votes or 0, "vote")
    if votes_then is None:
        return f"listed after the digest of {spoken(listing.day)}, {now}"
    if votes_then < (listing.votes or 0):
        return f"risen from {votes_then:,} to {now} since {spoken(listing.day)}"
    return f"held back from {spoken(listing.day)} for want of room, {now}"


def _each_day(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    return (first + dt.timedelta(days=passed) for passed in range((last - first).days + 1))


def _line(found: Candidate, team_votes: Mapping[PaperId, int]) -> PaperLine:
    return paper_line(found.paper, team_votes.get(found.paper.id, 0), found.why, found.listing)


def _footer(settings: DigestSettings) -> str:
    rule = f" · {settings.rule}" if settings.rule else ""
    return f"{settings.name} · {settings.schedule.describe()} · top {settings.top}{rule}"


def _actions(settings: DigestSettings, days: Days) -> tuple[Action, ...]:
    return (Action("All papers", str(days.last)), Action("Settings", f"digest show name:{settings.name}"))
