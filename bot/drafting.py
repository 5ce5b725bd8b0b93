"""Drafts of many digests from one state of the papers: what they share is loaded and worked out once."""

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.candidates import Choice, Days, choose
from bot.day_lists import Candidate, DayLists
from bot.digest import Digest, DigestSettings, days_of
from bot.digest_post import Lines, Told, digest_of
from bot.organisations import with_names
from bot.paper_ids import PaperId
from bot.query import Rule
from bot.store import Session
from bot.store_papers import VoteCount


@dataclass(slots=True)
class Asked:
    """A digest to be drafted: its settings and team, the slot's local date, and when it was due, if it is late.

    `thread_room` is how many characters a message in a thread of its platform holds, 0 where there are none. `days`
    are those that it covers.
    """

    settings: DigestSettings
    team_id: int
    date: dt.date
    was_due: dt.datetime | None = None
    thread_room: int = 0
    days: Days = field(init=False)

    def __post_init__(self) -> None:
        self.days = days_of(self.settings, self.date)


class Drafts:
    """Drafts digests. The papers are loaded once, day by day, and stay as they were then."""

    def __init__(self) -> None:
        self._lists = DayLists()
        self._lines = Lines()
        self._histories: dict[PaperId, list[VoteCount]] = {}
        self._organisations: Mapping[str, str] = {}

    async def prepare(self, session: Session, asked: Sequence[Asked]) -> None:
        """Load the days of these digests, and try their rules, where that was not done before.

        In a thread, for that takes up to a second where every digest has a rule of its own.
        """
        for day in sorted({day for each in asked for day in each.days.all}):
            if day not in self._lists:
                papers = await session.papers.listed(day, day)
                await asyncio.to_thread(self._lists.add, day, papers)
        self._organisations = await session.organisations.names()
        rules = [rule for each in asked if (rule := self._rule(each.settings))]
        if rules:
            await asyncio.to_thread(self._lists.match, rules)

    async def make(self, session: Session, asked: Sequence[Asked]) -> list[Digest | None]:
        """Return for each what its slot brings as things stand, None where nothing is new.

        Several of one channel never bring the same paper: those that stand first have it.
        """
        await self.prepare(session, asked)
        days = {day for each in asked for day in each.days.all}
        had = await session.digests.had({each.settings.channel_id for each in asked}, self._lists.ids(days))
        choices = await asyncio.to_thread(self._choose, asked, had)
        chosen = {found.paper.id for choice in choices for found in choice.shown}
        team_votes = await session.opinions.votes_by_team({each.team_id for each in asked}, chosen)
        votes_then = await self._votes_then(session, asked, choices)
        lines = self._lines

        def write() -> list[Digest | None]:
            return [
                digest_of(
                    each.settings,
                    choice,
                    Told(team_votes.get(each.team_id, {}), then, each.was_due),
                    lines,
                    each.thread_room,
                )
                for each, choice, then in zip(asked, choices, votes_then, strict=True)
            ]

        return await asyncio.to_thread(write)

    def _rule(self, settings: DigestSettings) -> Rule | None:
        return settings.rule and with_names(settings.rule, self._organisations)

    def _choose(self, asked: Sequence[Asked], had: Mapping[int, set[PaperId]]) -> list[Choice]:
        choices = []
        known = defaultdict(set, had)
        for each in asked:
            settings = each.settings
            choice = choose(self._lists, each.days, self._rule(settings), settings.top, known[settings.channel_id])
            known[settings.channel_id] |= {found.paper.id for found in choice.shown}
            choices.append(choice)
        return choices

    async def _votes_then(
        self, session: Session, asked: Sequence[Asked], choices: Sequence[Choice]
    ) -> list[dict[PaperId, int]]:
        """Return for each digest the votes that its late papers had when their day's digest was composed."""
        late = [(each, choice.late) for each, choice in zip(asked, choices, strict=True) if choice.late]
        if not late:
            return [{} for _ in asked]
        earliest = min(found.listing.day for _, papers in late for found in papers)
        composed = await session.digests.composed_at([each.settings.id for each, _ in late], earliest)
        await self._load_histories(session, (found.paper.id for _, papers in late for found in papers))
        return [
            self._then(choice.late, composed.get(each.settings.id, {}))
            for each, choice in zip(asked, choices, strict=True)
        ]

    async def _load_histories(self, session: Session, papers: Iterable[PaperId]) -> None:
        unknown = [paper for paper in dict.fromkeys(papers) if paper not in self._histories]
        if unknown:
            found = await session.papers.vote_history(unknown)
            self._histories |= {paper: found.get(paper, []) for paper in unknown}

    def _then(self, late: Sequence[Candidate], composed: Mapping[dt.date, dt.datetime]) -> dict[PaperId, int]:
        then = {}
        for found in late:
            at = min(((slot, at) for slot, at in composed.items() if slot > found.listing.day), default=None)
            votes = at and _votes_at(found, self._histories[found.paper.id], at[1])
            if votes is not None:
                then[found.paper.id] = votes
        return then


def _votes_at(found: Candidate, history: Sequence[VoteCount], instant: dt.datetime) -> int | None:
    """Return the votes of a listing at a time; None where it was not there yet."""
    listing = found.listing
    if listing.first_seen is None or listing.first_seen > instant:
        return None
    counts = [
        (count.at, count.votes) for count in history if (count.day, count.source) == (listing.day, listing.source)
    ]
    return max(((at, votes) for at, votes in counts if at <= instant), default=(instant, 0))[1]
