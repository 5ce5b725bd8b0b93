"""Every question that grows with the data finds its rows by an index, and never walks a whole table."""

import datetime as dt
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from bot.digest import Composed, DigestSettings
from bot.ledger import Entry, Settlement
from bot.merging import Merge, PaperEvent
from bot.paper import Paper
from bot.reply import DigestPost
from bot.tally import Picking
from bot.team import Caller
from storage.database import SqlStore
from storage.session import SqlSession
from tests.fakes.plans import plans_of, walks

MakePaper = Callable[..., Paper]
Plans = Callable[[Callable[[SqlSession], Awaitable[object]]], Awaitable[list[str]]]


@pytest.fixture
def plans(store: SqlStore) -> Plans:
    """Ask something of the store, and return the plans of all statements that this took."""
    return partial(plans_of, store)


async def test_questions_about_papers(
    plans: Plans, paper: MakePaper, alice: Caller, now: dt.datetime, day: dt.date
) -> None:
    several = [paper(1), paper(2)]
    ids = [each.id for each in several]

    async def ask(session: SqlSession) -> None:
        papers, opinions = session.papers, session.opinions
        await papers.save(several, now)
        await papers.save(several, now)
        await papers.get(ids[0])
        await papers.get_many(ids)
        await papers.listed(day, day)
        await papers.days_around(day)
        await session.spans.tallies(day, day, Picking(frozenset({"huggingface"}), or_counted=True))
        await session.spans.tallies(day, day, Picking())
        await session.spans.count(day, day)
        await session.spans.team_votes(alice.team.id, day, day)
        await papers.known(several)
        await papers.with_titles({"paper1", "paper2"})
        await papers.changed_since(1, 10)
        await papers.last_change()
        await papers.votes_at(ids, now)
        await papers.vote_history(ids)
        await papers.author_names({"lovelace|a"})
        await papers.author_names_from("love", 10)
        await opinions.vote(alice, ids[0], now)
        await opinions.save(alice, ids[0], now)
        await opinions.saved(alice)
        await opinions.votes(alice.team.id, ids)
        await opinions.voters(alice.team.id, ids[0])
        await opinions.savers(alice.team.id, ids[0])
        await opinions.saved_by(alice.team.id, "alice")
        await opinions.unvote(alice, ids[0])

    steps = await plans(ask)
    assert walks(steps) == []
    for index in ("ix_listings_day_paper", "ix_papers_title_start"):
        assert any(index in step for step in steps), index
    assert any("sqlite_autoindex_papers" in step or "uq_papers_key" in step for step in steps)


async def test_a_months_list_is_found_by_its_days_however_many_papers_there_are(
    plans: Plans, paper: MakePaper, now: dt.datetime, day: dt.date
) -> None:
    papers = [paper(number, source="arxiv", day=day - dt.timedelta(days=number // 20)) for number in range(1, 2_000)]

    async def ask(session: SqlSession) -> None:
        await session.spans.tallies(day - dt.timedelta(days=3), day, Picking())
        await session.spans.count(day - dt.timedelta(days=3), day)

    await plans(lambda session: session.papers.save(papers, now))
    steps = await plans(ask)
    assert walks(steps) == []
    assert all("ix_listings_day_paper" in step or "papers" not in step or "listings" not in step for step in steps)


async def test_questions_about_merges_events_and_organisations(
    plans: Plans, paper: MakePaper, now: dt.datetime, day: dt.date
) -> None:
    one, other = paper(1), paper(2)

    async def ask(session: SqlSession) -> None:
        await session.papers.save([one, other], now)
        await session.merges.note([Merge(other.id, "arxiv", now, one, other)])
        await session.merges.get(other.id)
        await session.merges.kept_apart([one.id, other.id])
        await session.merges.join([(one.id, other.id)])
        await session.merges.part(one, other, now)
        await session.events.add([PaperEvent(one.id, "version", "v2", now)])
        await session.events.of([one.id], now)
        await session.organisations.set_name("Acme", "Acme Labs")
        await session.organisations.papers_of("Acme")
        await session.feeds.was_read(["https://example.org/feed"], now)
        await session.feeds.due(now, 10)

    steps = await plans(ask)
    of_the_foreign_key = "SCAN paper_ids"  # when the row of a joined paper goes: a handful a year
    feeds = "SCAN team_feeds USING INDEX ix_team_feeds_url"  # in order of address: some dozens of teams have any
    assert set(walks(steps)) <= {of_the_foreign_key, feeds}
    for index in ("ix_digest_items_paper", "ix_merges_paper", "ix_listings_organisation"):
        assert any(index in step for step in steps), index


async def test_questions_about_teams_and_follows(plans: Plans, alice: Caller) -> None:
    async def ask(session: SqlSession) -> None:
        await session.teams.caller("slack", "Acme", "#papers", "Alice")
        await session.teams.welcome("slack", "Acme", "#new", "Bob")
        await session.teams.channel(alice.channel.id)
        await session.follows.of(alice.member.person_id)

    assert walks(await plans(ask)) == []


async def test_questions_about_digests_and_deliveries(
    plans: Plans, digest: DigestSettings, alice: Caller, paper: MakePaper, now: dt.datetime
) -> None:
    async def ask(session: SqlSession) -> None:
        digests, deliveries = session.digests, session.deliveries
        await digests.due(now, 10)
        await digests.of_channel(alice.channel.id)
        await digests.of_team(alice.team.id)
        await digests.posted(alice.channel.id, [paper(1).id])
        await digests.composed_at([digest.id], now.date())
        await digests.had([alice.channel.id], [])
        await digests.get_many([digest.id])
        await digests.take([digest.id], now)
        await digests.compose([Composed(digest, "2025-06-12", None)], now)
        await digests.move_on([digest])
        await digests.withdraw([(digest.id, "2025-06-12")])
        await deliveries.supersede([digest.id], now)
        await deliveries.add([Entry(digest.id, "2025-06-12", 0, DigestPost("x", (), 0, ""), now)])
        for delivery in await deliveries.claim(now, 10, {"slack"}, dt.timedelta(seconds=90)):
            await deliveries.settle(delivery, Settlement("sent"), now)
        await deliveries.of_slot(digest.id, "2025-06-12")
        await deliveries.standing([digest.id])
        await digests.remove(digest.id)

    steps = await plans(ask)
    assert walks(steps) == []
    for index in ("ix_digests_due", "ix_deliveries_open", "ix_deliveries_digest_due_at"):
        assert any(index in step for step in steps), index


async def test_counting_open_deliveries_reads_the_open_ones_alone(plans: Plans) -> None:
    async def ask(session: SqlSession) -> None:
        await session.deliveries.unsettled()

    steps = await plans(ask)
    assert any("ix_deliveries_open" in step for step in steps)
    assert all(word not in step for step in steps for word in ("deliveries_pkey", "pk_deliveries", "Seq Scan"))
