"""The sources that can be read: one entry for each. Who asks for a name that is not here is told the nearest."""

import datetime as dt
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from adapters.cli.announcements import announcements
from adapters.cli.arxiv import ArxivOfTeams
from adapters.cli.by_wish import by_wish
from adapters.cli.clock import SystemClock
from adapters.cli.process import MisuseError
from adapters.cli.rhythms import AFewDays, Newest
from adapters.cli.settings import Settings, SettingsError
from adapters.cli.source_kinds import Opening, SourceKind
from adapters.cli.wished import Wished
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
from bot.query import Kind, Term

if TYPE_CHECKING:  # aiohttp takes 0.15 s, and most commands fetch nothing
    from adapters.sources.fetcher import Fetcher


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


def _preprints(server: biorxiv.Server) -> SourceKind:
    return SourceKind(
        partial(biorxiv.read_file, server=server),
        lambda given: biorxiv.Biorxiv(given.fetcher, server),
        lambda given: biorxiv.Biorxiv(given.fetcher, server),
        AFewDays,
    )


def _dblp(given: Opening) -> Wished:
    source = dblp.Dblp(given.fetcher, given.settings.dblp_url)
    return Wished(source, given.store, given.clock, _A_YEAR, _NO_AUTHOR, source.kinds)


def _semantic_scholar(given: Opening) -> semantic_scholar.SemanticScholar:
    key, url = given.settings.semantic_scholar_key.get_secret_value(), given.settings.semantic_scholar_url
    return semantic_scholar.SemanticScholar(given.fetcher, key, url, given.patience)


def _citations(given: Opening) -> Wished:
    source = _semantic_scholar(given)
    return Wished(source, given.store, given.clock, _TWO_MONTHS, _NO_PAPER, source.kinds)


def _openalex(given: Opening) -> openalex.OpenAlex:
    return openalex.OpenAlex(given.fetcher, given.settings.openalex_key.get_secret_value(), given.settings.openalex_url)


def _authors_of_openalex(given: Opening) -> Wished:
    source = _openalex(given)
    return Wished(source, given.store, given.clock, _TWO_MONTHS, _NO_AUTHOR, source.kinds)


def _openreview(given: Opening) -> openreview.OpenReview:
    login = openreview.Login(given.settings.openreview_user, given.settings.openreview_password.get_secret_value())
    return openreview.OpenReview(given.fetcher, login, given.settings.openreview_url, given.patience)


def _venues_of_openreview(given: Opening) -> Wished:
    named = filter(None, map(str.strip, given.settings.openreview_venues.split(",")))
    venues = [Term(Kind.VENUE, venue) for venue in named]
    return Wished(_openreview(given), given.store, given.clock, _TWO_YEARS, _NO_VENUE, by_settings=venues)


_TWO_MONTHS = dt.timedelta(days=60)
_A_YEAR = dt.timedelta(days=365)
_TWO_YEARS = dt.timedelta(days=730)  # a venue's papers are handed in long before it takes place

_NO_AUTHOR = 'nobody wants it: follow an author, as in author:"Yann LeCun"'
_NO_PAPER = "nobody wants it: follow a paper, as in paper:1706.03762, to hear of who cites it"
_NO_VENUE = "no venue is named: set PAPERROUND_OPENREVIEW_VENUES, as in ICLR.cc/2026/Conference"


SOURCES: Mapping[str, SourceKind] = MappingProxyType(
    {
        "huggingface": SourceKind(huggingface.read_file, _hugging_face),
        "arxiv": SourceKind(
            arxiv_files.read_file,
            _arxiv,
            lambda given: ArxivApi(_through_arxiv(given), given.settings.arxiv_api_url),
            announcements,
            zone=NEW_YORK,
        ),
        "biorxiv": _preprints("biorxiv"),
        "medrxiv": _preprints("medrxiv"),
        "acl": SourceKind(acl.read_file, lambda given: acl.Acl(given.fetcher), rhythm=Newest),
        "crossref": SourceKind(crossref.read_file, by_id=_crossref),
        "dblp": SourceKind(dblp.read_file, _dblp, rhythm=by_wish, back=_A_YEAR),
        "semanticscholar": SourceKind(
            semantic_scholar.read_file,
            _citations,
            _semantic_scholar,
            by_wish,
            ("semantic_scholar_key",),
            back=_TWO_MONTHS,
        ),
        "openalex": SourceKind(
            openalex.read_file, _authors_of_openalex, _openalex, by_wish, ("openalex_key",), back=_TWO_MONTHS
        ),
        "openreview": SourceKind(
            openreview.read_file,
            _venues_of_openreview,
            _openreview,
            by_wish,
            ("openreview_user", "openreview_password"),
            ("openreview_venues",),
            back=_TWO_YEARS,
        ),
        "feed": SourceKind(lambda path: feeds.read_file(path, SystemClock().now().date())),
    }
)
"""The sources by name. Those with a key are asked once it is set."""


def source_kind(name: str) -> SourceKind:
    """Return how the source of that name is read. Raises MisuseError with the nearest."""
    if kind := SOURCES.get(name):
        return kind
    near = nearest(name, SOURCES, floor=60)
    raise MisuseError(f"there is no source “{text.shown(name)}”; write {near or text.either(list(SOURCES))}")


def check_keys(name: str, settings: Settings) -> None:
    """Raise UserError where a source can't be asked for want of a key or a login."""
    if missing := source_kind(name).lacks(settings):
        raise UserError(f"to ask {name}, set {missing}")


def polled(settings: Settings) -> list[str]:
    """Return the sources that the service asks, in order. Raises SettingsError where one that is named can't be."""
    can_be = [name for name, kind in SOURCES.items() if kind.daily]
    for name in settings.named_sources:
        if name not in can_be:
            near = nearest(name, can_be, floor=40) or text.either(can_be)
            raise SettingsError(f"the setting PAPERROUND_SOURCES names “{text.shown(name, 40)}”; write {near}")
        if missing := SOURCES[name].lacks(settings):
            raise SettingsError(f"the setting PAPERROUND_SOURCES names {name}; to have it asked, set {missing}")
    for kind in SOURCES.values():
        if (begun := kind.begun_by(settings)) and (missing := kind.lacks(settings)):
            raise SettingsError(f"the setting {begun} is of no use alone; set {missing} as well")
    return list(settings.asked)
