"""Sources over days and weeks: what arXiv announced, whoever was off meanwhile, and one paper that many tell of."""

import datetime as dt
import gzip
import json
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path

import pytest
from aiohttp import web

from adapters.cli.polls import Poll
from adapters.sources.arxiv_api import ArxivApi
from adapters.sources.fetcher import Fetcher
from adapters.sources.huggingface import HuggingFace
from bot.ingest import ingest
from bot.paper_ids import PaperId
from tests.fakes.arxiv_days import Work
from tests.fakes.huggingface import item
from tests.fakes.service import serving
from tests.journeys.arxiv_reading import Bot, announced, assert_all_there_once, new_york, reading

BULK = Path(__file__).parents[3] / "shared" / "data" / "bulk" / "arxiv_papers_50k.jsonl.gz"
_DAY = dt.timedelta(days=1)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    """A bot that wants cs.CL, on the evening of Friday, 24 October 2025."""
    async with reading(tmp_path, new_york("2025-10-24", 21)) as opened:
        yield opened


async def test_every_announced_paper_comes_on_its_day_over_two_weeks_and_the_end_of_summer_time(bot: Bot) -> None:
    bot.arxiv.works = announced("2025-10-27", "2025-11-07")
    await bot.on_until(new_york("2025-11-07", 21), dt.timedelta(minutes=30))
    await assert_all_there_once(bot)


@pytest.mark.parametrize(
    ("monday", "off", "on"),
    [
        ("2025-10-27", "2025-10-29", "2025-11-03"),  # over the end of summer time, and a weekend
        ("2025-03-03", "2025-03-05", "2025-03-10"),  # over its beginning
        ("2025-11-24", "2025-11-25", "2025-12-01"),  # over Thanksgiving
    ],
)
async def test_a_bot_that_was_off_for_five_days_misses_nothing_and_has_nothing_twice(
    bot: Bot, monday: str, off: str, on: str
) -> None:
    first = dt.date.fromisoformat(monday)
    bot.clock.time = new_york(str(first - _DAY), 21)
    holidays = {dt.date(2025, 11, 27)}
    works = announced(monday, str(first + 11 * _DAY))
    bot.arxiv.holidays, bot.arxiv.works = holidays, [work for work in works if work.day not in holidays]
    await bot.on_until(new_york(off, 18))
    before = len(await bot.papers())
    await bot.off_until(new_york(on, 19))
    bot.arxiv.asked.clear()
    await bot.on_until(new_york(on, 20))
    there = await bot.papers()
    assert len(there) == sum(day <= dt.date.fromisoformat(on) for day in bot.arxiv.days.values()) > before
    await bot.on_until(new_york(str(first + 11 * _DAY), 21))
    await assert_all_there_once(bot)


async def test_recorded_papers_of_two_weeks_are_caught_up_with_too(bot: Bot) -> None:
    if not BULK.exists():
        pytest.skip("the recorded papers (../shared/data/bulk) are not beside this checkout")
    days = sorted({work.day for work in announced("2025-10-27", "2025-11-07")})
    with gzip.open(BULK, "rt", encoding="utf-8") as lines:
        told = [json.loads(line) for line in islice(lines, 40_000, 44_000)]
    bot.arxiv.works = [
        Work(each["id"], days[place % len(days)], ("cs.CL",), each["title"], abstract=each["abstract"])
        for place, each in enumerate(told)
    ]
    bot.arxiv.page, hour = 1_000, dt.timedelta(hours=1)
    await bot.on_until(new_york("2025-10-29", 18), hour)
    await bot.off_until(new_york("2025-11-03", 19))
    await bot.on_until(new_york("2025-11-07", 21), hour)
    await assert_all_there_once(bot)


async def test_the_announcements_are_one_request_a_day_once_they_are_there(bot: Bot) -> None:
    bot.arxiv.works = announced("2025-10-27", "2025-10-31")
    await bot.on_until(new_york("2025-10-28", 0, 5))
    bot.arxiv.asked.clear()
    await bot.on_until(new_york("2025-10-29", 0, 5))
    feeds = [asked for asked in bot.arxiv.asked if asked.startswith("/atom/")]
    assert feeds == ["/atom/cs.CL"] * 4, "at 00:15, and every six hours"
    assert len(bot.arxiv.asked) - len(feeds) <= 5, "two days of changes, in pages of five"


async def test_a_holiday_is_no_failure_and_is_asked_about_hourly(bot: Bot) -> None:
    bot.clock.time = new_york("2025-11-27", 0, 1)
    bot.arxiv.holidays = {dt.date(2025, 11, 27)}
    await bot.on_until(new_york("2025-11-27", 23, 50))
    run = await bot.run()
    assert run.last_failure is None
    assert 20 <= sum(asked.startswith("/atom/") for asked in bot.arxiv.asked) <= 25


async def test_a_day_that_was_late_comes_within_the_hour(bot: Bot) -> None:
    works = announced("2025-10-28", "2025-10-28")
    bot.clock.time = new_york("2025-10-28", 0, 0)
    await bot.on_until(new_york("2025-10-28", 3, 30))
    bot.arxiv.works = works
    await bot.on_until(new_york("2025-10-28", 4, 45))
    await assert_all_there_once(bot)


