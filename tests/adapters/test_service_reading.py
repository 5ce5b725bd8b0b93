"""What a service reads: the sources, each by one replica at a time, and the answers dropped into its inbox."""

import asyncio
import datetime as dt
import json
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.cli.clock import SetClock
from adapters.cli.inbox import Inbox
from adapters.cli.polls import Poll
from adapters.cli.run import inbox_memory, open_world
from adapters.cli.service import _polled
from adapters.cli.settings import Settings
from adapters.sources import huggingface
from bot.commands.dispatch import answer
from bot.errors import SourceError
from bot.ingest import ingest
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch, World
from bot.store_sources import SourceRun
from bot.team import Who
from tests.fakes.huggingface import item

NOW = dt.datetime(2025, 6, 12, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
BOB = Who("test", "lab", "#papers", "bob", may_configure=False)


@dataclass(slots=True)
class Lists:
    """A source with one paper a day; some days fail."""

    name: str = "lists"
    failing: set[dt.date] = field(default_factory=set)
    asked: list[dt.date] = field(default_factory=list)
    votes: dict[dt.date, int] = field(default_factory=lambda: defaultdict(int))

    async def daily(self, day: dt.date) -> AsyncIterator[Batch]:
        """Yield the day's paper."""
        self.asked.append(day)
        if day in self.failing:
            raise SourceError(f"No list of {day}.")
        listing = Listing(source=self.name, day=day, votes=self.votes[day])
        paper = Paper(PaperId.parse(f"arxiv:{day:%y%m}.000{day:%d}"), f"Of {day}", (), "", listings=(listing,))
        yield Batch(f"{day}", (paper,), {})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(Settings(data_dir=tmp_path / "data", database_url=""), SetClock(NOW)) as opened:
        yield opened


def pass_time(world: World, **how_much: float) -> None:
    assert isinstance(world.clock, SetClock)
    world.clock.time += dt.timedelta(**how_much)


async def diary(world: World) -> dict[str, SourceRun]:
    async with world.store.read() as session:
        return {run.source: run for run in await session.source_runs.all()}


async def votes(world: World, paper_id: str) -> int | None:
    async with world.store.read() as session:
        paper = await session.papers.get(PaperId.parse(paper_id))
    return paper.listings[0].votes if paper else None


async def test_today_and_the_last_seven_days_are_read_and_read_again_half_an_hour_later(world: World) -> None:
    lists = Lists()
    poll = Poll(world, lists)
    await poll()
    assert lists.asked == [TODAY - dt.timedelta(days=passed) for passed in range(8)]
    lists.votes[dt.date(2025, 6, 6)] = 7
    pass_time(world, minutes=29)
    await poll()
    assert len(lists.asked) == 8
    pass_time(world, minutes=1)
    await poll()
    assert len(lists.asked) == 16
    assert await votes(world, "arxiv:2506.00006") == 7


async def test_at_weekends_a_source_is_read_every_three_hours(world: World) -> None:
    lists = Lists()
    pass_time(world, days=2)  # a Saturday
    for _ in range(24 * 4):
        await Poll(world, lists)()
        pass_time(world, minutes=15)
    assert len(lists.asked) == 8 * 8


async def test_the_diary_says_when_a_source_is_read_next(world: World) -> None:
    lists = Lists()
    await Poll(world, lists)()
    assert (await diary(world))["lists"].next_poll == NOW + dt.timedelta(minutes=30)
    asking = replace(world, asks=frozenset({"lists"}))
    (line,) = [line for line in (await answer(asking, BOB, "status")).status or () if line.what == "source lists"]
    assert line.detail.endswith("newest list Thu 12 Jun 2025; next poll Thu 12 Jun 2025 09:30 UTC")
    lists.failing = {TODAY - dt.timedelta(days=passed) for passed in range(8)}
    pass_time(world, minutes=30)
    await Poll(world, lists)()
    run = (await diary(world))["lists"]
    assert run.next_poll is not None
    assert dt.timedelta(minutes=10) <= run.next_poll - world.clock.now() <= dt.timedelta(minutes=12)


async def test_what_is_not_polled_any_more_has_no_next_time(world: World, tmp_path: Path) -> None:
    await Poll(world, Lists())()
    async with _polled(Settings(data_dir=tmp_path, sources=""), world.store) as sources:
        assert sources == {}
    assert (await diary(world))["lists"].next_poll is None


async def test_preprints_are_read_four_times_a_day_and_what_is_newest_with_one_question(world: World) -> None:
    @dataclass(slots=True)
    class Anthology(Lists):
        async def newest(self) -> Batch:
            self.asked.append(TODAY)
            return Batch("newest", (), {})

    preprints, anthology = Lists("biorxiv"), Anthology("acl")
    for _ in range(24):
        await Poll(world, preprints)()
        await Poll(world, anthology)()
        pass_time(world, hours=1)
    assert (len(preprints.asked), len(anthology.asked)) == (4 * 4, 4)


async def test_one_replica_at_a_time_reads_a_source(world: World) -> None:
    ours, theirs = Lists(), Lists()
    await asyncio.gather(Poll(world, ours)(), Poll(world, theirs)())
    assert sorted((len(ours.asked), len(theirs.asked))) == [0, 8]
    pass_time(world, minutes=31)
    await asyncio.gather(Poll(world, ours)(), Poll(world, theirs)())
    assert len(ours.asked) + len(theirs.asked) == 16


async def test_a_restart_does_not_read_again_before_its_time(world: World) -> None:
    lists = Lists()
    await Poll(world, lists)()
    await Poll(world, lists)()
    assert len(lists.asked) == 8


async def test_a_read_that_was_killed_is_taken_over_after_ten_minutes(world: World) -> None:
    @dataclass(slots=True)
    class Hanging(Lists):
        async def daily(self, day: dt.date) -> AsyncIterator[Batch]:
            await asyncio.Event().wait()
            yield Batch("never", (), {})

    killed = asyncio.create_task(Poll(world, Hanging())())
    await asyncio.sleep(0.1)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    lists = Lists()
    pass_time(world, minutes=9)
    await Poll(world, lists)()
    assert lists.asked == []
    pass_time(world, minutes=1)
    await Poll(world, lists)()
    assert len(lists.asked) == 8


async def test_a_day_that_fails_is_noted_and_the_others_are_read(world: World) -> None:
    lists = Lists(failing={dt.date(2025, 6, 10)})
    with capture_logs() as lines:
        await Poll(world, lists)()
    assert len(lists.asked) == 8
    run = (await diary(world))["lists"]
    assert (run.failure, run.newest_day) == ("No list of 2025-06-10.", TODAY)
    assert run.last_failure is not None
    assert run.last_success is not None
    assert run.last_failure >= run.last_success
    (line,) = lines
    assert (line["event"], line["log_level"], line["new"]) == ("a source could not be read", "warning", 7)


async def test_a_source_that_is_down_is_asked_ever_more_rarely_until_it_answers(world: World) -> None:
    lists = Lists(failing={TODAY - dt.timedelta(days=passed) for passed in range(8)})
    poll = Poll(world, lists)
    waits = []
    for _ in range(6):
        asked, began = len(lists.asked), world.clock.now()
        while len(lists.asked) == asked:
            await poll()
            pass_time(world, minutes=1)
        assert len(lists.asked) == asked + 2, "the second failure in a row is enough"
        waits.append((world.clock.now() - began).total_seconds() / 60)
    assert waits[0] == 1
    assert all(least <= wait <= least * 1.2 + 1 for least, wait in zip((10, 20, 40, 80, 120), waits[1:], strict=True))
    lists.failing.clear()
    pass_time(world, hours=3)
    await poll()
    assert poll.failures == 0


@pytest.fixture
def inbox(world: World, tmp_path: Path) -> Inbox:
    (tmp_path / "inbox").mkdir()
    memory = inbox_memory(Settings(data_dir=tmp_path / "data"), world)
    return Inbox(world, tmp_path / "inbox", memory, huggingface.SOURCE, huggingface.read_file)


def drop(inbox: Inbox, name: str, content: object, changed: int = 1_750_000_000) -> Path:
    path = inbox.folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    os.utime(path, (changed, changed))
    return path


async def test_an_answer_dropped_into_the_inbox_is_stored_once_and_not_again_after_a_restart(inbox: Inbox) -> None:
    drop(inbox, "2025-06-11.json", [item("2506.00001", votes=3)])
    await inbox()
    assert await votes(inbox.world, "arxiv:2506.00001") == 3
    newer = huggingface.parse_daily([item("2506.00001", votes=9)], "newer", dt.date(2025, 6, 11))
    await ingest(inbox.world.store, huggingface.SOURCE, newer, NOW)
    await inbox()
    await replace(inbox)()
    assert await votes(inbox.world, "arxiv:2506.00001") == 9, "an old answer must not bring old votes back"


async def test_a_file_that_was_changed_is_read_again_the_oldest_first(inbox: Inbox) -> None:
    drop(inbox, "2025-06-11-evening.json", [item("2506.00001", votes=9)], changed=1_750_000_200)
    drop(inbox, "2025-06-11-noon.json", [item("2506.00001", votes=3)], changed=1_750_000_100)
    await inbox()
    assert await votes(inbox.world, "arxiv:2506.00001") == 9
    drop(inbox, "2025-06-11-noon.json", [item("2506.00001", votes=12)], changed=1_750_000_300)
    await inbox()
    assert await votes(inbox.world, "arxiv:2506.00001") == 12


async def test_a_damaged_file_is_named_once_and_left_alone_until_it_is_mended(inbox: Inbox) -> None:
    drop(inbox, "2025-06-10.json", '[{"paper": ')
    drop(inbox, "2025-06-11.json", [item("2506.00001")])
    drop(inbox, "notes.txt", "not for us")
    with capture_logs() as lines:
        for _ in range(3):
            pass_time(inbox.world, seconds=2)
            await inbox()
    assert [line["reason"] for line in lines if line["log_level"] == "warning"] == ["2025-06-10.json is cut off."]
    run = (await diary(inbox.world))["inbox"]
    assert (run.failure, run.last_failure) == ("2025-06-10.json is cut off.", NOW + dt.timedelta(seconds=2))
    assert run.last_success is not None
    assert run.last_success <= NOW + dt.timedelta(seconds=2)
    pass_time(inbox.world, seconds=2)
    drop(inbox, "2025-06-10.json", [item("2506.00002")])
    await inbox()
    run = (await diary(inbox.world))["inbox"]
    assert run.last_success == NOW + dt.timedelta(seconds=8), "it is well again"


async def test_a_damaged_file_that_is_taken_away_is_wrong_no_more(inbox: Inbox) -> None:
    wrong = drop(inbox, "2025-06-10.json", "")
    drop(inbox, "2025-06-11.json", "[")
    await inbox()
    assert (await diary(inbox.world))[
        "inbox"
    ].failure == "2025-06-10.json is empty. 1 other file can't be used, either."
    wrong.unlink()
    (inbox.folder / "2025-06-11.json").unlink()
    pass_time(inbox.world, seconds=2)
    await replace(inbox)()  # as after a restart
    assert (await diary(inbox.world))["inbox"].last_success == NOW + dt.timedelta(seconds=2)


async def test_an_inbox_that_is_not_there_is_told(inbox: Inbox) -> None:
    inbox.folder.rmdir()
    with pytest.raises(SourceError, match="can't be read: No such file or directory"):
        await inbox()
    assert "can't be read" in str((await diary(inbox.world))["inbox"].failure)
    inbox.folder.mkdir()
    pass_time(inbox.world, seconds=2)
    await inbox()
    assert (await diary(inbox.world))["inbox"].last_success == NOW + dt.timedelta(seconds=2)


async def test_a_stop_is_heard_between_two_files_and_the_rest_is_read_later(inbox: Inbox) -> None:
    for day in (9, 10, 11):
        drop(inbox, f"2025-06-{day:02}.json", [item(f"2506.000{day:02}")], changed=1_750_000_000 + day)
    asked = iter((False, True))
    inbox.stopping = lambda: next(asked)
    await inbox()
    assert [await votes(inbox.world, f"arxiv:2506.000{day:02}") for day in (9, 10, 11)] == [0, None, None]
    inbox.stopping = lambda: False
    await inbox()
    assert await votes(inbox.world, "arxiv:2506.00011") == 0


async def test_a_memory_that_is_damaged_is_told_and_all_is_read_again(inbox: Inbox) -> None:
    drop(inbox, "2025-06-11.json", [item("2506.00001")])
    await inbox()
    inbox.memory.write_text("{")
    with capture_logs() as lines:
        await replace(inbox)()
    assert [line["event"] for line in lines] == [
        "what was read from the inbox is not known any more; it is read again",
        "a file of the inbox was read",
    ]
