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
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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
from bot.ports import Finding, Messenger, Posting, SearchIndex, World
from bot.reply import DigestPost, Reply
from bot.store import Session
from bot.telling import tell_makers
from storage.database import SqlStore, open_store
from storage.deliveries import SqlDeliveries
from tests.fakes.board_messenger import BoardMessenger
from tests.faults.work import STEPS, Work, fast

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


class Fate:
    """Kills or stops this process at a step."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._passed: Counter[str] = Counter()

    def step(self, name: str) -> None:
        """Pass a step, unless this is where it ends."""
        assert name in STEPS, name
        self._passed[name] += 1
        if self._passed[name] != self._work.nth:
            return
        if name == self._work.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if name == self._work.stop_at:
            os.kill(os.getpid(), signal.SIGSTOP)


class SteppingMessenger:
    """The board's messenger, with a step before and after what it does."""

    def __init__(self, messenger: BoardMessenger, fate: Fate) -> None:
        self.platform = messenger.platform
        self._messenger = messenger
        self._step = fate.step

    async def post(self, team: str, channel: str, post: DigestPost, key: str) -> Posting:
        """Post a digest."""
        self._step("before post")
        posting = await self._messenger.post(team, channel, post, key)
        self._step("after post")
        return posting

    async def find(self, team: str, channel: str, key: str, since: dt.datetime) -> Finding:
        """Read a channel back."""
        self._step("before reading back")
        found = await self._messenger.find(team, channel, key, since)
        self._step("after reading back")
        return found

    async def delete(self, team: str, channel: str, message_id: str) -> Posting:
        """Delete a message."""
        self._step("before deleting")
        deleted = await self._messenger.delete(team, channel, message_id)
        self._step("after deleting")
        return deleted

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Change a message."""
        return await self._messenger.update(team, channel, message_id, post, key)

    async def tell(self, team: str, member: str, note: Reply) -> Posting:
        """Tell a member something."""
        return await self._messenger.tell(team, member, note)


class SteppingStore:
    """The store, with a step before and after what it commits."""

    def __init__(self, store: SqlStore, fate: Fate) -> None:
        self._store = store
        self._step = fate.step
        self.phase = ""

    def read(self) -> AbstractAsyncContextManager[Session]:
        """Open a view."""
        return self._store.read()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """Open a transaction."""
        phase = self.phase
        async with self._store.write() as session:
            yield session
            if phase == "composing":
                self._step("while composing")
        if phase == "composing":
            self._step("after composing")


Method = Callable[..., Awaitable[Any]]


def put_steps_into_the_ledger(fate: Fate) -> None:
    """Put steps around claiming and settling, and behind a claim's commit."""

    def around(method: Method, before: str | None, after: str | None) -> Method:
        async def stepping(*given: Any, **named: Any) -> Any:
            if before:
                fate.step(before)
            result = await method(*given, **named)
            if after:
                fate.step(after)
            return result

        return stepping

    cast(Any, SqlDeliveries).claim = around(SqlDeliveries.claim, "before claim", "while claiming")
    cast(Any, SqlDeliveries).settle = around(SqlDeliveries.settle, None, "while settling")
    cast(Any, SqlDeliveries).audited = around(SqlDeliveries.audited, None, "while auditing")
    cast(Any, bot.delivery)._deliver = around(bot.delivery._deliver, "after claim", None)
    cast(Any, bot.delivery)._settle = around(bot.delivery._settle, None, "after settling")


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
    async with BoardMessenger(work.board) as messenger, asyncio.timeout(work.seconds):
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
