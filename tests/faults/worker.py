"""Workers that deliver, to be killed: `python -m tests.faults.worker` starts one for each line of its input.

It has imported everything before, and forks: a worker is there in 10 ms instead of a second, so that hundreds can
be killed. A line is `Work` as JSON; the answer is the worker's process id.
"""

import asyncio
import datetime as dt
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
import structlog

import bot.delivery
from adapters.cli.wakeups import LocalWakeups
from bot.audit import run_audits
from bot.composing import compose_due
from bot.delivery import post_open
from bot.errors import StoreError
from bot.ports import Messenger, SearchIndex, World
from bot.telling import tell_makers
from storage.database import SqlStore, open_store
from tests.faults.far_ends import messenger_to
from tests.faults.steps import Fate, SteppingMessenger, SteppingStore, put_steps_into_the_ledger
from tests.faults.work import Work, fast

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

log = structlog.get_logger()


def number_in(file: str | None) -> float:
    """Return the number that a file holds; 0 where there is none."""
    return float(Path(file).read_text()) if file and Path(file).exists() else 0


class FileClock:
    """The machine's time and what a file adds to it, so that a test can move it under a running worker."""

    def __init__(self, file: str | None) -> None:
        self._file = file

    def now(self) -> dt.datetime:
        """Return the time."""
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=number_in(self._file))

    def monotonic(self) -> float:
        """Return the machine's seconds."""
        return time.monotonic()


def switch_off(reconcile: bool, audit: bool) -> None:
    """Leave steps of the protocol out: what a suite must notice."""

    async def nothing_found(*_: object) -> None:
        return None

    if reconcile:
        cast(Any, bot.delivery)._found_before = nothing_found
    if audit:
        cast(Any, bot.delivery)._overtaken = nothing_found


async def deliver(work: Work) -> None:
    """Compose, post and audit until killed, or until the time is over."""
    fate = Fate(work)
    put_steps_into_the_ledger(fate)
    switch_off(reconcile=not work.reconcile, audit=not work.audit)
    clock, parent = FileClock(work.clock), os.getppid()
    store = await opened(work.store)
    async with messenger_to(work.platform, work.board) as messenger, asyncio.timeout(work.seconds):
        stepping = SteppingStore(store, fate)
        world = World(
            stepping,
            cast(SearchIndex, None),  # nothing in delivery searches
            clock,
            messengers={messenger.platform: cast(Messenger, SteppingMessenger(messenger, fate))},
            wakeups=LocalWakeups(),
            since=clock.now() if work.fresh else LONG_AGO,
            timings=fast(work.scale),
        )
        while os.getppid() == parent:
            await limit_disk(store, work)
            await one_round(world, stepping, work)
            await asyncio.sleep(0.02)


async def opened(url: str) -> SqlStore:
    """Open the store, as soon as it can be."""
    while True:
        try:
            return await open_store(url)
        except StoreError as failure:
            log.warning("the store can't be opened yet", reason=str(failure))
            await asyncio.sleep(0.1)


async def limit_disk(store: SqlStore, work: Work) -> None:
    """Let an SQLite file have so many pages at most as the file `work.pages` says; then its disk is full."""
    pages = number_in(work.pages)
    if not pages:
        return
    async with store.write() as session:
        await session.connection.execute(sa.text(f"PRAGMA max_page_count = {pages:.0f}"))


async def one_round(world: World, store: SteppingStore, work: Work) -> None:
    """Do once what the service does over and over."""
    try:
        store.phase = "composing"
        await compose_due(world)
        store.phase = ""
        await post_open(world)
        await tell_makers(world)
        if work.audit:
            await run_audits(world)
    except StoreError as failure:
        log.warning("the store can't be used now", reason=str(failure))
        await asyncio.sleep(0.1)


def main() -> None:
    """Fork a worker for each line of standard input; at its end, all of them end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them, and none stays as a zombie
    for line in sys.stdin:
        work = Work(**json.loads(line))
        worker = os.fork()
        if worker == 0:
            _become(work)
        sys.stdout.write(f"{worker}\n")
        sys.stdout.flush()


def _become(work: Work) -> None:
    """Be the worker, to the end of this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(work.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    random.seed()
    status = 1
    try:
        asyncio.run(deliver(work))
        status = 0
    finally:
        if status:
            sys.excepthook(*cast(Any, sys.exc_info()))
        sys.stdout.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
