"""A digest's post as JSON, the way the ledger keeps it: frozen when it was composed."""

import dataclasses
import datetime as dt
from typing import Any

from bot.reply import Action, DigestPost, PaperLine, Section

Json = dict[str, Any]

_DATES = ("published", "announced")
_LISTS = ("authors", "categories", "why")


def payload_json(post: DigestPost) -> Json:
    """Return the post as JSON can hold it."""
    found = dataclasses.asdict(post)
    for section in found["sections"]:
        for line in section["papers"]:
            line |= {name: line[name] and line[name].isoformat() for name in _DATES}
            del line["snippet"]  # only searches have one
    return found


def post_of(payload: Json) -> DigestPost:
    """Return the post of a stored payload."""
    return DigestPost(
        heading=payload["heading"],
        sections=tuple(_section(section) for section in payload["sections"]),
        more=payload["more"],
        footer=payload["footer"],
        actions=tuple(Action(**action) for action in payload["actions"]),
    )


def _section(section: Json) -> Section:
    return Section(section["title"], tuple(_line(line) for line in section["papers"]))


def _line(line: Json) -> PaperLine:
    dates = {name: line[name] and dt.date.fromisoformat(line[name]) for name in _DATES}
    return PaperLine(**line | dates | {name: tuple(line[name]) for name in _LISTS})