async def test_new_versions_comments_and_withdrawals_come_with_the_night(bot: Bot) -> None:
    bot.arxiv.works = announced("2025-10-27", "2025-10-31", per_day=3)
    replaced, withdrawn, *_ = (work for work in bot.arxiv.works if work.day == dt.date(2025, 10, 27))
    replaced.versions.append(dt.date(2025, 10, 29))
    withdrawn.comments.append((dt.date(2025, 10, 30), "This paper has been withdrawn by Ana Silva"))
    await bot.on_until(new_york("2025-10-31", 20))
    papers = await bot.papers()
    assert (papers[replaced.id].version, papers[withdrawn.id].version) == (2, 1)
    assert (papers[replaced.id].withdrawn, papers[withdrawn.id].withdrawn) == (False, True)
    await assert_all_there_once(bot)


async def test_a_paper_that_was_announced_and_replaced_while_the_bot_was_off_keeps_its_day(bot: Bot) -> None:
    bot.arxiv.works = announced("2025-10-27", "2025-11-07", per_day=2)
    await bot.on_until(new_york("2025-10-29", 18))
    for work in bot.arxiv.works:
        if work.day == dt.date(2025, 10, 31):
            work.versions.append(dt.date(2025, 11, 4))
    await bot.off_until(new_york("2025-11-05", 9))
    await bot.on_until(new_york("2025-11-07", 21))
    await assert_all_there_once(bot)


async def test_a_catch_up_that_is_cut_off_goes_on_and_a_service_that_is_down_is_told(bot: Bot) -> None:
    bot.arxiv.works = announced("2025-10-27", "2025-11-07")
    await bot.on_until(new_york("2025-10-28", 18))
    bot.arxiv.down = True
    await bot.on_until(new_york("2025-11-05", 12))
    line = await bot.status()
    assert line.state == "fail"
    assert "answered 503 (Service Unavailable) and asks us to wait 3600 seconds; last read" in line.detail
    assert "; next try Wed 5 Nov 2025" in line.detail
    bot.arxiv.down = False
    await bot.on_until(new_york("2025-11-07", 21))
    await assert_all_there_once(bot)
    line = await bot.status()
    assert (line.state, "failed before, Wed 5 Nov 2025" in line.detail) == ("ok", True)
    assert "; next poll Sat 8 Nov 2025 0" in line.detail


async def test_arxiv_is_not_asked_until_somebody_wants_a_category(bot: Bot) -> None:
    bot.source.settings = bot.source.settings.model_copy(update={"arxiv_categories": ""})
    bot.arxiv.works = announced("2025-10-27", "2025-10-31", ("stat.ML",))
    await bot.on_until(new_york("2025-10-27", 8))
    assert bot.arxiv.asked == []
    line = await bot.status()
    assert (line.state, line.detail.startswith("not asked: nobody wants it: set PAPERROUND_")) == ("ok", True)
    assert (await bot.says("follow cat:stat.ML -bayes")).ok
    await bot.on_until(new_york("2025-10-27", 9))
    assert "/atom/stat.ML" in bot.arxiv.asked
    assert len(await bot.papers()) == 7


async def test_wanted_are_the_settings_and_what_follows_and_digests_name(bot: Bot) -> None:
    for typed in ("follow cat:cs.LG,math pigeons", "mute cat:cs.CR", "follow -cat:cs.SE owls", "follow category"):
        assert (await bot.says(typed)).ok, typed
    assert (await bot.says("digest on exactly 09:00 UTC -- cat:q-bio.NC")).ok
    assert await bot.source.wanted() == ("cs.CL", "cs.LG", "math", "q-bio.NC")
    assert (await bot.says("unfollow cat:cs.LG,math pigeons")).ok
    assert await bot.source.wanted() == ("cs.CL", "q-bio.NC")


async def test_one_paper_of_four_tellers_is_one_paper_with_the_facts_of_all(bot: Bot) -> None:
    work = Work("2510.00001", dt.date(2025, 10, 27), title="Carrier Pigeons at Scale", doi="10.1000/pigeons")
    work.comments.append((dt.date(2025, 10, 28), "12 pages, accepted at ACL"))
    bot.arxiv.works = [work]
    await bot.on_until(new_york("2025-10-27", 12))

    async def lists(request: web.Request) -> web.Response:
        told = item(work.id, "Carrier pigeons at scale", votes=31)
        return web.json_response([told] if request.query["date"] == "2025-10-28" else [])

    async with serving(lists) as url, Fetcher("alice@example.org") as fetcher:
        await Poll(bot.world, HuggingFace(fetcher, url))()
        await bot.on_until(new_york("2025-10-28", 12))
        await Poll(bot.world, HuggingFace(fetcher, url))()
        one = await ArxivApi(fetcher, bot.arxiv.url).by_id(PaperId.parse(f"arxiv:{work.id}"))
        await ingest(bot.world.store, "arxiv", one, bot.clock.now())
    await bot.on_until(new_york("2025-10-29", 12))
    (paper,) = (await bot.papers()).values()
    assert paper.title == "Carrier Pigeons at Scale", "arXiv knows it better"
    assert [(listing.source, str(listing.day), listing.votes) for listing in paper.listings] == [
        ("arxiv", "2025-10-27", None),
        ("huggingface", "2025-10-28", 31),
    ]
    assert (paper.comment, str(paper.other_ids[0]), paper.version) == (
        "12 pages, accepted at ACL", "doi:10.1000/pigeons", 1,
    )  # fmt: skip
    assert paper.published == dt.date(2025, 10, 24)
