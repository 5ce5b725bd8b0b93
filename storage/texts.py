"""Columns of text, compared and sorted by code point on every database.

SQLite does so. PostgreSQL goes by the database's language, in which keys that begin alike need not stand together,
and which an update of the system may change under an index; so its columns say it themselves.
"""

from typing import Any

import sqlalchemy as sa


class _ByCodePoint(sa.types.UserDefinedType[str]):
    """A type of PostgreSQL with its collation.

    SQLAlchemy's own types repeat the collation behind each value that is compared, where BETWEEN refuses it.
    """

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        """Return how the column is declared."""
        return f'{self.name} COLLATE "C"'


Text = sa.Text().with_variant(_ByCodePoint("TEXT"), "postgresql")
"""A text of any length."""


def code(length: int) -> sa.String:
    """Return the type of a short text of our own making."""
    return sa.String(length).with_variant(_ByCodePoint(f"VARCHAR({length})"), "postgresql")
