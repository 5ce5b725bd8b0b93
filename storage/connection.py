"""What the rooms of the store are given to speak through: a connection that is within a transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVarTuple, overload

import sqlalchemy as sa
from sqlalchemy.sql.selectable import TypedReturnsRows

Columns = TypeVarTuple("Columns")
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class Connection(Protocol):
    """Carries out statements, one after the other."""

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
