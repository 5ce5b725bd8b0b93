"""Who turned up, and what they think of papers."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.errors import StoreError
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.store_opinions import Saved
from bot.team import Caller
from storage.database import SqlStore

MakePaper = Callable[..., Paper]


async def test_nobody_is_known_who_never_turned_up(store: SqlStore) -> None:
    async with store.read() as session:
        assert await session.teams.caller("slack", "Acme", "#papers", "Alice") is None


async def test_whoever_turned_up_is_known_from_then_on(store: SqlStore, alice: Caller) -> None:
    async with store.write() as session:
        assert await session.teams.caller("slack", "Acme", "#papers", "Alice") == alice
        assert await session.teams.welcome("slack", "Acme", "#papers", "Alice") == alice
        assert await session.teams.channel(alice.channel.id) == alice.channel


async def test_a_member_stays_one_person_in_another_channel(store: SqlStore, alice: Caller, bob: Caller) -> None:
    async with store.write() as session:
        elsewhere = await session.teams.welcome("slack", "Acme", "#random", "Alice")
    assert elsewhere.member == alice.member
    assert elsewhere.team == alice.team == bob.team
    assert elsewhere.channel.id != alice.channel.id
    assert alice.member.person_id != bob.member.person_id


async def test_teams_of_the_same_name_on_two_platforms_are_two(store: SqlStore, alice: Caller) -> None:
    async with store.write() as session:
        other = await session.teams.welcome("discord", "Acme", "#papers", "Alice")
    assert {other.team.id, other.channel.id, other.member.id}.isdisjoint({alice.team.id})
    assert other.member.person_id != alice.member.person_id


async def test_a_channel_remembers_the_zone_last_used(store: SqlStore, alice: Caller) -> None:
    async with store.write() as session:
        await session.teams.set_zone(alice.channel.id, "Asia/Tokyo")
        caller = await session.teams.caller("slack", "Acme", "#papers", "Alice")
    assert caller is not None
    assert caller.zone == "Asia/Tokyo"


async def test_a_channel_that_is_not_there(store: SqlStore) -> None:
    async with store.read() as session:
        with pytest.raises(StoreError, match="no channel 7"):
            await session.teams.channel(7)


async def test_a_vote_counts_once(
    store: SqlStore, paper: MakePaper, alice: Caller, bob: Caller, now: dt.datetime
) -> None:
    first, second = paper(1), paper(2)
    async with store.write() as session:
        await session.papers.save([first, second], now)
        opinions = session.opinions
        assert await opinions.vote(bob, first.id, now)
        assert await opinions.vote(alice, first.id, now + dt.timedelta(hours=1))
        assert not await opinions.vote(alice, first.id, now)
        assert await opinions.votes(alice.team.id, [first.id, second.id]) == {first.id: 2}
        assert await opinions.voters(alice.team.id, first.id) == ["Bob", "Alice"]
        assert await opinions.unvote(bob, first.id)
        assert not await opinions.unvote(bob, first.id)
        assert await opinions.votes(alice.team.id, [first.id]) == {first.id: 1}


async def test_another_teams_votes_are_its_own(
    store: SqlStore, paper: MakePaper, alice: Caller, now: dt.datetime
) -> None:
    async with store.write() as session:
        stranger = await session.teams.welcome("slack", "Other", "#papers", "Alice")
        await session.papers.save([paper(1)], now)
        await session.opinions.vote(stranger, paper(1).id, now)
        assert await session.opinions.votes(alice.team.id, [paper(1).id]) == {}
        assert await session.opinions.voters(alice.team.id, paper(1).id) == []


async def test_saved_papers_come_newest_first(
    store: SqlStore, paper: MakePaper, alice: Caller, bob: Caller, now: dt.datetime
) -> None:
    later = now + dt.timedelta(hours=1)
    async with store.write() as session:
        await session.papers.save([paper(1), paper(2)], now)
        opinions = session.opinions
        assert await opinions.save(alice, paper(1).id, now)
        assert await opinions.save(alice, paper(2).id, later)
        assert not await opinions.save(alice, paper(1).id, later)
        assert await opinions.saved(alice) == [Saved(paper(2).id, later), Saved(paper(1).id, now)]
        assert await opinions.saved(bob) == []
        assert await opinions.savers(alice.team.id, paper(1).id) == ["Alice"]
        assert await opinions.saved_by(alice.team.id, "aLICE") == [paper(2).id, paper(1).id]
        assert await opinions.unsave(alice, paper(2).id)
        assert not await opinions.unsave(alice, paper(2).id)
        assert await opinions.saved_by(alice.team.id, "Alice") == [paper(1).id]


async def test_any_name_of_a_paper_will_do_for_a_vote(
    store: SqlStore, paper: MakePaper, alice: Caller, now: dt.datetime
) -> None:
    doi = PaperId.parse("doi:10.1234/abc")
    named = replace(paper(1), other_ids=(doi,))
    async with store.write() as session:
        await session.papers.save([named], now)
        await session.opinions.vote(alice, doi, now)
        assert await session.opinions.votes(alice.team.id, [named.id]) == {named.id: 1}


async def test_nobody_votes_for_a_paper_that_is_not_stored(
    store: SqlStore, paper: MakePaper, alice: Caller, now: dt.datetime
) -> None:
    with pytest.raises(StoreError, match=r"no paper arxiv:2506\.00001"):
        async with store.write() as session:
            await session.opinions.vote(alice, paper(1).id, now)
