"""What rules name that sources are asked for."""

import datetime as dt

import pytest

from bot.query import Kind
from bot.query_parser import parse_rule
from bot.team import Caller
from bot.wishes import LONGEST, wish_key, wishes_in
from storage.database import SqlStore
from storage.session import SqlSession
from tests.fakes.plans import plans_of

DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "rules", "found"),
    [
        (Kind.CATEGORY, ("cat:cs.CL", "cat:cs.CL", "pigeons -cat:math"), ["cat:cs.CL", "pigeons -cat:math"]),
        (Kind.AUTHOR, ('author:"Ada Byron" owls', "title:author"), ['owls author:"Ada Byron"']),
        (Kind.VENUE, ("venue:ACL", "revenue"), ["venue:ACL"]),
        (Kind.PAPER, ("paper:2506.01234", "papers"), ["paper:2506.01234"]),
    ],
)
async def test_the_rules_that_name_something_are_found_without_reading_all_others(
    store: SqlStore, alice: Caller, now: dt.datetime, kind: Kind, rules: tuple[str, ...], found: list[str]
) -> None:
    async with store.write() as session:
        for rule in (*rules, "has:code", f"{kind}:q-bio" if kind is not Kind.PAPER else "paper:2506.09999"):
            follow = await session.follows.add(alice.member.person_id, parse_rule(rule), "follow", now)
        await session.follows.set_paused(follow, paused=True)
        muted = "paper:2506.08888" if kind is Kind.PAPER else f"{kind}:stat"
        await session.follows.add(alice.member.person_id, parse_rule(muted), "mute", now)
        assert sorted(await session.wishes.rules_naming(kind)) == found

    async def ask(session: SqlSession) -> None:
        await session.wishes.rules_naming(kind)

    steps = " ".join(await plans_of(store, ask))
    things = {Kind.CATEGORY: "categories"}.get(kind, f"{kind}s")
    assert f"ix_follows_{things}" in steps
    assert f"ix_digests_{things}" in steps or "ix_digests_due" in steps


async def test_when_a_wish_was_granted_is_remembered_for_each_source(store: SqlStore, now: dt.datetime) -> None:
    async with store.write() as session:
        await session.wishes.grant("dblp", ["author:ada", "author:bob"], now)
        await session.wishes.grant("openalex", ["author:ada"], now + DAY)
        await session.wishes.grant("dblp", ["author:bob", "author:bob"], now + 2 * DAY)
        await session.wishes.grant("dblp", [], now + 3 * DAY)
    async with store.read() as session:
        assert await session.wishes.granted("dblp") == {"author:ada": now, "author:bob": now + 2 * DAY}
        assert await session.wishes.granted("openalex") == {"author:ada": now + DAY}
        assert await session.wishes.granted("arxiv") == {}
        asked = (("dblp", "author:ada"), ("openalex", "author:bob"), ("arxiv", "author:ada"))
        assert [await session.wishes.was_granted(*each) for each in asked] == [True, False, False]


async def test_wishes_that_nobody_has_any_more_are_forgotten_the_oldest_first(
    store: SqlStore, now: dt.datetime
) -> None:
    async with store.write() as session:
        for day, name in enumerate(("ada", "bob", "cem")):
            await session.wishes.grant("dblp", [f"author:{name}"], now + day * DAY)
        assert await session.wishes.prune(now + 2 * DAY, 1) == 1
        assert sorted(await session.wishes.granted("dblp")) == ["author:bob", "author:cem"]
        assert await session.wishes.prune(now + 2 * DAY, 10) == 1
        assert sorted(await session.wishes.granted("dblp")) == ["author:cem"]


def test_wishes_are_what_rules_ask_for_not_what_they_exclude() -> None:
    rules = ['author:"Ada Byron",Cem owls', "-author:Bob author:cem", 'venue:ACL cat:cs.CL author:"ada  byron"']
    wishes = wishes_in(rules, {Kind.AUTHOR, Kind.VENUE})
    assert [wish_key(wish) for wish in wishes] == ["author:ada byron", "author:cem", "venue:acl"]
    assert str(wishes[-1]) == "venue:ACL"


def test_a_rule_of_another_version_and_a_name_that_is_none_are_no_wishes() -> None:
    assert wishes_in(["colour:blue author:Ada", f"author:{'a' * LONGEST}"], {Kind.AUTHOR}) == []
