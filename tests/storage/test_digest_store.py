"""How a channel's digests are set, what the channel has had, and the ledger of their messages."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.digest import Composed, Digest, DigestItem, DigestSettings
from bot.errors import StoreError
from bot.ledger import Entry, Settlement
from bot.paper import Paper
from bot.query_parser import parse_rule
from bot.reply import DigestPost, Section, paper_line
from bot.store_digests import PostedItem, Taken
from bot.team import Caller
from storage.database import SqlStore
from tests.fakes.posts import POST
from tests.fakes.stores import only_on_postgresql

MakePaper = Callable[..., Paper]

HOUR = dt.timedelta(hours=1)
LEASE = dt.timedelta(seconds=90)


def bringing(*papers: Paper) -> Digest:
    items = tuple(
        DigestItem(paper.id, "main", place, paper.votes, (f"No. {place}",)) for place, paper in enumerate(papers, 1)
    )
    return Digest(DigestPost("Daily papers", (Section(None, tuple(map(paper_line, papers))),), 0, "daily"), items)


async def test_settings_come_back_as_they_were_set(store: SqlStore, digest: DigestSettings, now: dt.datetime) -> None:
    changed = replace(
        digest,
        rule=parse_rule("diffusion cat:cs.CL"),
        last_slot=dt.date(2025, 6, 12),
        next_due_at=now + HOUR,
        paused=True,
        paused_until=now + 2 * HOUR,
    )
    async with store.write() as session:
        assert await session.digests.get(digest.id) == digest
        assert await session.digests.put(changed) == changed
        assert await session.digests.get(digest.id) == changed
        assert await session.digests.get(digest.id + 1) is None


async def test_a_channel_may_have_several_digests(store: SqlStore, digest: DigestSettings, alice: Caller) -> None:
    async with store.write() as session:
        weekly = await session.digests.put(replace(digest, id=0, name="a weekly one"))
        assert await session.digests.of_channel(alice.channel.id) == [weekly, digest]
        assert await session.digests.of_team(alice.team.id) == [(alice.channel, weekly), (alice.channel, digest)]
        assert await session.digests.of_team(alice.team.id + 1) == []


async def test_the_longest_due_comes_first(store: SqlStore, digest: DigestSettings, now: dt.datetime) -> None:
    async with store.write() as session:
        early = await session.digests.put(replace(digest, id=0, name="early", next_due_at=now - HOUR))
        await session.digests.put(replace(digest, id=0, name="later", next_due_at=now + HOUR))
        assert await session.digests.due(now, 10) == [early.id, digest.id]
        assert await session.digests.due(now, 1) == [early.id]


@pytest.mark.parametrize(("until", "is_due"), [(None, False), (HOUR, False), (0 * HOUR, True), (-HOUR, True)])
async def test_a_paused_digest_is_due_when_its_pause_has_run_out(
    store: SqlStore, digest: DigestSettings, now: dt.datetime, until: dt.timedelta | None, is_due: bool
) -> None:
    async with store.write() as session:
        paused_until = None if until is None else now + until
        await session.digests.put(replace(digest, paused=True, paused_until=paused_until))
        assert await session.digests.due(now, 10) == ([digest.id] if is_due else [])


async def test_a_paper_reaches_a_channel_once(
    store: SqlStore, digest: DigestSettings, alice: Caller, paper: MakePaper, now: dt.datetime
) -> None:
    async with store.write() as session:
        await session.papers.save([paper(1), paper(2), paper(3)], now)
        other = await session.digests.put(replace(digest, id=0, name="other"))
        first = Composed(digest, "2025-06-12", bringing(paper(1, votes=None)))
        await session.digests.compose([first, Composed(other, "2025-06-13", bringing(paper(2), paper(1)))], now)
        had = await session.digests.posted(alice.channel.id, [paper(number).id for number in (1, 2, 3)])
    assert had == {
        paper(1).id: PostedItem("daily", "2025-06-12", DigestItem(paper(1).id, "main", 1, None, ("No. 1",))),
        paper(2).id: PostedItem("other", "2025-06-13", DigestItem(paper(2).id, "main", 1, 0, ("No. 1",))),
    }


async def test_another_channel_may_have_the_same_paper(
    store: SqlStore, digest: DigestSettings, paper: MakePaper, now: dt.datetime
) -> None:
    async with store.write() as session:
        await session.papers.save([paper(1)], now)
        elsewhere = await session.teams.welcome("slack", "Acme", "#random", "Alice")
        await session.digests.compose([Composed(digest, "2025-06-12", bringing(paper(1)))], now)
        assert await session.digests.posted(elsewhere.channel.id, [paper(1).id]) == {}


async def test_a_removed_digest_is_forgotten_but_not_what_the_channel_had(
    store: SqlStore, digest: DigestSettings, alice: Caller, paper: MakePaper, now: dt.datetime
) -> None:
    async with store.write() as session:
        await session.papers.save([paper(1)], now)
        await session.digests.compose([Composed(digest, "2025-06-12", bringing(paper(1)))], now)
        await session.deliveries.add([Entry(digest.id, "2025-06-11", 0, POST, now)])
        (posted,) = await session.deliveries.claim(now, 10, {"slack"}, LEASE)
        await session.deliveries.settle(posted, Settlement("sent"), now)
        await session.deliveries.add([Entry(digest.id, "2025-06-12", 0, POST, now)])
        await session.digests.remove(digest.id)
        assert await session.digests.get(digest.id) is None
        assert await session.digests.composed_at([digest.id], dt.date.min) == {}
        assert await session.deliveries.claim(now, 10, {"slack"}, LEASE) == []
        assert [row.slot for row in await session.deliveries.standing([digest.id])] == ["2025-06-11"]
        assert set(await session.digests.posted(alice.channel.id, [paper(1).id])) == {paper(1).id}
        anew = await session.digests.put(replace(digest, id=0))
    assert anew.id != digest.id, "the ledger would take its slots for those of the removed one"


async def test_settings_of_a_removed_digest_do_not_come_back(store: SqlStore, digest: DigestSettings) -> None:
    async with store.write() as session:
        await session.digests.remove(digest.id)
        with pytest.raises(StoreError, match="removed"):
            await session.digests.put(digest)


async def test_slots_are_remembered_from_a_day_on_without_those_by_hand(
    store: SqlStore, digest: DigestSettings, now: dt.datetime
) -> None:
    slots = ["2025-06-09", "2025-06-10", "2025-06-11", "now:abc"]
    async with store.write() as session:
        other = await session.digests.put(replace(digest, id=0, name="other"))
        await session.digests.compose([Composed(digest, slot, None) for slot in slots], now)
        await session.digests.compose([Composed(digest, "2025-06-11", None)], now + HOUR)
        composed = await session.digests.composed_at([digest.id, other.id], dt.date(2025, 6, 10))
    assert composed == {digest.id: {dt.date(2025, 6, 10): now, dt.date(2025, 6, 11): now + HOUR}}


async def test_which_papers_several_channels_had(
    store: SqlStore, digest: DigestSettings, alice: Caller, paper: MakePaper, now: dt.datetime
) -> None:
    papers = [paper(number) for number in (1, 2, 3)]
    async with store.write() as session:
        await session.papers.save(papers, now)
        elsewhere = (await session.teams.welcome("slack", "Acme", "#random", "Alice")).channel.id
        nowhere = (await session.teams.welcome("slack", "Acme", "#none", "Alice")).channel.id
        there = replace(digest, channel_id=elsewhere)
        linked = replace(bringing(papers[1]), linked=(DigestItem(papers[2].id, "linked", 4, 0, ("a link",)),))
        await session.digests.compose(
            [Composed(digest, "2025-06-12", bringing(*papers[:2])), Composed(there, "2025-06-12", linked)], now
        )
        had = await session.digests.had([alice.channel.id, elsewhere, nowhere], [each.id for each in papers])
        assert had == {alice.channel.id: {papers[0].id, papers[1].id}, elsewhere: {papers[1].id, papers[2].id}}
        assert await session.digests.had([alice.channel.id], [papers[2].id]) == {}


async def test_a_withdrawn_slot_is_as_if_it_had_not_been(
    store: SqlStore, digest: DigestSettings, alice: Caller, paper: MakePaper, now: dt.datetime
) -> None:
    papers = [paper(number) for number in (1, 2, 3)]
    async with store.write() as session:
        await session.papers.save(papers, now)
        other = await session.digests.put(replace(digest, id=0, name="other"))
        for settings, slot, brought in (
            (digest, "2025-06-11", papers[0]),
            (digest, "2025-06-12", papers[1]),
            (other, "2025-06-12", papers[2]),
        ):
            await session.digests.compose([Composed(settings, slot, bringing(brought))], now)
        await session.digests.withdraw([(digest.id, "2025-06-12")])
        had = await session.digests.had([alice.channel.id], [each.id for each in papers])
        assert had == {alice.channel.id: {papers[0].id, papers[2].id}}
        composed = await session.digests.composed_at([digest.id, other.id], dt.date.min)
    assert {name: [str(slot) for slot in slots] for name, slots in composed.items()} == {
        digest.id: ["2025-06-11"],
        other.id: ["2025-06-12"],
    }


async def test_moving_on_changes_when_it_comes_and_nothing_else(
    store: SqlStore, digest: DigestSettings, now: dt.datetime
) -> None:
    async with store.write() as session:
        paused = await session.digests.put(replace(digest, paused=True, paused_until=now))
        moved = replace(paused, last_slot=dt.date(2025, 6, 12), next_due_at=now + HOUR, paused=False, paused_until=None)
        other = await session.digests.put(replace(digest, id=0, name="other"))
        await session.digests.move_on([replace(moved, top=1), other])
        stored = await session.digests.get_many([digest.id, other.id, 99])
    assert sorted(stored, key=lambda each: each.id) == [moved, other]


async def test_only_what_is_due_is_taken_the_longest_due_first(
    store: SqlStore, digest: DigestSettings, alice: Caller, now: dt.datetime
) -> None:
    async with store.write() as session:
        early = await session.digests.put(replace(digest, id=0, name="early", next_due_at=now - HOUR))
        later = await session.digests.put(replace(digest, id=0, name="later", next_due_at=now + HOUR))
        blocked = await session.digests.put(replace(digest, id=0, name="blocked", blocked="gone"))
        taken = await session.digests.take([digest.id, early.id, later.id, blocked.id, 99], now)
        assert taken == [Taken(each, alice.team.id, "slack") for each in (early, digest)]


@only_on_postgresql
async def test_what_somebody_else_holds_is_left_to_them_with_all_of_its_channel(
    store: SqlStore, digest: DigestSettings, now: dt.datetime
) -> None:
    async with store.write() as session:
        beside = await session.digests.put(replace(digest, id=0, name="beside"))
        elsewhere = (await session.teams.welcome("slack", "Acme", "#random", "Alice")).channel.id
        free = await session.digests.put(replace(digest, id=0, channel_id=elsewhere))
    async with store.write() as mine:
        assert len(await mine.digests.take([digest.id], now)) == 1
        async with store.write() as theirs:
            taken = await theirs.digests.take([digest.id, beside.id, free.id], now)
            assert [each.settings for each in taken] == [free]
