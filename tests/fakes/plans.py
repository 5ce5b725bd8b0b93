"""How a database would find the rows for what is asked of the store: SQLite's and PostgreSQL's EXPLAIN."""

from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa

from storage.database import SqlStore
from storage.session import SqlSession

Ask = Callable[[SqlSession], Awaitable[object]]

_EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN (FORMAT TEXT)"}


async def plans_of(store: SqlStore, ask: Ask, small: bool = True) -> list[str]:
    """Ask something in a change, and return the steps of the plans of all statements that this took.

    PostgreSQL reads a table of a few rows as a whole, whatever the indexes; where the store is small, it is told to
    do so only if there is no other way.
    """
    asked: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: object, ___: object, many: bool) -> None:
        if not many:
            asked.append((statement, parameters))

    def explain(connection: sa.Connection) -> list[str]:
        kind = connection.dialect.name
        if small and kind == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plans = [connection.exec_driver_sql(f"{_EXPLAIN[kind]} {statement}", given) for statement, given in asked]
        return [row[-1].strip() for plan in plans for row in plan]

    async with store.write() as session:
        sa.event.listen(sa.Engine, "before_cursor_execute", note)
        try:
            await ask(session)
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", note)
        return await session.connection.run_sync(explain)


def walks(steps: list[str]) -> list[str]:
    """Return the steps that read a whole table or index; the one row of `store_meta` may be read."""
    whole = [step for step in steps if step.startswith("SCAN") or "Seq Scan on" in step]
    return [step for step in whole if "store_meta" not in step and "CONSTANT" not in step]
