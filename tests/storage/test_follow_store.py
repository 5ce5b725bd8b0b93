"""Follow lists: numbered for each person, kept as they were typed."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoreError, UserError
from bot.query import Kind, Rule, Term
from bot.query_parser import parse_rule
from bot.team import Caller
from storage.database import SqlStore
from storage.rules import rule_of, rule_text


async def test_a_follow_comes_back_as_it_was_made(store: SqlStore, alice: Caller, now: dt.datetime) -> None:
    rule = parse_rule('diffusion "language model" author:"Yann LeCun" cat:cs.CL,cs.LG -org:ByteDance')
    person = alice.member.person_id
    async with store.write() as session:
        followed = await session.follows.add(person, rule, "follow", now)
        muted = await session.follows.add(person, parse_rule("quantum"), "mute", now)
        assert (followed.number, followed.rule, followed.stance, followed.created_at) == (1, rule, "follow", now)
        assert await session.follows.of(person) == [followed, muted]


async def test_a_number_is_never_used_again(store: SqlStore, alice: Caller, bob: Caller, now: dt.datetime) -> None:
    rule = parse_rule("diffusion")
    async with store.write() as session:
        first = await session.follows.add(alice.member.person_id, rule, "follow", now)
        await session.follows.remove(first)
        second = await session.follows.add(alice.member.person_id, rule, "follow", now)
        theirs = await session.follows.add(bob.member.person_id, rule, "follow", now)
        assert await session.follows.of(alice.member.person_id) == [second]
    assert (first.number, second.number, theirs.number) == (1, 2, 1)
    assert first.id != second.id


async def test_a_follow_can_be_paused_and_resumed(store: SqlStore, alice: Caller, now: dt.datetime) -> None:
    person = alice.member.person_id
    async with store.write() as session:
        follow = await session.follows.add(person, parse_rule("diffusion"), "follow", now)
        await session.follows.set_paused(follow, True)
        assert await session.follows.of(person) == [replace(follow, paused=True)]
        await session.follows.set_paused(follow, False)
        assert await session.follows.of(person) == [follow]


async def test_a_rule_that_could_not_be_read_back_is_not_stored(
    store: SqlStore, alice: Caller, now: dt.datetime
) -> None:
    endless = Rule.of([Term(Kind.TEXT, "x" * 2_000)])
    with pytest.raises(UserError, match="long"):
        async with store.write() as session:
            await session.follows.add(alice.member.person_id, endless, "follow", now)
    async with store.read() as session:
        assert await session.follows.of(alice.member.person_id) == []


async def test_a_rule_of_another_version_is_named(store: SqlStore, alice: Caller, now: dt.datetime) -> None:
    async with store.write() as session:
        await session.follows.add(alice.member.person_id, parse_rule("diffusion"), "follow", now)
        await session.connection.execute(sa.text("UPDATE follows SET rule = 'mood:happy'"))
    with pytest.raises(StoreError, match="mood:happy"):
        async with store.read() as session:
            await session.follows.of(alice.member.person_id)


_words = st.from_regex(r"[a-zà-ü]{1,9}( [a-z]{1,9})?", fullmatch=True)
_terms = st.one_of(
    st.builds(Term, st.sampled_from((Kind.TEXT, Kind.TITLE, Kind.AUTHOR, Kind.ORGANISATION, Kind.VENUE)), _words),
    st.builds(Term, st.just(Kind.CATEGORY), st.sampled_from(("cs.CL", "stat", "cs.LG")), st.booleans()),
    st.builds(Term, st.just(Kind.VOTES), st.integers(0, 999_999).map(str)),
)


@given(st.lists(_terms, min_size=1, max_size=8).map(Rule.of).filter(lambda rule: not rule.only_excludes))
def test_any_rule_is_read_as_it_was_written(rule: Rule) -> None:
    assert rule_of(rule_text(rule)) == rule
