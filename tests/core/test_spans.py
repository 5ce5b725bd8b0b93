"""`week`, `month` and `trending` show what they would show if all papers of those days were loaded and sorted."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from adapters.cli.clock import SetClock
from adapters.cli.wakeups import LocalWakeups
from adapters.sources.huggingface import read_file
from bot.commands.dispatch import answer
from bot.commands.table import PAGE_SIZE
from bot.dates import find_span
from bot.ingest import ingest
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import World
from bot.reply import Reply
from bot.team import Who
from storage import paper_reading
from storage.database import SqlStore
from storage.paper_rows import paper_of
from storage.search_index import TantivyIndex
from tests.fakes.plain_spans import Shown, span_by_votes, trending_papers

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "hf_daily"
EPOCH = dt.datetime(2020, 1, 15, 14, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
ALICE, BOB = (Who("slack", "Acme", "#papers", name, may_configure=False) for name in ("Alice", "Bob"))
EVERYBODY = (ALICE, BOB, Who("slack", "Initech", "#papers", "Mallory", may_configure=False))
SOURCES = (None, "all", "arxiv", "huggingface", "openreview", "dblp")
WINDOWS = {"day": 1, "week": 7, "month": 30}


class Told(NamedTuple):
    """A listing: its source, how many days ago, what is counted, and how far from noon it was made, if that is told."""

    source: str
    ago: int
    votes: int | None
    comments: int | None
    stars: int | None
    off: dt.timedelta | None


class Made(NamedTuple):
    """A paper: its listings, the votes of the first of them when it was first seen, when that was, and who likes it."""

    listings: list[Told]
    votes_before: int | None
    seen: int
    voters: set[Who]


_PHASES = (Phase.explicit, Phase.generate)  # a failure is not made smaller: that would take minutes
_few = st.none() | st.integers(0, 3)
_ago = st.integers(-2, 33)
_off = st.none() | st.timedeltas(-DAY, DAY)
_told = st.builds(Told, st.sampled_from(("arxiv", "openreview", "huggingface")), _ago, _few, _few, _few, _off)
_announced = st.builds(Told, st.just("arxiv"), _ago, st.none(), _few, _few, _off)
_voters = st.sets(st.sampled_from(EVERYBODY))


def _papers(told: st.SearchStrategy[Told], votes: st.SearchStrategy[int | None]) -> st.SearchStrategy[list[Made]]:
    several = st.lists(told, min_size=1, max_size=3, unique_by=lambda one: one[:2])
    return st.lists(st.builds(Made, several, votes, _ago, _voters), max_size=16)


class Days:
    """A bot whose clock moves on by a year for each example, so that none sees another's days."""

    def __init__(self, store: SqlStore, folder: Path) -> None:
        self.clock = SetClock(EPOCH)
        self.store = store
        self.world = World(store, TantivyIndex(folder, store), self.clock, {}, LocalWakeups(), EPOCH)
        self._number = count(1)

    async def typed(self, line: str, who: Who = ALICE) -> Reply:
        """Type a line and return the answer, which is one."""
        reply = await answer(self.world, who, line)
        assert reply.ok, (line, reply.notice)
        return reply

    async def add(self, papers: Sequence[Made]) -> None:
        """Store papers as they were when they were first seen, and then as they are; and what people think of them."""
        now = self.clock.time
        for made in papers:
            listings = tuple(sorted(map(self._listing, made.listings), key=lambda each: (each.day, each.source)))
            key = PaperId.parse(f"arxiv:2506.{next(self._number):05}")
            paper = Paper(key, "A paper", listings=listings, first_seen=now - made.seen * DAY)
            before = replace(paper, listings=(replace(listings[0], votes=made.votes_before), *listings[1:]))
            for version, at in ((before, now - made.seen * DAY), (paper, now)):
                async with self.store.write() as session:
                    await session.papers.save([version], at)
            for who in made.voters:
                assert (await answer(self.world, who, f"vote {key.value}")).ok

    def _listing(self, told: Told) -> Listing:
        at = self.clock.time - told.ago * DAY
        listed_at = None if told.off is None else at + told.off
        return Listing(told.source, at.date(), told.votes, told.comments, stars=told.stars, listed_at=listed_at)


@pytest.fixture
async def days(store: SqlStore, tmp_path: Path) -> Days:
    """A bot on an empty store; the test is run on either kind of database."""
    return Days(store, tmp_path / "index")


