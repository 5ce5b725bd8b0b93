"""A post as JSON, the way the ledger keeps it: frozen when it was composed."""

import dataclasses
import datetime as dt
from typing import Any

from bot.reply import Abstract, AbstractsPost, Action, DigestPost, PaperLine, Post, Section

Json = dict[str, Any]

_DATES = ("published", "announced")
_LISTS = ("authors", "categories", "why")
_LINE_FIELDS = [field.name for field in dataclasses.fields(PaperLine) if field.name != "snippet"]  # searches' alone


def payload_json(post: Post) -> Json:
    """Return the post as JSON can hold it."""
    if isinstance(post, AbstractsPost):
        return {"abstracts": list(map(dataclasses.asdict, post.papers))}
    return {
        "heading": post.heading,
        "sections": [{"title": each.title, "papers": list(map(_line_json, each.papers))} for each in post.sections],
        "more": post.more,
        "footer": post.footer,
        "actions": [{"label": each.label, "command": each.command} for each in post.actions],
        "mention": post.mention,
    }


def post_of(payload: Json) -> Post:
    """Return the post of a stored payload."""
    if "abstracts" in payload:
        return AbstractsPost(tuple(Abstract(**paper) for paper in payload["abstracts"]))
    return DigestPost(
        heading=payload["heading"],
        sections=tuple(_section(section) for section in payload["sections"]),
        more=payload["more"],
        footer=payload["footer"],
        actions=tuple(Action(**action) for action in payload["actions"]),
        mention=payload.get("mention"),
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
