"""How politely the sources' services are asked: one row a gate; who is under way holds a lease."""

import datetime as dt
from dataclasses import asdict, replace

import sqlalchemy as sa

from bot.gates import Busy, Gate, GateState, Wait, after, put_right, wait_at
from storage.connection import Connection
from storage.leases import SqlLeases
from storage.schema import leases, source_gates
from storage.statements import insert_missing


class SqlGates:
    """Implements `bot.gates.Gates`. Whoever reads a row here has it alone until the transaction ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._leases = SqlLeases(connection)

    async def enter(self, gate: Gate, holder: str, now: dt.datetime, until: dt.datetime) -> Wait | None:
        """Let a request start now, which counts as under way until then at most; or say what it has to wait for."""
        stored = await self._held(gate.name)
        state = put_right(stored, now)
        wait = wait_at(gate, state, now)
        if wait is None and not await self._take_place(gate, holder, now, until):
            wait = Wait(None)
        await self._put(gate.name, stored, state if wait else replace(state, last_start=now))
        return wait

    async def leave(
        self, gate: Gate, holder: str, started: dt.datetime | None, now: dt.datetime, busy: Busy | None = None
    ) -> None:
        """End a request, which really began at `started`; None where it never did."""
        if started is not None:
            stored = await self._held(gate.name)  # first: whoever enters takes row and lease in this order, too
            await self._put(gate.name, stored, after(gate, stored, started, now, busy))
        own = sa.delete(leases).where(leases.c.name.in_(_places(gate)), leases.c.holder == holder)
        await self._connection.execute(own)

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Forget gates that nobody used since then and that are not shut, at most `limit`; return how many."""
        unused = sa.or_(source_gates.c.last_start.is_(None), source_gates.c.last_start < before)
        open_again = sa.or_(source_gates.c.not_before.is_(None), source_gates.c.not_before < before)
        old = sa.select(source_gates.c.name).where(unused, open_again).limit(limit)
        return (await self._connection.execute(sa.delete(source_gates).where(source_gates.c.name.in_(old)))).rowcount

    async def _take_place(self, gate: Gate, holder: str, now: dt.datetime, until: dt.datetime) -> bool:
        for place in _places(gate):
            if await self._leases.take(place, holder, now, until):
                return True
        return False

    async def _held(self, name: str) -> GateState:
        """Return a gate's state; on PostgreSQL no other transaction gets it before this one ends."""
        await self._connection.execute(insert_missing(self._connection, source_gates).values(name=name, failures=0))
        row = source_gates.c
        held = sa.select(row.last_start, row.not_before, row.failures, row.reason).where(row.name == name)
        return GateState(*(await self._connection.execute(held.with_for_update())).one())

    async def _put(self, name: str, stored: GateState, state: GateState) -> None:
        if state != stored:
            row = sa.update(source_gates).where(source_gates.c.name == name)
            await self._connection.execute(row.values(asdict(state)))


def _places(gate: Gate) -> list[str]:
    """Return the names of the leases of those who are under way."""
    return [f"gate {gate.name} {place}" for place in range(gate.at_once)]
