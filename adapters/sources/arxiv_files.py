"""Recorded answers of arXiv: announcements, OAI-PMH and the query API, told apart by what they are."""

from pathlib import Path

from adapters.sources.arxiv_announcements import ATOM_FEED, RSS, announcements_of
from adapters.sources.arxiv_api import api_page_of, is_api
from adapters.sources.arxiv_oai import OAI_ROOT, oai_page_of
from adapters.sources.xml import MOST_BYTES, parse_xml
from bot import text
from bot.errors import SourceError
from bot.ports import Batch


def read_file(path: Path) -> Batch:
    """Return the papers of a recorded answer. SourceError, naming the file, when it is none or can't be read."""
    name = text.shown(path.name, 100)
    try:
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{name} can't be read: {error.strerror}.") from error
    return parse_any(body, name)


def parse_any(body: bytes, name: str) -> Batch:
    """Return the papers of an answer of any of the three. SourceError when it is none of them."""
    root = parse_xml(body, name, {ATOM_FEED, RSS, OAI_ROOT})
    if root.tag == OAI_ROOT:
        return oai_page_of(root, name).batch
    if is_api(root):
        return api_page_of(root, name).batch
    return announcements_of(root, name)
