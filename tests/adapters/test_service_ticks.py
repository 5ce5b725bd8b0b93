"""What a service does again and again: each at its turn, one at a time, whatever fails on the way."""

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from structlog.testing import capture_logs

from adapters.cli.ticks import Tick, Ticks, ticking
from adapters.cli.troubles import Troubles
from bot.errors import SourceError

OFTEN = dt.timedelta(milliseconds=20)
STOP = dt.timedelta(seconds=5)


@dataclass(slots=True)
class Work:
    """Something to do: it counts its turns, and can be told to fail or to wait."""

    failure: Exception | None = None
    waits: bool = False
    begun: int = 0
    ended: int = 0
    cut_off: int = 0
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> None:
        """Take a turn."""
        self.begun += 1
        if self.failure:
            raise self.failure
        try:
            if self.waits:
                await self.go_on.wait()
        except asyncio.CancelledError:
            self.cut_off += 1
            raise
        self.ended += 1


def troubles() -> Troubles:
    return Troubles(asyncio.get_running_loop().time)


async def until(done: Callable[[], bool]) -> None:
    """Wait until it is done, for some seconds."""
    async with asyncio.timeout(10):
        while not done():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)


async def test_each_tick_has_a_turn_at_once_and_again() -> None:
    work, rare = Work(), Work()
    async with ticking([Tick("often", work, OFTEN), Tick("rare", rare, dt.timedelta(hours=1))], troubles(), STOP):
        await until(lambda: work.ended >= 3)
    assert rare.ended == 1


async def test_a_tick_that_is_at_work_has_no_second_turn_beside_it() -> None:
    work, other = Work(waits=True), Work()
    async with ticking([Tick("slow", work, OFTEN), Tick("other", other, OFTEN)], troubles(), STOP):
        await until(lambda: other.ended >= 4)
        assert work.begun == 1
        work.go_on.set()
        await until(lambda: work.ended >= 2)


async def test_a_failure_is_told_once_and_its_tick_and_the_others_go_on() -> None:
    failing, other = Work(SourceError("It is raining.")), Work()
    with capture_logs() as lines:
        async with ticking([Tick("rain", failing, OFTEN), Tick("other", other, OFTEN)], troubles(), STOP):
            await until(lambda: failing.begun >= 5 and other.ended >= 3)
            failing.failure = None
            await until(lambda: failing.ended >= 1)
    assert [line["event"] for line in lines] == ["rain failed; it is tried again", "rain works again"]
    assert (lines[0]["reason"], lines[0]["log_level"], lines[1]["times"] >= 5) == ("It is raining.", "warning", True)


async def test_what_nobody_foresaw_is_told_with_its_traceback_and_the_tick_goes_on() -> None:
    failing = Work(ZeroDivisionError("division by zero"))
    with capture_logs() as lines:
        async with ticking([Tick("sums", failing, OFTEN)], troubles(), STOP):
            await until(lambda: failing.begun >= 3)
    (line,) = lines
    assert (line["log_level"], line["exc_info"]) == ("error", failing.failure)


async def test_a_failure_that_goes_on_is_told_again_after_ten_minutes_and_another_one_at_once() -> None:
    now = [0.0]
    told = Troubles(lambda: now[0])
    with capture_logs() as lines:
        for second in range(1_200):
            now[0] = float(second)
            told.failed("rain", SourceError("It is raining."))
        told.failed("rain", SourceError("It is snowing."))
    assert [(line["reason"], line["times"]) for line in lines] == [
        ("It is raining.", 1),
        ("It is raining.", 601),
        ("It is snowing.", 1_201),
    ]


async def test_a_clock_put_back_by_a_day_does_not_stop_the_ticks() -> None:
    work = Work()
    at_work = Ticks([Tick("often", work, OFTEN)], troubles())
    at_work.start()
    await until(lambda: work.ended >= 1)
    a_day_on = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    at_work.scheduler.get_job("often").modify(next_run_time=a_day_on)  # what a clock put back by a day comes to
    turns = work.ended
    await asyncio.sleep(0.1)
    assert work.ended <= turns + 1
    with capture_logs():
        at_work.set_right()
    await until(lambda: work.ended >= turns + 3)
    await at_work.stop(STOP)


async def test_a_stop_waits_for_what_finishes_and_cuts_off_the_rest() -> None:
    finishing, reading = Work(waits=True), Work(waits=True)
    async with ticking(
        [Tick("telling", finishing, OFTEN, finishes=True), Tick("reading", reading, OFTEN)], troubles(), STOP
    ):
        await until(lambda: finishing.begun == reading.begun == 1)
        asyncio.get_running_loop().call_later(0.1, finishing.go_on.set)
    assert (finishing.begun, finishing.ended, finishing.cut_off) == (1, 1, 0)
    assert (reading.begun, reading.ended, reading.cut_off) == (1, 0, 1)


async def test_a_stop_does_not_wait_for_ever() -> None:
    stuck = Work(waits=True)
    async with ticking([Tick("stuck", stuck, OFTEN, finishes=True)], troubles(), dt.timedelta(seconds=0.05)):
        await until(lambda: stuck.begun == 1)
    assert stuck.cut_off == 1
    turns = stuck.begun
    await asyncio.sleep(0.1)
    assert stuck.begun == turns, "no tick has another turn after a stop"


async def test_what_is_cut_off_is_cut_off_once_and_may_put_things_right_before_it_leaves() -> None:
    left: list[str] = []

    async def commit() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            left.append("asked to leave")
            await asyncio.sleep(0.1)
            left.append("all is right")
            raise

    async with ticking([Tick("index", commit, OFTEN)], troubles(), STOP):
        await asyncio.sleep(0.1)
    assert left == ["asked to leave", "all is right"]
