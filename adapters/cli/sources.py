"""The sources that can be read: one entry for each. Who asks for a name that is not here is told the nearest."""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pydantic import SecretStr

from adapters.cli.arxiv import ArxivOfTeams
from adapters.cli.clock import SystemClock
from adapters.cli.rhythms import AFewDays, LastDays, Newest, Rhythm, announcements
from adapters.cli.settings import Settings, SettingsError
from adapters.sources import (
    acl,
    arxiv_files,
    biorxiv,
    crossref,
    dblp,
    feeds,
    huggingface,
    openalex,
    openreview,
    semantic_scholar,
)
from adapters.sources.arxiv_api import ArxivApi
from adapters.sources.arxiv_entries import NEW_YORK
from bot import text
from bot.errors import UserError
from bot.likeness import nearest
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
class Kind:
    """How recorded answers of a source are read, and how it is asked for days and for single papers, where it can be.

    `key` is the setting without which it is not asked, `zone` where its days begin.
    """

    read_file: Callable[[Path], Batch]
    daily: Callable[[Opening], Source] | None = None
    by_id: Callable[[Opening], LooksUp] | None = None
    rhythm: Callable[[Source], Rhythm] = LastDays
    key: str | None = None
    zone: dt.tzinfo = dt.UTC

    def lacks(self, settings: Settings) -> str | None:
        """Return the environment variable that has to be set before it can be asked for anything."""
        return f"PAPERROUND_{self.key.upper()}" if self.key and not _secret(settings, self.key) else None


def _hugging_face(given: Opening) -> huggingface.HuggingFace:
    from adapters.sources.gates import HUGGING_FACE

    return huggingface.HuggingFace(given.fetcher.through(HUGGING_FACE, patience=given.patience), given.settings.hf_url)


def _through_arxiv(given: Opening) -> "Fetcher":
    from adapters.sources.gates import ARXIV

    return given.fetcher.through(ARXIV, patience=given.patience)


def _arxiv(given: Opening) -> ArxivOfTeams:
    return ArxivOfTeams(_through_arxiv(given), given.store, given.clock, given.settings)


def _crossref(given: Opening) -> crossref.Crossref:
    from adapters.sources.gates import CROSSREF

    return crossref.Crossref(given.fetcher.through(CROSSREF, patience=given.patience), given.settings.contact)


def _preprints(server: biorxiv.Server) -> Kind:
    return Kind(
        partial(biorxiv.read_file, server=server),
        lambda given: biorxiv.Biorxiv(given.fetcher, server),
        lambda given: biorxiv.Biorxiv(given.fetcher, server),
        AFewDays,
    )


def _secret(settings: Settings, name: str) -> str:
    secret: SecretStr = getattr(settings, name)
    return secret.get_secret_value()


SOURCES: Mapping[str, Kind] = MappingProxyType(
    {
        "huggingface": Kind(huggingface.read_file, _hugging_face),
        "arxiv": Kind(
            arxiv_files.read_file,
            _arxiv,
            lambda given: ArxivApi(_through_arxiv(given), given.settings.arxiv_api_url),
            announcements,
            zone=NEW_YORK,
        ),
        "biorxiv": _preprints("biorxiv"),
        "medrxiv": _preprints("medrxiv"),
        "acl": Kind(acl.read_file, lambda given: acl.Acl(given.fetcher), rhythm=Newest),
        "crossref": Kind(crossref.read_file, by_id=_crossref),
        "dblp": Kind(dblp.read_file),
        "semanticscholar": Kind(
            semantic_scholar.read_file,
            by_id=lambda given: semantic_scholar.SemanticScholar(
                given.fetcher, _secret(given.settings, "semantic_scholar_key")
            ),
            key="semantic_scholar_key",
        ),
        "openalex": Kind(
            openalex.read_file,
            by_id=lambda given: openalex.OpenAlex(given.fetcher, _secret(given.settings, "openalex_key")),
            key="openalex_key",
        ),
        "openreview": Kind(openreview.read_file),
        "feed": Kind(lambda path: feeds.read_file(path, SystemClock().now().date())),
    }
)
"""The sources by name. Those with a key are asked once it is set."""


def known_source(name: str) -> Kind:
    """Return how the source of that name is read. Raises UserError with the nearest."""
    if kind := SOURCES.get(name):
        return kind
    near = nearest(name, SOURCES, floor=60)
    raise UserError(f"there is no source “{text.shown(name)}”; write {near or text.either(list(SOURCES))}")


def polled(settings: Settings) -> list[str]:
    """Return the sources that the service asks, in order. Raises SettingsError where one can't be."""
    names = [name for name in map(str.strip, settings.sources.split(",")) if name] if settings.poll else []
    can_be = [name for name, kind in SOURCES.items() if kind.daily]
    for name in names:
        if name not in can_be:
            near = nearest(name, can_be, floor=40) or text.either(can_be)
            raise SettingsError(f"the setting PAPERROUND_SOURCES names “{text.shown(name, 40)}”; write {near}")
    return list(dict.fromkeys(names))
