"""The words that must be read where a paper or a digest is told of, on any platform."""

import datetime as dt
from collections.abc import Iterator

from bot import text
from bot.arxiv_categories import category_name
from bot.dates import spoken
from bot.reply import Card, DigestLine, PaperLine
from bot.schedule import Schedule

AUTHORS, REASONS = 3, 3
OPENING = 100
"""So many characters of a summary or an abstract are looked for; it may be cut behind them."""


def paper_words(paper: PaperLine) -> list[str]:
    """Return the facts of a paper in a list."""
    more = len(paper.authors) - AUTHORS
    return [
        paper.label,
        "votes unknown" if paper.votes is None else text.plural(paper.votes, "vote"),
        *([f"{text.plural(paper.team_votes, 'vote')} in the team"] if paper.team_votes else []),
        *paper.authors[:AUTHORS],
        *([f"+ {more:,} more"] if more > 0 else []),
        *([paper.organisation] if paper.organisation else []),
        *([text.plural(paper.comments, "comment")] if paper.comments else []),
        *([text.plural(paper.stars, "star")] if paper.code_url and paper.stars is not None else []),
    ]


def passage_of(paper: PaperLine) -> str:
    """Return what a list tells of what is in a paper; it may be cut, or left out, where there is no room for it."""
    found = "".join(piece for piece, _ in paper.snippet).strip("… ")
    return text.clean((paper.summary if not found or found in paper.title else found) or "")


def opening(passage: str, length: int = OPENING) -> str:
    """Return how a passage begins."""
    return passage[:length].rsplit(" ", 1)[0]


def card_words(card: Card) -> Iterator[str]:
    """Yield the facts on a card."""
    paper = card.line
    yield "unknown" if paper.votes is None else text.plural(paper.votes, "vote")
    if paper.comments:
        yield text.plural(paper.comments, "comment")
    if paper.team_votes:
        yield f"{text.plural(paper.team_votes, 'vote')} by {text.plural(len(card.voters), 'member')}"
    if card.savers:
        yield f"saved by {text.plural(len(card.savers), 'member')}"
    yield from (word for word in (paper.label, paper.organisation, card.submitter, card.venue) if word)
    yield from (spoken(day) for day in (paper.announced, paper.published) if day)
    yield from paper.categories
    yield from filter(None, map(category_name, paper.categories[:4]))
    yield from card.keywords[:10]


def digest_words(line: DigestLine) -> list[str]:
    """Return how a digest is set, and when it comes."""
    schedule = Schedule(dt.time.fromisoformat(line.time), line.zone, line.days)
    words = [line.name, schedule.describe(), f"top {line.top}", *(["paused"] if line.paused else [])]
    words += ["abstracts"] if line.abstracts else []
    words += [f"only papers that match {line.rule}"] if line.rule else []
    return words + ([f"next {schedule.spoken(line.next_due_at)}"] if line.next_due_at else [])
