"""psycopg with time limits: a server that went silent must not keep anybody waiting for ever."""

import asyncio
import os
import socket
from collections.abc import Generator
from contextlib import closing
from typing import Any, Final, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.abc import Buffer
from psycopg.types.string import StrDumper

PATIENCE = 90.0
"""Seconds to wait for an answer; longer than the server itself gives a statement (see `postgresql`)."""

Answer = TypeVar("Answer")

# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS; the URL may say otherwise.
_LIMITS: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
    "application_name": "paperround",
}


def with_limits(url: sa.URL) -> sa.URL:
    """Return the URL for psycopg, with time limits that it does not set itself."""
    return url.set(drivername="postgresql+psycopg").update_query_dict({**_LIMITS, **url.query})


class PatientConnection(psycopg.AsyncConnection[Any]):
    """A connection that waits for each answer for a limited time.

    The limits within the server are of no use when it is the server that is stopped (its machine or container
    paused: the kernel goes on acknowledging), and psycopg has none of its own.
    """

    async def wait(self, gen: Generator[Any, Any, Answer], *args: float | None, **kwargs: float | None) -> Answer:
        """Wait for an answer, and hang up when it takes too long: that ends every wait with a psycopg error."""
        timer = asyncio.get_running_loop().call_later(PATIENCE, self._hang_up)
        try:
            return await super().wait(gen, *args, **kwargs)  # type: ignore[arg-type]  # psycopg's own
        finally:
            timer.cancel()

    def _hang_up(self) -> None:
        """Shut the socket down, so that libpq reads its end; closing it under a wait would be waited on for ever."""
        if not self.closed:
            with closing(socket.socket(fileno=os.dup(self.pgconn.socket))) as line:
                line.shutdown(socket.SHUT_RDWR)


class TextDumper(StrDumper):
    """Leaves out the character NUL, which PostgreSQL refuses within a text: it would refuse all of the paper."""

    def dump(self, obj: str) -> Buffer | None:
        """Return the text as it is sent."""
        return super().dump(obj.replace("\0", ""))
