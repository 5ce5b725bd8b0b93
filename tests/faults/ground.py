"""What a fault test stands on: a store with channels whose digests are due, a board, workers, and the verdict."""

import asyncio
import datetime as dt
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.schedule import WEEKDAYS
from bot.timings import DeliveryTimings
from storage.database import open_store
from storage.schema import channels, deliveries, digests, members, people, teams
from tests.fakes.board import Event
from tests.fakes.waiting import wait_until
from tests.faults.far_ends import TEAMS, FarEnd
from tests.faults.fleet import Fleet, Worker
from tests.faults.work import fast

TEAM = TEAMS[0]
DAY = dt.timedelta(days=1)
SETTLED = ("sent", "blocked", "parked")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the ledger."""

    id: str
    channel: str
    slot: str
    state: str
    attempts: int
    last_error: str | None
    audit_at: dt.datetime | None
    message_id: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the board's log and the ledger say, held against each other; each of these should be empty.

    `lost`: due slots without a visible message. `doubled`: keys with more than one. `stray`: messages that no row
    of their channel stands for. `early`: requests before their Retry-After. `unsettled`: rows that are not at an
    end. `silent`: rows that need somebody, and do not say why.
    """

    lost: Sequence[tuple[str, str]]
    doubled: Sequence[str]
    stray: Sequence[str]
    early: Sequence[Event]
    unsettled: Sequence[Row]
    silent: Sequence[Row]

    @property
    def faults(self) -> dict[str, int]:
        """How many there are of each, those of which there is none left out."""
        counts = {name: len(getattr(self, name)) for name in self.__slots__}
        return {name: count for name, count in counts.items() if count}


