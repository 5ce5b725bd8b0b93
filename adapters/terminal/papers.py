"""Papers as a terminal shows them: the list with its votes column, and the card."""

from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

from adapters.terminal.layout import (
    DOT,
    FAINT,
    FOUND,
    MARKED,
    TITLE,
    TYPED,
    Fact,
    beside,
    clamped,
    columns,
    hung,
    link,
    packed,
    padded,
    parted,
    safe,
    wrapped,
)
from bot.arxiv_categories import category_name
from bot.dates import spoken
from bot.reply import Card, PaperLine
from bot.text import clean_paragraphs, plural

LINE_AUTHORS = 3
CARD_AUTHORS = 20
SUMMARY_LINES = 2
ABSTRACT_WIDTH = 90
_VOTES = "votes"


def paper_list(
    papers: Sequence[PaperLine], width: int, first_place: int | None = None, among: Sequence[PaperLine] = ()
) -> list[Text]:
    """Return papers under each other, their votes in a column; with a first place, each with its place.

    `among` are the papers of all lists that share the column; the first of these has its heading.
    """
    if not papers:
        return []
    among = among or papers
    room = max(len(_VOTES), *(len(_votes(paper)) for paper in among))
    rank = 0 if first_place is None else max(2, len(str(first_place + len(papers) - 1)))
    blocks = []
    for number, paper in enumerate(papers):
        place = "" if first_place is None else f"{first_place + number:>{rank}}  "
        votes = (f"{_votes(paper):>{room}}", MARKED if paper.votes else FAINT)
        mark = Text.assemble((place, FAINT), votes, "  ")
        blocks.append(hung(mark, paper_lines(paper, width - mark.cell_len)))
    head = Text(f"{_VOTES:>{room + rank + 2 * (rank > 0)}}", FAINT)
    return [head, *parted(blocks)] if papers[0] == among[0] else parted(blocks)


def _votes(paper: PaperLine) -> str:
    return "–" if paper.votes is None else f"{paper.votes:,}"


def paper_lines(paper: PaperLine, width: int) -> list[Text]:
    """Return one paper: title, facts, summary and why it is here."""
    lines = wrapped(title(paper), width)
    lines += packed(_facts(paper), width)
    if passage := _passage(paper):
        lines += clamped(wrapped(passage, width), SUMMARY_LINES, width)
    for reason in paper.why:
        lines += beside(Text("↳ ", FAINT), Text(safe(reason)), width)
    return lines


def _passage(paper: PaperLine) -> Text:
    """Return what a search found in the abstract, with the words that it looked for, else the summary.

    What it found in the title stands above already.
    """
    found = "".join(piece for piece, _ in paper.snippet).strip("… ")
    if found in paper.title:
        return Text(safe(paper.summary or ""))
    return Text.assemble(*((_unbroken(piece), FOUND if marked else "") for piece, marked in paper.snippet))


def _unbroken(piece: str) -> str:
    """Return a piece made safe, with the spaces at its ends, which part it from its neighbours."""
    kept = safe(piece)
    return f"{' ' * piece[:1].isspace()}{kept}{' ' * (piece[-1:].isspace() and bool(kept))}"


def title(paper: PaperLine) -> Text:
    """Return the title, as a link where the terminal knows links."""
    return Text(safe(paper.title) or "(untitled)", TITLE + link(paper.url))


def _facts(paper: PaperLine) -> list[Fact]:
    """Return the id first, which so always stands below the beginning of the title, then what is known."""
    told = [
        safe(paper.organisation or ""),
        plural(paper.comments, "comment") if paper.comments else "",
        f"{plural(paper.team_votes, 'vote')} in the team" if paper.team_votes else "",
    ]
    facts = [(DOT, Text(safe(paper.label), TYPED)), *_people(paper.authors, LINE_AUTHORS, FAINT)]
    facts += [(DOT, Text(fact, FAINT)) for fact in told if fact]
    if paper.code_url:
        facts.append((DOT, Text(f"code{_stars(paper)}", FAINT + link(paper.code_url))))
    return facts


def _stars(paper: PaperLine) -> str:
    return "" if paper.stars is None else f" ({plural(paper.stars, 'star')})"


def _names(people: Sequence[str], most: int) -> list[str]:
    """Return the first names, each but the last with its comma, and how many more there are."""
    named = [name for name in map(safe, people) if name]
    shown = [*(f"{name}," for name in named[:most][:-1]), *named[:most][-1:]]
    return [*shown, f"+ {len(named) - most:,} more"] if len(named) > most else shown


def _people(people: Sequence[str], most: int, style: Style) -> list[Fact]:
    """Return names as facts, so that no line breaks within one."""
    return [(" " if place else DOT, Text(name, style)) for place, name in enumerate(_names(people, most))]


def card(card: Card, width: int) -> list[Text]:
    """Return one paper in full."""
    paper = card.line
    heading = wrapped(title(paper), width) + packed(_people(paper.authors, CARD_AUTHORS, Style.null()), width)
    details = [(Text(label, FAINT), value) for label, value in _details(card) if value.plain]
    links = [(Text(safe(label), FAINT), _address(label, url, paper)) for label, url in card.links]
    label_width = max((label.cell_len for label, _ in (*details, *links)), default=0)
    aligned = [[(padded(label, label_width), value) for label, value in rows] for rows in (details, links)]
    abstract = [
        wrapped(Text(safe(paragraph)), min(width, ABSTRACT_WIDTH))
        for paragraph in clean_paragraphs(card.abstract).split("\n\n")
    ]
    return parted([heading, columns(aligned[0], width, width), *abstract, columns(aligned[1], width, width)])


def _details(card: Card) -> list[tuple[str, Text]]:
    paper = card.line
    days = [("announced", paper.announced), ("published", paper.published)]
    votes = "unknown" if paper.votes is None else plural(paper.votes, "vote")
    comments = f" · {plural(paper.comments, 'comment')}" if paper.comments else ""
    return [
        ("Id", Text(safe(paper.label), TYPED)),
        ("Votes", Text.assemble((votes, MARKED if paper.votes else FAINT), comments)),
        ("In the team", Text(_team(card))),
        ("Organisation", Text(safe(paper.organisation or ""))),
        ("Submitter", Text(safe(card.submitter or ""))),
        ("Appeared in", Text(safe(card.venue or ""))),
        ("Dates", Text(" · ".join(f"{what} {spoken(day)}" for what, day in days if day))),
        ("Categories", Text(" · ".join(_category(name) for name in paper.categories))),
        ("Keywords", Text(", ".join(filter(None, map(safe, card.keywords))))),
    ]


def _team(card: Card) -> str:
    said = []
    if card.line.team_votes:
        by = f" by {' '.join(_names(card.voters, CARD_AUTHORS))}" if card.voters else ""
        said.append(plural(card.line.team_votes, "vote") + by)
    if card.savers:
        said.append(f"saved by {' '.join(_names(card.savers, CARD_AUTHORS))}")
    return " · ".join(said)


def _category(name: str) -> str:
    known = category_name(name)
    return f"{name} {known}" if known else safe(name)


def _address(label: str, url: str, paper: PaperLine) -> Text:
    address = Text(safe(url), link(url))
    return address.append(_stars(paper), FAINT) if label == "Code" else address