async def whole(days: Days, line: str) -> tuple[list[tuple[Shown, tuple[str, ...]]], Reply]:
    """Return the papers of all pages of a list, each with why it is there, and its first page."""
    first = await days.typed(line)
    assert first.pages is not None
    replies = [first, *[await days.typed(f"{line} page:{page}") for page in range(2, first.pages.pages + 1)]]
    shown = [((each.id, each.votes, each.team_votes), each.why) for reply in replies for each in reply.papers or ()]
    assert len(shown) == first.pages.total
    return shown, first


async def check_lists(days: Days, names: Sequence[str] = ("week", "month")) -> None:
    """Compare what is shown with what the slow way shows."""
    await days.typed("today")
    today = days.clock.time.date()
    async with days.store.read() as session:
        caller = await session.teams.caller("slack", "Acme", "#papers", "Alice")
    assert caller is not None
    team = caller.team.id
    for name in names:
        span = find_span(name, today)
        assert span is not None
        for source in SOURCES:
            async with days.store.read() as session:
                expected, more = await span_by_votes(session, team, span[0], min(span[1], today), source)
            shown, reply = await whole(days, f"{name} source:{source}" if source else name)
            assert [paper for paper, _ in shown] == expected, (name, source)
            buttons = [each.label for each in reply.actions if "more" in each.label]
            assert buttons == ([f"{more:,} more, of all sources"] if more else []), (name, source)
    for window, length in WINDOWS.items():
        async with days.store.read() as session:
            risen = await trending_papers(session, team, days.clock.time, length)
        shown, _ = await whole(days, f"trending {window}")
        assert shown == [(paper, (told,)) for paper, told in risen], window


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], phases=_PHASES)
@given(papers=_papers(_told, _few))
async def test_the_lists_of_several_days_are_those_of_the_slow_way(days: Days, papers: list[Made]) -> None:
    days.clock.time += 365 * DAY
    await days.add(papers)
    await check_lists(days)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], phases=_PHASES)
@given(papers=_papers(_announced, st.none()))
async def test_so_they_are_where_no_source_picked_any_out(days: Days, papers: list[Made]) -> None:
    days.clock.time += 365 * DAY
    await days.add(papers)
    await check_lists(days)


async def test_the_lists_of_recorded_days_are_those_of_the_slow_way(days: Days) -> None:
    files = sorted(RECORDED.glob("2025-0[4-6]*.json"))
    if not files:
        pytest.skip("the recorded days (../shared/data/hf_daily) are not beside this checkout")
    for number, file in enumerate(files):
        days.clock.time = dt.datetime.fromisoformat(f"{file.stem}T14:30Z")
        batch = read_file(file)
        await ingest(days.store, "huggingface", batch, days.clock.time)
        for paper in batch.papers[:1]:
            assert (await answer(days.world, EVERYBODY[number % 3], f"vote {paper.id.value}")).ok
        if number % 30 == 29:
            await check_lists(days, ("week", "month", f"{file.stem[:7]}", "2025-W18"))


async def test_a_list_of_several_days_shows_what_changed_since_it_was_asked_for(days: Days) -> None:
    days.clock.time += DAY
    told = Told("huggingface", 1, 3, 0, None, None)
    await days.add([Made([told], 1, 1, set()), Made([told._replace(votes=2)], 1, 1, set())])
    await check_lists(days)
    await days.add([Made([told._replace(votes=9)], None, 1, set(EVERYBODY))])
    await check_lists(days)
    best = (await days.typed("month")).papers or ()
    assert [each.votes for each in best] == [9, 3, 2]


async def test_a_month_loads_the_papers_that_are_shown_and_no_more(
    days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def noting(row: sa.Row[Any], listings: Iterable[Listing]) -> Paper:
        read.append(row.id)
        return paper_of(row, listings)

    monkeypatch.setattr(paper_reading, "paper_of", noting)
    await days.add([Made([Told("huggingface", ago % 20, ago, 0, None, None)], None, 20, set()) for ago in range(40)])
    for number, line in enumerate(("month", "month source:all", "trending month")):
        fresh = Days(SqlStore(days.store.database, days.store.store_id), tmp_path / str(number))  # it knows no paper
        await fresh.typed("help")
        read.clear()
        await fresh.typed(line)
        assert len(read) == PAGE_SIZE, line
