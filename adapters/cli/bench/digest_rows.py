"""Benches of composing: the digests of very many channels, all due in the same minute, and how free the loop stays."""

import asyncio
import datetime as dt
import json
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from statistics import median

from adapters.cli.bench.ground import Ground, async_seconds
from adapters.cli.bench.rows import Row
from adapters.cli.run import open_world
from bot.composing import BATCH, compose_due
from bot.digest import MAX_TOP, DigestSettings
from bot.ledger import Settlement
from bot.ports import World
from bot.schedule import WEEKDAYS, Schedule

CHANNELS, QUICK_CHANNELS = 10_000, 500
DATA = "channels, twenty a team, each with a daily digest of ten papers, all due at the same time; up to two minutes"
_PLATFORM, _A_TEAMS_CHANNELS = "bench", 20
_HOUR = 7  # UTC
_BEAT = 0.005  # seconds
_MOST_MS, _MOST_DELAY_MS = 1, 50
_CLAIMED_AT_ONCE = 50
_LEASE = dt.timedelta(minutes=2)

_TABLES = """
CREATE TABLE digests (id INTEGER PRIMARY KEY, next_due_at TEXT, last_slot TEXT);
CREATE TABLE slots (digest INTEGER, slot TEXT, composed_at TEXT, PRIMARY KEY (digest, slot));
CREATE TABLE items (channel INTEGER, paper INTEGER, digest_name TEXT, slot TEXT, section TEXT, place INTEGER,
    votes INTEGER, why TEXT, composed_at TEXT, PRIMARY KEY (channel, paper));
CREATE TABLE deliveries (id TEXT PRIMARY KEY, digest INTEGER, slot TEXT, channel INTEGER, state TEXT, due_at TEXT,
    payload TEXT, UNIQUE (digest, slot));
CREATE INDEX open ON deliveries (due_at) WHERE state IN ('pending', 'sending');
"""
_ITEMS = """
SELECT channel, paper, digest_name, slot, section, place, votes, why, composed_at FROM digest_items WHERE slot = ?
ORDER BY channel
"""
_DELIVERIES = "SELECT id, digest, slot, channel, state, due_at, payload FROM deliveries WHERE slot = ? ORDER BY digest"
_PLAIN_CLAIM = """
SELECT id, payload FROM deliveries WHERE state IN ('pending', 'sending') ORDER BY due_at, digest LIMIT ?
"""


@dataclass(slots=True)
class _Figures:
    """What was measured of several days, in milliseconds: ours, then the yardsticks."""

    compose: list[float] = field(default_factory=list)
    delay: list[float] = field(default_factory=list)
    claim: list[float] = field(default_factory=list)
    plain_write: list[float] = field(default_factory=list)
    plain_delay: list[float] = field(default_factory=list)
    plain_claim: list[float] = field(default_factory=list)


async def digests(ground: Ground) -> list[Row]:
    """Composing the digests of a morning, beside a plain script that writes and claims the very same rows."""
    channels = QUICK_CHANNELS if ground.quick else CHANNELS
    ground.tell(f"{channels:,} {DATA}")
    settings = await ground.full()
    clock = ground.clock
    found = _Figures()
    async with open_world(settings, clock) as world:
        listed = ground.corpus.days
        days = len(ground.times(3)) + 1
        first = listed[-days] + dt.timedelta(days=1)
        await _set_digests(world, channels, first)
        for passed in range((listed[-1] - first).days + 2):
            slot = first + dt.timedelta(days=passed)
            clock.time = _due_at(slot)
            if passed and slot - dt.timedelta(days=1) in listed:
                await _measure(world, Path(settings.store_url.removeprefix("sqlite:///")), str(slot), channels, found)
            else:  # the first morning is like no other, and a weekend's bring nothing
                await compose_due(world)
                await _claim_all(world)
    name = f"digests of {channels:,} channels"
    plain = (median(found.plain_write), max(found.plain_delay), median(found.plain_claim))
    return [
        Row(f"{name}, composed each", median(found.compose), "ms", plain[0], below=_MOST_MS),
        Row(f"{name}, worst loop delay", max(found.delay), "ms", plain[1], below=_MOST_DELAY_MS),
        Row(f"{name}, claimed each", median(found.claim), "ms", plain[2]),
    ]


def _due_at(slot: dt.date) -> dt.datetime:
    return dt.datetime.combine(slot, dt.time(_HOUR), dt.UTC)


