"""A category that somebody newly follows while arXiv is read already: its last week comes at once, and comes once."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.cli.arxiv import ArxivOfTeams
from adapters.cli.polls import Poll
from adapters.sources.fetcher import Fetcher, Shared
from adapters.sources.gates import ARXIV
from tests.fakes.arxiv_days import Work
from tests.fakes.passing_time import PassingTime
from tests.journeys.arxiv_reading import Bot, announced, assert_all_there_once, listed_days, new_york, reading

_MINUTE, _HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    """A bot that reads cs.CL, at noon on Tuesday, 28 October 2025, while stat.ML has papers, too."""
    async with reading(tmp_path, new_york("2025-10-28", 12)) as opened:
        opened.arxiv.works = both("2025-10-13", "2025-11-07")
        await opened.on_until(new_york("2025-10-28", 12, 15))
        opened.arxiv.asked.clear()
        yield opened


def both(first: str, last: str) -> list[Work]:
    """Return papers of two categories for each weekday from one to the other."""
    return [*announced(first, last, per_day=2), *announced(first, last, ("stat.ML",), per_day=2)]


def of(works: list[Work], category: str, first: str, last: str) -> dict[str, list[dt.date]]:
    """Return the papers of a category that were announced from one day to the other, each with its one listing."""
    return {each.id: [each.day] for each in works if category in each.categories and first <= str(each.day) <= last}


async def stored(bot: Bot, category: str) -> dict[str, list[dt.date]]:
    """Return those that are stored, with the days on which they are listed."""
    return listed_days({key: paper for key, paper in (await bot.papers()).items() if category in paper.categories})


@pytest.mark.parametrize(
    ("day", "first", "later"),
    [
        ("2025-10-29", "2025-10-22", "2025-10-31"),
        ("2025-11-03", "2025-10-27", "2025-11-04"),  # summer time ended the day before
        ("2025-11-01", "2025-10-25", "2025-11-03"),  # a Saturday
    ],
)
async def test_who_newly_follows_a_category_has_its_last_week_within_ten_minutes(
    tmp_path: Path, store_url: str, day: str, first: str, later: str
) -> None:
    async with reading(tmp_path, new_york(day, 13), store_url) as bot:
        bot.arxiv.works = both("2025-10-13", "2025-11-07")
        bot.arxiv.works.append(Work("2510.00001", dt.date(2025, 10, 28), ("cs.CV", "stat.ML")))
        await bot.on_until(new_york(day, 13, 15))
        await bot.says("follow cat:stat.ML")
        bot.arxiv.asked.clear()
        await bot.on_until(bot.clock.time + 11 * _MINUTE, _MINUTE)
        assert await stored(bot, "stat.ML") == of(bot.arxiv.works, "stat.ML", first, day)
        assert len(bot.arxiv.searches) == len(bot.arxiv.asked) - 1 == 1, "and today's announcements"
        assert all("cs.CL" not in asked for asked in bot.arxiv.asked), "those were read before"
        await bot.on_until(new_york(later, 12), _HOUR)
        assert await stored(bot, "stat.ML") == of(bot.arxiv.works, "stat.ML", first, later)
        assert await stored(bot, "cs.CL") == of(bot.arxiv.works, "cs.CL", first, later)
        assert len(bot.arxiv.searches) == 1, "once is enough"


async def test_the_papers_of_a_newly_followed_category_are_in_mine(bot: Bot) -> None:
    await bot.says("follow cat:stat.ML")
    await bot.on_until(new_york("2025-10-28", 12, 45))
    await bot.world.index.catch_up()
    mine = await bot.says("mine")
    assert mine.papers
    week = of(bot.arxiv.works, "stat.ML", "2025-10-21", "2025-10-28")
    assert {line.id for line in mine.papers} <= {f"arxiv:{one}" for one in week}


async def test_while_nobody_wants_anything_new_only_the_store_is_looked_into(bot: Bot) -> None:
    planned = (await bot.run()).next_poll
    assert planned == new_york("2025-10-28", 18)
    with capture_logs() as lines:
        await bot.on_until(planned, 5 * _MINUTE)
    assert lines == []
    assert (bot.arxiv.asked, (await bot.run()).next_poll) == ([], planned)
    assert (await bot.status()).detail.endswith("; next poll Tue 28 Oct 2025 22:00 UTC")
    await bot.on_until(planned + _MINUTE, _MINUTE)
    assert bot.arxiv.asked == ["/atom/cs.CL"]


async def test_a_wish_is_seen_however_long_nobody_had_one(bot: Bot) -> None:
    await bot.on_until(new_york("2025-10-28", 13))
    await bot.says("follow cat:stat.ML")
    await bot.on_until(bot.clock.time + 11 * _MINUTE, _MINUTE)
    assert await stored(bot, "stat.ML") == of(bot.arxiv.works, "stat.ML", "2025-10-21", "2025-10-28")


async def test_what_is_read_first_is_a_week_found_by_one_search(tmp_path: Path) -> None:
    async with reading(tmp_path, new_york("2025-10-28", 12)) as bot:
        bot.arxiv.works = both("2025-10-13", "2025-11-07")
        await bot.on_until(new_york("2025-10-28", 12, 10))
        assert [asked.split("?")[0] for asked in bot.arxiv.asked] == ["/atom/cs.CL", "/api/query"]
        assert await stored(bot, "cs.CL") == of(bot.arxiv.works, "cs.CL", "2025-10-21", "2025-10-28")
        bot.arxiv.asked.clear()
        await bot.on_until(new_york("2025-10-29", 3), _HOUR)
        assert any("from=2025-10-27&until=2025-10-28" in asked for asked in bot.arxiv.asked), "then, what changed"
        assert bot.arxiv.searches == []


async def test_a_category_dropped_and_followed_again_has_what_came_in_between(bot: Bot) -> None:
    await bot.says("follow cat:stat.ML")
    await bot.on_until(new_york("2025-10-28", 22), _HOUR)
    await bot.says("unfollow cat:stat.ML")
    await bot.on_until(new_york("2025-10-31", 12), _HOUR)
    assert await stored(bot, "stat.ML") == of(bot.arxiv.works, "stat.ML", "2025-10-21", "2025-10-28")
    bot.arxiv.asked.clear()
    await bot.says("follow cat:stat.ML")
    await bot.on_until(new_york("2025-10-31", 12, 30))
    assert await stored(bot, "stat.ML") == of(bot.arxiv.works, "stat.ML", "2025-10-21", "2025-10-31")
    assert [asked.rpartition("[")[2] for asked in bot.arxiv.searches] == ["202510241800 TO 202510291800]"], "28 to 30"


async def test_a_category_dropped_and_followed_again_while_arxiv_was_not_asked_misses_nothing(bot: Bot) -> None:
    await bot.says("follow cat:stat.ML")
    await bot.on_until(new_york("2025-10-28", 12, 45))
    bot.arxiv.asked.clear()
    for typed in ("unfollow cat:stat.ML", "follow cat:stat.ML"):
        await bot.says(typed)
        await bot.on_until(bot.clock.time + 30 * _MINUTE)
    assert bot.arxiv.asked == []


async def test_when_all_was_dropped_for_days_nothing_of_them_is_missed(tmp_path: Path) -> None:
    async with reading(tmp_path, new_york("2025-10-28", 12)) as bot:
        bot.source.settings = bot.source.settings.model_copy(update={"arxiv_categories": ""})
        bot.arxiv.works = both("2025-10-13", "2025-11-07")
        await bot.says("follow cat:stat.ML")
        await bot.on_until(new_york("2025-10-28", 13))
        await bot.says("unfollow cat:stat.ML")
        await bot.on_until(new_york("2025-10-31", 13), 6 * _HOUR)
        await bot.says("follow cat:stat.ML")
        await bot.on_until(new_york("2025-10-31", 13, 30))
        assert await stored(bot, "stat.ML") == of(bot.arxiv.works, "stat.ML", "2025-10-21", "2025-10-31")


async def test_a_category_of_an_archive_that_was_read_is_nothing_new(bot: Bot) -> None:
    await bot.says("follow cat:stat")
    await bot.on_until(new_york("2025-10-28", 12, 45))
    assert len(bot.arxiv.searches) == 1
    await bot.says("unfollow cat:stat")
    await bot.says("follow cat:stat.ML")
    await bot.on_until(new_york("2025-10-28", 21), _HOUR)
    assert len(bot.arxiv.searches) == 1


async def test_a_search_that_fails_is_made_again_and_what_was_read_before_does_not_suffer(bot: Bot) -> None:
    await bot.says("follow cat:stat.ML")
    bot.arxiv.fails_from = dt.date(2025, 10, 1)
    await bot.on_until(new_york("2025-10-29", 12), _HOUR)
    assert "answered 400" in (await bot.status()).detail
    assert await stored(bot, "cs.CL") == of(bot.arxiv.works, "cs.CL", "2025-10-21", "2025-10-29")
    bot.arxiv.fails_from = None
    await bot.on_until(new_york("2025-10-30", 12), _HOUR)
    assert await stored(bot, "stat.ML") == of(bot.arxiv.works, "stat.ML", "2025-10-22", "2025-10-30")


async def test_what_moderators_held_back_is_listed_on_the_day_of_its_announcement_alone(bot: Bot) -> None:
    today, due = dt.date(2025, 10, 28), dt.date(2025, 10, 24)
    bot.arxiv.works = [Work("2510.00001", today, ("stat.ML",), due=due)]
    await bot.says("follow cat:stat.ML")
    await bot.on_until(new_york("2025-10-28", 12, 30))
    assert len(bot.arxiv.searches) == 1
    assert await stored(bot, "stat.ML") == {"2510.00001": [today]}


async def test_a_paper_that_is_there_already_keeps_its_day(tmp_path: Path) -> None:
    async with reading(tmp_path, new_york("2025-10-28", 12)) as bot:
        day, due = dt.date(2025, 10, 28), dt.date(2025, 10, 24)
        bot.arxiv.works = [Work("2510.00001", day, ("cs.CL", "stat.ML"), due=due)]
        await bot.on_until(new_york("2025-10-29", 12), 6 * _HOUR)
        await bot.says("follow cat:stat.ML")
        await bot.on_until(new_york("2025-10-29", 12, 30))
        assert len(bot.arxiv.searches) == 2
        await assert_all_there_once(bot)


async def test_a_store_that_remembers_no_wishes_yet_has_nothing_twice_either(bot: Bot) -> None:
    async with bot.world.store.write() as session:
        assert await session.wishes.prune(bot.clock.time, 100) == 1
    await bot.on_until(new_york("2025-10-28", 12, 30))
    assert len(bot.arxiv.searches) == 1
    assert await stored(bot, "cs.CL") == of(bot.arxiv.works, "cs.CL", "2025-10-21", "2025-10-28")


async def test_after_the_clock_was_put_back_arxiv_is_asked_at_once(bot: Bot) -> None:
    bot.clock.time = new_york("2025-10-27", 12)
    await bot.on_until(new_york("2025-10-27", 12, 10))
    assert "/atom/cs.CL" in bot.arxiv.asked


async def test_what_was_dropped_while_the_clock_was_ahead_makes_nothing_new_after_it_was_put_right(bot: Bot) -> None:
    bot.clock.time = new_york("2025-11-18", 12)
    await bot.says("follow cat:stat.ML")
    await bot.on_until(new_york("2025-11-18", 12, 30))
    bot.clock.time = new_york("2025-10-29", 12)
    await bot.says("unfollow cat:stat.ML")
    await bot.on_until(new_york("2025-10-29", 12, 30))
    bot.arxiv.asked.clear()
    await bot.on_until(new_york("2025-10-29", 17))
    assert bot.arxiv.asked == []


async def test_two_replicas_do_not_ask_twice(tmp_path: Path, store_url: str) -> None:
    async with reading(tmp_path, new_york("2025-10-28", 12), store_url) as bot:
        bot.arxiv.works = both("2025-10-13", "2025-11-07")
        await bot.on_until(new_york("2025-10-28", 12, 15))
        await bot.says("follow cat:stat.ML")
        bot.arxiv.asked.clear()
        ours, theirs = Poll(bot.world, bot.source), Poll(bot.world, bot.source)
        for _ in range(12):
            await asyncio.gather(ours(), theirs())
            bot.clock.time += _MINUTE
        assert [asked.split("?")[0] for asked in bot.arxiv.asked] == ["/atom/stat.ML", "/api/query"]


async def test_arxiv_is_never_asked_twice_within_three_seconds(bot: Bot) -> None:
    bot.arxiv.works = [Work(f"2510.{number:05}", dt.date(2025, 10, 27), ("stat.ML",)) for number in range(450)]
    await bot.says("follow cat:stat.ML")
    bot.arxiv.clock = time = PassingTime(bot.clock.time)
    bot.arxiv.starts.clear()
    async with Fetcher("alice@example.org", Shared(bot.world.store, time), sleep=time.sleep) as fetcher:
        polite = ArxivOfTeams(fetcher.through(ARXIV), bot.world.store, bot.clock, bot.source.settings)
        await Poll(bot.world, polite)()
    assert len(await stored(bot, "stat.ML")) == 450
    assert len(bot.arxiv.starts) == 4, "today's announcements, and three pages"
    assert min((later - earlier).total_seconds() for earlier, later in pairwise(bot.arxiv.starts)) >= 3
