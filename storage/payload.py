"""A digest's post as JSON, the way the ledger keeps it: frozen when it was composed."""

import dataclasses
import datetime as dt
from typing import Any

from bot.reply import Action, DigestPost, PaperLine, Section

Json = dict[str, Any]

_DATES = ("published", "announced")
_LISTS = ("authors", "categories", "why")
_LINE_FIELDS = [field.name for field in dataclasses.fields(PaperLine) if field.name != "snippet"]  # searches' alone


def payload_json(post: DigestPost) -> Json:
    """Return the post as JSON can hold it."""
    return {
        "heading": post.heading,
        "sections": [{"title": each.title, "papers": list(map(_line_json, each.papers))} for each in post.sections],
        "more": post.more,
        "footer": post.footer,
        "actions": [{"label": each.label, "command": each.command} for each in post.actions],
    }


def post_of(payload: Json) -> DigestPost:
    """Return the post of a stored payload."""
    return DigestPost(
        heading=payload["heading"],
        sections=tuple(_section(section) for section in payload["sections"]),
        more=payload["more"],
        footer=payload["footer"],
        actions=tuple(Action(**action) for action in payload["actions"]),
    )


def _line_json(line: PaperLine) -> Json:
    # dataclasses.asdict copies every value in depth: 0.1 ms a line, ten times as long.
    found = {name: getattr(line, name) for name in _LINE_FIELDS}
    return found | {name: found[name] and found[name].isoformat() for name in _DATES}


def _section(section: Json) -> Section:
    return Section(section["title"], tuple(_line(line) for line in section["papers"]))


def _line(line: Json) -> PaperLine:
    dates = {name: line[name] and dt.date.fromisoformat(line[name]) for name in _DATES}
    return PaperLine(**line | dates | {name: tuple(line[name]) for name in _LISTS})
