"""What the command line needs to know of a source, to open it and to ask it; `adapters.cli.sources` has the sources."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pydantic import SecretStr

from adapters.cli.rhythms import LastDays, Rhythm
from adapters.cli.settings import Settings
from bot.errors import SourceError
from bot.paper_ids import PaperId
from bot.ports import Batch, Clock, Source
from bot.store import Store

if TYPE_CHECKING:  # aiohttp takes 0.15 s, and most commands fetch nothing
    from adapters.sources.fetcher import Fetcher


@runtime_checkable
class Backfills(Protocol):
    """A source that gives several days at once."""

    def parts(self, first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
        """Return the days from one to the other in parts that can be asked for, in order."""
        ...

    def between(self, first: dt.date, last: dt.date) -> AsyncIterator[Batch]:
        """Yield the papers of such a part. Raises SourceError."""
        ...


class LooksUp(Protocol):
    """What gives papers by their ids."""

    async def by_id(self, paper_id: PaperId) -> Batch:
        """Return the paper, alone in a batch. Raises SourceError where it is not known, too."""
        ...


@dataclass(frozen=True, slots=True)
class Opening:
    """What a source is opened with. `patience` is how many seconds a question may wait for its gate."""

    settings: Settings
    store: Store
    clock: Clock
    fetcher: "Fetcher"
    patience: float


@dataclass(frozen=True, slots=True)
class SourceKind:
    """How recorded answers of a source are read, and how it is asked for days and for single papers, where it can be.

    `keys` are the settings without which it is not asked, `beside` those that are of no use without them. `zone` is
    where its days begin. Asked for nothing in particular, it is asked for so many days (`back`) before today as well.
    """

    read_file: Callable[[Path], Batch]
    daily: Callable[[Opening], Source] | None = None
    by_id: Callable[[Opening], LooksUp] | None = None
    rhythm: Callable[[Source], Rhythm] = LastDays
    keys: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    zone: dt.tzinfo = dt.UTC
    back: dt.timedelta = dt.timedelta()

    def lacks(self, settings: Settings) -> str | None:
        """Return the environment variables that have to be set before it can be asked for anything."""
        missing = [_variable(key) for key in self.keys if not _value(settings, key)]
        return " and ".join(missing) or None

    def begun_by(self, settings: Settings) -> str | None:
        """Return an environment variable that is set for it, where any is."""
        return next((_variable(key) for key in (*self.keys, *self.beside) if _value(settings, key)), None)


class UnwantedError(SourceError):
    """Nobody wants anything of a source: it was not asked, and did not fail."""


def _variable(name: str) -> str:
    return f"PAPERROUND_{name.upper()}"


def _value(settings: Settings, name: str) -> str:
    """Return what a setting of that name says, be it a secret or not."""
    value: SecretStr | str = getattr(settings, name)
    return value if isinstance(value, str) else value.get_secret_value()
