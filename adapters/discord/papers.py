"""Papers as Discord shows them: an entry of a list, and the card."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from adapters.discord.buttons import Ids, button
from adapters.discord.limits import Component, section, text_display
from adapters.discord.text import escaped, link, with_channels
from bot import text
from bot.arxiv_categories import category_name
from bot.dates import spoken
from bot.reply import Action, Card, PaperLine
from bot.snippet import Snippet

SUMMARY: Final = 220
SHORT_SUMMARY: Final = 90
AUTHORS: Final = 3
TITLE: Final = 400
SHORT_TITLE: Final = 130
"""The longest title where room is short: ten papers of so much, with their votes and ids, always fit."""

SHORT_ADDRESS: Final = 80
SECTION_SIZE: Final = 3
"""Components of a paper with its button: the section, its text, the button."""

REASON: Final = 400
"""The longest reason why a paper is here: a channel's id in it, which shows as a name, has 19 digits."""

_ABSTRACT: Final = (200, 700, 1_500, 2_000, 2_400)
"""The longest abstract of a card, by detail."""

_CARD_AUTHORS: Final = (3, 5, 20, 20, 20)


@lru_cache(maxsize=16_384)
def entry(paper: PaperLine, detail: int = 4) -> str:
    """Return a paper as an entry of a list: title, facts, summary, why it is here.

    `detail` 4 is all of it, 3 with a short summary, 2 without, 1 without the reasons as well, 0 a short title, votes
    and id.
    Many channels get the same papers, so that entries are kept.
    """
    if detail == 0:
        return f"**{_title(paper, SHORT_TITLE)}**\n{_votes(paper)} · {escaped(paper.label, 60)}"
    lines = [f"**{_title(paper, TITLE)}**", _facts(paper)]
    if detail > 2 and (passage := _passage(paper, is_short=detail == 3)):
        lines.append(passage)
    if detail > 1 and (why := " · ".join(with_channels(escaped(reason, REASON)) for reason in paper.why[:3])):
        lines.append(f"-# Why: {why}")
    return "\n".join(lines)


def entries(papers: Sequence[tuple[PaperLine, str]], ids: Ids, room: int) -> list[Component]:
    """Return papers, each with the text that shows it, in at most `room` components (at least 1).

    Each has a button to vote as long as there is room; the rest stand in one text.
    """
    voted = len(papers) if SECTION_SIZE * len(papers) <= room else max(0, room - 1) // SECTION_SIZE
    found: list[Component] = []
    for number, (paper, shown) in enumerate(papers[:voted]):
        vote = button(ids, Action("Vote", f"vote {paper.label}"), f"p{number}")
        found.append(section(shown, vote) if vote else text_display(shown))
    rest = "\n\n".join(shown for _, shown in papers[voted:])
    return [*found, text_display(rest)] if rest else found


def _title(paper: PaperLine, limit: int) -> str:
    url = paper.url if limit > SHORT_TITLE or len(paper.url or "") <= SHORT_ADDRESS else None
    return link(url, paper.title, limit) or "(untitled)"


def _passage(paper: PaperLine, is_short: bool) -> str:
    """Return what a search found in the abstract, its words bold, else the summary; or as much as a glance takes in."""
    found = "".join(piece for piece, _ in paper.snippet).strip("… ")
    if found in paper.title:
        return escaped(paper.summary or "", SHORT_SUMMARY if is_short else SUMMARY)
    return "".join(_pieces(_begun(paper.snippet, SHORT_SUMMARY) if is_short else paper.snippet)).strip()


def _begun(snippet: Snippet, limit: int) -> Snippet:
    """Return the beginning of a passage, so many characters and an ellipsis at most."""
    kept: list[tuple[str, bool]] = []
    left = limit
    for piece, marked in snippet:
        if len(piece) > left:
            return (*kept, (text.cut(piece, max(1, left)), marked))
        kept.append((piece, marked))
        left -= len(piece)
    return tuple(kept)


def _pieces(snippet: Snippet) -> Iterator[str]:
    """Yield the pieces of a passage, up to about 400 characters."""
    room = 400
    before = False
    for piece, marked in snippet:
        shown = escaped(piece, 300)
        room -= len(shown)
        if room < 0:
            return
        if marked and shown:
            yield f"{' ' * before}**{shown}**"  # two bold pieces side by side would show their asterisks
        elif not marked:
            yield f"{' ' * piece[:1].isspace()}{shown}{' ' * (piece[-1:].isspace() and bool(shown))}"
        before = marked and bool(shown)


def _facts(paper: PaperLine) -> str:
    told = [
        f"**{_votes(paper)}**",
        f"{text.plural(paper.team_votes, 'vote')} in the team" if paper.team_votes else "",
        escaped(paper.label, 100),
        _people(paper.authors, AUTHORS),
        escaped(paper.organisation or "", 100),
        text.plural(paper.comments, "comment") if paper.comments else "",
        _code(paper),
    ]
    return " · ".join(fact for fact in told if fact)


def _votes(paper: PaperLine) -> str:
    return "votes unknown" if paper.votes is None else text.plural(paper.votes, "vote")


def _code(paper: PaperLine) -> str:
    stars = "" if paper.stars is None else f" ({text.plural(paper.stars, 'star')})"
    return f"{link(paper.code_url, 'code')}{stars}" if paper.code_url else ""


def _people(names: Sequence[str], most: int) -> str:
    named = [shown for name in names[:most] if (shown := escaped(name, 100))]
    rest = len(names) - most
    return ", ".join(named) + (f" + {rest:,} more" if rest > 0 else "")


def card(shown: Card, detail: int = 4) -> list[Component]:
    """Return one paper in full: title, authors, facts, abstract and links, as texts."""
    paper = shown.line
    limit = TITLE if detail else SHORT_TITLE
    parts = [
        f"### {link(paper.url, paper.title, limit) or '(untitled)'}",
        _people(paper.authors, _CARD_AUTHORS[detail]),
    ]
    facts = "\n".join(f"**{name}** {value}" for name, value in _details(shown, detail) if value)
    kept = shown.links if detail > 1 else [each for each in shown.links if len(each[1]) <= SHORT_ADDRESS][:4]
    links = " · ".join(link(url, label, 60) for label, url in kept)
    parts += [facts, escaped(shown.abstract, _ABSTRACT[detail]), links]
    return [text_display(part) for part in parts if part]


def _details(shown: Card, detail: int) -> list[tuple[str, str]]:
    paper = shown.line
    days = [("announced", paper.announced), ("published", paper.published)]
    comments = f" · {text.plural(paper.comments, 'comment')}" if paper.comments else ""
    told = [
        ("Id", escaped(paper.label, 100)),
        ("Votes", ("unknown" if paper.votes is None else text.plural(paper.votes, "vote")) + comments),
        ("In the team", shown.team_in_numbers),
        ("Dates", " · ".join(f"{what} {spoken(day)}" for what, day in days if day)),
        ("Categories", " · ".join(_category(name) for name in paper.categories[: 4 * detail + 2])),
    ]
    more = [
        ("Organisation", escaped(paper.organisation or "", 200)),
        ("Appeared in", escaped(shown.venue or "", 200)),
        ("Submitter", escaped(shown.submitter or "", 100)),
        ("Keywords", escaped(", ".join(shown.keywords), 300)),
    ]
    return told + more if detail else told


def _category(name: str) -> str:
    known = category_name(name)
    return f"{name} {known}" if known else escaped(name, 50)
