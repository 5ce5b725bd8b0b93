"""PostgreSQL's failures in words, for whoever can mend them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from bot.errors import DiskFullError, StoreError

_AGAIN = "Try again; the last change was not stored."
_LOST = "The connection to the database {place} was lost, and is made anew. The last change may not have been stored."
_FULL = "The disk of the database {place} is full; make room and try again. The last change was not stored."
_DAMAGED = "The database {place} is damaged ({error}); see the server's log, and put back a backup."
_ABSENT = "There is no database {place}; make it with: createdb NAME"
_CROWDED = "The database {place} has no connection left; raise max_connections there, or run fewer processes."
_REFUSED = "The database {place} lets nobody in; check the user and the password in its address. It said: {error}"
_UNREACHABLE = "The database {place} can't be reached; check that PostgreSQL runs there. It said: {error}"
_STARTING = "The database {place} is starting or stopping; try again in a moment."
_BUSY = "All connections to the database {place} have been in use for 30 s; try again later."

# https://www.postgresql.org/docs/current/errcodes-appendix.html, by code or by the beginning of several
_CAUSES: Final = {
    "08": _LOST,
    "22P05": "The database {place} can't hold every character; make one with: createdb -E UTF8 -T template0 NAME",
    "25006": "The database {place} is read-only; name the primary server, not a standby.",
    "25P03": "The database {place} ended a change that was left open for 60 s. " + _AGAIN,
    "28": _REFUSED,
    "3D000": _ABSENT,
    "40001": "Somebody else changed the same in the database {place}. " + _AGAIN,
    "40P01": "Two changes waited for each other in the database {place}. " + _AGAIN,
    "42501": "The user may not do that in the database {place} ({error}); make it the database's owner.",
    "53100": _FULL,
    "53200": "The server of the database {place} is out of memory; see its log.",
    "53300": _CROWDED,
    "55P03": "The database {place} has been locked by another process for 10 s; end that one, or try again later.",
    "57014": "The database {place} took longer than 60 s for one step; see what else it does, or try again later.",
    "57P": _LOST,
    "58": "The disk of the database {place} does not work as it should ({error}); see the server's log.",
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}

# A connection that fails brings no code, but the words of the server, or of libpq. In other languages, they are told.
_CONNECTING: Final = (
    (("password", "authentication", "pg_hba", 'role "'), _REFUSED),
    (('database "',), _ABSENT),
    (("too many clients", "connection slots", "too many connections"), _CROWDED),
    (("starting up", "shutting down", "recovery"), _STARTING),
    (("FATAL",), _REFUSED),
)


def place_of(url: sa.URL) -> str:
    """Return how messages name a database: "papers at db.example.org:5432", without user and password."""
    host = url.host or url.query.get("host") or "this machine"
    port = f":{url.port}" if url.port else ""
    return f"{url.database} at {host}{port}"


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turn what PostgreSQL says when it can't be used into a StoreError; other failures pass as they are."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        if cause := _cause(error):
            kind = DiskFullError if cause == _FULL else StoreError
            raise kind(cause.format(place=place, error=_first_line(error.orig))) from error
        raise
    except sa.exc.TimeoutError as error:
        raise StoreError(_BUSY.format(place=place)) from error


def _cause(error: sa.exc.DBAPIError) -> str | None:
    code: str | None = getattr(error.orig, "sqlstate", None)
    if code is not None:
        found = (_CAUSES.get(code[:length]) for length in (5, 3, 2))
        return next(filter(None, found), None)
    if error.connection_invalidated:
        return _LOST
    if not isinstance(error, sa.exc.OperationalError):
        return None
    told = str(error.orig)
    return next((cause for signs, cause in _CONNECTING if any(sign in told for sign in signs)), _UNREACHABLE)


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0]
