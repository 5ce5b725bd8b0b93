"""Two processes that change the same at the same time: on SQLite one waits, on PostgreSQL they meet in the rows."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.digest import Composed, Digest, DigestItem, DigestSettings
from bot.follow import Follow
from bot.ingest import ingest
from bot.ledger import Entry
from bot.paper import Paper
from bot.ports import Batch
from bot.query_parser import parse_rule, parse_search
from bot.reply import DigestPost
from bot.team import Caller
from storage.database import SqlStore, open_store
from storage.search_index import TantivyIndex
from storage.session import SqlSession

MakePaper = Callable[..., Paper]
Change = Callable[[SqlSession], Awaitable[object]]

WAIT = 0.3  # seconds in which a change that does not have to wait is done


@pytest.fixture
async def other(store_url: str, store: SqlStore) -> AsyncIterator[SqlStore]:
    """The same store, as another process has it."""
    opened = await open_store(store_url)
    yield opened
    await opened.close()


async def in_between(first: SqlStore, one: Change, second: SqlStore, other: Change) -> tuple[object, object]:
    """Carry out one change and, before it is committed, begin the other; return what came of both."""
    waiting: asyncio.Task[object]

    async def change() -> object:
        async with second.write() as session:
            return await other(session)

    async with first.write() as session:
        done = await one(session)
        waiting = asyncio.create_task(change())
        await asyncio.wait([waiting], timeout=WAIT)
    return done, await waiting


async def test_a_newcomer_who_turns_up_twice_at_once_is_one_person(store: SqlStore, other: SqlStore) -> None:
    async def turn_up(session: SqlSession) -> Caller:
        return await session.teams.welcome("slack", "Acme", "#papers", "Alice")

    one, same = await in_between(store, turn_up, other, turn_up)
    assert one == same


async def test_a_newcomer_of_a_known_team_who_turns_up_twice_at_once(
    store: SqlStore, other: SqlStore, bob: Caller
) -> None:
    async def turn_up(session: SqlSession) -> Caller:
        return await session.teams.welcome("slack", "Acme", "#papers", "Alice")

    one, same = await in_between(store, turn_up, other, turn_up)
    assert one == same


async def test_many_newcomers_at_once(store: SqlStore, other: SqlStore) -> None:
    async def turn_up(by: SqlStore, number: int) -> Caller:
        async with by.write() as session:
            return await session.teams.welcome("slack", "Acme", f"#{number % 3}", f"member {number % 5}")

    callers = await asyncio.gather(*(turn_up(by, number) for number in range(15) for by in (store, other)))
    assert len({caller.member.id for caller in callers}) == 5
    assert len({caller.member.person_id for caller in callers}) == 5
    assert len({caller.channel.id for caller in callers}) == 3
    assert len({caller.team.id for caller in callers}) == 1


async def test_follows_that_are_added_at_once_have_numbers_of_their_own(
    store: SqlStore, other: SqlStore, alice: Caller, now: dt.datetime
) -> None:
    async def add(session: SqlSession) -> Follow:
        return await session.follows.add(alice.member.person_id, parse_rule("diffusion"), "follow", now)

    one, another = await in_between(store, add, other, add)
    assert isinstance(one, Follow)
    assert isinstance(another, Follow)
    assert [one.number, another.number] == [1, 2]


async def test_whoever_looks_at_follows_before_adding_sees_what_was_added_meanwhile(
    store: SqlStore, other: SqlStore, alice: Caller, now: dt.datetime
) -> None:
    async def add_unless_there(session: SqlSession) -> bool:
        there = await session.follows.of(alice.member.person_id)
        if not there:
            await session.follows.add(alice.member.person_id, parse_rule("diffusion"), "follow", now)
        return bool(there)

    assert await in_between(store, add_unless_there, other, add_unless_there) == (False, True)


def raising_top(digest: DigestSettings) -> Change:
    """Return a change that reads a digest and makes it a top 7."""

    async def raise_top(session: SqlSession) -> None:
        settings = await session.digests.get(digest.id)
        assert settings is not None
        await session.digests.put(replace(settings, top=7))

    return raise_top


async def test_a_digest_that_two_set_at_once_keeps_both_changes(
    store: SqlStore, other: SqlStore, digest: DigestSettings
) -> None:
    async def move(session: SqlSession) -> None:
        (settings,) = await session.digests.of_channel(digest.channel_id)
        await session.digests.put(replace(settings, next_due_at=settings.next_due_at + dt.timedelta(days=1)))

    for one, another in ((raising_top(digest), move), (move, raising_top(digest))):
        async with store.write() as session:
            await session.digests.put(digest)
        await in_between(store, one, other, another)
        async with store.read() as session:
            stored = await session.digests.get(digest.id)
        assert stored == replace(digest, top=7, next_due_at=digest.next_due_at + dt.timedelta(days=1))


async def test_a_digest_that_two_make_at_once_is_made_once(
    store: SqlStore, other: SqlStore, digest: DigestSettings
) -> None:
    async def make_weekly(session: SqlSession) -> bool:
        names = [each.name for each in await session.digests.of_channel(digest.channel_id)]
        if "weekly" not in names:
            await session.digests.put(replace(digest, id=0, name="weekly"))
        return "weekly" in names

    assert await in_between(store, make_weekly, other, make_weekly) == (False, True)


async def test_a_digest_that_is_blocked_while_somebody_sets_it_stays_blocked(
    store: SqlStore, other: SqlStore, digest: DigestSettings
) -> None:
    async def block(session: SqlSession) -> None:
        await session.digests.block(digest.id, "the channel is archived")

    for one, another in ((raising_top(digest), block), (block, raising_top(digest))):
        async with store.write() as session:
            await session.digests.put(digest)
        await in_between(store, one, other, another)
        async with store.read() as session:
            stored = await session.digests.get(digest.id)
        assert stored == replace(digest, top=7, blocked="the channel is archived")


async def test_two_planners_compose_a_slot_once(
    store: SqlStore, other: SqlStore, digest: DigestSettings, now: dt.datetime
) -> None:
    async def compose(session: SqlSession) -> int:
        taken = [each.settings for each in await session.digests.take([digest.id], now)]
        await session.digests.compose([Composed(each, "2025-06-12", None) for each in taken], now)
        await session.digests.move_on([replace(each, next_due_at=now + dt.timedelta(days=1)) for each in taken])
        post = DigestPost("x", (), 0, "")
        return await session.deliveries.add([Entry(each.id, "2025-06-12", 0, post, now) for each in taken])

    assert await in_between(store, compose, other, compose) == (1, 0)
    assert await in_between(store, compose, other, compose) == (0, 0)


async def test_sources_that_tell_of_one_paper_at_once_lose_nothing(
    store: SqlStore, other: SqlStore, paper: MakePaper, now: dt.datetime
) -> None:
    async def take(by: SqlStore, number: int) -> None:
        source = f"source {number}"
        await ingest(
            by, source, Batch("a day", (paper(1, votes=number, source=source), paper(2, source=source)), {}), now
        )

    await asyncio.gather(*(take(by, number) for number, by in enumerate([store, other] * 8)))
    async with store.read() as session:
        stored = await session.papers.get_many([paper(1).id, paper(2).id])
    assert [len(each.listings) for each in stored] == [16, 16]


async def test_change_numbers_become_visible_in_order(
    store: SqlStore, other: SqlStore, paper: MakePaper, now: dt.datetime
) -> None:
    """A reader who remembers the last number seen, as the index does, never misses one that comes later."""
    seen: list[int] = []

    async def save(by: SqlStore, first: int) -> None:
        for number in range(first, first + 20):
            async with by.write() as session:
                await session.papers.save([paper(number)], now)
                await asyncio.sleep(0.001 * (number % 3))

    async def read_on() -> None:
        while len(seen) < 40:
            async with store.read() as session:
                seen.extend(number for number, _ in await session.papers.changed_since(max(seen, default=0), 100))
            await asyncio.sleep(0)

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(read_on())
        tasks.create_task(save(store, 1))
        tasks.create_task(save(other, 101))
    assert sorted(seen) == list(range(1, 41))


async def test_an_index_that_catches_up_while_two_write_misses_nothing(
    store: SqlStore, other: SqlStore, paper: MakePaper, now: dt.datetime, tmp_path: Path
) -> None:
    index = TantivyIndex(tmp_path / "index", store)

    async def save(by: SqlStore, first: int) -> None:
        for number in range(first, first + 10):
            async with by.write() as session:
                await session.papers.save([paper(number)], now)

    async def catch_up() -> None:
        found = 0
        while found < 20:
            found += await index.catch_up()

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(catch_up())
        tasks.create_task(save(store, 1))
        tasks.create_task(save(other, 101))
    assert await index.behind() == 0
    assert (await index.search(parse_search("paper", now.date()), limit=30)).total == 20


async def test_a_save_and_a_digest_of_the_same_papers_do_not_wait_for_each_other(
    store: SqlStore, other: SqlStore, digest: DigestSettings, paper: MakePaper, now: dt.datetime
) -> None:
    """Both hold many papers; in different orders, each would end up waiting for one that the other has."""
    papers = [paper(number) for number in range(1, 301)]
    async with store.write() as session:
        await session.papers.save(papers, now)

    async def save() -> None:
        async with other.write() as session:
            await session.papers.save([replace(each, abstract="longer") for each in reversed(papers)], now)

    async def compose(number: int) -> None:
        items = [DigestItem(each.id, "top", place, 1, ()) for place, each in enumerate(papers[::-1])]
        async with store.write() as session:
            caller = await session.teams.welcome("slack", "Acme", f"#{number}", "Alice")
            settings = replace(digest, channel_id=caller.channel.id)
            made = Digest(DigestPost("x", (), 0, ""), tuple(items))
            await session.digests.compose([Composed(settings, f"slot {number}", made)], now)

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        for number in range(8):
            tasks.create_task(save())
            tasks.create_task(compose(number))


async def test_one_lease_is_taken_by_one_of_two(store: SqlStore, other: SqlStore, now: dt.datetime) -> None:
    until = now + dt.timedelta(minutes=5)

    async def take(session: SqlSession, holder: str) -> bool:
        return await session.leases.take("poll huggingface", holder, now, until)

    taken = await in_between(store, lambda session: take(session, "one"), other, lambda session: take(session, "two"))
    assert taken == (True, False)


async def test_a_vote_at_once_counts_once(
    store: SqlStore, other: SqlStore, alice: Caller, paper: MakePaper, now: dt.datetime
) -> None:
    async with store.write() as session:
        await session.papers.save([paper(1)], now)

    async def vote(session: SqlSession) -> bool:
        return await session.opinions.vote(alice, paper(1).id, now)

    assert await in_between(store, vote, other, vote) == (True, False)