@dataclass(slots=True)
class Ground:
    """A store, a platform's far end (`board`) and the workers between them; `expected` are the slots, by channel,
    that must be posted, and `team_of` the channels' teams.

    `key` gives how the platform calls what has a name. Without `reconcile` or `audit`, the workers leave that step out.
    """

    url: str
    board: FarEnd
    fleet: Fleet
    folder: Path
    platform: str = "board"
    key: Callable[[str], str] = str
    reconcile: bool = True
    audit: bool = True
    timings: DeliveryTimings = field(default_factory=fast)
    expected: set[tuple[str, str]] = field(default_factory=set)
    team_of: dict[str, str] = field(default_factory=dict)
    base: dt.timedelta = dt.timedelta()
    slot_at: dt.datetime = field(init=False)
    engine: sa.Engine = field(init=False)

    def __post_init__(self) -> None:
        now = dt.datetime.now(dt.UTC)
        self.slot_at = now.replace(second=0, microsecond=0)
        self.engine = sa.create_engine(sa.make_url(self.url).set(drivername=_driver(self.url)))

    @property
    def on_sqlite(self) -> bool:
        """Whether the store is an SQLite file: one process delivers."""
        return self.url.startswith("sqlite")

    def start(self, **work: Any) -> Worker:
        """Start another worker (`tests.faults.work.Work`)."""
        return self.fleet.start(reconcile=self.reconcile, audit=self.audit, **work)

    @property
    def today(self) -> dt.date:
        """The slot that is due as the test begins."""
        return self.slot_at.date()

    @property
    def clock(self) -> Path:
        """The file by which the workers' clock is moved."""
        return self.folder / "clock"

    def move_clock(self, ahead: dt.timedelta) -> None:
        """Put the workers' clock ahead of the machine's by so much; the board's stays as it is."""
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(str((self.base + ahead).total_seconds()))
        fresh.replace(self.clock)

    def let_pass(self, passed: dt.timedelta) -> None:
        """Let so much time have passed since the test began, for the workers and the board alike."""
        self.board.faults(ahead=(self.base + passed).total_seconds())
        self.move_clock(passed)

    def begin_at(self, hour: int) -> None:
        """Let it be that hour (UTC) of today, whatever time it is on this machine."""
        now = dt.datetime.now(dt.UTC)
        self.slot_at = now.replace(hour=hour, minute=0, second=0, microsecond=0)
        self.base = self.slot_at - now
        self.let_pass(dt.timedelta())

    def write_papers(self, *days: dt.date, each: int = 1) -> None:
        """Store papers that were listed on those days; those of today's digest without any named."""

        async def save() -> None:
            store = await open_store(self.url)
            try:
                async with store.write() as session:
                    await session.papers.save([_paper(day, number) for day in wanted for number in range(each)], now)
            finally:
                await store.close()

        wanted = days or (self.today - DAY,)
        now = self.slot_at - DAY
        asyncio.run(save())

    def set_digests(self, count: int, slots: Iterable[dt.date] = (), team: str = TEAM, prefix: str = "c") -> list[str]:
        """Give so many new channels a daily digest, due as the test begins; return the channels' keys.

        They expect the messages of these slots, by default of today's.
        """
        names, team = [self.key(f"{prefix}{number:04}") for number in range(count)], self.key(team)
        with self.engine.begin() as connection:
            team_id, maker = self._team(connection, team)
            rows = [{"team": team_id, "key": name} for name in names]
            connection.execute(sa.insert(channels), rows)
            added = sa.select(channels.c.id).where(channels.c.team == team_id, channels.c.key.in_(names))
            settings = [self._digest(channel, maker) for channel in connection.execute(added).scalars()]
            connection.execute(sa.insert(digests), settings)
        self.team_of |= dict.fromkeys(names, team)
        self.expected |= {(name, str(slot)) for name in names for slot in (tuple(slots) or (self.today,))}
        return names

    def _team(self, connection: sa.Connection, key: str) -> tuple[int, int]:
        """Return a team's id, and the id of the member in it who sets digests up."""
        known = sa.select(teams.c.id, members.c.id).join(members, members.c.team == teams.c.id)
        found = connection.execute(known.where(teams.c.key == key, teams.c.platform == self.platform)).first()
        if found:
            return found[0], found[1]
        person = connection.execute(sa.insert(people).values(last_follow=0).returning(people.c.id)).scalar_one()
        added = sa.insert(teams).values(platform=self.platform, key=key).returning(teams.c.id)
        team = connection.execute(added).scalar_one()
        alice = self.key("alice")
        maker = sa.insert(members).values(team=team, person=person, key=alice, folded_key=alice)
        return team, connection.execute(maker.returning(members.c.id)).scalar_one()

    def _digest(self, channel: int, maker: int) -> dict[str, Any]:
        return {
            "channel": channel,
            "name": "daily",
            "time": self.slot_at.time(),
            "zone": "UTC",
            "days": WEEKDAYS,
            "top": 10,
            "created_by": maker,
            "created_at": self.slot_at - DAY,
            "since": self.today - DAY,
            "next_due_at": self.slot_at,
            "paused": False,
        }

    def rows(self) -> list[Row]:
        """Return the ledger."""
        wanted = (
            sa.select(
                deliveries.c.id,
                channels.c.key,
                *(deliveries.c[name] for name in ("slot", "state", "attempts", "last_error", "audit_at", "message_id")),
            )
            .join(channels, channels.c.id == deliveries.c.channel)
            .order_by(channels.c.key, deliveries.c.slot)
        )
        with self.engine.connect() as connection:
            return [Row(*row) for row in connection.execute(wanted)]

    def is_posted(self) -> bool:
        """Whether every expected slot is in the ledger, and every row is at its end."""
        rows = self.rows()
        return self.expected <= {(row.channel, row.slot) for row in rows} and all(row.state in SETTLED for row in rows)

    def is_settled(self) -> bool:
        """Whether besides, all that is to be read back once more was."""
        return self.is_posted() and not (self.audit and any(row.audit_at for row in self.rows()))

    def settle(self, seconds: float = 60) -> float:
        """Wait until all is settled; return how many seconds passed until every row was at its end."""
        began = time.monotonic()
        try:
            wait_until(self.is_posted, "every row is at its end", seconds, every=0.05)
            posted_after = time.monotonic() - began
            wait_until(self.is_settled, "all is read back", seconds, every=0.05)
        except AssertionError as late:
            states = Counter(row.state for row in self.rows())
            raise AssertionError(f"{late}; {len(self.expected)} expected, {states}; {self.log()[-2000:]}") from late
        return posted_after

    def backlog(self) -> int:
        """Return how many slots are due and not at their end."""
        return len(self.expected) - sum(row.state in SETTLED for row in self.rows())

    def verdict(self) -> Verdict:
        """Judge by the board's log."""
        rows = {row.id: row for row in self.rows()}
        visible = self.board.visible()
        copies = Counter(message["key"] for message in visible)
        posted = {(row.channel, row.slot) for row in rows.values() if copies[row.id]}
        return Verdict(
            lost=sorted(self.expected - posted),
            doubled=[key for key, count in copies.items() if count > 1],
            stray=[m["id"] for m in visible if m["key"] not in rows or rows[m["key"]].channel != m["channel"]],
            early=self.board.events("early"),
            unsettled=[row for row in rows.values() if row.state not in SETTLED or (self.audit and row.audit_at)],
            silent=[row for row in rows.values() if row.state in ("blocked", "parked") and not row.last_error],
        )

    def log(self) -> str:
        """Return what the workers told their log."""
        return (self.folder / "workers.log").read_text(encoding="utf-8")

    def report(self, what: str) -> None:
        """Tell the figures of a run to who asked for the output (`pytest -s`)."""
        sys.stderr.write(f"\n{'SQLite' if self.on_sqlite else 'PostgreSQL'}: {len(self.expected)} deliveries, {what}\n")

    def assert_once_each(self) -> None:
        """Every due slot is there once, and nothing else is."""
        verdict = self.verdict()
        assert not verdict.faults, f"{verdict.faults}, the first of them: {verdict}"[:2000]
        assert len(self.board.visible()) == len(self.expected)


def _driver(url: str) -> str:
    return "sqlite" if url.startswith("sqlite") else "postgresql+psycopg"


def _paper(day: dt.date, number: int) -> Paper:
    seen = dt.datetime.combine(day, dt.time(8), dt.UTC)
    return Paper(
        id=PaperId.parse(f"arxiv:{day:%y%m}.{day.day * 100 + number:05}"),
        title=f"Paper {number} of {day}",
        listings=(Listing("huggingface", day, votes=number, first_seen=seen),),
        first_seen=seen,
    )
