"""The abstracts of a digest's papers: in as few messages as fit, each a row of the ledger behind its digest's."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.abstracts import MOST, thread_of
from bot.composing import compose_now
from bot.ledger import Delivery
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.reply import AbstractsPost
from storage.database import SqlStore
from tests.core.test_composing import LONG_AGO, MONDAY, Bot, bot_on, listed

ROOM = 3_000


def paper(number: int, abstract: str) -> Paper:
    return Paper(PaperId.parse(f"arxiv:2506.{number:05}"), f"The paper number {number}", ("Ada Lovelace",), abstract)


def test_short_abstracts_share_a_message_and_long_ones_do_not() -> None:
    papers = [paper(number, "word " * words) for number, words in enumerate((20, 20, 350, 350, 20))]
    shown = [[each.id[-1] for each in post.papers] for post in thread_of(papers, ROOM)]
    assert shown == [["0", "1", "2"], ["3", "4"]]


def test_papers_without_an_abstract_are_left_out() -> None:
    assert thread_of([paper(1, ""), paper(2, " \n ")], ROOM) == ()
    (post,) = thread_of([paper(1, ""), paper(2, "Something.")], ROOM)
    assert [each.id for each in post.papers] == ["arxiv:2506.00002"]


@given(st.lists(st.integers(0, 5_000), max_size=12), st.integers(500, 10_000))
def test_every_abstract_comes_once_in_order_and_only_a_lone_one_is_too_long(sizes: list[int], room: int) -> None:
    papers = [paper(number, "x" * size) for number, size in enumerate(sizes)]
    posts = thread_of(papers, room)
    brought = [each.id for post in posts for each in post.papers]
    assert brought == [str(each.id) for each, size in zip(papers, sizes, strict=True) if size]
    for post in posts:
        assert all(len(each.text) <= MOST for each in post.papers)
        assert len(post.papers) == 1 or sum(len(each.title) + len(each.text) for each in post.papers) <= room


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> Bot:
    """Four papers of Sunday, of which the third has no abstract and the others a long one."""
    sunday = MONDAY.date() - dt.timedelta(days=1)
    async with bot_on(store, tmp_path / "index") as made:
        papers = [listed(number, sunday, votes=9 - number) for number in range(4)]
        long = [replace(each, abstract="" if number == 2 else "word " * 260) for number, each in enumerate(papers)]
        await made.list_papers(sunday, *long)
    return made


async def all_rows(bot: Bot) -> list[Delivery]:
    """Claim and settle all that is in the ledger, part by part."""
    found: list[Delivery] = []
    while rows := await bot.post_all():
        found += rows
        bot.clock.time += dt.timedelta(seconds=5)
    return found


async def test_where_it_is_wanted_the_abstracts_stand_behind_the_digest_in_the_ledger(bot: Bot) -> None:
    await bot.digest(top=4, abstracts=True)
    await bot.compose_at(MONDAY)
    digest, *replies = await all_rows(bot)
    assert digest.part == 0
    assert [row.part for row in replies] == [1, 2]
    assert {row.slot for row in replies} == {digest.slot}
    posts = [row.payload for row in replies]
    assert all(isinstance(post, AbstractsPost) for post in posts)
    assert [each.id[-1] for post in posts for each in post.papers] == ["0", "1", "3"]


async def test_by_default_no_abstract_is_posted(bot: Bot) -> None:
    await bot.digest(top=4)
    await bot.compose_at(MONDAY)
    assert [row.part for row in await all_rows(bot)] == [0]


async def test_a_digest_that_is_composed_again_has_its_replies_once(bot: Bot) -> None:
    settings = await bot.digest(top=4, abstracts=True, next_due_at=MONDAY + dt.timedelta(days=1))
    bot.clock.time = MONDAY
    for _ in range(2):
        assert await compose_now(bot.world, settings, "r1", ROOM) == "now:r1"
    assert [row.part for row in await all_rows(bot)] == [0, 1, 2]


async def test_a_digest_that_never_went_out_takes_its_replies_along(bot: Bot) -> None:
    settings = await bot.digest(top=4, abstracts=True)
    await bot.compose_at(MONDAY)
    async with bot.store.write() as session:
        slots = await session.deliveries.supersede([settings.id], LONG_AGO)
        assert slots == [(settings.id, "2025-06-09")]
        assert await session.deliveries.unsettled() == 0
