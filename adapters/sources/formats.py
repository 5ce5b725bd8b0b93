"""What an answer must be, told by its content type before a byte of it is read."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Format:
    """A format as messages name it, as it is asked for, and the content types that are taken for it."""

    name: str
    accept: str
    content_type: re.Pattern[str]


JSON: Final = Format("JSON", "application/json", re.compile(r"application/(?:[\w.-]+\+)?json"))

XML: Final = Format(
    "XML",
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml, text/xml",
    re.compile(r"(?:application|text)/xml|application/(?:atom|rss|rdf)\+xml"),  # not XHTML: a web page
)
"""Atom, RSS and other XML."""
