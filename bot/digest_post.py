"""A digest as its channel sees it, written from what was chosen for it."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot import dates, text
from bot.abstracts import thread_of
from bot.candidates import Choice, Days
from bot.day_lists import Candidate
from bot.digest import Digest, DigestItem, DigestSettings
from bot.paper_ids import PaperId
from bot.reply import Action, DigestPost, PaperLine, Section, paper_line

_spoken = lru_cache(maxsize=100)(dates.spoken)


@dataclass(frozen=True, slots=True)
class Told:
    """What a digest tells beside its papers.

    `team_votes` are the team's own. `votes_then` are the votes that a paper of an earlier day had when that day's
    digest was composed (absent: it was not listed then). `was_due` is when a digest that comes late was due.
    """

    team_votes: Mapping[PaperId, int] = field(default_factory=dict)
    votes_then: Mapping[PaperId, int] = field(default_factory=dict)
    was_due: dt.datetime | None = None


class Lines:
    """Lines of papers, each made once: many digests bring the same, and making one takes 0.02 ms."""

    def __init__(self) -> None:
        self._lines: dict[tuple[PaperId, dt.date, int, tuple[str, ...]], PaperLine] = {}

    def of(self, found: Candidate, team_votes: int, why: tuple[str, ...]) -> PaperLine:
        """Return the line of a paper."""
        key = found.paper.id, found.listing.day, team_votes, why
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = paper_line(found.paper, team_votes, why, found.listing)
        return line


def digest_of(
    settings: DigestSettings, choice: Choice, told: Told, lines: Lines, thread_room: int = 0
) -> Digest | None:
    """Return the digest of what was chosen, or None where nothing is new.

    With abstracts in its thread, where that is wanted and a message there has room.
    """
    sections: list[Section] = []
    items: list[DigestItem] = []
    for name, title, papers in _parts(choice):
        of_part = []
        for place, found in enumerate(papers, start=1):
            reason = _late_reason(found, told) if name == "late" else _place_reason(found, settings)
            why = (reason, *found.reasons)
            of_part.append(lines.of(found, told.team_votes.get(found.paper.id, 0), why))
            items.append(DigestItem(found.paper.id, name, place, found.listing.votes, why))
        sections.append(Section(title, tuple(of_part)))
    if not items:
        return None
    late = f" · {_late_note(settings, told.was_due)}" if told.was_due else ""
    post = DigestPost(
        heading=f"Daily papers · {_days_in_words(choice.days)}{late}",
        sections=tuple(sections),
        more=sum(choice.left_out.values()),
        footer=_footer(settings),
        actions=tuple(_actions(settings, choice)),
        mention=settings.mention,
    )
    linked = tuple(_linked_item(found, settings) for found in choice.linked)
    with_abstracts = settings.abstracts and thread_room > 0
    thread = thread_of((found.paper for found in choice.shown), thread_room) if with_abstracts else ()
    return Digest(post, tuple(items), linked, thread)


def with_team_votes(post: DigestPost, votes: Mapping[PaperId, int]) -> DigestPost:
    """Return the post with a team's votes as they are now; papers that are not in `votes` have none."""
    counts = {str(paper): count for paper, count in votes.items()}
    return replace(
        post,
        sections=tuple(
            replace(each, papers=tuple(replace(line, team_votes=counts.get(line.id, 0)) for line in each.papers))
            for each in post.sections
        ),
    )


def _parts(choice: Choice) -> Iterator[tuple[str, str | None, Sequence[Candidate]]]:
    """Yield the parts that have papers: how the ledger names each, its title, and the papers."""
    if choice.main:
        yield "main", None, choice.main
    if choice.late:
        yield "late", "Late and rising", choice.late
    for day, short in choice.missed.items():
        yield "missed", _spoken(day), short


def _linked_item(found: Candidate, settings: DigestSettings) -> DigestItem:
    why = f"{_place_reason(found, settings)}, a missed day, to which the digest links"
    return DigestItem(found.paper.id, "linked", found.place, found.listing.votes, (why, *found.reasons))


def _place_reason(found: Candidate, settings: DigestSettings) -> str:
    among = f"{found.among} that match" if settings.rule else str(found.among)
    return f"No. {found.place} of {among} by votes on {_spoken(found.listing.day)}"


def _late_reason(found: Candidate, told: Told) -> str:
    listing, votes_then = found.listing, told.votes_then.get(found.paper.id)
    now = text.plural(listing.votes or 0, "vote")
    if votes_then is None:
        return f"listed after the digest of {_spoken(listing.day)}, {now}"
    if votes_then < (listing.votes or 0):
        return f"risen from {votes_then:,} to {now} since {_spoken(listing.day)}"
    return f"held back from {_spoken(listing.day)} for want of room, {now}"


def _days_in_words(days: Days) -> str:
    """ "Thu 12 Jun 2025", or "Fri 13 Jun 2025 to Sun 15 Jun 2025"."""
    return _spoken(days.last) if days.first == days.last else f"{_spoken(days.first)} to {_spoken(days.last)}"


def _late_note(settings: DigestSettings, was_due: dt.datetime) -> str:
    local = was_due.astimezone(ZoneInfo(settings.schedule.zone))
    return f"late: was due {_short(local.date())} {local:%H:%M}"


def _short(day: dt.date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _footer(settings: DigestSettings) -> str:
    rule = f" · {settings.rule}" if settings.rule else ""
    return f"{settings.name} · {settings.schedule.describe()} · top {settings.top}{rule}"


def _actions(settings: DigestSettings, choice: Choice) -> Iterator[Action]:
    """Yield buttons by which every paper of the covered days can be reached."""
    newest = max((found.listing.day for found in choice.main), default=choice.days.last)
    browsed = sorted(choice.left_out, reverse=True) or [newest]
    if len(browsed) == 1:
        yield Action("All papers", str(browsed[0]))
    else:
        for day in browsed:
            yield Action(f"All of {_short(day)}", str(day))
    if linked := choice.days.linked:
        yield Action(f"{linked} and before", str(linked))
    yield Action("Settings", f"digest show name:{settings.name}")
