"""One service per SQLite file: a lock beside it, which the system lets go when its process ends, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from bot.errors import StoreError


@contextmanager
def one_service(store_url: str) -> Iterator[None]:
    """Within the block, be the only service on the SQLite file of that URL; on PostgreSQL there may be any number.

    Raises StoreError, with the other's process id, where another service runs on the file.
    """
    database = sqlite_file(store_url)
    if database is None:
        yield
        return
    with _opened(database.with_name(f"{database.name}.lock")) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(_refusal(database, os.pread(lock, 20, 0).decode(errors="replace").strip())) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, b"%d\n" % os.getpid(), 0)
        yield  # the file stays: whoever deleted it could delete another's, who has just locked it


def sqlite_file(store_url: str) -> Path | None:
    """Return the file of an SQLite URL, whatever links lead to it; None for any other URL, right or wrong."""
    try:
        url = sa.make_url(store_url)
    except sa.exc.ArgumentError:
        return None
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database).expanduser().resolve()


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(
            f"The lock {path} can't be made: {error.strerror}; check who may write to its folder."
        ) from error
    try:
        yield lock
    finally:
        os.close(lock)


def _refusal(database: Path, process: str) -> str:
    who = f"process {process}" if process.isdecimal() else "another process"
    return (
        f"a service runs on {database} already ({who}), and an SQLite file takes one;"
        " stop that one first, or let several share a PostgreSQL database."
    )
