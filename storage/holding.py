"""Rows that a change reads and then builds on: held, so that the changes of others to them wait for its end.

On SQLite changes take turns as a whole, and there is nothing to do.
"""

import sqlalchemy as sa

from storage.connection import Connection


async def hold(connection: Connection, *rows: sa.Select[int]) -> None:
    """Lock rows until the change ends, one selection after the other; rows that refer to them can still be added.

    Who waited sees, from its next statement on, what the others stored.
    """
    if connection.dialect.name == "postgresql":
        for selection in rows:
            await connection.execute(selection.with_for_update(key_share=True))
