"""Single facts of Hugging Face's items: who wrote a paper, who brought it there, and what is shown with it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from adapters.sources import json_facts as facts

_NAME = 300
_AUTHORS = 6_000  # the longest list has 3,303
_KEYWORDS = 50
_KEYWORD = 100
_VIDEOS = (".mp4", ".webm", ".mov", ".qt", ".m4v", ".ogv")


def authors(value: object) -> tuple[str, ...]:
    """Return the names in order. Two of one name stay two; whoever is hidden was taken off the paper."""
    people = [facts.record(author) for author in facts.entries(value)[:_AUTHORS]]
    names = (facts.line(person.get("name"), _NAME) for person in people if not person.get("hidden"))
    return tuple(filter(None, names))


def video(inner: Mapping[str, object], outer: Mapping[str, object]) -> str | None:
    """Return the first address of a video."""
    media = [
        *facts.entries(inner.get("mediaUrls")),
        *facts.entries(outer.get("mediaUrls")),
        outer.get("mediaUrl"),
    ]
    links = filter(None, map(facts.link, media))
    return next((url for url in links if urlsplit(url).path.lower().endswith(_VIDEOS)), None)


def submitter(inner: Mapping[str, object], outer: Mapping[str, object]) -> str | None:
    """Return who brought the paper into the day's list."""
    daily, shown = facts.record(inner.get("submittedOnDailyBy")), facts.record(outer.get("submittedBy"))
    return facts.line(daily.get("user"), _NAME) or facts.line(shown.get("name"), _NAME)


def organisation(value: object) -> str | None:
    """Return what an organisation is called."""
    told = facts.record(value)
    return facts.line(told.get("fullname"), _NAME) or facts.line(told.get("name"), _NAME)


def keywords(value: object) -> tuple[str, ...]:
    """Return the keywords, each once."""
    words = (facts.line(keyword, _KEYWORD) for keyword in facts.entries(value))
    return tuple(dict.fromkeys(filter(None, words)))[:_KEYWORDS]
