"""What a service does again and again. APScheduler is the clock, and no more: what is to be done is in the store.

An interval's next turn is kept in memory alone. Turns that were missed are one turn, however late; a tick that is
still at work is left to it.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from adapters.cli.troubles import Troubles

LONG = dt.timedelta(minutes=2)
"""A turn that takes longer is told to the log."""

_LOOK_AT_CLOCK = 5.0
"""Seconds between two looks whether somebody has put the clock back."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tick:
    """Something that is done again and again: what, and how often.

    `finishes`: a stop waits for its turn to end; another's is cut off, for its transactions are whole or nothing.
    """

    name: str
    work: Callable[[], Awaitable[object]]
    every: dt.timedelta
    finishes: bool = False


class Ticks:
    """Ticks at work. What fails is told to the log, and its tick goes on at its next turn."""

    def __init__(self, ticks: Iterable[Tick], troubles: Troubles) -> None:
        self._ticks = {tick.name: tick for tick in ticks}
        self._troubles = troubles
        self._turns: dict[str, tuple[asyncio.Task[None], float]] = {}
        # APScheduler tells of every turn that is left out, and of every one that was cut off; we do where it matters.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        self.scheduler = AsyncIOScheduler(
            timezone=dt.UTC, job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        )
        self.scheduler.add_listener(self._left_out, EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        """Give each its first turn now."""
        now = dt.datetime.now(dt.UTC)
        for tick in self._ticks.values():
            every = IntervalTrigger(seconds=tick.every.total_seconds(), timezone=dt.UTC)
            self.scheduler.add_job(self._turn, every, args=(tick,), id=tick.name, next_run_time=now)
        self.scheduler.start()

    async def stop(self, at_most: dt.timedelta) -> None:
        """Give no more turns; wait that long for what finishes, and cut off the rest."""
        self.scheduler.pause()
        turns = {turn: self._ticks[name] for name, (turn, _) in self._turns.items()}
        finishing = {turn for turn, tick in turns.items() if tick.finishes}
        for turn in turns.keys() - finishing:
            turn.cancel()
        if finishing:
            _, late = await asyncio.wait(finishing, timeout=at_most.total_seconds())
            for turn in late:
                turn.cancel()
        # Each is cancelled once: a second time would hurry what must not be left half done, such as a commit.
        await asyncio.gather(*turns, return_exceptions=True)
        self.scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # it shuts down in the loop's next round

    async def watch_clock(self) -> None:
        """Never end: give turns that a clock put back has moved far into the future now instead."""
        while True:
            await asyncio.sleep(_LOOK_AT_CLOCK)
            self.set_right()

    def set_right(self) -> None:
        """Give those turns now that are further away than their tick's interval: the clock was put back.

        APScheduler 3.11 reckons in the time of day alone; a clock put back by a day would stop it for a day.
        """
        now = dt.datetime.now(dt.UTC)
        for job in self.scheduler.get_jobs():
            if job.next_run_time - now > self._ticks[job.id].every + dt.timedelta(seconds=1):
                log.warning("the clock was put back", tick=job.id)
                job.modify(next_run_time=now)

    async def _turn(self, tick: Tick) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a turn runs in a task of its own")
        self._turns[tick.name] = task, asyncio.get_running_loop().time()
        try:
            await self._troubles.watch(tick.name, tick.work())
        finally:
            del self._turns[tick.name]

    def _left_out(self, event: JobExecutionEvent) -> None:
        """A tick's next turn came while it was still at work."""
        if event.job_id in self._turns:
            _, began = self._turns[event.job_id]
            taken = asyncio.get_running_loop().time() - began
            if taken > LONG.total_seconds():
                self._troubles.slow(event.job_id, taken)


@asynccontextmanager
async def ticking(ticks: Iterable[Tick], troubles: Troubles, stop: dt.timedelta) -> AsyncIterator[Ticks]:
    """Within the block, give the ticks their turns; at its end, wait at most `stop` for those that finish."""
    at_work = Ticks(ticks, troubles)
    at_work.start()
    watch = asyncio.create_task(at_work.watch_clock())
    try:
        yield at_work
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        await at_work.stop(stop)
