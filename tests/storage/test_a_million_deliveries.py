"""A ledger that holds a million sent messages, and a store with a hundred thousand paused digests, are no slower."""

import datetime as dt
import itertools
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.digest import DigestSettings
from storage.database import SqlStore
from storage.schema import metadata
from storage.session import SqlSession
from storage.sqlite import SqliteDatabase
from tests.fakes.store_file import path_of

SENT, OPEN, PAUSED = 1_000_000, 1_000, 100_000
LEASE = dt.timedelta(seconds=90)

_NUMBERS = {
    "sqlite": "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s) x",
    "postgresql": "generate_series(1, {count}) AS x(n)",
}
_MINUTES_AGO = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', '2025-06-12 07:30:00', '-' || ({minutes}) || ' minutes')",
    "postgresql": "timestamptz '2025-06-12 07:30:00+00' - ({minutes}) * interval '1 minute'",
}


def filling(kind: str, digest: DigestSettings) -> list[str]:
    """Return the statements that fill a store."""

    def ago(minutes: str) -> str:
        return _MINUTES_AGO[kind].format(minutes=minutes)

    row = "id, digest, slot, part, channel, platform, state, uncertain, fence, due_at, attempts, payload"
    there = f"{digest.channel_id}, 'slack'"
    payload = """'{"heading": "x", "sections": [], "more": 0, "footer": "", "actions": []}'"""
    return [
        f"INSERT INTO deliveries ({row}, settled_at) SELECT 'sent ' || (9000000 + n), 1000 + n / 200, "
        f"'slot ' || (9000000 + n), 0, {there}, 'sent', FALSE, 1, {ago('n')}, 1, {payload}, {ago('n')} "
        f"FROM {_NUMBERS[kind].format(count=SENT)}",
        f"INSERT INTO deliveries ({row}) SELECT 'open ' || n, {digest.id}, 'slot ' || n, 0, {there}, 'pending', "
        f"FALSE, 0, {ago('n')}, 0, {payload} FROM {_NUMBERS[kind].format(count=OPEN)}",
        "INSERT INTO digests (channel, name, time, zone, days, top, created_by, created_at, since, next_due_at, "
        f"paused, paused_until) SELECT {digest.channel_id}, 'paused ' || n, '09:00:00', 'UTC', '[]', 5, 1, "
        f"{ago('0')}, '2025-06-01', {ago('100000 + n')}, TRUE, CASE WHEN n % 2 = 0 THEN {ago('-60 * n')} END "
        f"FROM {_NUMBERS[kind].format(count=PAUSED)}",
    ]


async def fill(store: SqlStore, digest: DigestSettings) -> None:
    """Fill a store, by hand: the indexes are made anew behind the rows, which takes a third of the time."""
    indexes = [
        index for name in ("deliveries", "digests") for index in metadata.tables[name].indexes if index.name is not None
    ]
    if isinstance(store.database, SqliteDatabase):
        with closing(sqlite3.connect(path_of(store))) as file:
            file.execute("PRAGMA synchronous = OFF")
            for statement in _around(indexes, filling("sqlite", digest), sqlite.dialect()):
                file.execute(statement)
            file.commit()
        return
    async with store.write() as session:
        for statement in _around(indexes, filling("postgresql", digest), postgresql.dialect()):  # type: ignore[no-untyped-call]
            await session.connection.execute(sa.text(statement.replace(":", r"\:")))
        await session.connection.execute(sa.text("ANALYZE deliveries, digests"))


def _around(indexes: list[sa.Index], statements: list[str], dialect: sa.Dialect) -> list[str]:
    dropped = [f"DROP INDEX {index.name}" for index in indexes]
    made = [str(sa.schema.CreateIndex(index).compile(dialect=dialect)) for index in indexes]
    return [*dropped, *statements, *made]


async def effort(store: SqlStore, ask: Callable[[SqlSession], Awaitable[object]]) -> int:
    """Return how much it takes to ask: rows that PostgreSQL looked at, or a tenth of SQLite's steps.

    SQLite takes some ten steps for a row.
    """
    steps = itertools.count()

    def so_far(connection: sa.Connection) -> int:
        if connection.dialect.name == "sqlite":
            file = connection.connection.driver_connection
            assert isinstance(file, sqlite3.Connection)
            file.set_progress_handler(lambda: next(steps) and 0, 10)
            return next(steps)
        looked_at = "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
        return int(connection.exec_driver_sql(looked_at).scalar_one())

    async with store.write() as session:
        before = await session.connection.run_sync(so_far)
        await ask(session)
        return await session.connection.run_sync(so_far) - before


@pytest.fixture
async def full(store: SqlStore, digest: DigestSettings) -> SqlStore:
    """A store with a million sent messages, a thousand open ones, and a hundred thousand paused digests."""
    await fill(store, digest)
    return store


async def test_nothing_walks_over_what_is_done(full: SqlStore, digest: DigestSettings, now: dt.datetime) -> None:
    async def what_is_due(session: SqlSession) -> None:
        assert await session.digests.due(now, 100) == [digest.id]

    async def a_claim(session: SqlSession) -> None:
        assert len(await session.deliveries.claim(now, 50, {"slack"}, LEASE)) == 50

    async def a_claim_by_hand(session: SqlSession) -> None:
        assert len(await session.deliveries.claim(now, 50, {"slack"}, LEASE, digest.id)) == 50

    async def audits(session: SqlSession) -> None:
        await session.deliveries.audit("sent 9000007", now)
        assert len(await session.deliveries.due_audits(now, 20, {"slack"}, now + LEASE)) == 1

    async def who_is_to_be_told(session: SqlSession) -> None:
        assert await session.deliveries.untold(100, {"slack"}, now) == []

    async def impossible_leases(session: SqlSession) -> None:
        assert await session.deliveries.shorten_leases(now, dt.timedelta(hours=1), LEASE) == 0

    async def how_many_are_open(session: SqlSession) -> None:
        assert await session.deliveries.unsettled() == OPEN

    async def old_rows(session: SqlSession) -> None:
        assert await session.deliveries.prune(now - dt.timedelta(days=3650), 1000) == 0

    async def what_a_newer_digest_replaces(session: SqlSession) -> None:
        assert await session.deliveries.supersede([digest.id + 1], now) == []

    limits = {
        what_is_due: 200,
        a_claim: 5_000,
        a_claim_by_hand: 5_000,
        audits: 200,
        who_is_to_be_told: 100,
        impossible_leases: 5_000,
        how_many_are_open: 3_000,
        old_rows: 200,
        what_a_newer_digest_replaces: 200,
    }
    for ask, limit in limits.items():
        taken = await effort(full, ask)
        assert taken <= limit, ask.__name__
