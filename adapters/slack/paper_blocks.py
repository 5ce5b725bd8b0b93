"""Papers as Slack shows them: an entry of a list, and the card."""

from collections.abc import Sequence
from functools import lru_cache

from adapters.slack.blocks import SECTION_TEXT, Block, context, header, section
from adapters.slack.buttons import button
from adapters.slack.text import link, mrkdwn, plain, with_channels
from bot import text
from bot.arxiv_categories import category_name
from bot.dates import spoken
from bot.reply import Action, Card, PaperLine

SUMMARY = 220
AUTHORS = 3
CARD_AUTHORS = 20
TITLE = 400
ABSTRACT = 2_800


@lru_cache(maxsize=4_096)
def entry(paper: PaperLine, number: int, detail: int = 2) -> tuple[Block, ...]:
    """Return the paper of a number in a list, the first being 0. Many get the same: it is made once, and kept."""
    return tuple(paper_blocks(paper, f"p{number}", detail))


def paper_blocks(paper: PaperLine, place: str, detail: int = 2) -> list[Block]:
    """Return a paper as an entry of a list: its words (`paper_words`), and a button to vote."""
    return [section(paper_words(paper, detail), button(Action("Vote", f"vote {paper.label}"), f"{place}v"))]


def paper_words(paper: PaperLine, detail: int = 2) -> str:
    """Return title, facts, summary, and why it is here.

    `detail` 2 is all of it, 1 without the summary, 0 without the reasons as well.
    """
    lines = [f"*{link(paper.url, paper.title or '(untitled)', TITLE)}*", _facts(paper)]
    if detail > 1 and (passage := _passage(paper)):
        lines.append(passage)
    if detail > 0:
        lines += [f"↳ _{with_channels(mrkdwn(reason, 300))}_" for reason in paper.why[:3]]
    return "\n".join(lines)[:SECTION_TEXT]


def _passage(paper: PaperLine) -> str:
    """Return what a search found in the abstract, its words bold, else the summary."""
    found = "".join(piece for piece, _ in paper.snippet).strip("… ")
    if found in paper.title:
        return mrkdwn(paper.summary or "", SUMMARY)
    pieces = [_emphasised(piece) if marked else _spaced(piece) for piece, marked in paper.snippet]
    return "".join(pieces)


def _emphasised(piece: str) -> str:
    shown = mrkdwn(piece)
    return f"*{shown}*" if shown else ""


def _spaced(piece: str) -> str:
    """Return a piece with the spaces at its ends, which part it from its neighbours."""
    return f"{' ' * piece[:1].isspace()}{mrkdwn(piece)}{' ' * (piece[-1:].isspace() and bool(piece.strip()))}"


def _facts(paper: PaperLine) -> str:
    told = [
        "votes unknown" if paper.votes is None else f"*{text.plural(paper.votes, 'vote')}*",
        f"{text.plural(paper.team_votes, 'vote')} in the team" if paper.team_votes else "",
        mrkdwn(paper.label, 100),
        _people(paper.authors, AUTHORS),
        mrkdwn(paper.organisation or "", 100),
        text.plural(paper.comments, "comment") if paper.comments else "",
        _code(paper),
    ]
    return " · ".join(fact for fact in told if fact)


def _code(paper: PaperLine) -> str:
    stars = "" if paper.stars is None else f" ({text.plural(paper.stars, 'star')})"
    return f"{link(paper.code_url, 'code')}{stars}" if paper.code_url else ""


def _people(names: Sequence[str], most: int) -> str:
    named = [shown for name in names[:most] if (shown := mrkdwn(name, 100))]
    rest = len(names) - most
    return ", ".join(named) + (f" + {rest:,} more" if rest > 0 else "")


def card_blocks(card: Card) -> list[Block]:
    """Return one paper in full, with buttons for what one does with it."""
    paper = card.line
    facts = [f"*{name}* {value}" for name, value in _details(card) if value]
    links = " · ".join(link(url, label) for label, url in card.links)
    found = [header(plain(paper.title, 150) or "(untitled)")]
    if people := _people(paper.authors, CARD_AUTHORS):
        found.append(section(people))
    found += [section("\n".join(facts)[:SECTION_TEXT])]
    if abstract := mrkdwn(card.abstract, ABSTRACT):
        found.append(section(abstract))
    return [*found, context([links])] if links else found


def _details(card: Card) -> list[tuple[str, str]]:
    paper = card.line
    days = [("announced", paper.announced), ("published", paper.published)]
    comments = f" · {text.plural(paper.comments, 'comment')}" if paper.comments else ""
    votes = "unknown" if paper.votes is None else text.plural(paper.votes, "vote")
    return [
        ("Id", link(paper.url, paper.label)),
        ("Votes", votes + comments),
        ("In the team", card.team_in_numbers),
        ("Organisation", mrkdwn(paper.organisation or "", 200)),
        ("Submitter", mrkdwn(card.submitter or "", 100)),
        ("Appeared in", mrkdwn(card.venue or "", 200)),
        ("Dates", " · ".join(f"{what} {spoken(day)}" for what, day in days if day)),
        ("Categories", " · ".join(_category(name) for name in paper.categories[:20])),
        ("Keywords", mrkdwn(", ".join(card.keywords), 300)),
    ]


def _category(name: str) -> str:
    known = category_name(name)
    return f"{name} {known}" if known else mrkdwn(name, 50)
