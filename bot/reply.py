"""What a command answers, free of any platform: notices, paper lists, cards, follow and digest lists.

An adapter renders a Reply and adds nothing; `bot.reply_json` prints it for machines.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from bot import text
from bot.latex import readable, readable_names
from bot.paper import Listing, Paper
from bot.snippet import Snippet


@dataclass(frozen=True, slots=True)
class Action:
    """A button: its label and the command that it stands for."""

    label: str
    command: str


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper as one entry of a list. `why` says, in words, why it is there.

    `snippet` is a passage of it in pieces, each with whether it is marked; shown in place of the summary.
    """

    id: str
    title: str
    url: str | None
    authors: tuple[str, ...]
    votes: int | None
    team_votes: int
    comments: int | None
    published: dt.date | None
    announced: dt.date | None
    categories: tuple[str, ...]
    organisation: str | None
    code_url: str | None
    stars: int | None
    summary: str | None
    why: tuple[str, ...] = ()
    snippet: Snippet = ()

    @property
    def label(self) -> str:
        """The id as people type it: arXiv's without its scheme."""
        return self.id.removeprefix("arxiv:")


def paper_line(
    paper: Paper,
    team_votes: int = 0,
    why: tuple[str, ...] = (),
    listing: Listing | None = None,
    snippet: Snippet = (),
) -> PaperLine:
    """Return the line of a paper; with a listing, that listing's votes, comments and organisation come first."""
    return PaperLine(
        id=str(paper.id),
        title=readable(paper.title),
        url=paper.url,
        authors=readable_names(paper.authors),
        votes=listing.votes if listing else paper.votes,
        team_votes=team_votes,
        comments=listing.comments if listing else paper.comments,
        published=paper.published,
        announced=listing.day if listing else paper.announced,
        categories=paper.categories,
        organisation=(listing and listing.organisation) or paper.organisation,
        code_url=paper.code_url,
        stars=paper.stars,
        summary=readable(paper.summary) if paper.summary else None,
        why=why,
        snippet=snippet,
    )


@dataclass(frozen=True, slots=True)
class Card:
    """One paper in full, with where to read it, where it appeared, and who in the team cares."""

    line: PaperLine
    abstract: str
    links: tuple[tuple[str, str], ...]
    keywords: tuple[str, ...]
    submitter: str | None
    voters: tuple[str, ...]
    savers: tuple[str, ...]
    venue: str | None = None

    @property
    def team_in_numbers(self) -> str:
        """How many in the team voted for it and saved it, in words; in a chat, their names would ping them."""
        said = []
        if self.line.team_votes:
            by = f" by {text.plural(len(self.voters), 'member')}" if self.voters else ""
            said.append(text.plural(self.line.team_votes, "vote") + by)
        if self.savers:
            said.append(f"saved by {text.plural(len(self.savers), 'member')}")
        return " · ".join(said)


@dataclass(frozen=True, slots=True)
class Pages:
    """Which page of a list this is; the first is 1."""

    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class FollowLine:
    """A follow or a mute in its owner's list, with how many papers it met in the last 30 days."""

    number: int
    rule: str
    matches_30d: int
    paused: bool


@dataclass(frozen=True, slots=True)
class DigestLine:
    """A channel's digest as it is set; `time` is local HH:MM, `next_due_at` is UTC, None while paused with no end.

    `abstracts`: whether those of its papers follow in its thread. `mention`: the id of the role that it mentions.
    `bot.reply_json` leaves both out.
    """

    name: str
    channel: str
    time: str
    zone: str
    days: tuple[str, ...]
    top: int
    rule: str | None
    next_due_at: dt.datetime | None
    paused: bool
    abstracts: bool = False
    mention: str | None = None


@dataclass(frozen=True, slots=True)
class StatusLine:
    """How one part of the bot does: `state` is ok, warn or fail."""

    what: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class HelpLine:
    """How something is typed, and what it does: a command, a part of one, or an example to be typed as it stands."""

    usage: str
    summary: str
    kind: Literal["command", "part", "example"] = "command"


@dataclass(frozen=True, slots=True)
class Section:
    """Papers of a digest under a title; the first section has none."""

    title: str | None
    papers: tuple[PaperLine, ...]


@dataclass(frozen=True, slots=True)
class DigestPost:
    """A composed digest as a channel sees it. `more` papers of those days were left out; `mention` is the id of the
    role that it mentions."""

    heading: str
    sections: tuple[Section, ...]
    more: int
    footer: str
    actions: tuple[Action, ...] = ()
    mention: str | None = None

    @property
    def papers(self) -> tuple[PaperLine, ...]:
        """All papers, in the order in which they stand."""
        return tuple(paper for section in self.sections for paper in section.papers)


@dataclass(frozen=True, slots=True)
class Abstract:
    """A paper with what it is about."""

    id: str
    title: str
    url: str | None
    text: str


@dataclass(frozen=True, slots=True)
class AbstractsPost:
    """What follows a digest in its thread: the abstracts of some of its papers."""

    papers: tuple[Abstract, ...]


Post = DigestPost | AbstractsPost
"""What is posted to a channel: a digest, or a reply to one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command: the parts that it has, in the order of these fields. Absent parts are None."""

    notice: str | None = None
    heading: str | None = None
    papers: tuple[PaperLine, ...] | None = None
    pages: Pages | None = None
    card: Card | None = None
    digest: DigestPost | None = None
    follows: tuple[FollowLine, ...] | None = None
    mutes: tuple[FollowLine, ...] | None = None
    digests: tuple[DigestLine, ...] | None = None
    status: tuple[StatusLine, ...] | None = None
    help: tuple[HelpLine, ...] | None = None
    actions: tuple[Action, ...] = ()
    ok: bool = True
