"""What the rooms of the store are given to speak through: a connection that is within a transaction."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, TypeVarTuple, overload

import sqlalchemy as sa
from sqlalchemy.sql.selectable import TypedReturnsRows

Columns = TypeVarTuple("Columns")
Outcome = TypeVar("Outcome")
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class Connection(Protocol):
    """Carries out statements, one after the other. SQLAlchemy's AsyncConnection is one."""

    @property
    def dialect(self) -> sa.Dialect:
        """Whose SQL it speaks: its `name` is "sqlite" or "postgresql"."""
        ...

    @overload
    async def execute(
        self, statement: TypedReturnsRows[*Columns], parameters: Parameters = None
    ) -> sa.CursorResult[*Columns]: ...

    @overload
    async def execute(
        self, statement: sa.Executable, parameters: Parameters = None
    ) -> sa.CursorResult[*tuple[Any, ...]]: ...

    async def execute(
        self, statement: sa.Executable, parameters: Parameters = None
    ) -> sa.CursorResult[*tuple[Any, ...]]:
        """Carry out a statement, once for each of several sets of parameters; all its rows have arrived."""
        ...

    async def run_sync(self, work: Callable[[sa.Connection], Outcome], /) -> Outcome:
        """Return what work does with the blocking connection: several statements in one go, off the event loop.

        On SQLite it runs in the connection's thread, to which each way there and back costs 0.07 ms.
        """
        ...
