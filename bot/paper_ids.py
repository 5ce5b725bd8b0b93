"""The ids of papers: one stable spelling for each, which is stored and printed everywhere."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlsplit

from bot.arxiv_categories import ARCHIVES


class Scheme(StrEnum):
    """Who gave the id."""

    ARXIV = "arxiv"
    DOI = "doi"
    ACL = "acl"
    OPENREVIEW = "openreview"
    WEB = "web"


# The forms of ids, as arXiv (https://info.arxiv.org/help/arxiv_identifier.html) and the ACL Anthology
# (https://aclanthology.org/info/ids/) define them. Digits are [0-9], because \d takes those of every script.
_MONTH = r"(?:0[1-9]|1[0-2])"
ARXIV_NEW = rf"[0-9]{{2}}{_MONTH}\.[0-9]{{4,5}}"
_ARXIV_OLD = rf"(?:{'|'.join(ARCHIVES)})/(?:9[1-9]|0[0-7]){_MONTH}[0-9]{{3}}"  # from 1991 to March 2007
ACL_NEW = r"[0-9]{4}\.[a-z0-9]+-[a-z0-9]+\.[0-9]+"
ACL_OLD = r"[AC-FH-UW-Y][0-9]{2}-[0-9]{4}"  # the letters of the venues there were
_DOI = r"10\.[0-9]+(?:\.[0-9]+)*/[!-@\[-~]+"  # visible ASCII, no capitals

_CANONICAL: Final[Mapping[Scheme, re.Pattern[str]]] = {
    Scheme.ARXIV: re.compile(rf"{ARXIV_NEW}|{_ARXIV_OLD}"),
    Scheme.DOI: re.compile(_DOI),
    Scheme.ACL: re.compile(rf"{ACL_NEW}|{ACL_OLD}"),
    Scheme.OPENREVIEW: re.compile(r"[A-Za-z0-9_-]{1,64}"),
    Scheme.WEB: re.compile(r"[0-9a-f]{16}"),
}

_LONGEST = 500
"""Characters. The longest DOIs have some 300 (of 1,054 recorded ones the longest has 71); two ids share a row of an
index, of which PostgreSQL takes some 2,700 bytes."""

_PAGES: Final[Mapping[Scheme, str]] = {
    Scheme.ARXIV: "https://arxiv.org/abs/{}",
    Scheme.DOI: "https://doi.org/{}",
    Scheme.ACL: "https://aclanthology.org/{}/",
    Scheme.OPENREVIEW: "https://openreview.net/forum?id={}",
}


@dataclass(frozen=True, slots=True, order=True)
class PaperId:
    """One paper's id, without a version. ValueError when the value is not its scheme's canonical spelling."""

    scheme: Scheme
    value: str

    def __post_init__(self) -> None:
        if not _CANONICAL[self.scheme].fullmatch(self.value):
            raise ValueError(f"not the id of a paper: {self.scheme}:{self.value[:100]!r}")

    def __str__(self) -> str:
        """The key that is stored and printed everywhere: "arxiv:2506.01234"."""
        return f"{self.scheme}:{self.value}"

    @classmethod
    def parse(cls, key: str) -> "PaperId":
        """The id of a key, the exact inverse of `str()`. ValueError when it is not a key."""
        scheme, _, value = key.partition(":")
        return cls(Scheme(scheme), value)

    @property
    def label(self) -> str:
        """The id as people know it: arXiv's without its scheme."""
        return self.value if self.scheme is Scheme.ARXIV else str(self)

    @property
    def too_long(self) -> bool:
        """Whether it is longer than any real one: told by a source, it is no id. Stored ones are read all the same."""
        return len(self.value) > _LONGEST

    @property
    def url(self) -> str | None:
        """Where a person reads the paper; None for `web`, whose addresses are kept beside the paper."""
        page = _PAGES.get(self.scheme)
        # Round brackets are escaped, too: one would end the link in Markdown, and so on Discord.
        return page.format(quote(self.value, safe="/:;")) if page else None


def web_id(url: str) -> PaperId:
    """The id of a paper that has only an address: the same for http and https, with or without tracking.

    ValueError when it is no http(s) address.
    """
    address = urlsplit(url.strip())
    if address.scheme not in ("http", "https") or not address.netloc:
        raise ValueError(f"not an http(s) address: {url[:100]!r}")
    kept = [part for part in address.query.split("&") if not part.lower().startswith("utm_")]
    query = "?" + "&".join(kept) if any(kept) else ""
    canonical = f"https://{address.netloc.lower()}{address.path.rstrip('/')}{query}"
    return PaperId(Scheme.WEB, hashlib.sha256(canonical.encode()).hexdigest()[:16])
