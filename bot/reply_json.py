"""A Reply as the stable JSON object that machines read (`paperround console --json`)."""

import datetime as dt
from dataclasses import asdict
from typing import Any

from bot.reply import DigestLine, PaperLine, Reply

Json = dict[str, Any]


def reply_json(reply: Reply) -> Json:
    """Return `ok` and `notice`, and of the other parts those that the reply has."""
    found: Json = {"ok": reply.ok, "notice": reply.notice}
    papers = reply.papers
    if papers is None and reply.card:
        papers = (reply.card.line,)
    if papers is None and reply.digest:
        papers = reply.digest.papers
    if papers is not None:
        found["papers"] = [_paper(line) for line in papers]
    if reply.pages:
        found |= asdict(reply.pages)
    if reply.follows is not None:
        found["follows"] = [asdict(line) for line in reply.follows]
    if reply.mutes:
        found["mutes"] = [asdict(line) for line in reply.mutes]
    if reply.digests is not None:
        found["digests"] = [_digest(line) for line in reply.digests]
    if reply.status is not None:
        found["status"] = [asdict(line) for line in reply.status]
    if reply.help is not None:
        found["help"] = [asdict(line) for line in reply.help]
    return found


def _paper(line: PaperLine) -> Json:
    return {
        "id": line.id,
        "title": line.title,
        "url": line.url,
        "authors": list(line.authors),
        "votes": line.votes,
        "team_votes": line.team_votes,
        "comments": line.comments,
        "published": line.published and line.published.isoformat(),
        "announced": line.announced and line.announced.isoformat(),
        "categories": list(line.categories),
        "organisation": line.organisation,
        "why": list(line.why),
    }


def _digest(line: DigestLine) -> Json:
    told = asdict(line) | {"days": list(line.days), "next_due_at": line.next_due_at and utc(line.next_due_at)}
    del told["abstracts"], told["mention"]  # the object's shape is promised
    return told


def utc(instant: dt.datetime) -> str:
    """Return an aware time as ISO 8601 in UTC: "2025-06-12T07:00:00Z"."""
    return instant.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
