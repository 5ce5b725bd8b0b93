"""Whatever happens, in whatever order: in the end each delivery has one visible message, or a person was asked."""

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import get_args

import sqlalchemy as sa
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from bot.timings import DeliveryTimings
from storage.database import SqlStore
from storage.schema import deliveries
from tests.fakes.post_office import Office, Process, open_office
from tests.fakes.scripted_messenger import Answer, History
from tests.fakes.stores import only_on_sqlite

STEPS = ("before post", "after post", "before find", "after find", "before delete")
ANSWERS = tuple(answer for answer in get_args(Answer) if answer != "hang")


@dataclass(frozen=True)
class Enter:
    """A message of another channel is due."""


@dataclass(frozen=True)
class Work:
    """A new process posts what is open. At a step it may be killed, or stopped; the platform answers so."""

    answers: tuple[Answer | dt.timedelta, ...]
    at: str | None
    killed: bool
    history: History


@dataclass(frozen=True)
class Thaw:
    """The process that was stopped first goes on."""


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    seconds: int


@dataclass(frozen=True)
class PutClock:
    """Somebody changes the time of day."""

    minutes: int


@dataclass(frozen=True)
class Audit:
    """A process reads back what is to be read back by now."""


ANSWER = st.sampled_from((*ANSWERS, "accept, but nobody hears", "accept")) | st.just(dt.timedelta(minutes=3))
WORK = st.builds(
    Work,
    answers=st.lists(ANSWER, min_size=1, max_size=3).map(tuple),
    at=st.sampled_from((None, None, "before post", *STEPS)),
    killed=st.booleans(),
    history=st.sampled_from(["read", "read", "read", "failed", "broken"]),
)
HAPPENINGS = st.one_of(
    st.builds(Enter),
    WORK,
    WORK,
    WORK,
    st.builds(Thaw),
    st.builds(Wait, st.sampled_from([1, 10, 61, 121, 300, 700, 4000])),
    st.builds(Wait, st.sampled_from([121, 700])),
    st.builds(Audit),
)


async def happen(office: Office, happening: object, rows: list[str], stopped: list[Process]) -> None:
    """Let something happen."""
    match happening:
        case Enter():
            rows.append(await office.enter(f"#{len(rows)}", slot=f"slot {len(rows)}"))
        case Work(answers, at, killed, history):
            office.wall.script.extend(answers)
            office.wall.history = history if office.wall.history != "unreadable" else "unreadable"
            process = office.process()
            await process.run_until_frozen(at)
            office.wall.script.clear()
            office.wall.history = "read" if office.wall.history != "unreadable" else "unreadable"
            if process.frozen.is_set():
                process.kill() if killed else stopped.append(process)
        case Thaw():
            if stopped:
                await stopped.pop(0).thaw()
        case Wait(seconds):
            office.clock.wait(seconds)
        case PutClock(minutes):
            office.clock.put(dt.timedelta(minutes=minutes))
        case Audit():
            await office.process().audit()


async def come_to_rest(office: Office, stopped: list[Process]) -> None:
    """Give it hours without faults, then let all that was stopped go on, and give it hours again."""
    office.wall.lag = dt.timedelta()
    process = office.process()
    for late in (stopped, []):
        for _ in range(3):
            office.clock.wait(7300)
            await process.run_until_frozen()
            await process.audit()
        for each in late:
            await each.thaw()


@only_on_sqlite  # what the two databases do is compared elsewhere; this is about the order of things
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    before=st.lists(HAPPENINGS, min_size=1, max_size=6),
    clock=st.sampled_from([PutClock(0), PutClock(0), PutClock(-60), PutClock(50)]),
    after=st.lists(HAPPENINGS, min_size=2, max_size=9),
    lag=st.sampled_from([0, 0, 45, 300]),
    readable=st.sampled_from([True, True, False]),
)
async def test_nothing_is_lost_and_nothing_stays_doubled(
    store: SqlStore, before: list[object], clock: PutClock, after: list[object], lag: int, readable: bool
) -> None:
    async with store.write() as session:
        await session.connection.execute(sa.delete(deliveries))
    rows: list[str] = []
    stopped: list[Process] = []
    async with open_office(store, DeliveryTimings()) as office:
        office.wall.lag = dt.timedelta(seconds=lag)
        office.wall.history = "read" if readable else "unreadable"
        async with asyncio.timeout(20):
            for happening in (Enter(), *before, clock, *after):
                await happen(office, happening, rows, stopped)
            was_stopped = any(each.thawed.is_set() for each in office.processes) or bool(stopped)
            await come_to_rest(office, stopped)
        for row in [await office.row(each) for each in rows]:
            copies = len(office.wall.visible(row.id))
            event(f"{row.state}, {copies} visible")
            if row.state in ("blocked", "parked"):
                assert row.last_error, row
                assert copies <= 1, row
            else:
                assert (row.state, copies) == ("sent", 1), row
            if not (lag or clock.minutes or was_stopped):
                assert office.wall.taken[row.id] <= 1, f"two were there for a while: {row}"
