"""The steps of a worker, and its fate at one of them: it dies there, or stands still."""

import datetime as dt
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast

import bot.delivery
from bot.ports import Finding, Messenger, Posting
from bot.reply import DigestPost, Post, Reply
from bot.store import Session
from storage.database import SqlStore
from storage.deliveries import SqlDeliveries
from tests.faults.work import STEPS, Work


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
    """The platform's messenger, with a step before and after what it does."""

    def __init__(self, messenger: Messenger, fate: Fate) -> None:
        self.platform = messenger.platform
        self.thread_room = messenger.thread_room
        self._messenger = messenger
        self._step = fate.step

    async def post(self, team: str, channel: str, post: Post, key: str, thread: str | None = None) -> Posting:
        """Post a digest."""
        self._step("before post")
        posting = await self._messenger.post(team, channel, post, key, thread)
        self._step("after post")
        return posting

    async def find(self, team: str, channel: str, key: str, since: dt.datetime, thread: str | None = None) -> Finding:
        """Read a channel back."""
        self._step("before reading back")
        found = await self._messenger.find(team, channel, key, since, thread)
        self._step("after reading back")
        return found

    async def delete(self, team: str, channel: str, message_id: str, thread: str | None = None) -> Posting:
        """Delete a message."""
        self._step("before deleting")
        deleted = await self._messenger.delete(team, channel, message_id, thread)
        self._step("after deleting")
        return deleted

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Change a message."""
        return await self._messenger.update(team, channel, message_id, post, key)

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Tell a member something."""
        return await self._messenger.tell(team, member, note, about)


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