async def _set_digests(world: World, channels: int, first: dt.date) -> None:
    async with world.store.write() as session:
        for number in range(channels):
            team, channel = divmod(number, _A_TEAMS_CHANNELS)
            caller = await session.teams.welcome(_PLATFORM, f"team {team}", f"#{channel}", "me")
            await session.digests.put(
                DigestSettings(
                    id=0,
                    channel_id=caller.channel.id,
                    name="daily",
                    schedule=Schedule(dt.time(_HOUR), "UTC", WEEKDAYS),
                    top=MAX_TOP,
                    rule=None,
                    created_by=caller.member.id,
                    created_at=world.clock.now(),
                    since=first - dt.timedelta(days=1),
                    next_due_at=_due_at(first),
                )
            )


async def _measure(world: World, store: Path, slot: str, channels: int, found: _Figures) -> None:
    """Measure a morning. Milliseconds are of each digest, but for the loop's delays."""
    async with _watched_loop() as delays:
        found.compose.append(await async_seconds(compose_due(world)) * 1000 / channels)
    found.delay.append(max(delays) * 1000)
    found.claim.append(await _claim_all(world) * 1000 / channels)
    with closing(_PlainLedger(store, slot)) as plain:
        async with _watched_loop() as delays:
            took = await async_seconds(asyncio.to_thread(plain.write))
        found.plain_write.append(took * 1000 / channels)
        found.plain_delay.append(max(delays) * 1000)
        found.plain_claim.append(await async_seconds(asyncio.to_thread(plain.claim_all)) * 1000 / channels)


async def _claim_all(world: World) -> float:
    """Claim all that is open, as deliverers do, and settle it; return the seconds that claiming took.

    RuntimeError where a later one comes before an earlier one.
    """
    took, last = 0.0, None
    while True:
        now, began = world.clock.now(), time.perf_counter()
        async with world.store.write() as session:
            claimed = await session.deliveries.claim(now, _CLAIMED_AT_ONCE, {_PLATFORM}, _LEASE)
        took += time.perf_counter() - began
        if not claimed:
            return took
        async with world.store.write() as session:
            for each in claimed:
                await session.deliveries.settle(each, Settlement("sent"), now)
                if last is not None and (each.due_at, each.digest_id) <= last:
                    raise RuntimeError(f"{each.id} was claimed out of turn")
                last = each.due_at, each.digest_id


class _PlainLedger:
    """What a plain script needs for it: the rows of a morning, made by then, into tables of its own."""

    def __init__(self, store: Path, slot: str) -> None:
        with closing(sqlite3.connect(store)) as composed:
            self._deliveries = composed.execute(_DELIVERIES, (slot,)).fetchall()
            items = composed.execute(_ITEMS, (slot,)).fetchall()
        self._items = {channel: list(rows) for channel, rows in groupby(items, key=itemgetter(0))}
        self._connection = sqlite3.connect(
            store.with_name(f"plain {slot}.db"), isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_TABLES)
        self._connection.executemany("INSERT INTO digests (id) VALUES (?)", [(row[1],) for row in self._deliveries])

    def write(self) -> None:
        """Write all rows, as many digests in a transaction as we do."""
        run = self._connection.executemany
        for start in range(0, len(self._deliveries), BATCH):
            rows = self._deliveries[start : start + BATCH]
            self._connection.execute("BEGIN IMMEDIATE")
            run("INSERT INTO slots VALUES (?, ?, ?)", [(row[1], row[2], row[5]) for row in rows])
            items = [item for row in rows for item in self._items.get(row[3], ())]
            run("INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", items)
            run("INSERT INTO deliveries VALUES (?, ?, ?, ?, 'pending', ?, ?)", [(*row[:4], *row[5:]) for row in rows])
            run(
                "UPDATE digests SET next_due_at = ?, last_slot = ? WHERE id = ?",
                [(row[5], row[2], row[1]) for row in rows],
            )
            self._connection.execute("COMMIT")

    def claim_all(self) -> None:
        """Claim all rows in order of time, as many at once as we do."""
        run = self._connection.execute
        while True:
            run("BEGIN IMMEDIATE")
            rows = run(_PLAIN_CLAIM, (_CLAIMED_AT_ONCE,)).fetchall()
            self._connection.executemany("UPDATE deliveries SET state = 'sent' WHERE id = ?", [row[:1] for row in rows])
            run("COMMIT")
            if not rows:
                return
            for row in rows:
                json.loads(row[1])

    def close(self) -> None:
        """Close its file."""
        self._connection.close()


@asynccontextmanager
async def _watched_loop() -> AsyncIterator[list[float]]:
    """Within the block, collect by how many seconds the loop is late when it should wake a sleeper."""
    delays: list[float] = [0.0]

    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_BEAT)
            delays.append(time.perf_counter() - began - _BEAT)

    watcher = asyncio.create_task(watch())
    try:
        yield delays
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
